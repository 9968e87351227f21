"""The published DuckDB file, written whole and on top of the standing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.publish.content import content_parts
from dagster_project.publish.duckdb_file import FILE, base_of, verify, write_duckdb
from dagster_project.publish.generations import Generation
from dagster_project.publish.tables import published_tables
from dagster_project.raw.opening import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSION = "v1.2.0"
DESCRIPTIONS = {
    "marts.fct_orders": ("Orders.", {"order_id": "Whose it's."}),
    "segments.regulars": ("Regulars.", {}),
    "segments.everybody": ("All of them.", {"customer_id": "Who."}),
}


@pytest.fixture
def build() -> Iterator[duckdb.DuckDBPyConnection]:
    """A build of facts by month, two segments and a view over them."""
    with duckdb.connect() as connection:
        connection.execute("""
            create schema marts;
            create schema segments;
            create table marts.dim_generation as select 'none' as generation, date '2026-03-01' as as_of_date;
            create table marts.fct_orders as
            from (values ('a', date '2026-01-31'), ('b', date '2026-02-01'), ('c', null)) as rows(order_id, order_date);
            create table segments.regulars as select 'ann' as customer_id;
            create table segments.one_timers as select 'eve' as customer_id;
            create view segments.everybody as
            select customer_id from segments.regulars union all select customer_id from segments.one_timers;
        """)
        yield connection


def standing(build: duckdb.DuckDBPyConnection, folder: Path) -> Generation:
    """What is built as a generation with its DuckDB file alone, written whole."""
    folder.mkdir()
    write(build, folder, "first", None)
    parts = content_parts(build, published_tables(build))
    manifest = {
        "storage_version": VERSION,
        "files": {FILE: sha256_of(folder / FILE)},
        "parquet_content": {part.file: part.sha256 for part in parts},
    }
    return Generation("first", folder, manifest)


def write(build: duckdb.DuckDBPyConnection, folder: Path, name: str, before: Generation | None) -> frozenset[str]:
    """Write and verify the file of a generation, on top of another one; gives the tables that were kept."""
    tables = published_tables(build)
    base = base_of(before, content_parts(build, tables), VERSION) if before else None
    file = folder / FILE
    write_duckdb(
        build, tables, file, generation=name, storage_version=VERSION, descriptions=DESCRIPTIONS, base=base
    )  # fmt: skip
    verify(file, build, tables)
    return base.same if base else frozenset()


def said(folder: Path) -> dict[str, object]:
    """Everything that a file says: rows in no order, columns, comments, views."""
    with duckdb.connect() as reader:
        reader.execute(f"attach '{folder / FILE}' as written (read_only)")
        reader.execute("use written")
        tables = [table.path for table in published_tables(reader)]
        comments = "select schema_name, {0}_name, comment from duckdb_{0}s() where database_name = 'written'"
        return {
            "rows": {path: sorted(reader.execute(f"from {path}").fetchall(), key=repr) for path in tables},
            "columns": {path: reader.execute(f"describe {path}").fetchall() for path in tables},
            "comments": [sorted(reader.execute(comments.format(kind)).fetchall()) for kind in ("table", "view")],
            "of columns": sorted(
                reader.execute(
                    "select table_name, column_name, comment from duckdb_columns() where database_name = 'written'"
                ).fetchall(),
                key=repr,
            ),
        }


CHANGES = {
    "nothing": ("select 1", {"marts.fct_orders", "segments.regulars", "segments.one_timers"}),
    "a row more": (
        "insert into segments.regulars values ('bob')",
        {"marts.fct_orders", "segments.one_timers"},
    ),
    "a row of one month": (
        "insert into marts.fct_orders values ('d', date '2026-02-28')",
        {"segments.regulars", "segments.one_timers"},
    ),
    "a month gone": (
        "delete from marts.fct_orders where order_id = 'a'",
        {"segments.regulars", "segments.one_timers"},
    ),
    "another column": (
        "alter table segments.regulars add column since date",
        {"marts.fct_orders", "segments.one_timers"},
    ),
    "a new segment": (
        "create table segments.singles as select 'fay' as customer_id",
        {"marts.fct_orders", "segments.regulars", "segments.one_timers"},
    ),
    "a segment gone, and out of the view": (
        "create or replace view segments.everybody as from segments.regulars; drop table segments.one_timers",
        {"marts.fct_orders", "segments.regulars"},
    ),
    "a view gone": (
        "drop view segments.everybody",
        {"marts.fct_orders", "segments.regulars", "segments.one_timers"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_on_top_of_the_standing_file_it_says_what_it_says_written_whole(
    build: duckdb.DuckDBPyConnection, tmp_path: Path, change: str
) -> None:
    before = standing(build, tmp_path / "before")
    untouched = said(before.path)
    sql, kept = CHANGES[change]
    build.execute(sql)
    for name in ("whole", "on_top"):
        (tmp_path / name).mkdir()
    assert write(build, tmp_path / "whole", "second", None) == frozenset()
    assert write(build, tmp_path / "on_top", "second", before) == kept
    assert said(tmp_path / "on_top") == said(tmp_path / "whole")
    assert said(tmp_path / "on_top")["rows"]["marts.dim_generation"][0][0] == "second"  # type: ignore[index]
    assert said(before.path) == untouched
    assert base_of(before, [], VERSION), "the standing file was written into"


def test_a_damaged_file_or_another_storage_version_is_no_base(build: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    before = standing(build, tmp_path / "before")
    parts = content_parts(build, published_tables(build))
    assert base_of(before, parts, VERSION)
    assert base_of(before, parts, "v1.4.0") is None
    file = before.path / FILE
    file.chmod(0o644)
    with file.open("r+b") as opened:
        opened.seek(-1, 2)
        opened.write(bytes([file.read_bytes()[-1] ^ 1]))
    assert base_of(before, parts, VERSION) is None
    file.unlink()
    assert base_of(before, parts, VERSION) is None
