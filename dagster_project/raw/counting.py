"""The second count: how many records a text file holds, counted from its bytes and apart from the readers.

Loading compares this count with what became of the rows. Nothing here looks at values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.raw.incoming import LINE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


CHUNK_BYTES = 1 << 20
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
BLANKS = re.compile(rb"[ \t\r]+")
OTHER = re.compile(rb"[^][{},\n]+")


@dataclass(frozen=True)
class _Grammar:
    """How a physical line can stand to quoted fields: opens one, is inside one, closes it, closes and opens another."""

    opens: re.Pattern[bytes]
    stays: re.Pattern[bytes]
    closes: re.Pattern[bytes]
    reopens: re.Pattern[bytes]


def _grammar(delimiter: str) -> _Grammar:
    mark = re.escape(delimiter.encode("ascii"))
    inside = rb'(?:[^"]++|"")*+'
    plain = rb'(?!")[^' + mark + rb"\r\n]*+"
    value = rb'(?:"' + inside + rb'"|' + plain + rb")"
    more = rb"(?:" + mark + value + rb")*+"
    end = rb"\r*\n?"
    return _Grammar(
        opens=re.compile(rb"(?:" + value + mark + rb')*+"' + inside),
        stays=re.compile(inside),
        closes=re.compile(inside + rb'"' + more + end),
        reopens=re.compile(inside + rb'"' + more + mark + rb'"' + inside),
    )


def _physical_lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(LINE_LIMIT + 1):
        rest = line
        while len(rest) > LINE_LIMIT and not rest.endswith(b"\n"):
            rest = stream.readline(LINE_LIMIT + 1)
        yield line


def count_lines(stream: BinaryIO) -> int:
    """Number of lines that are not blank."""
    return sum(1 for line in _physical_lines(stream) if line.strip())


def count_unquoted_records(stream: BinaryIO) -> int:
    """Number of records of a file without quotes: its lines, but for empty ones."""
    return sum(1 for line in _physical_lines(stream) if line.strip(b"\r\n"))


def count_csv_records(stream: BinaryIO, delimiter: str) -> int:
    """Number of CSV records, the header among them: newlines inside quotes do not end one, blank lines are none.

    A line whose quotes do not close properly is a record of its own, and counting goes on with the line after it.
    """
    grammar = _grammar(delimiter)
    lines = _physical_lines(stream)
    records, pending, size, waiting = 0, list[bytes](), 0, list[bytes]()
    while True:
        line = waiting.pop() if waiting else next(lines, b"")
        if not pending:
            if not line:
                return records
            if b'"' in line and len(line) <= LINE_LIMIT and grammar.opens.fullmatch(line):
                pending, size = [line], len(line)
            else:
                records += line.strip(b"\r\n") != b""
            continue
        size += len(line)
        is_long = len(line) > LINE_LIMIT or size > LINE_LIMIT
        if line and not is_long and (grammar.stays.fullmatch(line) or grammar.reopens.fullmatch(line)):
            pending.append(line)
            continue
        records += 1
        if not (line and not is_long and grammar.closes.fullmatch(line)):
            waiting.extend(reversed([*pending[1:], line] if line else pending[1:]))
        pending = []


def count_json_records(stream: BinaryIO) -> int:
    """Number of records of a JSON file: elements of its arrays and objects outside of them, broken ones too."""
    records, depth, in_array, is_inside, rest = 0, 0, False, False, b""
    while chunk := stream.read(CHUNK_BYTES):
        outline, rest = _outline(rest + chunk)
        for mark in outline:
            if depth:
                depth += (mark in "{[") - (mark in "}]")
            elif mark == "[" and not in_array:
                in_array, is_inside = True, False
            elif mark in "{[":
                records, depth, is_inside = records + 1, 1, False
            elif mark == "]" and in_array:
                in_array, is_inside = False, False
            elif mark == "," or (mark == "\n" and not in_array):
                is_inside = False
            elif mark != "\n":
                records += not is_inside
                is_inside = True
    return records


def _outline(text: bytes) -> tuple[str, bytes]:
    """The marks outside of quotes, everything else but blanks as x; and a quote that has not ended yet, shortened."""
    plain, quote, inside = STRING.sub(b"x", text).partition(b'"')
    is_escaping = (len(inside) - len(inside.rstrip(b"\\"))) % 2
    rest = quote + b"\\" * is_escaping if quote else b""
    return OTHER.sub(b"x", BLANKS.sub(b"", plain)).decode("ascii"), rest
