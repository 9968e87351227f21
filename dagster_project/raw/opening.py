"""Opening a landing file: its hash, its compression, its byte order mark and its encoding.

What is handed on is a stream of bytes in which newline, quote and delimiter are one byte each.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import shutil
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

import pyarrow as pa

from dagster_project.errors import SegmentsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUFFER_BYTES = 1 << 20
PACKED = (".gz", ".zst")
KINDS = {"gz": "gzip", "zst": "Zstandard"}
ZSTD_MARK = b"\x28\xb5\x2f\xfd"
# Rows differ at least in their ids, so that what people export hardly packs tighter; small files may.
LARGEST_RATIO = 200
SMALLEST_BOMB_BYTES = 1 << 28
UTF8_MARK = b"\xef\xbb\xbf"
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def sha256_of(path: Path) -> str:
    """Hash of the file's bytes, as they lie on disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_packed(path: Path) -> bool:
    """Whether the name says that the content is compressed."""
    return path.suffix.lower() in PACKED


@contextmanager
def as_it_is(path: Path) -> Iterator[io.BufferedReader]:
    """The file's content as bytes, uncompressed."""
    with path.open("rb") as file:
        yield io.BufferedReader(_Unpacking(file, path) if is_packed(path) else cast("io.RawIOBase", file), BUFFER_BYTES)


@contextmanager
def opened(path: Path, encoding: str = "utf-8") -> Iterator[BinaryIO]:
    """The file's content as bytes, uncompressed and without byte order mark; UTF-16 and UTF-32 come as UTF-8.

    Raises:
        SegmentsError: the compressed file is damaged or unpacks to far more than it is, or the bytes look like UTF-16
            and no encoding says so.
    """
    with as_it_is(path) as stream:
        if is_wide(encoding):
            yield io.BufferedReader(_AsUtf8(stream, encoding), BUFFER_BYTES)
            return
        start = stream.peek(len(UTF8_MARK))
        if start.startswith(WIDE_MARKS):
            fix = "set `encoding: utf-16` in a source mapping, or save as UTF-8"
            raise SegmentsError(f"the file looks like UTF-16: {fix}")
        if start.startswith(UTF8_MARK):
            stream.read(len(UTF8_MARK))
        yield stream


def text_encoding(encoding: str) -> str:
    """Encoding of the bytes that ``opened`` hands on."""
    return "utf-8" if is_wide(encoding) else encoding


def is_wide(encoding: str) -> bool:
    """Whether one character takes more than one byte even in ASCII."""
    return codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))


def unpacked(path: Path, folder: Path) -> Path:
    """A plain copy of a compressed file for readers that need to seek."""
    target = folder / path.name.removesuffix(path.suffix)
    with path.open("rb") as packed, target.open("wb") as plain:
        shutil.copyfileobj(io.BufferedReader(_Unpacking(packed, path), BUFFER_BYTES), plain, BUFFER_BYTES)
    return target


class _Unpacking(io.RawIOBase):
    """Unpacks while reading, in bounded memory; damage and bombs become sentences."""

    def __init__(self, packed: BinaryIO, path: Path) -> None:
        self._kind = path.suffix.lower().removeprefix(".")
        self._limit = max(SMALLEST_BOMB_BYTES, path.stat().st_size * LARGEST_RATIO)
        self._count = 0
        if self._kind == "gz":
            self._plain = gzip.GzipFile(fileobj=packed)
            return
        is_zstd = packed.read(len(ZSTD_MARK)) == ZSTD_MARK
        packed.seek(0)
        if not is_zstd:
            raise self._foreign()
        self._plain = pa.CompressedInputStream(pa.PythonFile(packed, "r"), "zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            count = int(self._plain.readinto(buffer))
        except gzip.BadGzipFile as error:
            raise self._foreign() from error
        except (EOFError, zlib.error, pa.ArrowException, OSError) as error:
            sentence = f"the {KINDS[self._kind]} file is cut off or damaged. Copy it into landing again"
            raise SegmentsError(sentence) from error
        self._count += count
        if self._count > self._limit:
            raise SegmentsError(
                f"it unpacks to more than {LARGEST_RATIO} times its size, as files do that are made to fill disks. If "
                "it is sound, put it into landing unpacked"
            )
        return count

    def _foreign(self) -> SegmentsError:
        return SegmentsError(
            f"the name ends in .{self._kind} and the content is no whole {KINDS[self._kind]} file. "
            "Rename or copy it again"
        )


class _AsUtf8(io.RawIOBase):
    """Transcodes while reading; what is no text becomes the byte 0xff, which is no UTF-8 and so a bad row."""

    def __init__(self, stream: io.BufferedReader, encoding: str) -> None:
        codecs.register_error("segments_bad_byte", lambda error: ("\udcff", cast("UnicodeDecodeError", error).end))
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("segments_bad_byte")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            chunk = self._stream.read(BUFFER_BYTES)
            text = self._decoder.decode(chunk, final=not chunk).removeprefix("\ufeff")
            self._ready = text.encode("utf-8", "surrogateescape")
            if not chunk:
                break
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count
