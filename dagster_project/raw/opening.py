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

from dagster_project.errors import SegmentsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUFFER_BYTES = 1 << 20
UTF8_MARK = b"\xef\xbb\xbf"
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def sha256_of(path: Path) -> str:
    """Hash of the file's bytes, as they lie on disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def broken_gzip_named() -> Iterator[None]:
    """Turn what gzip raises for cut-off and foreign bytes into a sentence."""
    try:
        yield
    except gzip.BadGzipFile as error:
        sentence = "the name ends in .gz and the content is no whole gzip file. Rename or copy it again"
        raise SegmentsError(sentence) from error
    except (EOFError, zlib.error) as error:
        raise SegmentsError("the gzip file is cut off or damaged. Copy it into landing again") from error


@contextmanager
def opened(path: Path, encoding: str = "utf-8") -> Iterator[BinaryIO]:
    """The file's content as bytes, uncompressed and without byte order mark; UTF-16 and UTF-32 come as UTF-8.

    Raises:
        SegmentsError: the gzip container is damaged, or the bytes look like UTF-16 and no encoding says so.
    """
    with broken_gzip_named(), path.open("rb") as file:
        plain = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if path.suffix.lower() == ".gz" else file
        stream: io.BufferedReader = io.BufferedReader(cast("io.RawIOBase", plain), BUFFER_BYTES)
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
    """A plain copy of a gzip file for readers that need to seek."""
    target = folder / path.name.removesuffix(path.suffix)
    with broken_gzip_named(), gzip.open(path, "rb") as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain, BUFFER_BYTES)
    return target


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
