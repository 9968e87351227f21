"""Reader of JSON files whose records are the elements of arrays, or objects one after the other.

An API gives its pages as arrays; a file may hold several of them. A record is told by its number in the file. What a
record may be stands in ``jsonl_file``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dagster_project.errors import SegmentsError
from dagster_project.raw.incoming import LINE_LIMIT, Incoming, Wanted
from dagster_project.raw.jsonl_file import read_records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    import duckdb

CHUNK_BYTES = 1 << 20
QUOTE, COMMA, NEWLINE, ARRAY_START, ARRAY_END = b'",\n[]'
OPENING, CLOSING = b"{[", b"}]"
# Up to the next mark; a quoted text is passed over where it ends in the same chunk.
TO_BRACKET = re.compile(rb'(?:[^][{}"]|"(?:[^"\\]|\\.)*+")*+', re.DOTALL)
TO_MARK = re.compile(rb'(?:[^][{}",\n]|"(?:[^"\\]|\\.)*+")*+', re.DOTALL)
TO_QUOTE = re.compile(rb'(?:[^"\\]|\\.)*+', re.DOTALL)


class _Splitter:
    """Follows the marks of JSON through chunks of bytes and hands out one record after the other."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_array = False
        self._in_text = False
        self._rest = b""
        self._record = bytearray()

    def records(self, chunk: bytes) -> Iterator[bytes]:
        """The records that end in this chunk."""
        chunk, start, at = self._rest + chunk, 0, 0
        while True:
            passed = TO_QUOTE if self._in_text else TO_BRACKET if self._depth else TO_MARK
            at = passed.match(chunk, at).end()  # type: ignore[union-attr]
            if at == len(chunk) or (self._in_text and chunk[at] != QUOTE):
                break
            at += 1
            if chunk[at - 1] == QUOTE:
                self._in_text = not self._in_text
            elif self._depth:
                self._depth += 1 if chunk[at - 1] in OPENING else -1
                if not self._depth:
                    self._take(chunk[start:at])
                    start = at
                    yield from self._flushed()
            else:
                self._take(chunk[start : at - 1])
                start = at
                yield from self._begin_or_end(chunk[at - 1])
        self._take(chunk[start:at])
        self._rest = chunk[at:]

    def end(self) -> Iterator[bytes]:
        """The record that the file ends with.

        Raises:
            SegmentsError: the file ends inside an array or a record.
        """
        if self._depth or self._in_array or self._in_text:
            raise SegmentsError("the JSON ends inside an array or an object: the file is cut off. Copy it again")
        yield from self._flushed()

    def _begin_or_end(self, mark: int) -> Iterator[bytes]:
        """What a mark does outside of a record."""
        if mark == ARRAY_START and not self._in_array:
            yield from self._flushed()
            self._in_array = True
        elif mark in OPENING:
            yield from self._flushed()
            self._depth = 1
            self._take(bytes((mark,)))
        elif mark == ARRAY_END and self._in_array:
            yield from self._flushed()
            self._in_array = False
        elif mark == COMMA or (mark == NEWLINE and not self._in_array):
            yield from self._flushed()
        else:
            self._take(bytes((mark,)))

    def _take(self, piece: bytes) -> None:
        if len(self._record) <= LINE_LIMIT:
            self._record += piece

    def _flushed(self) -> Iterator[bytes]:
        record, self._record = bytes(self._record).strip(), bytearray()
        if record:
            yield record


def split_records(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Number and text of each record, text cut where it is longer than a record may be.

    Raises:
        SegmentsError: the file ends inside an array or a record.
    """
    splitter, number = _Splitter(), 0
    while chunk := stream.read(CHUNK_BYTES):
        for record in splitter.records(chunk):
            number += 1
            yield number, record
    for record in splitter.end():
        number += 1
        yield number, record


def read_json(connection: duckdb.DuckDBPyConnection, stream: BinaryIO, wanted: Wanted, rows_read: int) -> Incoming:
    """Read a JSON file into ``incoming``; ``rows_read`` is the count of its records.

    Raises:
        SegmentsError: the file ends inside an array or a record.
    """
    return read_records(connection, split_records(stream), wanted, rows_read)
