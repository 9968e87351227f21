"""The bytes of landing files: CSV, JSON lines, Parquet and gzip, the same from run to run."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Lay rows out as a CSV file with a header."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8")


def json_lines(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """Write one line of JSON per row."""
    return [json.dumps(row, ensure_ascii=False) for row in rows]


def joined(lines: Iterable[str]) -> bytes:
    """Join lines to the bytes of a file."""
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def gzipped(content: bytes) -> bytes:
    """Compress without the time of compression, so that equal content gives equal files."""
    return gzip.compress(content, compresslevel=6, mtime=0)


def parquet_bytes(table: pa.Table) -> bytes:
    """Lay a table out as a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
