"""Landing files written anew without some of their rows, in their own format, in one step of the file system.

Lines of text keep their numbers: a row that goes leaves an empty line. Which rows go is decided in ``erasing``.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.errors import SegmentsError
from dagster_project.raw.counting import count_json_records
from dagster_project.raw.json_file import split_records
from dagster_project.raw.opening import as_it_is, is_packed, is_wide, opened, unpacked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from dagster_project.raw.discovery import LandingFile


def write_without(file: LandingFile, extents: Mapping[int, int | None], encoding: str) -> None:
    """Replace a landing file by itself without the rows at these lines.

    Args:
        file: a link is followed, and what it leads to is written anew.
        extents: first line of each row that goes, and the line of the row after it, none where it is the last.
        encoding: how the text is written.

    Raises:
        SegmentsError: what is left would not be read as what was there.
    """
    path = file.path.resolve()
    with tempfile.TemporaryDirectory(prefix=".erasing-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        if file.format == "parquet":
            _write_parquet(path, draft, set(extents))
        elif file.format == "json":
            _write_packed(draft, _json_without(path, encoding, set(extents)))
        elif is_wide(encoding):
            _write_packed(draft, [_wide_without(path, encoding, extents)])
        else:
            with as_it_is(path) as lines:
                _write_packed(draft, _lines_without(lines, extents))
        shutil.copymode(path, draft)
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        draft.replace(path)


def _lines_without(lines: Iterable[bytes], extents: Mapping[int, int | None]) -> Iterator[bytes]:
    end: int | None = 0
    for number, line in enumerate(lines, start=1):
        if number in extents:
            end = extents[number]
        if end is None or number < end:
            yield b"\r\n" if line.endswith(b"\r\n") else b"\n"
        else:
            yield line


def _wide_without(path: Path, encoding: str, extents: Mapping[int, int | None]) -> bytes:
    with as_it_is(path) as stream:
        # A character that is no text is part of a row that stays or goes with it.
        text = stream.read().decode(encoding, "surrogatepass")
    lines = (line.encode("utf-8", "surrogatepass") for line in text.splitlines(keepends=True))
    left = b"".join(_lines_without(lines, extents))
    return left.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass")


def _json_without(path: Path, encoding: str, numbers: Collection[int]) -> list[bytes]:
    """One array of the records that stay, each as it was written."""
    with opened(path, encoding) as stream:
        before = count_json_records(stream)
    with opened(path, encoding) as stream:
        left = [record for number, record in split_records(stream) if number not in numbers]
    if len(left) != before - len(numbers):
        raise SegmentsError("the file holds records that cannot be told apart. Take the rows out of it by hand")
    text = b"[\n" + b",\n".join(left) + b"\n]\n"
    return [text.decode("utf-8").encode(encoding) if is_wide(encoding) else text]


def _write_parquet(path: Path, draft: Path, numbers: Collection[int]) -> None:
    if not is_packed(path):
        _filter_parquet(path, draft, numbers)
        return
    plain = draft.with_name("plain.parquet")
    _filter_parquet(unpacked(path, draft.parent), plain, numbers)
    with plain.open("rb") as stream:
        _write_packed(draft, stream)


def _filter_parquet(path: Path, draft: Path, numbers: Collection[int]) -> None:
    source = pq.ParquetFile(path)
    compression = source.metadata.row_group(0).column(0).compression if source.metadata.num_row_groups else "snappy"
    with pq.ParquetWriter(draft, source.schema_arrow, compression=compression.lower()) as writer:
        first = 1
        for group in range(source.metadata.num_row_groups):
            table = source.read_row_group(group)
            keeps = pa.array([first + at not in numbers for at in range(table.num_rows)], pa.bool_())
            writer.write_table(table.filter(keeps))
            first += table.num_rows


def _write_packed(draft: Path, pieces: Iterable[bytes]) -> None:
    """Write, packed as the name says; the same pieces always give the same bytes."""
    kind = draft.suffix.lower()
    with draft.open("wb") as file:
        if kind == ".gz":
            with gzip.GzipFile(fileobj=file, filename="", mode="wb", mtime=0) as packed:
                packed.writelines(pieces)
        elif kind == ".zst":
            with pa.CompressedOutputStream(pa.PythonFile(file, "w"), "zstd") as packed:
                for piece in pieces:
                    packed.write(piece)
        else:
            file.writelines(pieces)
