"""Clock changes: how many naive times of a file fall into an hour that does not exist or exists twice.

Such times are loaded; the count is a warning. How they are read stands in ``column_types``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from dagster_project.raw.incoming import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

MEANINGS = {
    "dst_gap": "naive times do not exist because clocks were put forward; read as if they had not been",
    "dst_overlap": "naive times exist twice because clocks were put back; read as the later",
}


@dataclass(frozen=True)
class ClockChange:
    """Local times from ``start`` (inclusive) to ``end`` (exclusive) that do not exist, or exist twice."""

    kind: Literal["dst_gap", "dst_overlap"]
    start: datetime
    end: datetime


def clock_changes(zone: str, first: datetime, last: datetime) -> Iterator[ClockChange]:
    """Clock changes of the zone between two naive local times."""
    info = ZoneInfo(zone)
    day = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1)
    end = last.replace(tzinfo=UTC) + timedelta(days=2)
    while day < end:
        after = day + timedelta(days=1)
        if _offset(info, day) != _offset(info, after):
            yield _change(info, day, after)
        day = after


def _offset(info: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(info).utcoffset() or timedelta()


def _change(info: ZoneInfo, before: datetime, after: datetime) -> ClockChange:
    old = _offset(info, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if _offset(info, middle) == old else (before, middle)
    moment = after.replace(microsecond=0, tzinfo=None)
    local = sorted((moment + old, moment + _offset(info, after)))
    return ClockChange("dst_gap" if local[0] == moment + old else "dst_overlap", local[0], local[1])


def clock_change_warnings(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    local_times: Sequence[str],
    zone: str,
    now: datetime,
) -> list[str]:
    """One warning per kind, with the number of rows; ``local_times`` are SQL expressions for naive times."""
    if not local_times or zone == "UTC":
        return []
    expressions = list(dict.fromkeys(local_times))
    names = [f"t{at}" for at in range(len(expressions))]
    times = ", ".join(f"{expression} as {name}" for expression, name in zip(expressions, names, strict=True))
    connection.execute(f"create or replace temp table naive_times as select {times} from {relation}").fetchall()
    limits = f"between timestamp '1971-01-01' and timestamp {literal(str(now.replace(tzinfo=None)))} + interval 2 day"
    bounds = ", ".join(f"{end}({name}) filter (where {name} {limits})" for name in names for end in ("min", "max"))
    found = [moment for moment in connection.execute(f"select {bounds} from naive_times").fetchall()[0] if moment]
    if not found:
        return []
    first, last = min(found), max(found)
    changes = list(clock_changes(zone, first, last))
    warnings = []
    for kind, meaning in MEANINGS.items():
        spans = [change for change in changes if change.kind == kind]
        count = _count(connection, names, spans)
        if count:
            warnings.append(f"{kind}: {count:,} {meaning} ({zone})")
    return warnings


def _count(connection: duckdb.DuckDBPyConnection, names: list[str], spans: list[ClockChange]) -> int:
    inside = [
        f"({name} >= timestamp {literal(str(span.start))} and {name} < timestamp {literal(str(span.end))})"
        for span in spans
        for name in names
    ]
    if not inside:
        return 0
    return int(connection.execute(f"select count(*) from naive_times where {' or '.join(inside)}").fetchall()[0][0])
