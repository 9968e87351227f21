"""Publish: one complete generation or none, after every blocking check has passed."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from dagster_project.clock import utc_now
from dagster_project.errors import SegmentsError
from dagster_project.outcome import HISTORY_ONLY
from dagster_project.publish.generations import Generation, current_generation, prune, switch_to, sync_folder
from dagster_project.publish.history import write_known, write_recomputed
from dagster_project.publish.tables import comments, content_sha256, published_tables
from dagster_project.publish.writing import require_space, verify, write_duckdb, write_manifest, write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import duckdb

    from dagster_project.publish.tables import Table
    from dagster_project.settings import Settings


# The same file under a second name. Opened as segments.duckdb its catalog is called like its schema `segments`, and
# DuckDB then wants `segments.segments.sizes`; opened by this name, `segments.sizes` is enough.
UNAMBIGUOUS_FILE = "customer_segments.duckdb"


@dataclass(frozen=True)
class Published:
    """What publish did."""

    outcome: str
    generation: Generation | None
    as_of: date


def publish(
    build: duckdb.DuckDBPyConnection,
    settings: Settings,
    *,
    manifest: Mapping[str, Any],
    report: Path,
    accepted: Sequence[str],
) -> Published:
    """Audit the build and, if it is fit and new, make it the current generation.

    Raises:
        SegmentsError: a blocking check failed and was not accepted; what was published stays as it was.
    """
    refuse_unfit(build, accepted)
    ((as_of,),) = build.execute("select as_of_date from marts.dim_generation").fetchall()
    tables = published_tables(build)
    content = content_sha256(build, tables)
    standing = current_generation(settings)
    if standing and standing.as_of > as_of:
        write_recomputed(build, settings, as_of)
        return Published(f"{HISTORY_ONLY}: generation {standing.name} is of {standing.as_of}", standing, as_of)
    if standing and standing.as_of == as_of and standing.content_sha256 == content:
        return Published("unchanged: the current generation already says the same", standing, as_of)
    written = _write(build, settings, tables, content, as_of, manifest=manifest, report=report, accepted=accepted)
    write_known(build, settings, as_of, written.name)
    switch_to(settings, written.name)
    prune(settings)
    return Published("published", written, as_of)


def refuse_unfit(build: duckdb.DuckDBPyConnection, accepted: Sequence[str]) -> None:
    """Look at the recorded checks again, whoever launched publish.

    Raises:
        SegmentsError: a blocking check failed and was not accepted, or the build was never checked.
    """
    rows = build.execute("""
        select check_name, message, failures_count from quality.check_results
        where severity = 'error' and not is_passed
    """).fetchall()
    failed = [f"{name}: {message or f'{count} rows'}" for name, message, count in rows if name not in accepted]
    if failed:
        raise SegmentsError("Not published, blocking checks failed:\n" + "\n".join(failed))


def _write(
    build: duckdb.DuckDBPyConnection,
    settings: Settings,
    tables: Sequence[Table],
    content: str,
    as_of: date,
    *,
    manifest: Mapping[str, Any],
    report: Path,
    accepted: Sequence[str],
) -> Generation:
    name = f"{utc_now():%Y%m%dT%H%M%S%fZ}-{content[:8]}"
    folder = settings.published_dir / "generations" / name
    draft = folder.with_name(f".{name}.draft")
    draft.mkdir(parents=True)
    require_space(draft, settings.warehouse_path)
    file = draft / "segments.duckdb"
    write_duckdb(
        build,
        tables,
        file,
        generation=name,
        storage_version=settings.publish_storage_version,
        descriptions=comments(manifest),
    )
    counts = verify(file, build, tables)
    (draft / UNAMBIGUOUS_FILE).hardlink_to(file)
    write_parquet(build, tables, draft / "parquet", generation=name)
    (draft / "report").mkdir()
    shutil.copyfile(report, draft / "report" / "index.html")
    about = {
        "generation": name,
        "as_of_date": as_of.isoformat(),
        "published_at": utc_now().isoformat(timespec="seconds"),
        "content_sha256": content,
        "code_version": version("customer-segments"),
        "engine": settings.engine,
        "shop_time_zone": settings.shop_time_zone,
        "accepted_checks": sorted(accepted),
        "row_counts": counts,
    }
    write_manifest(draft, about)
    _make_durable(draft)
    draft.replace(folder)
    sync_folder(folder.parent)
    return Generation(name=name, path=folder, manifest=about)


def _make_durable(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
