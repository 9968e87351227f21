"""Who is in which segment: pure functions over a connection to the warehouse.

They read ``profiles.customer_profiles`` and the memberships of the day before, and write tables of the schema
``segments``. When they run, and where the day before is kept, is not decided here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.errors import SegmentsError
from dagster_project.segments.compiler import SCHEMA, answer_column, sql_of, table_name, text_literal
from dagster_project.segments.entries import RESERVED_NAMES, Segment
from dagster_project.segments.judging import judged
from dagster_project.segments.previous import count_previous, stage_previous
from dagster_project.segments.size_warnings import SegmentSize, SizeRules, too_small, unexpected_share

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from dagster_project.segments.catalog import Catalog

_SQL_DIR = Path(__file__).parent / "sql"


def write_segment(
    connection: duckdb.DuckDBPyConnection, segment: Segment, as_of: date, previous: str | None = None
) -> int:
    """Write one segment, as ``write_segments``, and return the number of members."""
    ((_, count),) = write_segments(connection, [segment], as_of, previous)
    return count


def write_segments(
    connection: duckdb.DuckDBPyConnection, segments: Iterable[Segment], as_of: date, previous: str | None = None
) -> Iterator[tuple[Segment, int]]:
    """Write ``segments.<name>(customer_id, entered_date)``, sorted by customer; gives each with its number of members.

    Args:
        connection: to the warehouse, where segments that a rule refers to are already written.
        segments: the declared segments, in an order in which nobody refers to a later one.
        as_of: the day that the profile describes.
        previous: Parquet of all memberships (segment, customer_id, entered_date) of the day before; None where that
            day was not built. A path that names another day (``as_of_date=...``) counts as None.

    Raises:
        SegmentsError: the day before cannot be read, or the profile or a segment that a rule refers to is not built.
    """
    chosen = list(segments)
    connection.execute(f"create schema if not exists {SCHEMA}")
    stage_previous(connection, as_of, previous, [segment.name for segment in chosen])
    _judge_people(connection, chosen)
    for segment in chosen:
        table, values = table_name(segment.name), {"as_of": as_of, "segment": segment.name}
        members = _sql("members").replace("{is_member}", sql_of(answer_column(segment.name)))
        connection.execute(f"create or replace table {table} as {members}", values)
        yield segment, _count(connection, table)
    for working in ("judged_people", "previous_memberships"):
        connection.execute(f"drop table temp.{working}")


def write_memberships(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, only: Collection[str] | None = None
) -> int:
    """Write ``segments.memberships``, drop tables of segments no longer declared, and return the number of rows.

    With ``only``, rows of other segments than these stay as they are.
    """
    each = [
        f"select {text_literal(name)} as segment, customer_id, entered_date from {table_name(name)}"
        for name in sorted(catalog.names)
        if only is None or name in only
    ]
    if only is None:
        # Each table is sorted, and one after the other they stay so.
        connection.execute(f"create or replace table {table_name('memberships')} as {' union all '.join(each)}")
    else:
        forget_segments(connection, "memberships", only)
        if each:
            connection.execute(f"insert into {table_name('memberships')} {' union all '.join(each)}")
    _drop_undeclared(connection, catalog)
    return _count(connection, table_name("memberships"))


def forget_segments(connection: duckdb.DuckDBPyConnection, table: str, segments: Collection[str]) -> None:
    """Take the rows of these segments out of a table about all of them."""
    query = f"delete from {table_name(table)} where list_contains($segments, segment)"
    connection.execute(query, {"segments": sorted(segments)})


def write_dictionary(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> int:
    """Write ``segments.dictionary``: what each segment means, who owns it and the version of its rule."""
    connection.execute(f"create schema if not exists {SCHEMA}")
    connection.execute(
        f"create or replace table {table_name('dictionary')} (segment varchar, title varchar, description varchar, "
        'rule varchar, owner varchar, purpose varchar, "group" varchar, path varchar, consent varchar, '
        "rule_version varchar, pack varchar, priority integer)"
    )
    connection.executemany(
        f"insert into {table_name('dictionary')} values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_dictionary_row(catalog[name]) for name in sorted(catalog.names)],
    )
    return len(catalog)


def write_sizes(
    connection: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    as_of: date,
    previous: str | None = None,
    *,
    rules: SizeRules | None = None,
    only: Collection[str] | None = None,
) -> int:
    """Write ``segments.sizes``: members, money and change against the day before, one row per declared segment.

    ``members_count`` counts everybody, ``anonymous_members_count`` the anonymous among them; ``share`` is of known
    customers. ``previous`` as in ``write_segments``; without it nobody knows who entered or left. ``only`` as in
    ``write_memberships``.

    Raises:
        SegmentsError: the memberships of the day before cannot be read.
    """
    limits = rules or SizeRules()
    names = sorted(name for name in catalog.names if only is None or name in only)
    is_built = count_previous(connection, as_of, previous, names)
    values: Mapping[str, Any] = {
        "as_of": as_of,
        "segments": names,
        "consents": [catalog[name].consent or "" for name in names],
        "min_members_count": limits.min_members_count,
        "min_known_share_bp": limits.min_known_share_bp,
        "min_addressed_count": limits.min_addressed_count,
        "is_day_before_built": is_built,
    }
    query = _sql("sizes")
    if only is not None:
        forget_segments(connection, "sizes", only)
        query = f"from segments.sizes union all by name ({query})"
    connection.execute(f"create or replace table segments.sizes as from ({query}) order by segment", values)
    connection.execute("drop table temp.previous_counts")
    return len(catalog)


def write_overlaps(connection: duckdb.DuckDBPyConnection, only: Collection[str] | None = None) -> None:
    """Write ``segments.overlaps``: for each two segments that share members how many, and their Jaccard share.

    With ``only``, pairs of two other segments than these stay as they are.
    """
    query, values = _sql("overlaps"), {"segments": sorted(only or [])}
    if only is None:
        query = query.replace("{people}", "segments.memberships").replace("{pairs}", "true")
        values = {}
    else:
        named = "list_contains($segments, {})".format
        members = "select customer_id from segments.memberships where " + named("segment")
        query = query.replace("{people}", f"(from segments.memberships semi join ({members}) using (customer_id))")
        query = query.replace("{pairs}", f"{named('members.segment')} or {named('others.segment')}")
        kept = f"from segments.overlaps where not ({named('segment')} or {named('other_segment')})"
        query = f"{kept} union all by name ({query})"
    connection.execute(f"create or replace table segments.overlaps as from ({query}) order by all", values)


def size_warnings(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, rules: SizeRules | None = None
) -> list[tuple[str, str]]:
    """(segment, sentence) for every segment that is too small to act on or not of the share its owner expects."""
    rows = connection.execute(
        "select segment, members_count, share, is_too_small from segments.sizes order by segment"
    ).fetchall()
    warnings: list[tuple[str, str]] = []
    for size in (SegmentSize(*row) for row in rows):
        found = (too_small(size, rules or SizeRules()), unexpected_share(size, catalog[size.segment].expected_share))
        warnings += [(size.segment, sentence) for sentence in found if sentence]
    return warnings


def _judge_people(connection: duckdb.DuckDBPyConnection, segments: Sequence[Segment]) -> None:
    try:
        connection.execute(f"create or replace temp table judged_people as {judged(segments)}")
    except duckdb.Error as error:
        raise _unbuildable(connection, segments) or error from error


def _unbuildable(connection: duckdb.DuckDBPyConnection, segments: Sequence[Segment]) -> SegmentsError | None:
    """Names the first segment whose rule reads what is not there."""
    for place, segment in enumerate(segments):
        try:
            connection.execute(f"select * from ({judged(segments[: place + 1])}) limit 0")
        except duckdb.Error as error:
            needed = " and ".join(["profiles.customer_profiles", *(f"{SCHEMA}.{name}" for name in segment.within)])
            fault = str(error).splitlines()[0]
            return SegmentsError(f"segment {segment.name} cannot be built ({fault}); build {needed} first.")
    return None


def _dictionary_row(segment: Segment) -> tuple[str | int | None, ...]:
    return (
        segment.name,
        segment.title,
        segment.description,
        segment.rule_text,
        segment.owner,
        segment.purpose,
        segment.group,
        segment.path,
        segment.consent,
        segment.rule_version,
        segment.pack,
        segment.priority,
    )


def _drop_undeclared(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = ?", [SCHEMA]
    ).fetchall()
    for (name,) in tables:
        if name not in catalog.names and name not in RESERVED_NAMES:
            connection.execute(f"drop table {table_name(name)}")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])


def _sql(name: str) -> str:
    return (_SQL_DIR / f"{name}.sql").read_text(encoding="utf-8")
