"""The DuckDB file of a generation, which BI tools open: a copy of the warehouse without what is not published."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import duckdb

from dagster_project.database import transaction
from dagster_project.errors import SegmentsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dagster_project.publish.tables import Table


def write_duckdb(
    build: duckdb.DuckDBPyConnection,
    warehouse: Path,
    tables: Sequence[Table],
    path: Path,
    *,
    generation: str,
    descriptions: Mapping[str, tuple[str, Mapping[str, str]]],
) -> None:
    """Copy the warehouse to one file that BI tools open, and leave in it what is published, with its comments.

    Args:
        build: the open build, whose own database is the warehouse.
        warehouse: its file.
        tables: what is published.
        path: file to write; it must not be there.
        generation: name of the generation.
        descriptions: of tables and of their columns, by ``schema.name``.
    """
    build.execute("checkpoint")
    shutil.copyfile(warehouse, path)
    build.execute(f"attach '{_quoted(path)}' as published")
    try:
        _drop_all_but(build, tables)
        build.execute("update published.marts.dim_generation set generation = $name", {"name": generation})
        _write_views(build, tables)
        with transaction(build):  # a thousand comments, each with a commit of its own, cost five times as much
            _write_comments(build, tables, descriptions)
        build.execute("checkpoint published")
    finally:
        build.execute("detach published")
    path.chmod(0o444)


def _drop_all_but(build: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
    """Drop the tables and schemas that are not published, and all views: they name the warehouse, and are made anew."""
    kept = {table.path for table in tables if table.view_sql is None} | {table.schema for table in tables} | {"main"}
    found = build.execute("""
        select 'view', schema_name || '.' || view_name
        from duckdb_views() where database_name = 'published' and not internal
        union all
        select 'table', schema_name || '.' || table_name from duckdb_tables() where database_name = 'published'
        union all
        select 'schema', schema_name from duckdb_schemas() where database_name = 'published' and not internal
    """).fetchall()
    for kind, path in found:
        if path not in kept:
            build.execute(f"drop {kind} published.{path}")


def _write_views(build: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
    ((home,),) = build.execute("select current_setting('search_path')").fetchall()
    build.execute("use published")
    try:
        for table in tables:
            if table.view_sql is not None:
                build.execute(table.view_sql)
    finally:
        build.execute(f"set search_path = '{home}'")


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
