"""Sentences about the set of segments as a whole: overlapping, too many, empty, unreachable.

Sentences about the size of a single segment stand in ``size_warnings.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.segments.rules import joined
from dagster_project.segments.starved import empty_columns
from dagster_project.segments.unreachable import contradiction

if TYPE_CHECKING:
    import duckdb

    from dagster_project.segments.catalog import Catalog
    from dagster_project.segments.entries import Segment

MAX_SEGMENTS_COUNT = 25
OVERLAP_SHARE = 0.9


def doubts(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> list[tuple[str, str]]:
    """(segment, sentence) for all that makes one doubt that each segment says something of its own."""
    return [*_too_many(catalog), *_overlapping(connection), *_without_members(connection, catalog)]


def _too_many(catalog: Catalog) -> list[tuple[str, str]]:
    """Segments inside others, those of a group that exclude each other, and those outside core keep the overview."""
    beside = (segment for segment in catalog if segment.parent is None and segment.priority is None)
    outermost = [segment.name for segment in beside if segment.pack == "core"]
    if len(outermost) <= MAX_SEGMENTS_COUNT:
        return []
    sentence = (
        f"{len(outermost)} core segments stand beside each other, more than {MAX_SEGMENTS_COUNT} lose the overview: "
        "put some inside others (`within`), into exclusive groups or another `pack`, or give some up"
    )
    return [("", sentence)]


def _overlapping(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    rows = connection.execute(
        """
        select segment, other_segment, shared_members_count, either_members_count
        from segments.overlaps
        where segment < other_segment and jaccard_share >= $share
        order by segment, other_segment
        """,
        {"share": OVERLAP_SHARE},
    ).fetchall()
    return [
        (segment, f"{segment} and {other} share {shared:,} of their {either:,} members: one of them may be enough")
        for segment, other, shared, either in rows
    ]


def _without_members(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> list[tuple[str, str]]:
    found = connection.execute("select segment from segments.sizes where members_count = 0 order by segment").fetchall()
    return [(name, f"{name} has no members: {_why_empty(connection, catalog, catalog[name])}") for (name,) in found]


def _why_empty(connection: duckdb.DuckDBPyConnection, catalog: Catalog, segment: Segment) -> str:
    excluding = contradiction(joined(*(each.rule for each in _with_parents(catalog, segment))))
    if excluding:
        return f"nobody ever can be in it, as its rule asks for {excluding} at once"
    lost = connection.execute(
        "select count(*), list(distinct won_by order by won_by) from segments.candidates where segment = ?",
        [segment.name],
    ).fetchall()[0]
    if lost[0]:
        return f"all {lost[0]:,} candidates go to {', '.join(lost[1])}, which come before it"
    empty = empty_columns(connection, segment.rule)
    if empty:
        return f"{', '.join(empty)} {'is' if len(empty) == 1 else 'are'} unknown of everybody"
    return "the rule holds for nobody now"


def _with_parents(catalog: Catalog, segment: Segment) -> list[Segment]:
    return [segment, *(_with_parents(catalog, catalog[segment.parent]) if segment.parent else [])]
