"""Landing files into raw tables: every new file once, in one transaction each, every row accounted for.

Finding files, reading formats, judging and storing rows stand in modules of their own; this one runs them in order.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.advice import explained, is_short_of_resources
from dagster_project.errors import SegmentsError
from dagster_project.privacy import private_files
from dagster_project.raw import storing
from dagster_project.raw.column_types import local_time
from dagster_project.raw.contracts import Contract, contracts
from dagster_project.raw.counting import count_csv_records, count_lines
from dagster_project.raw.csv_file import read_csv
from dagster_project.raw.database import (
    ConservationViolation,
    conservation_violations,
    keep_pseudonym_key,
    open_raw,
)
from dagster_project.raw.discovery import LandingFile, discover
from dagster_project.raw.dst import clock_change_warnings
from dagster_project.raw.incoming import Incoming, Wanted, drop_temporary, quoted
from dagster_project.raw.jsonl_file import read_jsonl
from dagster_project.raw.judging import PLAIN_NUMBERS, Rules, judge, start_problems
from dagster_project.raw.mapped import compile_source, run_source
from dagster_project.raw.opening import opened, sha256_of, text_encoding, unpacked
from dagster_project.raw.parquet_file import read_parquet
from dagster_project.raw.sources import load_sources
from dagster_project.raw.storing import Counts, Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dagster_project.raw.column_types import NumberFormat
    from dagster_project.raw.compiling import CompiledSource
    from dagster_project.settings import Settings

__all__ = ["ConservationViolation", "FileLoad", "LoadReport", "conservation_violations", "load_landing", "open_raw"]

CANONICAL = "canonical"


@dataclass(frozen=True)
class FileLoad:
    """What became of one landing file; ``was_loaded`` is false where its content is in the ledger already."""

    file: str
    source: str
    sha256: str
    rows_read: int = 0
    rows_used: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    rows_skipped: int = 0
    skipped_by_rule: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    was_loaded: bool = True
    tables: dict[str, int] = field(default_factory=dict)

    def sentence(self) -> str:
        """The outcome for people."""
        parts = [f"{self.rows_read:,} rows read", f"{self.rows_used:,} used"]
        others = {
            "quarantined": self.rows_quarantined,
            "duplicate": self.rows_duplicate,
            "skipped by rule": self.rows_skipped,
        }
        return f"{self.file}: {', '.join([*parts, *(f'{count:,} {word}' for word, count in others.items() if count)])}"


@dataclass(frozen=True)
class LoadReport:
    """One load: every claimed file in loading order, and a sentence per file that nobody claims."""

    files: list[FileLoad]
    warnings: list[str]

    @property
    def rows_added(self) -> dict[str, int]:
        """Rows added per raw table."""
        totals: dict[str, int] = {}
        for file in self.files:
            for table, count in file.tables.items():
                totals[table] = totals.get(table, 0) + count
        return totals


def _silent(_sentence: str) -> None:
    """No progress wanted."""


def load_landing(settings: Settings, *, now: datetime, log: Callable[[str], None] = _silent) -> LoadReport:
    """Load every landing file whose content is not in the ledger.

    Args:
        settings: where landing and the raw database lie, zone and currency of the shop, share of bad rows allowed.
        now: the clock, with time zone; times later than an hour after it are refused.
        log: gets one sentence per file and warning.

    Raises:
        UsageError: a mapping is wrong, or the sample shop lies beside other files; nothing is loaded.
        SegmentsError: some files were refused; the others are loaded. Names each file and the fix.
    """
    sources = load_sources(settings.data_dir / "sources")
    found = discover(settings.landing_dir, sources)
    used = {name: mapping for name, mapping in sources.items() if (settings.landing_dir / name).is_dir()}
    compiled = {name: compile_source(mapping) for name, mapping in used.items()}
    for warning in found.warnings:
        log(warning)
    loads, errors = [], []
    with private_files(), open_raw(settings) as connection:
        keep_pseudonym_key(connection, settings.pseudonym_key)
        loader = _Loader(connection, settings, now, compiled)
        for file in found.files:
            try:
                loads.append(loader.load(file))
                if loads[-1].was_loaded:
                    log(loads[-1].sentence())
            except (SegmentsError, duckdb.Error, OSError, UnicodeError) as error:
                if is_short_of_resources(str(error)):
                    raise SegmentsError(f"{file.name}: {explained(_reason(error), settings)}") from error
                errors.append(f"{file.name}: {_reason(error)}.")
                log(errors[-1])
    if unchanged := sum(not load.was_loaded for load in loads):
        log(f"{unchanged} {'file was' if unchanged == 1 else 'files were'} loaded before and did not change")
    if errors:
        raise SegmentsError("\n".join(errors))
    return LoadReport(loads, list(found.warnings))


def _reason(error: Exception) -> str:
    text = str(error) if isinstance(error, SegmentsError) else str(error).splitlines()[0]
    if isinstance(error, duckdb.ConversionException):
        text = f"{text} (number(x) in the mapping makes a number of text)"
    return text.rstrip(".")


class _Loader:
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
        origin = Origin(file.name, source, sha256, before.st_size, self._now)
        with ExitStack() as copies:
            copies.callback(drop_temporary, self._connection)
            incoming = self._read(file, copies)
            counts, tables, warnings = self._judge(file, incoming)
            storing.refuse_when_too_bad(self._connection, counts, self._settings.max_bad_share)
            storing.require_law(counts)
            after = file.path.stat()
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise SegmentsError("the file changed while it was read. Run again when it is complete")
            stored = self._store(tables, origin, counts, warnings)
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
            warnings,
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
            return Wanted(tuple(mapping.columns), required, (), False, encoding, mapping.delimiter)
        contract = contracts()[file.folder]
        required = tuple(column.name for column in contract.columns if column.required)
        return Wanted(tuple(column.name for column in contract.columns), required, contract.requires_one_of)

    def _read(self, file: LandingFile, copies: ExitStack) -> Incoming:
        wanted = self._wanted(file)
        if file.format == "parquet":
            return self._read_parquet(file, wanted, copies)
        encoding = "utf-8"
        if file.folder in self._compiled:
            encoding = self._compiled[file.folder].mapping.encoding
        with opened(file.path, encoding) as stream:
            if file.format == "csv":
                count = max(count_csv_records(stream, wanted.delimiter) - 1, 0)
            else:
                count = count_lines(stream)
        with opened(file.path, encoding) as stream:
            read = read_csv if file.format == "csv" else read_jsonl
            return read(self._connection, stream, wanted, count)

    def _read_parquet(self, file: LandingFile, wanted: Wanted, copies: ExitStack) -> Incoming:
        path = file.path
        if path.suffix.lower() == ".gz":
            # DuckDB reads the plain copy until the file is stored.
            folder = tempfile.TemporaryDirectory(prefix=".unpacked-", dir=self._settings.data_dir)
            path = unpacked(path, Path(copies.enter_context(folder)))
        return read_parquet(self._connection, path, wanted, as_text=file.folder in self._compiled)

    def _rules(self, zone: str, numbers: NumberFormat, incoming: Incoming) -> Rules:
        has_rates = bool(self._connection.execute("select 1 from raw.fx_rates limit 1").fetchall())
        shop = self._settings
        return Rules(self._now, zone, shop.shop_currency, shop.shop_time_zone, has_rates, numbers, incoming.is_screened)

    def _judge(self, file: LandingFile, incoming: Incoming) -> tuple[Counts, list[Contract], list[str]]:
        if file.folder in self._compiled:
            return self._judge_mapped(self._compiled[file.folder], incoming)
        contract = contracts()[file.folder]
        zone = self._settings.shop_time_zone
        rules = self._rules(zone, PLAIN_NUMBERS, incoming)
        start_problems(self._connection)
        readable = "(select * from incoming where _code is null)"
        judge(self._connection, contract, incoming.types, rules, readable, f"judged_{contract.table}")
        storing.find_repeats(self._connection, contract.table)
        counts = storing.count_canonical(self._connection, contract.table, incoming.rows_read)
        times = [
            local_time(quoted(column.name), incoming.types[column.name])
            for column in contract.columns
            if column.type == "timestamp" and column.name in incoming.types
        ]
        naive = [time for time in times if time]
        warnings = clock_change_warnings(self._connection, readable, naive, zone, self._now)
        return counts, [contract], [*incoming.warnings, *warnings]

    def _judge_mapped(
        self,
        compiled: CompiledSource,
        incoming: Incoming,
    ) -> tuple[Counts, list[Contract], list[str]]:
        mapping = compiled.mapping
        zone = mapping.time_zone or self._settings.shop_time_zone
        rules = self._rules(zone, compiled.number_format, incoming)
        warnings = run_source(self._connection, compiled, frozenset(incoming.types), rules)
        for table in compiled.tables:
            storing.find_repeats(self._connection, table)
        grouped = {name: bool(table.group) for name, table in compiled.tables.items()}
        counts = storing.count_mapped(self._connection, grouped, incoming.rows_read)
        tables = [table.contract for table in compiled.tables.values()]
        return counts, tables, [*incoming.warnings, *warnings]

    def _store(self, tables: list[Contract], origin: Origin, counts: Counts, warnings: list[str]) -> dict[str, int]:
        self._connection.begin()
        try:
            added = {table.table: storing.store_rows(self._connection, table, origin) for table in tables}
            storing.store_quarantine(self._connection, origin)
            storing.store_ledger(self._connection, origin, counts, warnings)
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise
        return added
