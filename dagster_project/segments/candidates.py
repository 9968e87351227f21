"""Who would be in a segment of an exclusive group, and to which segment of the group each of them went.

Who is a member is decided in ``membership.py``; this only shows what the priorities took away.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.segments.compiler import SCHEMA, text_literal

if TYPE_CHECKING:
    import duckdb

    from dagster_project.segments.catalog import Catalog
    from dagster_project.segments.entries import Segment

_SQL = Path(__file__).parent / "sql" / "candidates.sql"
_NOBODY = (
    "select '' as segment, customer_id, '' as \"group\", cast(0 as integer) as priority "
    "from profiles.customer_profiles where false"
)


def write_candidates(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> int:
    """Write ``segments.candidates`` and return its rows: all for whom a rule holds, with the segment that won them."""
    queries = [_candidates(segment) for segment in catalog if segment.priority]
    sql = _SQL.read_text(encoding="utf-8").replace("{candidates}", " union all ".join(queries) or _NOBODY)
    connection.execute(f"create schema if not exists {SCHEMA}")
    connection.execute(sql)
    ((count,),) = connection.execute("select count(*) from segments.candidates").fetchall()
    return int(count)


def _candidates(segment: Segment) -> str:
    name, group = text_literal(segment.name), text_literal(segment.group or "")
    return (
        f'select {name} as segment, customer_id, {group} as "group", cast({segment.priority} as integer) as priority '
        f"from profiles.customer_profiles where {segment.candidate_predicate}"
    )
