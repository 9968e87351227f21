"""Erased people taken out of landing files and raw tables: every row that has a tombstone goes.

Doing it twice does nothing more, so a run that was killed is simply done again. Who a person is, and what else is
made of raw, stands in ``erasure``.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import duckdb

from dagster_project.database import open_database, transaction
from dagster_project.errors import SegmentsError
from dagster_project.privacy import private_files
from dagster_project.raw import storing, tombstones
from dagster_project.raw.contracts import contracts
from dagster_project.raw.incoming import drop_temporary, literal
from dagster_project.raw.layers import line_of
from dagster_project.raw.loading import Judged, Loader, found_and_compiled, reason
from dagster_project.raw.opening import sha256_of
from dagster_project.raw.rewriting import write_without

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dagster_project.raw.discovery import LandingFile
    from dagster_project.settings import Settings


def bury_orders(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Give the orders of erased people tombstones, by which their lines and refunds are found."""
    orders = contracts()["orders"]
    tombstones.find_buried(connection, key, tombstones.pairs_of_table(orders, "raw.orders", "rowid"), "erased_rows")
    found = connection.execute(
        "select distinct order_id from raw.orders where rowid in (select _line from erased_rows)"
    ).fetchall()
    tombstones.bury(connection, key, [("order_id", str(order)) for (order,) in found])


def erase_from_files(
    connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime, log: Callable[[str], None]
) -> list[str]:
    """Write every landing file anew that holds rows of erased people; gives the hashes of all files as they are now.

    Raises:
        SegmentsError: some files could not be read or written; the others are done.
    """
    found, compiled = found_and_compiled(settings)
    loader = Loader(connection, settings, now, compiled)
    landed, errors = list[str](), list[str]()
    for file in found.files:
        encoding = compiled[file.folder].mapping.encoding if file.folder in compiled else "utf-8"
        try:
            erased = _erase_from_file(connection, loader, file, encoding, now)
        except (SegmentsError, duckdb.Error, OSError, UnicodeError) as error:
            errors.append(f"{file.name}: {reason(error)}.")
            continue
        landed.append(sha256_of(file.path))
        if erased:
            log(f"{file.name}: {erased:,} {'row' if erased == 1 else 'rows'} taken out")
    if errors:
        raise SegmentsError("\n".join([*errors, "Put this right and erase again."]))
    return landed


def _erase_from_file(
    connection: duckdb.DuckDBPyConnection, loader: Loader, file: LandingFile, encoding: str, now: datetime
) -> int:
    with ExitStack() as copies:
        copies.callback(drop_temporary, connection)
        incoming = loader.read(file, copies)
        judged = loader.judge(file, incoming)
        if not judged.erased:
            return 0
        before = sha256_of(file.path)
        connection.execute(
            "create or replace temp table erased_lines as select unnest($lines) as _line", {"lines": [*judged.erased]}
        ).fetchall()
        rows = connection.execute(
            "select _line, next_line from (select _line, lead(_line) over (order by _line) as next_line from incoming) "
            "semi join erased_lines using (_line)"
        ).fetchall()
        is_numbered_anew = file.format in {"parquet", "json"}
        write_without(file, dict(rows), encoding)
        after = sha256_of(file.path)
        with transaction(connection):
            _account(connection, judged, file, before, after, is_numbered_anew=is_numbered_anew)
            connection.execute(
                "insert into raw.erasures values (?, ?, ?, ?, ?::timestamptz)",
                [file.name, before, after, len(rows), now],
            ).fetchall()
    return len(rows)


def _account(
    connection: duckdb.DuckDBPyConnection,
    judged: Judged,
    file: LandingFile,
    before: str,
    after: str,
    *,
    is_numbered_anew: bool,
) -> None:
    """Let the ledger tell the file as it is now, so that it counts as loaded and its rows add up."""
    loads = connection.execute(
        "select file, loaded_at, rows_read from raw.load_ledger where sha256 = ? and split_part(file, '/', 1) = ?",
        [before, file.folder],
    ).fetchall()
    for name, loaded_at, rows_read in loads:
        load = {"file": name, "sha256": before}
        for book in ("quarantine", "purged_rows"):
            connection.execute(
                f"delete from raw.{book} where file = $file and sha256 = $sha256 "
                "and line in (select _line from erased_lines)",
                load,
            ).fetchall()
            line = "line - (select count(*) from erased_lines where _line < line)" if is_numbered_anew else "line"
            connection.execute(
                f"update raw.{book} set sha256 = $after, line = {line} where file = $file and sha256 = $sha256",
                load | {"after": after},
            ).fetchall()
        counts = _recount(connection, judged, name, after, loaded_at, rows_read)
        connection.execute(
            "update raw.load_ledger set sha256 = $after, size_bytes = $size, rows_read = $read, rows_used = $used, "
            "rows_quarantined = $quarantined, rows_duplicate = $duplicate, rows_skipped = $skipped, "
            "skipped_by_rule = $by_rule where file = $file and sha256 = $sha256",
            load
            | {
                "after": after,
                "size": file.path.stat().st_size,
                "read": counts.rows_read,
                "used": counts.rows_used,
                "quarantined": counts.rows_quarantined,
                "duplicate": counts.rows_duplicate,
                "skipped": counts.rows_skipped,
                "by_rule": json.dumps(counts.skipped_by_rule),
            },
        ).fetchall()


def _recount(  # noqa: PLR0917
    connection: duckdb.DuckDBPyConnection, judged: Judged, name: str, sha256: str, loaded_at: datetime, rows_read: int
) -> storing.Counts:
    """What the ledger says of the rows that stay: used where raw has them from this load, else duplicates."""
    erased = len(judged.erased)
    ((refused,),) = connection.execute(
        "select count(*) from (select line from raw.quarantine where file = $file and sha256 = $sha256 "
        "union all select line from raw.purged_rows where file = $file and sha256 = $sha256)",
        {"file": name, "sha256": sha256},
    ).fetchall()
    by_rule: dict[str, int] = {}
    if judged.grouped is not None:
        skipped = connection.execute("select _skip, count(*) from staged where _skip is not null group by _skip")
        by_rule = {str(rule): int(count) for rule, count in skipped.fetchall()}
    fed = " union ".join(_used_lines(table.table, judged) for table in judged.tables)
    ((used,),) = connection.execute(f"select count(*) from ({fed})", {"file": name, "loaded_at": loaded_at}).fetchall()
    left = rows_read - erased - refused
    skipped_count = min(sum(by_rule.values()), left)
    used = min(used, left - skipped_count)
    return storing.Counts(rows_read - erased, used, refused, left - skipped_count - used, skipped_count, by_rule)


def _used_lines(table: str, judged: Judged) -> str:
    stored = (
        f"select _line from judged_{table} semi join (select content_md5 from raw.{table} "
        "where source_file = $file and loaded_at = $loaded_at::timestamptz) using (content_md5)"
    )
    if judged.grouped is not None and judged.grouped[table]:
        return f"select _line from members_{table} where _landing in ({stored})"
    return f"select {line_of('_line')} as _line from ({stored})"


def erase_from_tables(connection: duckdb.DuckDBPyConnection, key: str, landed: list[str]) -> int:
    """Delete what raw tables and quarantine still hold of erased people; gives the number of rows.

    Of files that are not in landing any more the ledger counts as skipped by the rule ``erased`` what it counted as
    used or quarantined. ``landed`` are the hashes of those that are.
    """
    count = 0
    with transaction(connection):
        connection.execute(
            "create or replace temp table gone (file varchar, loaded_at timestamptz, line bigint, is_refused boolean)"
        ).fetchall()
        for name, contract in contracts().items():
            texts = [column.name for column in contract.columns if column.type in {"text", "json"}]
            pairs = tombstones.pairs_of_table(contract, f"raw.{name}", "rowid", [*texts, "extra"])
            count += _delete(connection, key, pairs, name, "source_file, loaded_at, source_line, false")
        hashes = ", ".join(map(literal, landed)) or "''"
        left = f"(select rowid as _line, raw_text from raw.quarantine where sha256 not in ({hashes}))"
        addresses = tombstones.pairs_of_addresses("raw.quarantine", "rowid", "raw_text")
        pairs = f"{addresses} union all {tombstones.pairs_of_words(left, '_line', 'raw_text')}"
        count += _delete(connection, key, pairs, "quarantine", "file, loaded_at, line, true")
        _skip_what_is_gone(connection, landed)
    return count


def _delete(connection: duckdb.DuckDBPyConnection, key: str, pairs: str, table: str, columns: str) -> int:
    tombstones.find_buried(connection, key, pairs, "erased_rows")
    erased = "where rowid in (select _line from erased_rows)"
    connection.execute(f"insert into gone select {columns} from raw.{table} {erased}").fetchall()
    return int(connection.execute(f"delete from raw.{table} {erased}").fetchall()[0][0])


def _skip_what_is_gone(connection: duckdb.DuckDBPyConnection, landed: list[str]) -> None:
    """Files that were written anew are told by ``_account``; the rows of all others are skipped from now on."""
    rows = connection.execute(
        "select file, loaded_at, count(distinct line) filter (where not is_refused), "
        "count(distinct line) filter (where is_refused), any_value(skipped_by_rule), any_value(rows_used) "
        "from gone join raw.load_ledger using (file, loaded_at) "
        "where sha256 not in (select unnest($landed)) group by file, loaded_at",
        {"landed": landed},
    ).fetchall()
    for file, loaded_at, lines, refused, by_rule, rows_used in rows:
        used = min(lines, rows_used)
        rules = json.loads(by_rule)
        rules[tombstones.RULE] = rules.get(tombstones.RULE, 0) + used + refused
        connection.execute(
            "update raw.load_ledger set rows_used = rows_used - $used, rows_quarantined = rows_quarantined - $refused, "
            "rows_skipped = rows_skipped + $used + $refused, skipped_by_rule = $by_rule "
            "where file = $file and loaded_at = $loaded_at::timestamptz",
            {
                "used": used,
                "refused": refused,
                "by_rule": json.dumps(rules),
                "file": file,
                "loaded_at": loaded_at,
            },
        ).fetchall()


def rewrite_database(settings: Settings) -> None:
    """Copy ``raw.duckdb`` into a new file: what was deleted stays in the blocks of the old one."""
    path = settings.raw_path
    draft = path.with_name("raw_rewritten.duckdb")
    draft.unlink(missing_ok=True)
    target = literal(str(draft))
    with private_files(), open_database(path, settings) as connection:
        connection.execute(f"attach {target} as rewritten")
        connection.execute("copy from database raw to rewritten")
        connection.execute("detach rewritten")
    draft.chmod(0o600)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    draft.replace(path)
