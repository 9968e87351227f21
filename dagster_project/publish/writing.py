"""Writing one generation: the DuckDB file that BI tools open, and the manifest that is written last.

The Parquet files stand in ``parquet``.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.database import transaction
from dagster_project.errors import SegmentsError
from dagster_project.raw.opening import sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dagster_project.publish.tables import Table


def write_duckdb(
    build: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    path: Path,
    *,
    generation: str,
    storage_version: str,
    descriptions: Mapping[str, tuple[str, Mapping[str, str]]],
) -> None:
    """Copy the published tables into one file that BI tools open; older DuckDB clients can read it."""
    build.execute(f"attach '{_quoted(path)}' as published (storage_version '{storage_version}')")
    try:
        for schema in sorted({table.schema for table in tables}):
            build.execute(f"create schema published.{schema}")
        for table in tables:
            if table.view_sql is None:
                build.execute(f"create table published.{table.path} as select * from {table.path}")
        build.execute("update published.marts.dim_generation set generation = $name", {"name": generation})
        _write_views(build, tables)
        with transaction(build):  # a thousand comments, each with a commit of its own, cost five times as much
            _write_comments(build, tables, descriptions)
        build.execute("checkpoint published")
    finally:
        build.execute("detach published")
    path.chmod(0o444)


def _write_views(build: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
    ((home,),) = build.execute("select current_database()").fetchall()
    build.execute("use published")
    try:
        for table in tables:
            if table.view_sql is not None:
                build.execute(table.view_sql)
    finally:
        build.execute(f'use "{home}"')


def _write_comments(
    build: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    descriptions: Mapping[str, tuple[str, Mapping[str, str]]],
) -> None:
    for table in tables:
        about, columns = descriptions.get(table.path, ("", {}))
        if about:
            kind = "table" if table.view_sql is None else "view"
            build.execute(f"comment on {kind} published.{table.path} is {_literal(about)}")
        for column, text in columns.items():
            build.execute(f'comment on column published.{table.path}."{column}" is {_literal(text)}')


def verify(path: Path, build: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> dict[str, int]:
    """Reopen the written file as a reader would and count the tables again; a view over them must find what it reads.

    Raises:
        SegmentsError: the file does not hold what was to be published.
    """
    counts: dict[str, int] = {}
    if path.with_name(f"{path.name}.wal").exists():
        raise SegmentsError(f"{path} still has a write-ahead log beside it")
    with duckdb.connect() as reader:
        reader.execute(f"attach '{_quoted(path)}' as written (read_only)")
        reader.execute("use written")
        for table in tables:
            if table.view_sql is not None:
                # Counting its rows would compute them all, and they follow from those of the tables.
                reader.execute(f"select * from {table.path} limit 0")
                continue
            query = f"select count(*) from {table.path}"
            ((found,),) = reader.execute(query).fetchall()
            ((expected,),) = build.execute(query).fetchall()
            if found != expected:
                raise SegmentsError(f"{path.name}: {table.path} has {found} rows, {expected} were built")
            counts[table.path] = found
    return counts


def write_manifest(folder: Path, content: Mapping[str, Any], known: Mapping[str, str]) -> None:
    """``publish.json``, last: a folder that has it is complete. Files whose hash is known are not read again."""
    hashes = {(folder / name).stat().st_ino: sha256 for name, sha256 in known.items()}
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        number = path.stat().st_ino  # the same for both names of the DuckDB file
        hashes[number] = hashes.get(number) or sha256_of(path)
        files[str(path.relative_to(folder))] = hashes[number]
    text = json.dumps({**content, "files": files}, indent=2, default=str)
    (folder / "publish.json").write_text(text + "\n", encoding="utf-8")


def require_space(folder: Path, source: Path) -> None:
    """Refuse to start writing what would not fit.

    What is published is a part of the build, and Parquet packs it tighter: both together took 0.36 times the build.

    Raises:
        SegmentsError: less free space than the build database takes.
    """
    needed = source.stat().st_size
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SegmentsError(
            f"{folder} has {free // 2**20} MB free and {needed // 2**20} MB are needed to publish: free some space "
            "or lower SEGMENTS_KEEP_GENERATIONS."
        )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
