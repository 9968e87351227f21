"""Landing files into raw tables: every new file once, in one transaction each, every row accounted for.

Finding files, reading formats, judging and storing rows stand in modules of their own; this one runs them in order.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.advice import explained, is_short_of_resources
from dagster_project.database import transaction
from dagster_project.errors import SegmentsError
from dagster_project.privacy import private_files
from dagster_project.raw import storing, tombstones
from dagster_project.raw.contracts import Contract, contracts
from dagster_project.raw.counting import count_csv_records, count_json_records, count_lines, count_unquoted_records
from dagster_project.raw.csv_file import read_csv
from dagster_project.raw.database import (
    ConservationViolation,
    conservation_violations,
    keep_pseudonym_key,
    open_raw,
)
from dagster_project.raw.discovery import Discovered, LandingFile, discover
from dagster_project.raw.drift import drift_warnings
from dagster_project.raw.incoming import Incoming, Wanted, drop_temporary
from dagster_project.raw.json_file import read_json
from dagster_project.raw.jsonl_file import read_jsonl
from dagster_project.raw.judging import PLAIN_NUMBERS, Rules, judge, start_problems
from dagster_project.raw.loads import FileLoad, LoadReport
from dagster_project.raw.mapped import compile_source, run_source
from dagster_project.raw.opening import is_packed, opened, sha256_of, text_encoding, unpacked
from dagster_project.raw.parquet_file import read_parquet
from dagster_project.raw.remarks import remarks, remarks_on_mapped
from dagster_project.raw.settling import StillWrittenError, is_settled
from dagster_project.raw.sources import load_sources
from dagster_project.raw.storing import Counts, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from dagster_project.raw.column_types import NumberFormat
    from dagster_project.raw.compiling import CompiledSource
    from dagster_project.settings import Settings

__all__ = ["ConservationViolation", "FileLoad", "LoadReport", "conservation_violations", "load_landing", "open_raw"]

CANONICAL = "canonical"
READERS = {"csv": read_csv, "jsonl": read_jsonl, "json": read_json}


def load_landing(settings: Settings, *, now: datetime, log: Callable[[str], None] = lambda _: None) -> LoadReport:
    """Load every landing file whose content is not in the ledger.

    Args:
        settings: where landing and the raw database lie, zone and currency of the shop, share of bad rows allowed.
        now: the clock, with time zone; times later than an hour after it are refused.
        log: gets one sentence per file and warning.

    Raises:
        UsageError: a mapping is wrong, or the sample shop lies beside other files; nothing is loaded.
        SegmentsError: some files were refused; the others are loaded. Names each file and the fix.
    """
    found, compiled = found_and_compiled(settings)
    warnings = list(found.warnings)
    for warning in warnings:
        log(warning)
    loads, errors = [], []
    with private_files(), open_raw(settings) as connection:
        tombstones.require_key(connection, settings.pseudonym_key)
        keep_pseudonym_key(connection, settings.pseudonym_key)
        loader = Loader(connection, settings, now, compiled)
        for file in found.files:
            try:
                loads.append(loader.load(file))
                if loads[-1].was_loaded:
                    log(loads[-1].sentence())
                if told := loads[-1].warning():
                    log(told)
            except StillWrittenError:
                warnings.append(f"{file.name}: not loaded, it is still being written; the next run takes it")
                log(warnings[-1])
            except (SegmentsError, duckdb.Error, OSError, UnicodeError) as error:
                if is_short_of_resources(str(error)):
                    raise SegmentsError(f"{file.name}: {explained(reason(error), settings)}") from error
                errors.append(f"{file.name}: {reason(error)}.")
                log(errors[-1])
    if unchanged := sum(not load.was_loaded for load in loads):
        log(f"{unchanged} {'file was' if unchanged == 1 else 'files were'} loaded before and did not change")
    if errors:
        raise SegmentsError("\n".join(errors))
    return LoadReport(loads, warnings)


def found_and_compiled(settings: Settings) -> tuple[Discovered, dict[str, CompiledSource]]:
    """The files in landing, and the mappings that files may belong to, checked.

    Raises:
        UsageError: a mapping is wrong, or the sample shop lies beside other files.
    """
    sources = load_sources(settings.data_dir / "sources")
    found = discover(settings.landing_dir, sources)
    used = {name: mapping for name, mapping in sources.items() if (settings.landing_dir / name).is_dir()}
    return found, {name: compile_source(mapping, settings.shop_time_zone) for name, mapping in used.items()}


def reason(error: Exception) -> str:
    """What went wrong with a file, as the end of a sentence."""
    text = str(error) if isinstance(error, SegmentsError) else str(error).splitlines()[0]
    if isinstance(error, duckdb.ConversionException):
        text = f"{text} (number(x) in the mapping makes a number of text)"
    return text.rstrip(".")


@dataclass(frozen=True)
class Judged:
    """Judged rows of a file: the tables they feed, and for a foreign file whether their rows are groups.

    ``erased`` are lines that speak of erased people; nothing of them is among the judged rows.
    """

    tables: list[Contract]
    grouped: dict[str, bool] | None
    warnings: list[str]
    erased: tuple[int, ...] = ()

    def count(self, connection: duckdb.DuckDBPyConnection, rows_read: int) -> Counts:
        """Tell repeats from new rows and count what became of each row."""
        for table in self.tables:
            storing.find_repeats(connection, table)
        if self.grouped is None:
            return storing.count_canonical(connection, self.tables[0].table, rows_read)
        return storing.count_mapped(connection, self.grouped, rows_read)


class Loader:
    """Loads files over one connection."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        now: datetime,
        compiled: dict[str, CompiledSource],
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._now = now
        self._compiled = compiled

    def load(self, file: LandingFile) -> FileLoad:
        """Load one file, all of it or nothing."""
        before = file.path.stat()
        sha256 = sha256_of(file.path)
        source = file.folder if file.folder in self._compiled else CANONICAL
        if self._is_known(file, sha256):
            return FileLoad(file.name, source, sha256, was_loaded=False)
        if not is_settled(file, self._settings.settle_seconds):
            raise StillWrittenError
        with ExitStack() as copies:
            copies.callback(drop_temporary, self._connection)
            incoming = self.read(file, copies)
            incoming.warnings.extend(drift_warnings(self._connection, file, incoming))
            columns = json.dumps(incoming.found)
            origin = Origin(file.name, source, sha256, before.st_size, self._now, columns)
            judged = self.judge(file, incoming)
            counts = judged.count(self._connection, incoming.rows_read).with_skipped(
                tombstones.RULE, len(judged.erased)
            )
            storing.refuse_when_too_bad(self._connection, counts, self._settings.max_bad_share)
            storing.require_law(counts)
            after = file.path.stat()
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise SegmentsError("the file changed while it was read. Run again when it is complete")
            stored = self._store(judged.tables, origin, counts, judged.warnings)
        return FileLoad(
            file.name,
            source,
            sha256,
            counts.rows_read,
            counts.rows_used,
            counts.rows_quarantined,
            counts.rows_duplicate,
            counts.rows_skipped,
            counts.skipped_by_rule,
            judged.warnings,
            tables=stored,
        )

    def _is_known(self, file: LandingFile, sha256: str) -> bool:
        known = "select 1 from raw.load_ledger where sha256 = ? and split_part(file, '/', 1) = ? limit 1"
        return bool(self._connection.execute(known, [sha256, file.folder]).fetchall())

    def _wanted(self, file: LandingFile) -> Wanted:
        if file.folder in self._compiled:
            mapping = self._compiled[file.folder].mapping
            required = tuple(name for name, is_required in mapping.columns.items() if is_required)
            encoding = text_encoding(mapping.encoding)
            return Wanted(
                tuple(mapping.columns),
                required,
                keeps_extra=False,
                encoding=encoding,
                delimiter=mapping.delimiter,
                has_header=mapping.header,
                has_quotes=mapping.quotes,
            )
        contract = contracts()[file.folder]
        required = tuple(column.name for column in contract.columns if column.required)
        return Wanted(tuple(column.name for column in contract.columns), required, contract.requires_one_of)

    def read(self, file: LandingFile, copies: ExitStack) -> Incoming:
        """Read a file into the relation ``incoming``; ``copies`` removes what had to be unpacked for it."""
        wanted = self._wanted(file)
        if file.format == "parquet":
            return self._read_parquet(file, wanted, copies)
        encoding = "utf-8"
        if file.folder in self._compiled:
            encoding = self._compiled[file.folder].mapping.encoding
        with opened(file.path, encoding) as stream:
            if file.format == "csv":
                if wanted.has_quotes:
                    records = count_csv_records(stream, wanted.delimiter)
                else:
                    records = count_unquoted_records(stream)
                count = max(records - wanted.has_header, 0)
            else:
                count = count_json_records(stream) if file.format == "json" else count_lines(stream)
        with opened(file.path, encoding) as stream:
            return READERS[file.format](self._connection, stream, wanted, count)

    def _read_parquet(self, file: LandingFile, wanted: Wanted, copies: ExitStack) -> Incoming:
        path = file.path
        if is_packed(path):
            # DuckDB reads the plain copy until the file is stored.
            folder = tempfile.TemporaryDirectory(prefix=".unpacked-", dir=self._settings.data_dir)
            path = unpacked(path, Path(copies.enter_context(folder)))
        return read_parquet(self._connection, path, wanted, as_text=file.folder in self._compiled)

    def _rules(self, zone: str, numbers: NumberFormat, incoming: Incoming, *, reads_json: bool = False) -> Rules:
        has_rates = bool(self._connection.execute("select 1 from raw.fx_rates limit 1").fetchall())
        shop = self._settings
        is_screened = incoming.is_screened and not reads_json
        return Rules(self._now, zone, shop.shop_currency, shop.shop_time_zone, has_rates, numbers, is_screened)

    def judge(self, file: LandingFile, incoming: Incoming, given_up: Sequence[int] = ()) -> Judged:
        """Judge what was read; the lines ``given_up`` stay refused whatever they say, those of erased people go."""
        judged = self._judge(file, incoming, given_up)
        key = self._settings.pseudonym_key
        erased = tombstones.find_erased_lines(self._connection, key, judged.tables, judged.grouped)
        if not erased:
            return judged
        # A group that loses lines is another group: what is left is judged as if they had not been there.
        judged = self._judge(file, incoming, sorted({*given_up, *erased}))
        is_mapped = judged.grouped is not None
        tombstones.set_aside(self._connection, erased, is_mapped=is_mapped, table=judged.tables[0].table)
        return replace(judged, warnings=[*judged.warnings, tombstones.warning(len(erased))], erased=tuple(erased))

    def _judge(self, file: LandingFile, incoming: Incoming, given_up: Sequence[int]) -> Judged:
        if file.folder in self._compiled:
            return self._judge_mapped(self._compiled[file.folder], incoming, given_up)
        contract = contracts()[file.folder]
        rules = self._rules(self._settings.shop_time_zone, PLAIN_NUMBERS, incoming)
        start_problems(self._connection, given_up)
        readable = "(select * from incoming where _code is null)"
        judge(self._connection, contract, incoming.types, rules, readable, f"judged_{contract.table}")
        found = remarks(self._connection, contract, incoming, rules)
        return Judged([contract], None, [*incoming.warnings, *found])

    def _judge_mapped(self, compiled: CompiledSource, incoming: Incoming, given_up: Sequence[int]) -> Judged:
        zone = compiled.mapping.time_zone or self._settings.shop_time_zone
        rules = self._rules(zone, compiled.number_format, incoming, reads_json=compiled.reads_json)
        present = frozenset(incoming.types)
        clock = run_source(self._connection, compiled, present, rules, given_up)
        found = remarks_on_mapped(self._connection, compiled, present)
        grouped = {name: bool(table.group) for name, table in compiled.tables.items()}
        tables = [table.contract for table in compiled.tables.values()]
        return Judged(tables, grouped, [*incoming.warnings, *found, *clock])

    def _store(self, tables: list[Contract], origin: Origin, counts: Counts, warnings: list[str]) -> dict[str, int]:
        with transaction(self._connection):
            added = {table.table: storing.store_rows(self._connection, table, origin) for table in tables}
            storing.store_quarantine(self._connection, origin)
            storing.store_ledger(self._connection, origin, counts, warnings)
        return added
