"""What becomes of judged rows: duplicates told from versions, rows and quarantine stored, the law kept.

Reads the temporary tables that judging left; writes ``raw.*`` in the transaction of the caller.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dagster_project.errors import SegmentsError
from dagster_project.raw.incoming import quoted
from dagster_project.raw.layers import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import duckdb

    from dagster_project.raw.contracts import Contract

LOADER_VERSION = "1"
SMALLEST_JUDGED_FILE = 20


@dataclass(frozen=True)
class Origin:
    """The file that is being loaded."""

    file: str
    source: str
    sha256: str
    size_bytes: int
    loaded_at: datetime
    columns_found: str = "{}"


@dataclass(frozen=True)
class Counts:
    """What became of a file's rows."""

    rows_read: int
    rows_used: int
    rows_quarantined: int
    rows_duplicate: int
    rows_skipped: int
    skipped_by_rule: dict[str, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """The conservation law."""
        return self.rows_read == self.rows_used + self.rows_quarantined + self.rows_duplicate + self.rows_skipped

    def with_skipped(self, rule: str, count: int) -> Counts:
        """The same with so many rows more that a rule skipped."""
        if not count:
            return self
        by_rule = {**self.skipped_by_rule, rule: self.skipped_by_rule.get(rule, 0) + count}
        return replace(self, rows_skipped=self.rows_skipped + count, skipped_by_rule=by_rule)


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])


def find_repeats(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """``repeats_<table>``: lines of landing rows that stood in raw before or earlier in this file, key and content.

    The content hash covers all columns, so equal hashes are equal rows; rows with the same key and another hash are
    versions and are no repeats.
    """
    table = contract.table
    good = f"select _line, content_md5 from judged_{table} where not _is_bad"
    connection.execute(
        f"create or replace temp table repeats_{table} as select _line from ({good}) "
        f"semi join (select content_md5 from raw.{table} where {_times_of_the_file(connection, contract)}) "
        f"using (content_md5)",
    ).fetchall()
    twice = f"select content_md5 from ({good}) group by content_md5 having count(*) > 1"
    connection.execute(
        f"insert into repeats_{table} select _line from "
        f"(select _line, row_number() over (partition by content_md5 order by _line) as nth from ({good}) "
        f"where content_md5 in ({twice})) where nth > 1 and _line not in (select _line from repeats_{table})",
    ).fetchall()


def _times_of_the_file(connection: duckdb.DuckDBPyConnection, contract: Contract) -> str:
    """Where in raw an equal row can stand: it has the same time, so a new day is not held against all of history."""
    times = [column.name for column in contract.columns if column.required and column.type == "timestamp"]
    if not times:
        return "true"
    time = quoted(times[0])
    ((first, last),) = connection.execute(
        f"select epoch_us(min({time})), epoch_us(max({time})) from judged_{contract.table} where not _is_bad"
    ).fetchall()
    if first is None:
        return "false"
    return f"{time} between make_timestamptz({first}) and make_timestamptz({last})"


def count_canonical(connection: duckdb.DuckDBPyConnection, table: str, rows_read: int) -> Counts:
    """Counts of a canonical file, each row of which is one landing row."""
    good = _number(connection, f"select count(*) from judged_{table} where not _is_bad")
    duplicate = _number(connection, f"select count(*) from repeats_{table}")
    quarantined = _number(connection, "select count(distinct _line) from problems")
    return Counts(rows_read, good - duplicate, quarantined, duplicate, 0)


def count_mapped(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, bool], rows_read: int) -> Counts:
    """Counts of a foreign file; ``tables`` says for each landing table whether its rows are groups.

    A foreign row is a duplicate when all landing rows it feeds are repeats.
    """
    fed = " union all ".join(
        f"select _line, _landing not in (select _line from repeats_{name}) as is_new from members_{name}"
        if is_grouped
        else f"select {line_of('_line')} as _line, _line not in (select _line from repeats_{name}) as is_new "
        f"from judged_{name}"
        for name, is_grouped in tables.items()
    )
    used, duplicate = connection.execute(
        f"select count(*) filter (where is_new), count(*) filter (where not is_new) "
        f"from (select _line, bool_or(is_new) as is_new from ({fed}) group by _line)",
    ).fetchall()[0]
    skipped = connection.execute(
        "select _skip, count(*) from staged where _skip is not null group by _skip order by _skip",
    ).fetchall()
    by_rule = {str(rule): int(count) for rule, count in skipped}
    quarantined = _number(connection, "select count(distinct _line) from problems")
    return Counts(rows_read, int(used), quarantined, int(duplicate), sum(by_rule.values()), by_rule)


def refuse_when_too_bad(connection: duckdb.DuckDBPyConnection, counts: Counts, max_bad_share: float) -> None:
    """Refuse a file whose share of bad rows is larger than allowed.

    Raises:
        SegmentsError: names count, share, first problem and the setting.
    """
    if counts.rows_quarantined <= max_bad_share * max(counts.rows_read, SMALLEST_JUDGED_FILE):
        return
    line, code, message = connection.execute(
        "select _line, code, message from problems order by _line, position limit 1",
    ).fetchall()[0]
    share = counts.rows_quarantined / max(counts.rows_read, 1)
    hint = _other_form(connection, counts)
    raise SegmentsError(
        f"{counts.rows_quarantined:,} of {counts.rows_read:,} rows ({share:.1%}) are bad, the first in line {line}: "
        f"{code}, {message}. Nothing of the file is loaded. Correct it, or allow more with SEGMENTS_MAX_BAD_SHARE "
        f"(now {max_bad_share:g}){hint}",
    )


def _other_form(connection: duckdb.DuckDBPyConnection, counts: Counts) -> str:
    """What to do where most rows are bad in one way: then it is the file that is written otherwise."""
    rows = connection.execute(
        "select code, column_name, count(distinct _line) as rows_count from problems where column_name is not null "
        "group by code, column_name order by rows_count desc, column_name limit 1"
    ).fetchall()
    if not rows or rows[0][2] * 2 <= counts.rows_read:
        return ""
    code, column, count = rows[0]
    return (
        f". {count:,} rows have {code} in {column}: where a column is written in another form than before, map the "
        "file (`segments doctor FILE --write data/sources/<name>.yml` drafts a mapping)"
    )


def require_law(counts: Counts) -> None:
    """Refuse a file whose rows do not add up.

    Raises:
        SegmentsError: names the counts.
    """
    if not counts.adds_up:
        raise SegmentsError(
            f"{counts.rows_read:,} rows counted in the file, but {counts.rows_used:,} used + "
            f"{counts.rows_quarantined:,} quarantined + {counts.rows_duplicate:,} duplicate + "
            f"{counts.rows_skipped:,} skipped. Nothing of the file is loaded",
        )


def store_rows(connection: duckdb.DuckDBPyConnection, contract: Contract, origin: Origin) -> int:
    """Append the new landing rows of one table; gives their number."""
    columns = ", ".join(quoted(column.name) for column in contract.columns)
    rows = connection.execute(
        f"insert into raw.{contract.table} by name select {columns}, $source as source, $file as source_file, "
        f"{line_of('_line')} as source_line, content_md5, _extra as extra, $loaded_at::timestamptz as loaded_at "
        f"from judged_{contract.table} where not _is_bad "
        f"and _line not in (select _line from repeats_{contract.table})",
        {"source": origin.source, "file": origin.file, "loaded_at": origin.loaded_at},
    ).fetchall()
    return int(rows[0][0])


def store_quarantine(connection: duckdb.DuckDBPyConnection, origin: Origin) -> None:
    """One quarantine row per bad line: its first reason and column, all its messages."""
    connection.execute(
        "insert into raw.quarantine select $file, $sha256, bad._line, incoming._raw, bad.code, bad.column_name, "
        "bad.message, $loaded_at::timestamptz from ("
        "select _line, arg_min(code, nth) as code, arg_min({'name': column_name}, nth).name as column_name, "
        "string_agg(message, '; ' order by nth) as message from ("
        "select _line, code, column_name, message, min(position) as nth from problems "
        "group by _line, code, column_name, message) group by _line) as bad "
        "join incoming on incoming._line = bad._line order by bad._line",
        {"file": origin.file, "sha256": origin.sha256, "loaded_at": origin.loaded_at},
    ).fetchall()


def store_ledger(connection: duckdb.DuckDBPyConnection, origin: Origin, counts: Counts, warnings: list[str]) -> None:
    """The ledger row of the file."""
    values: list[object] = [origin.file, origin.source, origin.sha256, origin.size_bytes]
    values += [counts.rows_read, counts.rows_used, counts.rows_quarantined, counts.rows_duplicate, counts.rows_skipped]
    values += [json.dumps(counts.skipped_by_rule), json.dumps(warnings, ensure_ascii=False)]
    values += [origin.loaded_at, LOADER_VERSION, None, origin.columns_found]
    marks = ", ".join("?" for _ in values)
    connection.execute(f"insert into raw.load_ledger values ({marks})", values).fetchall()
