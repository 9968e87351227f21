"""What the checks find about segments; which checks there are stands in ``checks.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

JUMP_SHARE = 0.5


def too_small(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Segments too small to act on, or of a share that their owner does not expect."""
    return _warnings(connection, "size")


def alike(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Segments that overlap, are too many or have no members."""
    return _warnings(connection, "doubt")


def starved(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Segments that read what is known of nobody."""
    return _warnings(connection, "starved")


def _warnings(connection: duckdb.DuckDBPyConnection, topic: str) -> list[str]:
    query = "select warning from quality.segment_warnings where topic = ? order by segment, warning"
    return [warning for (warning,) in connection.execute(query, [topic]).fetchall()]


def jumps(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Segments that grew or shrank by more than ``JUMP_SHARE`` since the last published generation."""
    rows = connection.execute(
        """
        select sizes.segment, previous.members_count, sizes.members_count
        from segments.sizes as sizes
        inner join quality.previous_sizes as previous on sizes.segment = previous.segment
        where
            previous.members_count > 0
            and abs(sizes.members_count - previous.members_count) > $share * previous.members_count
        order by sizes.segment
        """,
        {"share": JUMP_SHARE},
    ).fetchall()
    return [f"{segment} went from {before} to {after} members" for segment, before, after in rows]
