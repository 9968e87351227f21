"""What grew on DuckDB landing by landing is what Spark makes of all of it at once."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

from dagster_project.raw.parquet_copy import copy_raw
from dagster_project.spark import stop_session
from dagster_project.transform.outcomes import failure_sentences
from dagster_project.transform.project import parsed_manifest, run_dbt
from tests.parity.comparing import Comparison
from tests.pipeline.growing import EVERYTHING, ROLLUPS, build, land_and_load, variables
from tests.pipeline.landings import facts, shuffled
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = range(200, 240)
LANDINGS = 3
SETTINGS = {
    "pii_key": "a key for tests",
    "shop_currency": "EUR",
    "shop_time_zone": "Europe/Berlin",
    "max_bad_share": 0.5,
}


def _built_by_spark(shop: Shop) -> None:
    shop.set("engine", "spark")
    settings = shop.settings
    copy_raw(settings)
    arguments = ["build", "--select", *EVERYTHING, "--exclude-resource-type", "test", "unit_test", "--vars"]
    told = json.dumps(variables(settings))
    result = run_dbt(settings, [*arguments, told], manifest=parsed_manifest("spark"), on_event=None)
    stop_session()
    assert list(failure_sentences(result, settings)) == []
    assert result.exception is None


def test_forty_worlds_that_grew_on_duckdb_are_what_spark_makes_as_a_whole(tmp_path: Path) -> None:
    with environment_taken_back():
        shop = Shop(tmp_path, SETTINGS)
        dice = random.Random(200)  # noqa: S311 (a game, no secret)
        for number, rows in enumerate(shuffled(facts(SEEDS, dice), LANDINGS, dice)):
            land_and_load(shop, rows, number)
            told = build(shop.settings, EVERYTHING if number == LANDINGS - 1 else ROLLUPS)
            assert ("rollups_cover_until" in told) == (number > 0)
        shop.keep_build("duckdb")
        _built_by_spark(shop)
        comparison = Comparison(shop.kept_build("duckdb"), shop.settings.spark_tables)
        differences = [sentence for table in comparison.tables() for sentence in comparison.differences(table)]
    assert not differences, "\n".join(differences)
    assert comparison.rows_count("intermediate.int_device_sessions_rolled_up") > 200
    assert comparison.rows_count("profiles.customer_profiles") > 100
