"""Quarantined rows judged again by the present mapping and contract; what is good now enters raw.

Rows are read from their file again, because a line alone has lost its header and the bytes that were no text. Whatever
of the file is in raw already stays as it is: a replay lets rows in and never changes others.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from dagster_project.errors import SegmentsError
from dagster_project.privacy import private_files
from dagster_project.raw import storing, tombstones
from dagster_project.raw.database import open_raw
from dagster_project.raw.incoming import drop_temporary, quoted
from dagster_project.raw.layers import line_of
from dagster_project.raw.loading import Judged, Loader, found_and_compiled, reason
from dagster_project.raw.opening import sha256_of
from dagster_project.raw.quarantine import require_file
from dagster_project.raw.storing import Counts, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from dagster_project.raw.contracts import Contract
    from dagster_project.raw.discovery import LandingFile
    from dagster_project.settings import Settings

_ANEW = "To read every landing file anew, remove data/raw.duckdb and run"


@dataclass(frozen=True)
class Replay:
    """What became of the quarantined rows of one file."""

    file: str
    counts: Counts

    def sentence(self) -> str:
        """The outcome for people."""
        counts = self.counts
        others = {
            "used": counts.rows_used,
            "duplicate": counts.rows_duplicate,
            "skipped by rule": counts.rows_skipped,
            "still quarantined": counts.rows_quarantined,
        }
        told = ", ".join(f"{count:,} {word}" for word, count in others.items() if count)
        return f"{self.file}: {counts.rows_read:,} quarantined rows judged again: {told}"


@dataclass(frozen=True)
class _Load:
    """The ledger's account of a file with quarantined rows, and the lines that were purged for good."""

    origin: Origin
    rows_read: int
    skipped_by_rule: dict[str, int]
    given_up: list[int]


def replay(
    settings: Settings, *, now: datetime, file: str | None = None, log: Callable[[str], None] = lambda _: None
) -> list[Replay]:
    """Judge the quarantined rows of a file again, or of all files; a second replay finds nothing to do.

    Raises:
        UsageError: nothing of the file is quarantined, or a mapping is wrong.
        SegmentsError: some files could not be judged again; the others were.
    """
    found, compiled = found_and_compiled(settings)
    done, errors = [], []
    with private_files(), open_raw(settings) as connection:
        if file is not None:
            require_file(connection, file)
        loader = Loader(connection, settings, now, compiled)
        for load in _loads(connection, file):
            name = load.origin.file
            try:
                landed = _landed(found.files, load.origin)
                done.append(Replay(name, _replay_file(connection, loader, landed, load, now)))
                log(done[-1].sentence())
            except (SegmentsError, duckdb.Error, OSError, UnicodeError) as error:
                errors.append(f"{name}: {reason(error)}.")
    if errors:
        raise SegmentsError("\n".join(errors))
    return done


def _loads(connection: duckdb.DuckDBPyConnection, file: str | None) -> list[_Load]:
    rows = connection.execute(
        "select file, source, sha256, size_bytes, loaded_at, rows_read, skipped_by_rule from raw.load_ledger "
        "semi join raw.quarantine using (file, sha256) where $file is null or file = $file order by file, loaded_at",
        {"file": file},
    ).fetchall()
    purged = "select line from raw.purged_rows where file = ? and sha256 = ?"
    return [
        _Load(
            Origin(*row[:5]),
            row[5],
            json.loads(row[6]),
            [line for (line,) in connection.execute(purged, [row[0], row[2]]).fetchall()],
        )
        for row in rows
    ]


def _landed(files: Sequence[LandingFile], origin: Origin) -> LandingFile:
    """The file as it was loaded, perhaps under another name.

    Raises:
        SegmentsError: it is not in landing any more.
    """
    folder = origin.file.partition("/")[0]
    for file in sorted(files, key=lambda file: file.name != origin.file):
        is_like = file.folder == folder and file.path.stat().st_size == origin.size_bytes
        if is_like and sha256_of(file.path) == origin.sha256:
            return file
    raise SegmentsError(
        "the file is not in landing any more as it was loaded. Put it back; or, if its rows came again in another "
        f"file, purge them: segments quarantine purge {origin.file}"
    )


def _replay_file(
    connection: duckdb.DuckDBPyConnection, loader: Loader, file: LandingFile, load: _Load, now: datetime
) -> Counts:
    with ExitStack() as copies:
        copies.callback(drop_temporary, connection)
        incoming = loader.read(file, copies)
        connection.begin()
        try:
            _note_refused(connection, load, incoming.rows_read)
            judged = loader.judge(file, incoming, load.given_up)
            if judged.grouped is not None:
                _require_nothing_else(connection, judged.grouped, load)
            _keep_admitted(connection, judged, load.origin)
            refused = _number(connection, "select count(*) from refused")
            counts = judged.count(connection, refused)
            storing.require_law(counts)
            _store(connection, judged, load, counts, now)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
    return counts


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])


def _note_refused(connection: duckdb.DuckDBPyConnection, load: _Load, rows_read: int) -> None:
    """``refused``: the quarantined lines of the file; ``set_aside``: these and the purged ones."""
    connection.execute(
        "create or replace temp table refused as select line as _line from raw.quarantine "
        "where file = $file and sha256 = $sha256",
        {"file": load.origin.file, "sha256": load.origin.sha256},
    ).fetchall()
    connection.execute("create or replace temp table set_aside as from refused").fetchall()
    connection.execute("insert into set_aside select unnest($lines)", {"lines": load.given_up}).fetchall()
    lost = _number(connection, "select count(*) from refused anti join incoming using (_line)")
    if rows_read != load.rows_read or lost:
        raise SegmentsError(
            f"the file now reads as {rows_read:,} rows instead of {load.rows_read:,}, so that its lines cannot be "
            f"compared. {_ANEW}"
        )


def _require_nothing_else(connection: duckdb.DuckDBPyConnection, grouped: dict[str, bool], load: _Load) -> None:
    """The rows of a foreign file depend on each other: all but the refused ones must come out as they did."""
    elsewhere = "_line not in (select _line from set_aside)"
    worse = _number(connection, f"select count(distinct _line) from problems where {elsewhere}")
    skipped = connection.execute(
        f"select _skip, count(*) from staged where _skip is not null and {elsewhere} group by _skip"
    ).fetchall()
    changed = sum(_changed(connection, table, is_grouped) for table, is_grouped in grouped.items())
    if worse or changed or dict(skipped) != _by_mapping(load.skipped_by_rule):
        raise SegmentsError(
            "by the present mapping other rows of the file, which are in raw, would change as well, and a replay only "
            f"lets rows in. {_ANEW}"
        )


def _by_mapping(skipped_by_rule: dict[str, int]) -> dict[str, int]:
    return {rule: count for rule, count in skipped_by_rule.items() if rule != tombstones.RULE}


def _changed(connection: duckdb.DuckDBPyConnection, table: str, is_grouped: bool) -> int:
    """Landing rows without any refused line that are not in raw as they would be now."""
    untouched = f"{line_of('_line')} not in (select _line from refused)"
    if is_grouped:
        untouched = f"_line not in (select _landing from members_{table} semi join refused using (_line))"
    return _number(
        connection,
        f"select count(*) from judged_{table} anti join raw.{table} using (content_md5) "
        f"where not _is_bad and {untouched}",
    )


def _keep_admitted(connection: duckdb.DuckDBPyConnection, judged: Judged, origin: Origin) -> None:
    """Leave in the temporary tables what the refused lines say, as if they were a file of their own."""
    connection.execute("delete from problems where _line not in (select _line from refused)").fetchall()
    connection.execute(
        "create or replace temp table admitted as "
        "select _line from refused where _line not in (select _line from problems)"
    ).fetchall()
    if judged.grouped is not None:
        connection.execute("delete from staged where _line not in (select _line from admitted)").fetchall()
    for table in judged.tables:
        kept = f"{line_of('_line')} in (select _line from admitted)"
        if judged.grouped is not None and judged.grouped[table.table]:
            kept = f"_line in ({_open_groups(connection, table, origin)})"
        connection.execute(f"delete from judged_{table.table} where not ({kept})").fetchall()


def _open_groups(connection: duckdb.DuckDBPyConnection, contract: Contract, origin: Origin) -> str:
    """Take out of raw what the file said of the groups that grow; gives the query of their landing rows."""
    table = contract.table
    connection.execute(
        f"create or replace temp table grown_{table} as "
        f"select distinct _landing as _line from members_{table} semi join admitted using (_line)"
    ).fetchall()
    grown = f"select _line from grown_{table}"
    same_key = " and ".join(f"old.{quoted(key)} is not distinct from new.{quoted(key)}" for key in contract.key)
    connection.execute(
        f"delete from raw.{table} as old where source_file = $file and loaded_at = $loaded_at::timestamptz "
        f"and source_line in (select _line from members_{table} where _landing in ({grown})) "
        f"and exists (select 1 from judged_{table} as new where new._line in ({grown}) and {same_key})",
        {"file": origin.file, "loaded_at": origin.loaded_at},
    ).fetchall()
    connection.execute(f"delete from members_{table} where _line not in (select _line from admitted)").fetchall()
    return grown


def _store(connection: duckdb.DuckDBPyConnection, judged: Judged, load: _Load, counts: Counts, now: datetime) -> None:
    """Rows into raw, what is still refused into quarantine, both into the ledger; nothing changed is no replay."""
    origin = load.origin
    before = _quarantined(connection, origin)
    for table in judged.tables:
        storing.store_rows(connection, table, origin)
    connection.execute(
        "delete from raw.quarantine where file = ? and sha256 = ?", [origin.file, origin.sha256]
    ).fetchall()
    storing.store_quarantine(connection, origin)
    if before == _quarantined(connection, origin):
        return
    rules = {*load.skipped_by_rule, *counts.skipped_by_rule}
    by_rule = {rule: load.skipped_by_rule.get(rule, 0) + counts.skipped_by_rule.get(rule, 0) for rule in sorted(rules)}
    connection.execute(
        "update raw.load_ledger set rows_used = rows_used + $used, rows_duplicate = rows_duplicate + $duplicate, "
        "rows_skipped = rows_skipped + $skipped, rows_quarantined = rows_quarantined - $admitted, "
        "skipped_by_rule = $by_rule, replayed_at = $now::timestamptz where file = $file and sha256 = $sha256",
        {
            "used": counts.rows_used,
            "duplicate": counts.rows_duplicate,
            "skipped": counts.rows_skipped,
            "admitted": counts.rows_read - counts.rows_quarantined,
            "by_rule": json.dumps(by_rule),
            "now": now,
            "file": origin.file,
            "sha256": origin.sha256,
        },
    ).fetchall()


def _quarantined(connection: duckdb.DuckDBPyConnection, origin: Origin) -> list[tuple[object, ...]]:
    return connection.execute(
        "select line, reason_code, column_name, message from raw.quarantine where file = ? and sha256 = ? "
        "order by line",
        [origin.file, origin.sha256],
    ).fetchall()
