"""Opening DuckDB files: one configuration everywhere, because one process opens a file only with one."""

from __future__ import annotations

import shutil
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.privacy import private_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dagster_project.settings import Settings

_FREE_SHARE_TO_SPILL = 0.9


def configuration(settings: Settings) -> dict[str, Any]:
    """What every DuckDB file is opened with: memory, threads, and where and how much may be spilled."""
    return {
        "memory_limit": settings.memory_limit,
        "threads": str(settings.threads),
        "temp_directory": str(settings.spill_folder),
        "max_temp_directory_size": settings.spill_limit or _room_to_spill(settings.spill_folder),
    }


@cache
def _room_to_spill(folder: Path) -> str:
    """Most of what is free, asked once: a second connection of the process must be opened with the same words."""
    folder.mkdir(parents=True, exist_ok=True)
    return f"{int(shutil.disk_usage(folder).free * _FREE_SHARE_TO_SPILL) // 2**20}MiB"


def open_database(path: Path, settings: Settings, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file in UTC, within the limits of the settings."""
    settings.spill_folder.mkdir(parents=True, exist_ok=True)
    opened = duckdb.connect(str(path), read_only=read_only, config=configuration(settings))
    opened.execute("set TimeZone = 'UTC'")
    return opened


@contextmanager
def connection(path: Path, settings: Settings, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """An open DuckDB file that is closed with the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = open_database(path, settings, read_only=read_only)
    try:
        yield opened
    finally:
        opened.close()


def create_private(path: Path, storage_version: str | None = None) -> None:
    """Make an empty DuckDB file that carries personal data: nobody but its owner may read it.

    Args:
        path: of the file, which must not be there.
        storage_version: the oldest DuckDB that can read it, such as ``v1.2.0``; none: what this DuckDB writes best.
    """
    how = f" (storage_version '{storage_version}')" if storage_version else ""
    with private_files(), duckdb.connect() as opener:
        opener.execute(f"attach {_literal(path)} as made{how}")
    path.chmod(0o600)


@contextmanager
def open_build(settings: Settings, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build: a name without a database is looked for in the warehouse and among what led to it; ``raw`` is read."""
    with connection(settings.warehouse_path, settings, read_only=read_only) as build:
        build.execute(f"attach if not exists {_literal(settings.raw_path)} as raw (read_only)")
        with private_files():
            mode = " (read_only)" if read_only else ""
            build.execute(f"attach if not exists {_literal(settings.working_path)} as working{mode}")
        if not read_only:
            build.execute("create schema if not exists working.staging")
            build.execute("create schema if not exists working.intermediate")
        look_in_both(build)
        yield build


def look_in_both(build: duckdb.DuckDBPyConnection) -> None:
    """Find what has no database before its name in the warehouse and among what led to it."""
    build.execute("set search_path = 'warehouse.main,working.staging,working.intermediate'")


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


@contextmanager
def transaction(opened: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the block or nothing of it. What went wrong is told, not that a broken database cannot roll back."""
    opened.begin()
    try:
        yield
        opened.commit()
    except BaseException:
        with suppress(duckdb.Error):
            opened.rollback()
        raise
