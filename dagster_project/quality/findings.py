"""What the checks of a build found, kept in it for the next look."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb


def found_before(connection: duckdb.DuckDBPyConnection, check: str) -> list[str]:
    """What this check found when it was last asked."""
    query = "select finding from main.check_findings where check_name = ? order by number"
    return [finding for (finding,) in connection.execute(query, [check]).fetchall()]


def remember_findings(connection: duckdb.DuckDBPyConnection, findings: Mapping[str, Sequence[str]]) -> None:
    """Keep what was found, by check, in place of what was kept."""
    connection.execute(
        "create or replace table main.check_findings (check_name varchar, number integer, finding varchar)"
    )
    rows = [[check, place, text] for check, found in findings.items() for place, text in enumerate(found)]
    if rows:
        connection.executemany("insert into main.check_findings values (?, ?, ?)", rows)
