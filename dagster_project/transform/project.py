"""The dbt project: where it lies, how it is parsed and run inside this process.

A ``dbt`` subprocess would import everything again for every call; in process a build costs what its SQL costs.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from dagster_dbt import DbtProject
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from dagster_project import spark
from dagster_project.database import configuration
from dagster_project.errors import SegmentsError
from dagster_project.settings import PROJECT_DIR, Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

DBT_DIR = PROJECT_DIR / "dbt"


def target_dir(settings: Settings) -> Path:
    """Where dbt keeps its artifacts: beside the databases that they describe."""
    return settings.data_dir / "dbt" / settings.engine


def dbt_project(settings: Settings) -> DbtProject:
    """The dbt project as Dagster knows it."""
    return DbtProject(project_dir=DBT_DIR, target_path=target_dir(settings), profiles_dir=DBT_DIR)


@cache
def parsed_manifest(engine: str) -> Manifest:
    """The parsed project, once per process and engine; dbt itself parses only what changed since the last time.

    Raises:
        SegmentsError: the project does not parse; the message is dbt's own.
    """
    settings = load_settings().model_copy(update={"engine": engine})
    result = run_dbt(settings, ["parse"], manifest=None, on_event=None)
    if not isinstance(result.result, object) or not result.success:
        message = f"The dbt project does not parse: {result.exception}"
        raise SegmentsError(message)
    return result.result  # type: ignore[return-value]


@cache
def manifest_json(engine: str) -> Mapping[str, Any]:
    """The manifest in the form that other tools read."""
    content: Mapping[str, Any] = parsed_manifest(engine).writable_manifest().to_dict(omit_none=False)
    return content


def build(
    settings: Settings,
    *,
    select: Sequence[str],
    variables: Mapping[str, Any],
    on_event: Callable[[EventMsg], None],
) -> dbtRunnerResult:
    """Build and test the selected models; unit tests are for developers and stay out."""
    arguments = [
        "build",
        "--select",
        *select,
        "--exclude-resource-type",
        "unit_test",
        "--indirect-selection",
        "buildable",
        "--vars",
        json.dumps(variables),
    ]
    return run_dbt(settings, arguments, manifest=parsed_manifest(settings.engine), on_event=on_event)


def run_dbt(
    settings: Settings,
    arguments: Sequence[str],
    *,
    manifest: Manifest | None,
    on_event: Callable[[EventMsg], None] | None,
) -> dbtRunnerResult:
    """Run one dbt command in this process, on the databases of these settings; the result says what failed."""
    limits = configuration(settings)
    # The free space of the disk is never twice the same, and dbt parses everything anew where its profile changed.
    spill_limit = limits["max_temp_directory_size"] if manifest else settings.spill_limit or "1GiB"
    os.environ |= {
        "DO_NOT_TRACK": "1",
        "DUCKDB_WAREHOUSE_PATH": str(settings.warehouse_path),
        "DUCKDB_WORKING_PATH": str(settings.working_path),
        "DUCKDB_RAW_PATH": str(settings.raw_path),
        "DUCKDB_ROLLUPS_PATH": str(settings.rollups_path),
        "DUCKDB_MEMORY_LIMIT": limits["memory_limit"],
        "DUCKDB_THREADS": limits["threads"],
        "DUCKDB_TEMP_DIRECTORY": limits["temp_directory"],
        "DUCKDB_MAX_TEMP_DIRECTORY_SIZE": spill_limit,
    }
    spark.tell_dbt(settings)
    if settings.engine != "duckdb":
        spark.keep_ansi()
        spark.quieten()
    runner = dbtRunner(manifest=manifest, callbacks=[on_event] if on_event else [])
    target = target_dir(settings)
    try:
        return runner.invoke(
            [
                *arguments,
                *("--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)),
                *("--target", settings.engine),
                *("--target-path", str(target), "--log-path", str(target / "logs")),
                *("--log-level", "none", "--log-level-file", "none", "--no-print", "--no-write-json"),
            ],
        )
    finally:
        # The adapter would keep the databases open until the process ends.
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
