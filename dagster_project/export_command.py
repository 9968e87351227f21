"""``segments export``: the members of a segment or a published table as one file, for a spreadsheet or another tool."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xlsxwriter
from rich.console import Console

from dagster_project.activation.normalising import harmless
from dagster_project.asked_file import asked_file, require_writable
from dagster_project.database import connection
from dagster_project.errors import UsageError
from dagster_project.publish.publishing import UNAMBIGUOUS_FILE
from dagster_project.published_rules import require_generation
from dagster_project.segments.faults import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb

    from dagster_project.settings import Settings

# Rows of a sheet, less the one with the names, and characters of a cell.
_MOST_ROWS_IN_A_SHEET = 1_048_575
_LONGEST_TEXT_IN_A_CELL = 32_767
_ROWS_AT_A_TIME = 10_000
_console = Console(highlight=False, markup=False, soft_wrap=True)


def export(settings: Settings, name: str, path: Path, columns: Sequence[str]) -> None:
    """Write members of a segment with their profile, or the rows of a published table, into a file of its own.

    Args:
        settings: of this process.
        name: a segment, or a table with its schema (``marts.fct_orders``).
        path: ends in ``.csv``, ``.xlsx`` or ``.parquet``; a file that is there is replaced once the new one is whole.
        columns: which ones, in this order; all where none is named.

    Raises:
        UsageError: there is no such segment, table or column, or the file cannot hold it; says what to write.
        SegmentsError: nothing is published yet.
    """
    writers = {".csv": _write_csv, ".xlsx": _write_xlsx, ".parquet": _write_parquet}
    require_writable(path, writers)
    generation = require_generation(settings)
    with connection(generation.path / UNAMBIGUOUS_FILE, settings, read_only=True) as published:
        query = _query(published, name, columns)
        ((count,),) = published.execute(f"select count(*) from ({query})").fetchall()
        if path.suffix == ".xlsx" and count > _MOST_ROWS_IN_A_SHEET:
            raise UsageError(
                f"{name} has {count:,} rows, a sheet holds {_MOST_ROWS_IN_A_SHEET:,}: write .csv or .parquet."
            )
        with asked_file(path) as draft:
            writers[path.suffix](published, query, draft)
    _console.print(f"{count:,} rows of {name}, generation {generation.name}", style="bold")
    _console.print(f"File     {path}")


def _query(published: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str]) -> str:
    tables = {
        f"{schema}.{table}"
        for schema, table in published.execute(
            "select table_schema, table_name from information_schema.tables where table_catalog = current_database()"
        ).fetchall()
    }
    segments = {name for (name,) in published.execute("select segment from segments.dictionary").fetchall()}
    if name in segments:
        relation = f"(from segments.{name} inner join profiles.customer_profiles using (customer_id))"
    elif name in tables:
        relation = name
    else:
        known = [*segments, *tables]
        raise UsageError(f"There is no segment or published table {name}{did_you_mean(name, known)}")
    there = [column for column, *_ in published.execute(f"describe from {relation}").fetchall()]
    for column in columns:
        if column not in there:
            raise UsageError(f"{name} has no column {column}{did_you_mean(column, there)}")
    chosen = ", ".join(f'"{column}"' for column in columns or there)
    return f"select {chosen} from {relation} order by {'customer_id' if 'customer_id' in there else 'all'}"


def _write_parquet(published: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    target = str(path).replace("'", "''")
    published.execute(f"copy ({query}) to '{target}' (format parquet, compression zstd)")


def _write_csv(published: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """UTF-8; empty for null; a text that a spreadsheet would run begins with a quote."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in _rows(published, query):
            writer.writerow([_told(value) for value in row])


def _told(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"  # never 0E-9
    return harmless(value) if isinstance(value, str) else value


def _write_xlsx(published: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """One sheet: names in bold that stay in sight, numbers and days as such; an instant is in UTC, text stays text."""
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd", "remove_timezone": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold, instant = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet("export")
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(_rows(published, query)):
            for place, value in enumerate(row):
                if number == 0:
                    sheet.write_string(number, place, value, bold)
                elif isinstance(value, datetime):
                    sheet.write_datetime(number, place, value, instant)
                elif isinstance(value, bool):
                    sheet.write_boolean(number, place, value)
                elif isinstance(value, (int, float, Decimal)):
                    sheet.write_number(number, place, value)
                elif isinstance(value, date):
                    sheet.write_datetime(number, place, value)
                elif value is not None:
                    sheet.write_string(number, place, _fitting(str(value)))


def _fitting(text: str) -> str:
    if len(text) > _LONGEST_TEXT_IN_A_CELL:
        raise UsageError(
            f"A text has {len(text):,} characters, a cell holds {_LONGEST_TEXT_IN_A_CELL:,}: write .csv or .parquet."
        )
    return text


def _rows(published: duckdb.DuckDBPyConnection, query: str) -> Iterator[Sequence[Any]]:
    """The names of the columns, then row by row; instants are in UTC."""
    answer = published.execute(query)
    yield [column[0] for column in answer.description]
    while rows := answer.fetchmany(_ROWS_AT_A_TIME):
        for row in rows:
            yield [value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value for value in row]
