"""A shop whose files land one after the other, each built before the next lands; run as a script for one of them alone.

Only what web events are made into is built at each landing; the marts and the profile once, at the end.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.raw.loading import load_landing
from dagster_project.settings import load_settings
from dagster_project.transform.assets import SELECT_MARTS, SELECT_PROFILES
from dagster_project.transform.outcomes import failure_sentences
from dagster_project.transform.project import manifest_json, parsed_manifest, run_dbt
from dagster_project.transform.rollups import remember_rollups, restated
from tests.pipeline.fuzzed import LAST_DAY, Rows
from tests.pipeline.landings import FIRST_LOAD

if TYPE_CHECKING:
    from dagster_project.settings import Settings
    from tests.pipeline.shop import Shop

ROLLUPS = ("+config.materialized:rollup",)
EVERYTHING = (*SELECT_MARTS.split(" "), SELECT_PROFILES)
Content = dict[str, str]


def land_and_load(shop: Shop, rows: Rows, number: int) -> None:
    """One more landing of files, loaded an hour after the last."""
    for table, of_table in rows.items():
        shop.land(table, of_table, f"load_{number}")
    load_landing(shop.settings, now=FIRST_LOAD + timedelta(hours=number))


def variables(settings: Settings, as_of: str = LAST_DAY.isoformat()) -> dict[str, Any]:
    """What a run would tell the models."""
    return {"as_of_date": as_of, "shop_time_zone": settings.shop_time_zone, "shop_currency": "EUR"}


def build(settings: Settings, select: tuple[str, ...] = ROLLUPS, **further: Any) -> dict[str, Any]:
    """Build models as a run does, but without their tests; gives what it was told of the rollups."""
    for path in (settings.warehouse_path, settings.working_path):
        path.unlink(missing_ok=True)
    manifest, told = manifest_json("duckdb"), variables(settings)
    of_rollups = restated(settings, tables(), told, manifest) | further
    told |= of_rollups
    result = _dbt(settings, select, told)
    remember_rollups(settings, told, manifest, result)
    return of_rollups


def break_off(settings: Settings, select: tuple[str, ...]) -> None:
    """Build some of the models and remember nothing, as a run that is killed."""
    told = variables(settings)
    _dbt(settings, select, told | restated(settings, tables(), told, manifest_json("duckdb")))


def _dbt(settings: Settings, select: tuple[str, ...], told: dict[str, Any]) -> Any:
    arguments = ["build", "--select", *select, "--exclude-resource-type", "test", "unit_test", "--vars"]
    result = run_dbt(settings, [*arguments, json.dumps(told)], manifest=parsed_manifest("duckdb"), on_event=None)
    assert result.success, list(failure_sentences(result, settings)) or result.exception
    return result


def tables() -> list[str]:
    """Everything that dbt builds."""
    return [f"{node['schema']}/{node['name']}" for node in manifest_json("duckdb")["nodes"].values()]


def rollups_content(settings: Settings) -> Content:
    """A hash of each rollup."""
    return _content(settings, "rollups", ("intermediate",))


def built_content(settings: Settings) -> Content:
    """A hash of each mart and of the profile."""
    return _content(settings, "build", ("marts", "profiles"))


def _content(settings: Settings, name: str, schemas: tuple[str, ...]) -> Content:
    path = {"rollups": settings.rollups_path, "build": settings.warehouse_path}[name]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{path}' as {name} (read_only)")
        connection.execute(f"use {name}")
        found = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_catalog = current_database() and list_contains($schemas, table_schema) order by 1",
            {"schemas": list(schemas)},
        ).fetchall()
        one = "select count(*) || ' ' || coalesce(sum(hash(rows)), 0) from (select * from {}) as rows"
        return {table: connection.execute(one.format(table)).fetchall()[0][0] for (table,) in found}


def main() -> None:
    """Build what has landed, in this process with its zone and threads."""
    print(json.dumps(build(load_settings(), EVERYTHING if "everything" in sys.argv else ROLLUPS)))


if __name__ == "__main__":
    main()
