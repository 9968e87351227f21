"""What became of each dbt test: kept as a table for the quality layer, and told to people when a build failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbt.artifacts.resources.types import NodeType

from dagster_project.advice import explained

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb
    from dbt.artifacts.schemas.run import RunExecutionResult, RunResult
    from dbt.cli.main import dbtRunnerResult

    from dagster_project.settings import Settings

_FAILED = ("fail", "error", "runtime error")


def record_outcomes(
    connection: duckdb.DuckDBPyConnection,
    result: dbtRunnerResult,
    manifest: Mapping[str, Any],
) -> None:
    """Keep the outcome of every test of the last build in ``quality.dbt_test_results``."""
    connection.execute("create schema if not exists quality")
    connection.execute(
        "create table if not exists quality.dbt_test_results "
        "(check_name varchar, asset varchar, severity varchar, is_passed boolean, failures_count bigint)"
    )
    rows = [_test_row(node, manifest) for node in _nodes(result) if node.node.resource_type == NodeType.Test]
    if rows:
        names = [row[0] for row in rows]
        forget = "delete from quality.dbt_test_results where list_contains($names, check_name)"
        connection.execute(forget, {"names": names})
        connection.executemany("insert into quality.dbt_test_results values (?, ?, ?, ?, ?)", rows)


def succeeded(result: dbtRunnerResult) -> list[RunResult]:
    """The nodes that were built or passed."""
    return [node for node in _nodes(result) if str(node.status) in {"success", "pass"}]


def failure_sentences(result: dbtRunnerResult, settings: Settings) -> Iterator[str]:
    """One sentence per failed model or test; where a setting can help, it is named."""
    for node in _nodes(result):
        if str(node.status) in _FAILED:
            kind = str(node.node.resource_type)
            path = node.node.original_file_path.removeprefix("../")
            yield f"dbt {kind} {node.node.name} ({path}): {explained(node.message or '', settings)}"


def _nodes(result: dbtRunnerResult) -> list[RunResult]:
    execution: RunExecutionResult = result.result  # type: ignore[assignment]
    return list(execution.results) if execution else []


def _test_row(node: RunResult, manifest: Mapping[str, Any]) -> tuple[str, str, str, bool, int]:
    attached = manifest["nodes"].get(getattr(node.node, "attached_node", None) or "", {})
    asset = f"{attached['schema']}/{attached['name']}" if attached else ""
    severity = str(getattr(node.node.config, "severity", "error")).lower()
    is_passed = str(node.status) not in {*_FAILED, "warn", "skipped"}
    return node.node.name, asset, severity, is_passed, node.failures or 0
