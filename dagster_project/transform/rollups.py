"""The rollups of web events, kept in a file of their own: what they cover, and what of them a build makes anew.

What a rollup says stands in the models of the materialization ``rollup``; here is only what all of them were made of.
It is written after the last of them, and making a day anew twice is harmless: whatever kills a run, the next one makes
the same days anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.database import connection, create_private
from dagster_project.transform.outcomes import succeeded
from dagster_project.yaml_files import project_vars

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from dbt.cli.main import dbtRunnerResult

    from dagster_project.settings import Settings

# So many events for each byte of memory fit into one part of a rollup that is made as a whole, windows included.
_EVENTS_PER_BYTE = 1 / 250

_LOADS = """
    select source_file, loads.loaded_at_us, epoch_us(replayed_at), events_count
    from (
        select source_file, epoch_us(loaded_at) as loaded_at_us, count(*) as events_count
        from raw.events where loaded_at <= $until::timestamptz
        group by all
    ) as loads
    left join raw.load_ledger on file = source_file and epoch_us(loaded_at) = loaded_at_us
    order by all
"""
# Of the run, not of the events: the rollups are timeless.
_NOT_OF_THE_EVENTS = frozenset({"as_of_date", "rollups_cover_until", "rollup_buckets_count"})


def restated(
    settings: Settings, tables: Sequence[str], variables: Mapping[str, Any], manifest: Mapping[str, Any]
) -> dict[str, Any]:
    """What dbt has to be told before it builds these tables, named ``schema/table``.

    Until when the rollups cover what landed; or, where they were made of other files, code or variables or by another
    DuckDB, in how many parts to make them as a whole. If all of them are built, those that stand are thrown away first.
    """
    rollups = {f"{node['schema']}/{node['name']}" for node in _rollups(manifest)}
    if not rollups & set(tables):
        return {}
    until = _covered_until(settings, _made_by(variables, manifest))
    if until is not None:
        return {"rollups_cover_until": until}
    if rollups <= set(tables):
        forget_rollups(settings)
    if not settings.rollups_path.exists():
        create_private(settings.rollups_path)
    return {"rollup_buckets_count": _buckets_count(settings)}


def remember_rollups(
    settings: Settings, variables: Mapping[str, Any], manifest: Mapping[str, Any], result: dbtRunnerResult
) -> None:
    """Write down what the rollups cover, if this build made all of them."""
    rollups = {node["unique_id"] for node in _rollups(manifest)}
    if rollups - {node.node.unique_id for node in succeeded(result)}:
        return
    with connection(settings.raw_path, settings, read_only=True) as raw:
        ((until,),) = raw.execute("select max(loaded_at) from raw.events").fetchall()
        loads = _loads_of(raw, until)
    with connection(settings.rollups_path, settings) as kept:
        kept.execute(
            "create or replace table main.covered as select $made_by as made_by, $loads as loads, "
            "$until::timestamptz as until",
            {"made_by": _made_by(variables, manifest), "loads": loads, "until": until},
        ).fetchall()


def complete_rollups(settings: Settings, variables: Mapping[str, Any], manifest: Mapping[str, Any]) -> Path | None:
    """The file of the rollups, if they cover all that has landed by now; else none."""
    covered = _covered_until(settings, _made_by(variables, manifest))
    if covered is None:
        return None
    with connection(settings.raw_path, settings, read_only=True) as raw:
        ((latest,),) = raw.execute("select max(loaded_at) from raw.events").fetchall()
    return settings.rollups_path if latest is not None and _instant(latest) == covered else None


def rollup_files(settings: Settings) -> Iterator[Path]:
    """The file of the rollups and its log."""
    yield settings.rollups_path
    yield settings.rollups_path.with_name(f"{settings.rollups_path.name}.wal")


def forget_rollups(settings: Settings) -> None:
    """Throw the rollups away: the next build makes all of them."""
    for file in rollup_files(settings):
        file.unlink(missing_ok=True)


def _covered_until(settings: Settings, made_by: str) -> str | None:
    """Until when what landed is in the rollups; none where they are missing, broken or of something else."""
    if not settings.rollups_path.exists():
        return None
    try:
        with connection(settings.rollups_path, settings, read_only=True) as kept:
            rows = kept.execute("select made_by, loads, until from main.covered").fetchall()
    except duckdb.Error:
        return None
    if not rows or rows[0][0] != made_by or rows[0][2] is None:
        return None
    with connection(settings.raw_path, settings, read_only=True) as raw:
        is_covered = _loads_of(raw, rows[0][2]) == rows[0][1]
    return _instant(rows[0][2]) if is_covered else None


def _instant(value: datetime) -> str:
    return value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def _loads_of(raw: duckdb.DuckDBPyConnection, until: object) -> str:
    """Hash of the loads that brought events by an instant; it changes where one is erased, replayed or restored."""
    rows = raw.execute(_LOADS, {"until": until}).fetchall()
    return hashlib.sha256("\n".join(map(str, rows)).encode()).hexdigest()


def _made_by(variables: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """Hash of what the rollups are made by: their models and those before them, macros, the variables these read."""
    nodes = _ancestors(manifest)
    texts = [json.dumps([node["config"].get("materialized"), node.get("raw_code"), node["checksum"]]) for node in nodes]
    texts += [one["macro_sql"] for one in _macros(manifest, nodes)]
    of_project = project_vars()
    names = set(re.findall(r"\bvar\(\s*['\"](\w+)", "\n".join(texts))) - _NOT_OF_THE_EVENTS
    told = {name: variables.get(name, of_project.get(name)) for name in sorted(names)}
    content = json.dumps([texts, told, duckdb.__version__], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def _macros(manifest: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The project's own macros behind these nodes, with what each engine makes of them, in a fixed order."""
    own = {one["name"]: one for one in manifest["macros"].values() if one["package_name"] == "segments"}
    found: dict[str, Mapping[str, Any]] = {}
    waiting = [key.split(".")[-1] for node in nodes for key in node["depends_on"].get("macros", [])]
    waiting += [name for name in own if name.startswith(("materialization_rollup", "materialization_scratch"))]
    while waiting:
        name = waiting.pop()
        if name in own and name not in found:
            found[name] = own[name]
            waiting += [key.split(".")[-1] for key in own[name]["depends_on"]["macros"]]
            waiting += [f"duckdb__{name}"]
    return [found[name] for name in sorted(found)]


def _rollups(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["config"].get("materialized") == "rollup"]


def _ancestors(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rollups and every model and seed that they are made of, in a fixed order."""
    found: dict[str, Mapping[str, Any]] = {}
    waiting = [node["unique_id"] for node in _rollups(manifest)]
    while waiting:
        key = waiting.pop()
        if key in manifest["nodes"] and key not in found:
            found[key] = manifest["nodes"][key]
            waiting += found[key]["depends_on"].get("nodes", [])
    return [found[key] for key in sorted(found)]


def _buckets_count(settings: Settings) -> int:
    with connection(settings.raw_path, settings, read_only=True) as raw:
        ((events,),) = raw.execute("select count(*) from raw.events").fetchall()
    return 1 + int(events / (settings.memory_limit_bytes * _EVENTS_PER_BYTE))
