"""What the published tables say, as hashes: of a whole table, or month by month where a row is something that happened.

The hashes are made in the engine; they do not depend on the order of rows or on when and where they were written.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from dagster_project.publish.tables import Table

# The local day of each fact: what lies in a month rarely changes once the month is over.
DAY_COLUMNS = {
    "marts.fct_orders": "order_date",
    "marts.fct_order_lines": "order_date",
    "marts.fct_refunds": "refund_date",
    "marts.fct_sessions": "session_date",
    "marts.fct_carts": "last_activity_date",
    "marts.fct_messages": "sent_date",
}

# What a run that makes nothing but segments anew leaves as it is.
_BEFORE_SEGMENTS = ("marts.", "profiles.")


@dataclass(frozen=True)
class Part:
    """Rows of a table that are hashed and written together: all of them, or those of one month.

    A month is its first day; rows without a day, or a table by month without any row, have none.
    """

    table: Table
    month: date | None
    rows_count: int
    sha256: str

    @property
    def file(self) -> str:
        """Path of the Parquet file within a generation; a table by month is a folder of them."""
        if self.table.path not in DAY_COLUMNS:
            return self.table.file
        return f"{self.table.file}/{self.month:%Y-%m}.parquet" if self.month else f"{self.table.file}/undated.parquet"

    @property
    def condition(self) -> str:
        """Which rows of the table these are; a range, so that the engine skips what lies outside of it."""
        day = DAY_COLUMNS.get(self.table.path)
        if day is None or not self.rows_count:
            return "true"
        if self.month is None:
            return f"{day} is null"
        return f"{day} >= date '{self.month}' and {day} < date '{self.month}' + interval 1 month"


def content_parts(
    build: duckdb.DuckDBPyConnection, tables: Sequence[Table], standing_of: str | None = None
) -> list[Part]:
    """The parts of all tables; a view has none.

    Args:
        build: the build.
        tables: what is published.
        standing_of: generation that published this build before nothing but segments was made anew; hashes of what
            leads to segments are taken from then.
    """
    known = _remembered(build, standing_of) if standing_of else {}
    stored = [table for table in tables if table.view_sql is None]
    return [
        part
        for table in stored
        for part in (
            [Part(table, *said) for said in known[table.path]] if table.path in known else _parts_of(build, table)
        )
    ]


def remember_parts(build: duckdb.DuckDBPyConnection, generation: str, parts: Sequence[Part]) -> None:
    """Keep in the build what a generation that was made of it says, for ``content_parts``."""
    build.execute(
        "create or replace table main.published_parts "
        "(generation varchar, path varchar, month date, rows_count bigint, sha256 varchar)"
    )
    rows = [[generation, part.table.path, part.month, part.rows_count, part.sha256] for part in parts]
    build.executemany("insert into main.published_parts values (?, ?, ?, ?, ?)", rows)


def _remembered(build: duckdb.DuckDBPyConnection, generation: str) -> dict[str, list[tuple[date | None, int, str]]]:
    found: dict[str, list[tuple[date | None, int, str]]] = {}
    query = "select path, month, rows_count, sha256 from main.published_parts where generation = ? order by all"
    try:
        rows = build.execute(query, [generation]).fetchall()
    except duckdb.CatalogException:
        return found
    for path, month, rows_count, sha256 in rows:
        if path.startswith(_BEFORE_SEGMENTS):
            found.setdefault(path, []).append((month, rows_count, sha256))
    return found


def content_sha256(
    build: duckdb.DuckDBPyConnection, tables: Sequence[Table], parts: Sequence[Part], beside: str
) -> str:
    """Hash of all that makes a new generation when it differs; ``beside`` is that of what stands beside the tables."""
    digest = hashlib.sha256(beside.encode())
    for view in (table for table in tables if table.view_sql is not None):
        digest.update(f"{view.path}:{view.view_sql}:{_columns(build, view)}\n".encode())
    for part in (part for part in parts if part.table.is_content):
        digest.update(f"{part.file}:{part.sha256}\n".encode())
    about = build.execute("select * exclude (generation, engine) from marts.dim_generation").fetchall()
    digest.update(repr(about).encode())
    return digest.hexdigest()


def _parts_of(build: duckdb.DuckDBPyConnection, table: Table) -> Iterator[Part]:
    day = DAY_COLUMNS.get(table.path)
    month = f"cast(date_trunc('month', {day}) as date)" if day else "cast(null as date)"
    query = f"""
        select {month} as month, count(*), bit_xor(hash(content)), sum(hash(content))
        from {table.path} as content
        group by month
        order by month nulls last
    """
    columns = _columns(build, table)
    for first_day, count, mixed, summed in build.execute(query).fetchall() or [(None, 0, 0, 0)]:
        # Another version of DuckDB may hash and write otherwise.
        said = f"{duckdb.__version__}:{table.path}:{columns}:{count}:{mixed}:{summed}"
        yield Part(table, first_day, count, hashlib.sha256(said.encode()).hexdigest())


def _columns(build: duckdb.DuckDBPyConnection, table: Table) -> list[tuple[str, str]]:
    query = f"select column_name, column_type from (describe {table.path})"
    return [(name, data_type) for name, data_type in build.execute(query).fetchall()]
