"""Reader of JSONL files: one JSON object per line, numbers kept digit by digit."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Never

from dagster_project.raw.incoming import LINE_LIMIT, Incoming, IncomingTable, Wanted, unknown_column_warnings
from dagster_project.raw.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    import duckdb

SHOWN_CHARACTERS = 1000
_as_json = json.JSONEncoder(ensure_ascii=False).encode


def _object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return found


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON value")


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _as_json(value)


def _parse(text: str) -> dict[str, str | None]:
    """The object's values as text, keys trimmed and lower-cased.

    Raises:
        ValueError: the line is no object, or a key stands twice.
        RecursionError: the line is nested too deeply.
    """
    parsed = json.loads(
        text,
        parse_float=str,
        parse_int=str,
        parse_constant=_no_constant,
        object_pairs_hook=_object_without_doubles,
    )
    if not isinstance(parsed, dict):
        raise ValueError("the line is no JSON object")  # noqa: TRY004
    if any(isinstance(value, dict | list) for value in parsed.values()):
        # The text of a nested value is JSON again, so its numbers must stay numbers.
        nested = json.loads(text)
        parsed = {key: nested[key] if isinstance(value, dict | list) else value for key, value in parsed.items()}
    return _object_without_doubles([(key.strip().lower(), _text(value)) for key, value in parsed.items()])


def _fault(line: bytes, text: str) -> tuple[Reason, str] | dict[str, str | None]:
    """What is wrong with the line, or its values."""
    try:
        values = _parse(text)
    except RecursionError:
        return Reason.BROKEN_JSON, "nested too deeply"
    except ValueError as error:
        return Reason.BROKEN_JSON, str(error)[:200]
    if b"\\u" in line:
        joined = "".join(value for value in (*values, *values.values()) if value)
        if "\0" in joined:
            return Reason.CONTROL_CHAR, "holds a NUL character"
        if any("\ud800" <= character <= "\udfff" for character in joined):
            return Reason.INVALID_ENCODING, "holds half of a surrogate pair"
    return values


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := stream.readline(LINE_LIMIT + 1):
        number += 1
        rest = line
        while len(rest) > LINE_LIMIT and not rest.endswith(b"\n"):
            rest = stream.readline(LINE_LIMIT + 1)
        if line.strip():
            yield number, line


def _judge(line: bytes) -> tuple[str, tuple[Reason, str] | dict[str, str | None]]:
    if len(line) > LINE_LIMIT:
        shown = line[:SHOWN_CHARACTERS].decode("utf-8", "replace") + "..."
        return shown, (Reason.LINE_TOO_LONG, f"longer than {LINE_LIMIT:,} bytes")
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        shown = line.decode("utf-8", "replace").rstrip("\r\n")
        return shown, (Reason.INVALID_ENCODING, f"byte {line[error.start]:#04x} is not utf-8")
    if "\0" in text:
        return text, (Reason.CONTROL_CHAR, "holds a NUL character")
    return text, _fault(line, text)


def read_jsonl(connection: duckdb.DuckDBPyConnection, stream: BinaryIO, wanted: Wanted, rows_read: int) -> Incoming:
    """Read a JSONL file into ``incoming``; ``rows_read`` is the count of lines that are not blank."""
    return read_records(connection, _lines(stream), wanted, rows_read)


def read_records(
    connection: duckdb.DuckDBPyConnection, records: Iterable[tuple[int, bytes]], wanted: Wanted, rows_read: int
) -> Incoming:
    """Read numbered records, each the text of a JSON object, into ``incoming``."""
    table = IncomingTable(connection, wanted.columns)
    names = [name.lower() for name in wanted.columns]
    known = frozenset(names)
    seen: set[str] = set()
    for number, line in records:
        text, found = _judge(line)
        if isinstance(found, tuple):
            table.add_bad(number, text, *found)
            continue
        unknown = found.keys() - known
        seen |= found.keys()
        extra = {key: value for key, value in found.items() if key in unknown and value} if unknown else None
        kept = json.dumps(extra, ensure_ascii=False) if extra and wanted.keeps_extra else None
        table.add(number, text, [found.get(name) for name in names], kept)
    table.flush()
    warnings = unknown_column_warnings(sorted(seen - known), sorted(known - seen), keeps=wanted.keeps_extra)
    if not rows_read:
        warnings.append("the file is empty")
    named = frozenset(name for name in wanted.columns if name.lower() in seen)
    return Incoming(dict.fromkeys(wanted.columns, "VARCHAR"), rows_read, warnings, seen=named)
