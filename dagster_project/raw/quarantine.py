"""What lies in quarantine: listed, shown and purged.

How rows come into it stands in ``storing``, how they leave it for raw in ``replaying``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from dagster_project.database import transaction
from dagster_project.errors import UsageError
from dagster_project.raw.expressions import close_match
from dagster_project.raw.reasons import Reason

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb


@dataclass(frozen=True)
class Pile:
    """Quarantined rows of one loaded file with one reason and column."""

    file: str
    reason: str
    column: str | None
    rows_count: int
    first_line: int
    loaded_at: datetime


@dataclass(frozen=True)
class RefusedRow:
    """One quarantined row; ``raw_text`` is personal data."""

    file: str
    line: int
    reason: str
    column: str | None
    message: str
    raw_text: str


def piles(connection: duckdb.DuckDBPyConnection) -> list[Pile]:
    """All that is quarantined, counted per loaded file, reason and column."""
    rows = connection.execute(
        "select file, reason_code, column_name, count(*), min(line), loaded_at from raw.quarantine "
        "group by file, sha256, reason_code, column_name, loaded_at order by file, loaded_at, min(line), reason_code",
    ).fetchall()
    return [Pile(*row) for row in rows]


def refused_rows(connection: duckdb.DuckDBPyConnection, what: str, limit: int) -> tuple[list[RefusedRow], int]:
    """The first rows of a file or with a reason code, and how many there are in all.

    Raises:
        UsageError: there is no such file in quarantine and no such reason.
    """
    is_reason = what in {reason.value for reason in Reason}
    if not is_reason:
        require_file(connection, what, or_reason=True)
    where = f"{'reason_code' if is_reason else 'file'} = $what"
    rows = connection.execute(
        "select file, line, reason_code, column_name, message, coalesce(raw_text, ''), count(*) over () "
        f"from raw.quarantine where {where} order by file, loaded_at, line limit $limit",
        {"what": what, "limit": limit},
    ).fetchall()
    return [RefusedRow(*row[:6]) for row in rows], int(rows[0][6]) if rows else 0


def require_file(connection: duckdb.DuckDBPyConnection, file: str, *, or_reason: bool = False) -> None:
    """Refuse a name that no quarantined row comes from.

    Raises:
        UsageError: names a close match, or the files that there are.
    """
    rows = connection.execute("select distinct file from raw.quarantine order by file").fetchall()
    files = [str(row[0]) for row in rows]
    if file in files:
        return
    known = [*files, *(reason.value for reason in Reason)] if or_reason else files
    fix = "`segments quarantine list` shows what there is" if files else "nothing is quarantined"
    asked = "file or reason" if or_reason else "file"
    raise UsageError(f"No quarantined row has the {asked} {file!r}{close_match(file, known)}: {fix}.")


def purge(
    connection: duckdb.DuckDBPyConnection, *, now: datetime, file: str | None = None, older_than_days: int | None = None
) -> int:
    """Remove quarantined rows for good; gives their number.

    Nothing of what was written in them stays. File, line and reason do, so that the ledger, which counts them as
    quarantined, still adds up, and so that no replay brings them back.

    Raises:
        UsageError: neither file nor age is given, or nothing of the file is quarantined.
    """
    if file is None and older_than_days is None:
        raise UsageError("Say what to purge: a file, --older-than DAYS, or both.")
    if file is not None:
        require_file(connection, file)
    limit = now - timedelta(days=older_than_days) if older_than_days is not None else None
    where = "($file is null or file = $file) and ($limit is null or loaded_at < $limit::timestamptz)"
    values = {"file": file, "limit": limit}
    with transaction(connection):
        rows = connection.execute(
            f"insert into raw.purged_rows select file, sha256, line, reason_code, $now::timestamptz "
            f"from raw.quarantine where {where}",
            {**values, "now": now},
        ).fetchall()
        connection.execute(f"delete from raw.quarantine where {where}", values).fetchall()
    # Deleted rows stay in the file until their blocks are written anew.
    connection.execute("checkpoint").fetchall()
    return int(rows[0][0])
