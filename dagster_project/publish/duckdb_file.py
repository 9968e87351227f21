"""The DuckDB file of a generation, which BI tools open.

It is written whole. After an edited segment rule most of it says what the standing one says: then that is copied, and
only what differs is written.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from dagster_project.database import transaction
from dagster_project.errors import SegmentsError
from dagster_project.raw.opening import sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dagster_project.publish.content import Part
    from dagster_project.publish.generations import Generation
    from dagster_project.publish.tables import Table

FILE = "segments.duckdb"
# It names its generation, so it is never that of another one.
_OF_ONE_GENERATION = "marts.dim_generation"


@dataclass(frozen=True)
class Base:
    """A standing file to start from, and its tables that say what is to be published (``schema.name``)."""

    file: Path
    same: frozenset[str]


def base_of(before: Generation, parts: Sequence[Part], storage_version: str) -> Base | None:
    """The file of the generation before as a base; none where it was damaged since or has another storage version."""
    file = before.path / FILE
    if before.manifest.get("storage_version") != storage_version or not file.is_file():
        return None
    if sha256_of(file) != before.manifest["files"].get(FILE):
        return None
    return Base(file, _same_tables(parts, before.manifest["parquet_content"]))


def _same_tables(parts: Sequence[Part], said: Mapping[str, str]) -> frozenset[str]:
    now = {part.file: part.sha256 for part in parts}
    folders = {part.table.path: part.table.file for part in parts if part.table.path != _OF_ONE_GENERATION}
    return frozenset(path for path, folder in folders.items() if _within(folder, now) == _within(folder, said))


def _within(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    """The file of a table, or those of its months."""
    return {file: sha256 for file, sha256 in files.items() if file == folder or file.startswith(f"{folder}/")}


def write_duckdb(
    build: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    path: Path,
    *,
    generation: str,
    storage_version: str,
    descriptions: Mapping[str, tuple[str, Mapping[str, str]]],
    base: Base | None,
) -> None:
    """Bring the published tables into one file that BI tools open; older DuckDB clients can read it."""
    if base:
        shutil.copyfile(base.file, path)
    build.execute(f"attach '{_quoted(path)}' as published (storage_version '{storage_version}')")
    try:
        same = base.same if base else frozenset()
        _drop_all_but(build, same)
        for schema in sorted({table.schema for table in tables}):
            build.execute(f"create schema if not exists published.{schema}")
        fresh = [table for table in tables if table.path not in same]
        for table in fresh:
            if table.view_sql is None:
                build.execute(f"create table published.{table.path} as select * from {table.path}")
        build.execute("update published.marts.dim_generation set generation = $name", {"name": generation})
        _write_views(build, fresh)
        with transaction(build):  # a thousand comments, each with a commit of its own, cost five times as much
            _write_comments(build, fresh, descriptions)
        build.execute("checkpoint published")
    finally:
        build.execute("detach published")
    path.chmod(0o444)


def _drop_all_but(build: duckdb.DuckDBPyConnection, kept: frozenset[str]) -> None:
    """Drop the views and the tables that are not kept from a file; what they took is free for what comes after."""
    found = build.execute("""
        select schema_name || '.' || view_name, 'view' from duckdb_views()
        where database_name = 'published' and not internal
        union all
        select schema_name || '.' || table_name, 'table' from duckdb_tables() where database_name = 'published'
    """).fetchall()
    for path, kind in found:
        if path not in kept:
            build.execute(f"drop {kind} published.{path}")
    build.execute("checkpoint published")


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


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
