"""The dbt project: where it lies, how it is parsed and run inside this process.

A ``dbt`` subprocess would import everything again for every call; in process a build costs what its SQL costs.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from dagster_dbt import DbtProject

from dagster_project import spark
from dagster_project.database import configuration
from dagster_project.errors import SegmentsError
from dagster_project.settings import PROJECT_DIR, Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

DBT_DIR = PROJECT_DIR / "dbt"
# Beside the project's files: what dbt writes, and the segments, which are none of its models.
_NO_PART = frozenset({"target", "logs", "segments"})


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
    """The manifest in the form that other tools read; kept between processes as long as it is that of the project.

    Raises:
        SegmentsError: the project does not parse; the message is dbt's own.
    """
    settings = load_settings().model_copy(update={"engine": engine})
    kept, sha256 = target_dir(settings) / "kept_manifest.json", _project_sha256(settings)
    try:
        found: Mapping[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        found = {}
    if found.get("sha256") != sha256:
        found = {"sha256": sha256, "manifest": parsed_manifest(engine).writable_manifest().to_dict(omit_none=False)}
        _replace(kept, json.dumps(found, default=str))
    content: Mapping[str, Any] = found["manifest"]
    return content


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _project_sha256(settings: Settings) -> str:
    """Hash of all that a manifest is parsed from."""
    versions = [version(package) for package in ("dbt-core", "dbt-duckdb", "dagster-dbt")]
    databases = [str(path) for path in settings.databases]
    digest = hashlib.sha256(json.dumps([versions, databases, settings.engine]).encode())
    for path in sorted(_project_files()):
        digest.update(f"{path.relative_to(PROJECT_DIR)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _project_files() -> Iterator[Path]:
    for folder in (DBT_DIR, PROJECT_DIR / "models", PROJECT_DIR / "tests" / "sql"):
        for path in folder.rglob("*"):
            if path.is_file() and not _NO_PART.intersection(path.relative_to(folder).parts[:1]):
                yield path


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
    # Importing them takes longer than a run that builds no model.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

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
