"""Who was in which segment on the day before, under the ids that people have today.

Where the files of past days lie, and which of them to take, is decided by whoever calls.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.errors import SegmentsError

if TYPE_CHECKING:
    from collections.abc import Collection

_SQL_DIR = Path(__file__).parent / "sql"
_NO_MEMBERS = (
    "create or replace temp table previous_memberships (segment varchar, customer_id varchar, entered_date date)"
)
_NO_COUNTS = "create or replace temp table previous_counts (segment varchar, members_count bigint)"
_ALIASES = "marts.dim_customer_aliases"


def stage_previous(
    connection: duckdb.DuckDBPyConnection, as_of: date, previous: str | None, segments: Collection[str]
) -> bool:
    """Fill ``temp.previous_memberships(segment, customer_id, entered_date)``; returns whether the day before was built.

    ``previous`` is Parquet with the same columns. None, or a path that names another day than the one before
    ``as_of`` (``as_of_date=...``), fills it with nobody; members of other than these segments are left out.

    Raises:
        SegmentsError: the file cannot be read.
    """
    return _stage(connection, as_of, previous, segments, ("previous", _NO_MEMBERS))


def count_previous(
    connection: duckdb.DuckDBPyConnection, as_of: date, previous: str | None, segments: Collection[str]
) -> bool:
    """As ``stage_previous``, of each segment only how many: ``temp.previous_counts(segment, members_count)``."""
    return _stage(connection, as_of, previous, segments, ("previous_counts", _NO_COUNTS))


def _stage(
    connection: duckdb.DuckDBPyConnection,
    as_of: date,
    previous: str | None,
    segments: Collection[str],
    queries: tuple[str, str],
) -> bool:
    query, nobody = queries
    if previous is None or not _is_day_before(previous, as_of):
        connection.execute(nobody)
        return False
    connection.execute(f"create or replace temp table known_aliases as {aliases_query(connection)}")
    values = {"previous": previous, "segments": sorted(segments)}
    try:
        connection.execute(_sql("renamed"), values)
        connection.execute(_sql("touched"))
        connection.execute(_sql(query), values)
    except duckdb.Error as error:
        message = (
            f"{previous} cannot be read as memberships of the day before {as_of}; remove it or build that day again."
        )
        raise SegmentsError(message) from error
    for staged in ("view temp.touched_members", "table temp.renamed_members", "table temp.known_aliases"):
        connection.execute(f"drop {staged}")
    return True


def _sql(name: str) -> str:
    return (_SQL_DIR / f"{name}.sql").read_text(encoding="utf-8")


def _is_day_before(previous: str, as_of: date) -> bool:
    named = re.findall(r"as_of_date=(\d{4}-\d{2}-\d{2})", previous)
    return not named or named[-1] == (as_of - timedelta(days=1)).isoformat()


def aliases_query(connection: duckdb.DuckDBPyConnection) -> str:
    """Ids that people were known by before a merge: two days are compared only through them."""
    schema, table = _ALIASES.split(".")
    found = connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database() and schema_name = ? and table_name = ?",
        [schema, table],
    ).fetchall()
    if found:
        return f"select customer_id, merged_into from {_ALIASES}"
    return "select cast(null as varchar) as customer_id, cast(null as varchar) as merged_into where false"
