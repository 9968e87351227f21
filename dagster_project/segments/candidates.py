"""Who would be in a segment of an exclusive group, and to which segment of the group each of them went.

Who is a member is decided in ``membership.py``; this only shows what the priorities took away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dagster_project.segments.compiler import SCHEMA, answer_column, literal, sql_of, text_literal
from dagster_project.segments.judging import contending

if TYPE_CHECKING:
    import duckdb

    from dagster_project.segments.catalog import Catalog
    from dagster_project.segments.entries import Segment

_COLUMNS = 'segment varchar, customer_id varchar, "group" varchar, won_by varchar, priority integer, is_winner boolean'


def write_candidates(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> int:
    """Write ``segments.candidates`` and return its rows: all for whom a rule holds, with the segment that won them."""
    contenders = sorted((segment for segment in catalog if segment.priority), key=lambda segment: segment.name)
    connection.execute(f"create schema if not exists {SCHEMA}")
    connection.execute(f"create or replace table segments.candidates ({_COLUMNS})")
    if contenders:
        connection.execute(f"create or replace temp table judged_people as {contending(contenders)}")
        # Sorted as the people are, one segment after the other.
        each = " union all ".join(_candidates(segment, _won_by(segment, contenders)) for segment in contenders)
        connection.execute(f"insert into segments.candidates {each}")
        connection.execute("drop table temp.judged_people")
    ((count,),) = connection.execute("select count(*) from segments.candidates").fetchall()
    return int(count)


def _won_by(segment: Segment, contenders: list[Segment]) -> str:
    """The first segment of the group whose rule holds."""
    group = [each for each in contenders if each.group == segment.group]
    first = exp.Case()
    for each in sorted(group, key=lambda each: each.priority or 0):
        first = first.when(answer_column(each.name), literal(each.name))
    return sql_of(first)


def _candidates(segment: Segment, won_by: str) -> str:
    name = text_literal(segment.name)
    return (
        f"select {name}, customer_id, {text_literal(segment.group or '')}, {won_by} as won_by, {segment.priority}, "
        f"won_by = {name} from temp.judged_people where {sql_of(answer_column(segment.name))}"
    )
