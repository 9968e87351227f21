"""The first rows of a file that nobody mapped, and what its columns look like by their values.

Nothing is loaded here; what columns look like by their names, and which table they may feed, stands in ``guessing``.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.errors import SegmentsError
from dagster_project.raw.column_types import CLOCK, DAY, EPOCHS, OFFSET
from dagster_project.raw.discovery import FORMATS, FileFormat
from dagster_project.raw.incoming import LINE_LIMIT
from dagster_project.raw.json_file import split_records
from dagster_project.raw.opening import WIDE_MARKS, as_it_is, is_packed, opened, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

Look = Literal["empty", "time", "day_first", "month_first", "number", "currency", "email", "boolean", "nested", "text"]

SAMPLE_ROWS = 2_000
MOST_OF = 0.9
DELIMITERS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}([.,' \u00a0]\d{3})+)([.,]\d+)?")
_SHAPES: dict[Look, re.Pattern[str]] = {
    "time": re.compile(rf"{DAY}([ T]{CLOCK}( ?{OFFSET})?)?|{'|'.join(EPOCHS.values())}"),
    "day_first": re.compile(r"(0[1-9]|[12]\d|3[01])[./-](0[1-9]|1[0-2])[./-]\d{4}( \d\d:\d\d(:\d\d)?)?"),
    "month_first": re.compile(r"(0[1-9]|1[0-2])[./-](0[1-9]|[12]\d|3[01])[./-]\d{4}( \d\d:\d\d(:\d\d)?)?"),
    "number": _NUMBER,
    "email": re.compile(r"[^@\s]+@[^@\s]+\.\w{2,}"),
    "boolean": re.compile(r"true|false|yes|no|t|f|y|n", re.IGNORECASE),
    "currency": re.compile(r"[A-Z]{3}"),
    "nested": re.compile(r"[\[{].*[\]}]", re.DOTALL),
}


class Values(NamedTuple):
    """What the sampled values of one column look like."""

    look: Look
    examples: tuple[str, ...]
    filled_share: float
    distinct_share: float


@dataclass(frozen=True)
class Profile:
    """The shape of a file and the looks of its columns, in the order of the file."""

    format: FileFormat
    encoding: str
    delimiter: str
    decimal_separator: str
    thousands_separator: str | None
    columns: Mapping[str, Values]
    rows_sampled: int


def profile(path: Path, folder: Path) -> Profile:
    """Look at the first rows of a file; ``folder`` is where a compressed Parquet file may be unpacked.

    Raises:
        SegmentsError: the file is empty, or cannot be read as what its name says.
    """
    file_format = _format(path)
    encoding, delimiter = "utf-8", ","
    if file_format == "parquet":
        rows = _parquet_rows(unpacked(path, folder) if is_packed(path) else path)
    else:
        encoding = _encoding(path)
        with opened(path, encoding) as stream:
            lines = _elements(stream) if file_format == "json" else _lines(stream, encoding)
        if file_format == "csv":
            delimiter = max(DELIMITERS, key=lines[0].count) if lines else ","
            rows = _csv_rows(lines, delimiter)
        else:
            rows = _jsonl_rows(lines)
    if not rows:
        raise SegmentsError(f"{path.name} has no rows to look at.")
    names = list(dict.fromkeys(name for row in rows for name in row if name))
    texts = {name: [row.get(name, "").strip() for row in rows] for name in names}
    columns = {name: _values(values) for name, values in texts.items()}
    numbers = [value for name, seen in columns.items() if seen.look == "number" for value in texts[name] if value]
    decimal, thousands = _number_format(numbers)
    return Profile(file_format, encoding, delimiter, decimal, thousands, columns, len(rows))


def _format(path: Path) -> FileFormat:
    name = path.name.lower()
    plain = Path(name).stem if is_packed(path) else name
    found = [file_format for file_format in (*FORMATS, "json") if plain.endswith(f".{file_format}")]
    return found[0] if found else "csv"


def _encoding(path: Path) -> str:
    """UTF-16 with its mark, UTF-8, else the code page of Western Windows, in which every byte is some character."""
    with as_it_is(path) as stream:
        start = stream.read(LINE_LIMIT)
    if start.startswith(WIDE_MARKS):
        return "utf-16"
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut_character = error.reason == "unexpected end of data" and error.end == len(start)
        return "utf-8" if is_cut_character else "cp1252"
    return "utf-8"


def _lines(stream: BinaryIO, encoding: str) -> list[str]:
    text_encoding = "utf-8" if encoding == "utf-16" else encoding
    found: list[str] = []
    while len(found) <= SAMPLE_ROWS and (line := stream.readline(LINE_LIMIT)):
        if line.strip():
            found.append(line.decode(text_encoding, "replace"))
    return found


def _elements(stream: BinaryIO) -> list[str]:
    """The first records of a JSON file, each as a line of its own."""
    return [record.decode("utf-8", "replace") for _, record in islice(split_records(stream), SAMPLE_ROWS)]


def _csv_rows(lines: Sequence[str], delimiter: str) -> list[dict[str, str]]:
    records = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(records, [])]
        return [dict(zip(header, record, strict=False)) for record in records if len(record) == len(header)]
    except csv.Error as error:
        raise SegmentsError(f"the first rows are no CSV: {error}") from error


def _jsonl_rows(lines: Sequence[str]) -> list[dict[str, str]]:
    rows = []
    for line in lines:
        try:
            found = json.loads(line, parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            rows.append({key: _text(value) for key, value in found.items()})
    return rows


def _text(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list | bool) else str(value)


def _parquet_rows(path: Path) -> list[dict[str, str]]:
    try:
        with pq.ParquetFile(path) as file:
            batches = islice(file.iter_batches(batch_size=SAMPLE_ROWS), 1)
            return [{key: _text(value) for key, value in row.items()} for batch in batches for row in batch.to_pylist()]
    except (pa.ArrowException, OSError) as error:
        raise SegmentsError(f"{path.name} is cut off or no Parquet.") from error


def _values(values: Sequence[str]) -> Values:
    filled = [value for value in values if value]
    counts = Counter(filled)
    look = _look(filled)
    examples = tuple(value[:30] for value, _ in counts.most_common(2))
    return Values(look, examples, len(filled) / len(values), len(counts) / max(len(filled), 1))


def _look(filled: Sequence[str]) -> Look:
    if not filled:
        return "empty"
    shares: dict[Look, float] = {
        look: sum(shape.fullmatch(value) is not None for value in filled) / len(filled)
        for look, shape in _SHAPES.items()
    }
    # Where days are never above 12 both ways fit, and the first of the list is taken.
    best = max(shares, key=lambda look: shares[look])
    return best if shares[best] >= MOST_OF else "text"


def _number_format(numbers: Sequence[str]) -> tuple[str, str | None]:
    """Decimal and thousands separator of the source, from values in which they can be told apart."""
    votes = Counter(
        {
            (",", "."): sum(re.search(r",\d{1,2}$|,\d{4,}$|\.\d{3},", value) is not None for value in numbers),
            (".", ","): sum(re.search(r"\.\d{1,2}$|\.\d{4,}$|,\d{3}\.", value) is not None for value in numbers),
        }
    )
    decimal, thousands = (",", ".") if votes[(",", ".")] > votes[(".", ",")] else (".", ",")
    is_grouped = any(thousands in value for value in numbers)
    return decimal, thousands if is_grouped else None
