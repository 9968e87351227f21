"""What differs between engines around a build: DuckDB builds tables where everybody reads them, Spark's are fetched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dagster_project import spark
from dagster_project.errors import SegmentsError
from dagster_project.transform.outcomes import failure_sentences, succeeded
from dagster_project.transform.project import manifest_json, parsed_manifest, run_dbt
from dagster_project.transform.rollups import remember_rollups, restated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb
    from dbt.cli.main import dbtRunnerResult

    from dagster_project.settings import Settings

# What Python reads; other intermediate tables stay where they were built.
_FETCHED_SCHEMAS = frozenset({"seeds", "marts", "profiles"})
_FETCHED_TABLES = frozenset(
    {"int_recipients_joined", "int_contacts_resolved", "int_consents_resolved", "int_suppressions_resolved"}
)


def make_room(
    settings: Settings,
    tables: Sequence[str],
    variables: Mapping[str, Any],
    *,
    is_whole: bool,
) -> dict[str, Any]:
    """Prepare the engine for building these tables, named ``schema/table``; gives further dbt variables.

    A Spark session starts with an empty catalog: tables of an earlier process are known by their folders, and the views
    that a part of the models reads are made again. DuckDB is told what of the rollups of web events stands.
    """
    if settings.engine == "duckdb":
        return restated(settings, tables, variables, manifest_json(settings.engine))
    spark.remove_tables(settings, tables)
    known = {"built_tables": spark.built_tables(settings)}
    if not is_whole:
        names = [table.rpartition("/")[2] for table in tables]
        views = [f"+{name},config.materialized:view" for name in names]
        arguments = ["run", "--select", *views, "--vars", json.dumps({**variables, **known})]
        result = run_dbt(settings, arguments, manifest=parsed_manifest(settings.engine), on_event=None)
        if not result.success:
            raise SegmentsError("\n".join(failure_sentences(result, settings)) or str(result.exception))
    return known


def conclude(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    variables: Mapping[str, Any],
    result: dbtRunnerResult,
    manifest: Mapping[str, Any],
) -> None:
    """Know what the rollups cover, or bring what Spark built into the build database, in the types of the contracts."""
    if settings.engine == "duckdb":
        remember_rollups(settings, variables, manifest, result)
        return
    built = {result.node.unique_id: result.node for result in succeeded(result)}
    nodes = [node for key, node in manifest["nodes"].items() if key in built and _is_fetched(node)]
    for node in sorted(nodes, key=lambda node: node["config"]["materialized"] == "view"):
        home = "warehouse" if node["schema"] in _FETCHED_SCHEMAS else "working"
        table = f"{home}.{node['schema']}.{node['name']}"
        if node["config"]["materialized"] == "view":
            # The SQL of a published view means the same on both engines.
            compiled: Any = built[node["unique_id"]]
            connection.execute(f"create or replace view {table} as {compiled.compiled_code}")
        else:
            types = {name: column["data_type"] for name, column in node["columns"].items() if column["data_type"]}
            spark.fetch_table(connection, settings, table, types)


def _is_fetched(node: Mapping[str, Any]) -> bool:
    is_read = node["schema"] in _FETCHED_SCHEMAS or node["name"] in _FETCHED_TABLES
    return node["resource_type"] in {"model", "seed"} and is_read
