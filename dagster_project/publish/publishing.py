"""Publish: one complete generation or none, after every blocking check has passed."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from dagster_project.activation.files import audiences_sha256, publish_audiences, require_audiences_of
from dagster_project.clock import utc_now
from dagster_project.errors import SegmentsError
from dagster_project.outcome import HISTORY_ONLY
from dagster_project.publish.content import content_parts, content_sha256, remember_parts
from dagster_project.publish.descriptions import descriptions
from dagster_project.publish.duckdb_file import verify, write_duckdb
from dagster_project.publish.generations import Generation, current_generation, prune, switch_to, sync_folder
from dagster_project.publish.history import write_known, write_recomputed
from dagster_project.publish.parquet import write_parquet
from dagster_project.publish.tables import published_tables
from dagster_project.publish.writing import require_space, write_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import duckdb

    from dagster_project.publish.content import Part
    from dagster_project.publish.tables import Table
    from dagster_project.settings import Settings


# The same file under a second name. Opened as segments.duckdb its catalog is called like its schema `segments`, and
# DuckDB then wants `segments.segments.sizes`; opened by this name, `segments.sizes` is enough.
UNAMBIGUOUS_FILE = "customer_segments.duckdb"


@dataclass(frozen=True)
class Pages:
    """What was written outside the build database: the report and the folder of audience files."""

    report: Path
    audiences: Path


@dataclass(frozen=True)
class Published:
    """What publish did; where it wrote, ``cost`` says the CPU-seconds of its parts and how many files were linked."""

    outcome: str
    generation: Generation | None
    as_of: date
    cost: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Content:
    """What a build says: its tables, their parts with a hash each, and the hash of all that counts as content."""

    tables: Sequence[Table]
    parts: Sequence[Part]
    sha256: str
    as_of: date


def publish(
    build: duckdb.DuckDBPyConnection,
    settings: Settings,
    *,
    manifest: Mapping[str, Any],
    report: Path,
    audiences: Path,
    accepted: Sequence[str],
    standing_of: str | None = None,
) -> Published:
    """Audit the build and, if it is fit and new, make it the current generation.

    Args:
        build: the build database.
        settings: of this process.
        manifest: of dbt, for the descriptions.
        report: page to publish.
        audiences: folder of audience files to publish.
        accepted: blocking checks that may fail this time.
        standing_of: generation of which everything before the segments stands in the build, if there is one.

    Raises:
        SegmentsError: a blocking check failed and was not accepted; what was published stays as it was.
    """
    refuse_unfit(build, accepted)
    cost: dict[str, float] = {}
    with _counted(cost, "hashes"):
        content = content_of(build, audiences_sha256(audiences), standing_of)
    as_of, standing = content.as_of, current_generation(settings)
    require_audiences_of(as_of, audiences)
    if standing and standing.as_of > as_of:
        write_recomputed(build, settings, as_of)
        return Published(f"{HISTORY_ONLY}: generation {standing.name} is of {standing.as_of}", standing, as_of)
    if standing and standing.as_of == as_of and standing.content_sha256 == content.sha256:
        return Published("unchanged: the current generation already says the same", standing, as_of)
    pages = Pages(report, audiences)
    written = _write(build, settings, content, cost, manifest=manifest, pages=pages, accepted=accepted)
    with _counted(cost, "history"):
        write_known(build, settings, written, standing_of)
        remember_parts(build, written.name, content.parts)
    switch_to(settings, written.name)
    prune(settings)
    return Published("published", written, as_of, cost)


def content_of(build: duckdb.DuckDBPyConnection, beside: str, standing_of: str | None = None) -> Content:
    """What a finished build says; ``beside`` is the hash of what is published beside its tables."""
    ((as_of,),) = build.execute("select as_of_date from marts.dim_generation").fetchall()
    tables = published_tables(build)
    parts = content_parts(build, tables, standing_of)
    return Content(tables, parts, content_sha256(build, tables, parts, beside), as_of)


@contextmanager
def _counted(cost: dict[str, float], name: str) -> Iterator[None]:
    began = time.process_time()
    try:
        yield
    finally:
        cost[name] = round(time.process_time() - began, 3)


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
    content: Content,
    cost: dict[str, float],
    *,
    manifest: Mapping[str, Any],
    pages: Pages,
    accepted: Sequence[str],
) -> Generation:
    name = f"{utc_now():%Y%m%dT%H%M%S%fZ}-{content.sha256[:8]}"
    folder = settings.published_dir / "generations" / name
    draft = folder.with_name(f".{name}.draft")
    draft.mkdir(parents=True)
    require_space(draft, settings.warehouse_path)
    with _counted(cost, "duckdb_file"):
        file = draft / "segments.duckdb"
        write_duckdb(
            build,
            settings.warehouse_path,
            content.tables,
            file,
            generation=name,
            descriptions=descriptions(build, manifest),
        )
        (draft / UNAMBIGUOUS_FILE).hardlink_to(file)
        counts = verify(file, build, content.tables)
    with _counted(cost, "parquet"):
        before = current_generation(settings)
        linked = write_parquet(build, content.parts, draft, generation=name, before=before)
    cost |= {"files_linked": len(linked), "files_written": len(content.parts) - len(linked)}
    (draft / "report").mkdir()
    shutil.copyfile(pages.report, draft / "report" / "index.html")
    publish_audiences(pages.audiences, draft / "audiences", name)
    about = {
        "generation": name,
        "as_of_date": content.as_of.isoformat(),
        "published_at": utc_now().isoformat(timespec="seconds"),
        "content_sha256": content.sha256,
        "code_version": version("customer-segments"),
        "engine": settings.engine,
        "shop_time_zone": settings.shop_time_zone,
        "accepted_checks": sorted(accepted),
        "row_counts": counts,
        "parquet_content": {part.file: part.sha256 for part in content.parts},
    }
    with _counted(cost, "manifest"):
        write_manifest(draft, about, linked)
    _make_durable(draft)
    draft.replace(folder)
    sync_folder(folder.parent)
    return Generation(name=name, path=folder, manifest=about)


def _make_durable(folder: Path) -> None:
    for path in folder.rglob("*"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
