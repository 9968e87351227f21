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
BACKSLASH, QUOTE, COMMA, NEWLINE, ARRAY_START, ARRAY_END = b'\\",\n[]'
OPENING, CLOSING = b"{[", b"}]"
MARK = re.compile(rb'[][{}",\\\n]')


class _Splitter:
    """Follows the marks of JSON through chunks of bytes and hands out one record after the other."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_array = False
        self._in_text = False
        self._escaped_at = -1
        self._record = bytearray()

    def records(self, chunk: bytes) -> Iterator[bytes]:
        """The records that end in this chunk."""
        done = 0
        for found in MARK.finditer(chunk):
            at = found.start()
            mark = chunk[at]
            if at == self._escaped_at:
                # What stands after a backslash is text, another backslash and a quote too.
                continue
            if mark == BACKSLASH:
                self._escaped_at = at + 1 if self._in_text else -1
            elif mark == QUOTE:
                self._in_text = not self._in_text
            elif not self._in_text:
                self._take(chunk[done:at])
                done = at + 1
                yield from self._follow(mark)
        self._take(chunk[done:])
        self._escaped_at -= len(chunk)

    def end(self) -> Iterator[bytes]:
        """The record that the file ends with.

        Raises:
            SegmentsError: the file ends inside an array or a record.
        """
        if self._depth or self._in_array or self._in_text:
            raise SegmentsError("the JSON ends inside an array or an object: the file is cut off. Copy it again")
        yield from self._flushed()

    def _follow(self, mark: int) -> Iterator[bytes]:
        if self._depth:
            self._take(bytes((mark,)))
            if mark in OPENING:
                self._depth += 1
            elif mark in CLOSING:
                self._depth -= 1
                if not self._depth:
                    yield from self._flushed()
        elif mark == ARRAY_START and not self._in_array:
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
