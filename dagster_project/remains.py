"""Files of a folder in which something still stands: their bytes are searched, unpacked where they are packed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dagster_project.activation.normalising import folded_gmail, sha256_hex
from dagster_project.errors import SegmentsError
from dagster_project.raw.opening import BUFFER_BYTES, as_it_is

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

# Shorter ids stand by chance in any file.
_SHORTEST = 8
_SEARCHED = frozenset({"email", "phone", "customer_id", "anonymous_id"})
_HASHED = frozenset({"email", "phone"})


def files_with(folder: Path, values: Iterable[tuple[str, str]]) -> list[Path]:
    """Files in which one of these (kind, value) pairs stands, in any case; ids of a few characters are not searched."""
    plain = {(kind, value.lower()) for kind, value in values if kind in _SEARCHED and len(value) >= _SHORTEST}
    # Audience files name people by hashes of addresses and numbers; who knows the address knows the hash.
    hashed = {hash_ for kind, value in plain if kind in _HASHED for hash_ in _hashes(value)}
    words = sorted({value for _, value in plain} | hashed)
    if not words:
        return []
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in paths if _holds(path, words)]


def _hashes(value: str) -> set[str]:
    spellings = (value, folded_gmail(value), value.lstrip("+"), "+" + value.lstrip("+"))
    return {sha256_hex(spelling) for spelling in spellings}


def _holds(path: Path, words: Sequence[str]) -> bool:
    if path.suffix == ".parquet":
        try:
            return _parquet_holds(path, words)
        except (pa.ArrowException, OSError):
            pass  # no Parquet after all: its bytes are searched
    marks = [word.encode() for word in words]
    longest = max(map(len, marks))
    rest = b""
    for chunk in _bytes(path):
        text = rest + chunk.lower()
        if any(mark in text for mark in marks):
            return True
        rest = text[-longest:]
    return False


def _bytes(path: Path) -> Iterator[bytes]:
    try:
        with as_it_is(path) as stream:
            while chunk := stream.read(BUFFER_BYTES):
                yield chunk
    except SegmentsError:
        # It cannot be unpacked: as it lies there, it says nothing to anybody.
        return


def _parquet_holds(path: Path, words: Sequence[str]) -> bool:
    source = pq.ParquetFile(path)
    for batch in source.iter_batches():
        for column in batch.columns:
            text = column.cast(pa.string()) if pa.types.is_large_string(column.type) else column
            if not pa.types.is_string(text.type):
                text = pa.array([str(value) for value in column.to_pylist()]) if pa.types.is_nested(text.type) else None
            if text is not None and any(
                pc.any(pc.match_substring(text, word, ignore_case=True)).as_py() for word in words
            ):
                return True
    return False
