"""Reader of CSV files: text as written, one bad line never takes its neighbours with it.

A record whose quotes do not close is bad in its first line alone; reading goes on with the line after it.
"""

from __future__ import annotations

import csv
import io
import json
from collections import deque
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from dagster_project.errors import SegmentsError
from dagster_project.raw.incoming import LINE_LIMIT, Incoming, IncomingTable, Matched, Wanted, match_columns
from dagster_project.raw.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    import duckdb

    # line, raw text, fields or None, reason and message of what cannot be read
    Record = tuple[int, str, list[str] | None, Reason | None, str]

BLOCK_BYTES = 1 << 20
SHOWN_CHARACTERS = 1000


class _RecordTooLongError(Exception):
    """A quote stays open for longer than a record may be."""


@dataclass(frozen=True)
class _Block:
    """Whole physical lines, each one record without anything wrong in its text."""

    first_line: int
    raws: list[str]
    rows: list[list[str]]


class _Lines:
    """Physical lines as text; remembers those of the record being read, so that they can be given back."""

    def __init__(self, stream: BinaryIO, wanted: Wanted) -> None:
        self._stream = stream
        self._encoding = wanted.encoding
        self._wanted = wanted
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._number = 0
        self.taken: list[tuple[int, bytes, str]] = []
        self.size = 0
        self.fault: tuple[Reason, str] | None = None
        self.crlf_count = 0
        self.lf_count = 0
        self.is_at_end = False

    def __iter__(self) -> _Lines:
        return self

    def start(self) -> None:
        """Begin a record."""
        self.taken, self.size, self.fault = [], 0, None

    def has_waiting(self) -> bool:
        """Whether lines are read and not yet taken."""
        return bool(self._waiting)

    def give_back_all_but_first(self) -> None:
        """Read again, as records of their own, all lines of this record but the first."""
        self._waiting.extendleft((number, line) for number, line, _ in reversed(self.taken[1:]))
        del self.taken[1:]

    def count_end(self) -> None:
        """Note how the record ends; newlines inside quotes are the field's own."""
        last = self.taken[-1][1]
        self.crlf_count += last.endswith(b"\r\n")
        self.lf_count += last.endswith(b"\n") and not last.endswith(b"\r\n")

    def read_block(self) -> _Block | None:
        """The next lines as one block where every line is a sound record; else they wait to be taken one by one."""
        data = self._stream.read(BLOCK_BYTES)
        self.is_at_end = not data
        if data and not data.endswith(b"\n"):
            data += self._rest_of_line(LINE_LIMIT + 1 - (len(data) - data.rfind(b"\n") - 1))
        first = self._number + 1
        block = self._sound(data, first)
        if block is None:
            lines = io.BytesIO(data).readlines()
            self._number += len(lines)
            self._waiting.extend(enumerate(lines, start=first))
            return None
        self._number += len(block.rows)
        return block

    def _sound(self, data: bytes, first: int) -> _Block | None:
        if not data or b"\0" in data or len(data) > LINE_LIMIT:
            return None
        try:
            text = data.decode(self._encoding)
            crlf_count = text.count("\r\n")
            raws = (text.replace("\r\n", "\n") if crlf_count else text).removesuffix("\n").split("\n")
            rows = list(_reader(raws, self._wanted))
        except (UnicodeDecodeError, csv.Error):
            return None
        if len(rows) != len(raws):
            return None
        self.crlf_count += crlf_count
        self.lf_count += data.count(b"\n") - crlf_count
        return _Block(first, raws, rows)

    def __next__(self) -> str:
        if not self._waiting:
            self.fill()
        if not self._waiting:
            raise StopIteration
        number, line = self._waiting.popleft()
        self.size += len(line)
        text = self._text(line) if len(line) <= LINE_LIMIT else self._shortened(line)
        self.taken.append((number, line, text))
        if self.size > LINE_LIMIT and len(self.taken) > 1:
            raise _RecordTooLongError
        return text

    def fill(self) -> None:
        """Read one line, where there is one."""
        line = self._rest_of_line(LINE_LIMIT + 1)
        self.is_at_end = not line
        if line:
            self._number += 1
            self._waiting.append((self._number, line))

    def _rest_of_line(self, limit: int) -> bytes:
        """Up to ``limit`` bytes of the line; what is longer is passed over."""
        line = self._stream.readline(limit)
        rest, asked = line, limit
        while len(rest) == asked and not rest.endswith(b"\n"):
            asked = LINE_LIMIT
            rest = self._stream.readline(asked)
        return line

    def _text(self, line: bytes) -> str:
        try:
            text = line.decode(self._encoding)
        except UnicodeDecodeError as error:
            self.fault = Reason.INVALID_ENCODING, f"byte {line[error.start]:#04x} is not {self._encoding}"
            return line.decode(self._encoding, "replace")
        if "\0" in text:
            self.fault = Reason.CONTROL_CHAR, "holds a NUL character"
        return text

    def _shortened(self, line: bytes) -> str:
        self.fault = Reason.LINE_TOO_LONG, f"longer than {LINE_LIMIT:,} bytes"
        start = line[:SHOWN_CHARACTERS].decode(self._encoding, "replace")
        return start.translate({ord('"'): "'", 10: " ", 13: " "}) + "..."


def _first_line_bad(lines: _Lines, error: Exception) -> Record:
    lines.give_back_all_but_first()
    number, _, text = lines.taken[0]
    raw = text.rstrip("\r\n")
    if lines.fault and len(lines.taken[0][1]) > LINE_LIMIT:
        return number, raw, None, *lines.fault
    if isinstance(error, _RecordTooLongError):
        return number, raw, None, Reason.LINE_TOO_LONG, f"a quote stays open for more than {LINE_LIMIT:,} bytes"
    if "new-line character" in str(error):
        return number, raw, None, Reason.CONTROL_CHAR, "a carriage return stands inside a field without quotes"
    if "unexpected end" in str(error):
        return number, raw, None, Reason.BROKEN_QUOTES, "a quote is opened and never closed"
    return number, raw, None, Reason.BROKEN_QUOTES, "a quoted field is followed by text instead of a delimiter"


def _reader(lines: Iterable[str], wanted: Wanted) -> Iterator[list[str]]:
    if wanted.has_quotes:
        return csv.reader(lines, delimiter=wanted.delimiter, strict=True)
    return csv.reader(lines, delimiter=wanted.delimiter, quoting=csv.QUOTE_NONE, strict=True)


def _records(lines: _Lines, wanted: Wanted) -> Iterator[Record]:
    """Records of the waiting lines, one by one; of one record at least, which may take further lines."""
    reader = _reader(lines, wanted)
    while True:
        lines.start()
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, _RecordTooLongError) as error:
            yield _first_line_bad(lines, error)
            reader = _reader(lines, wanted)
        else:
            if row:
                yield _taken_record(lines, row)
        if not lines.has_waiting():
            return


def _taken_record(lines: _Lines, row: list[str]) -> Record:
    lines.count_end()
    taken = lines.taken
    raw = "".join(text for _, _, text in taken).rstrip("\r\n")
    if lines.fault:
        return taken[0][0], raw, None, *lines.fault
    return taken[0][0], raw, row, None, ""


def _extra(row: list[str], unknown: dict[str, int]) -> str | None:
    values = {name: row[at] for name, at in unknown.items() if row[at].strip()}
    return json.dumps(values, ensure_ascii=False) if values else None


def _header(lines: _Lines, wanted: Wanted) -> tuple[Matched, int] | None:
    if not wanted.has_header:
        return Matched({name: at for at, name in enumerate(wanted.columns)}, {}), len(wanted.columns)
    record = _first_record(lines, wanted)
    if record is None:
        return None
    _, _, names, _, message = record
    if names is None:
        raise SegmentsError(f"the header cannot be read: {message}")
    return match_columns(names, wanted), len(names)


def _warnings(lines: _Lines, matched: Matched, rows: int) -> list[str]:
    found = list(matched.warnings)
    if lines.crlf_count and lines.lf_count:
        found.append(f"mixed_newlines: {lines.crlf_count:,} lines end in CRLF and {lines.lf_count:,} in LF")
    return found if rows else [*found, "the file has a header and no rows"]


@dataclass(frozen=True)
class _Layout:
    """Where the values of a record go."""

    width: int
    positions: list[int]
    kept: dict[str, int]


def _add_block(table: IncomingTable, block: _Block, layout: _Layout) -> bool:
    """Add the records of a block at once, when all have the width of the header."""
    widths = set(map(len, block.rows))
    if not widths <= {0, layout.width}:
        return False
    numbers: Sequence[int] = range(block.first_line, block.first_line + len(block.rows))
    raws, rows = block.raws, block.rows
    if 0 in widths:
        numbers = [number for number, row in zip(numbers, rows, strict=True) if row]
        raws = [raw for raw, row in zip(raws, rows, strict=True) if row]
        rows = [row for row in rows if row]
    if layout.positions != list(range(layout.width)):
        rows = [[row[at] for at in layout.positions] for row in rows]
    extras = [_extra(row, layout.kept) for row in block.rows if row] if layout.kept else None
    table.add_many(numbers, raws, rows, extras)
    return True


def _add_record(table: IncomingTable, record: Record, layout: _Layout) -> None:
    line, raw, row, reason, message = record
    if row is None:
        table.add_bad(line, raw, reason or Reason.BROKEN_QUOTES, message)
    elif len(row) != layout.width:
        fault = f"{len(row)} fields instead of the {layout.width} of the header"
        table.add_bad(line, raw, Reason.WRONG_COLUMN_COUNT, fault)
    else:
        table.add(line, raw, [row[at] for at in layout.positions], _extra(row, layout.kept) if layout.kept else None)


def _first_record(lines: _Lines, wanted: Wanted) -> Record | None:
    lines.fill()
    while lines.has_waiting():
        record = next(_records(lines, wanted), None)
        if record is not None:
            return record
        lines.fill()
    return None


def read_csv(connection: duckdb.DuckDBPyConnection, stream: BinaryIO, wanted: Wanted, rows_read: int) -> Incoming:
    """Read a CSV file into ``incoming``; ``rows_read`` is the count of records without the header.

    Raises:
        SegmentsError: the header cannot be read or lacks a column.
    """
    csv.field_size_limit(2 * LINE_LIMIT)
    lines = _Lines(stream, wanted)
    header = _header(lines, wanted)
    if header is None:
        IncomingTable(connection, ())
        return Incoming({}, rows_read, ["the file is empty"])
    matched, width = header
    table = IncomingTable(connection, list(matched.known))
    kept = matched.unknown if wanted.keeps_extra else {}
    layout = _Layout(width, list(matched.known.values()), kept)
    while not lines.is_at_end:
        block = None if lines.has_waiting() else lines.read_block()
        if block is None:
            for record in _records(lines, wanted):
                _add_record(table, record, layout)
        elif not _add_block(table, block, layout):
            records = zip(count(block.first_line), block.raws, block.rows)
            for line, raw, row in records:
                if row:
                    _add_record(table, (line, raw, row, None, ""), layout)
    table.flush()
    return Incoming(dict.fromkeys(matched.known, "VARCHAR"), rows_read, _warnings(lines, matched, rows_read))
