"""What a reader leaves behind: the temporary relation ``incoming``, every value still as it was written.

One row per record of the file: ``_line``, ``_raw`` (the text, for quarantine), ``_code`` and ``_message`` (when the
record cannot be read), ``_extra`` (unknown columns as JSON), then one column per known column found in the file.
How a file format is read stands in the ``*_file`` modules; what values mean stands in ``judging``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pyarrow as pa

from dagster_project.errors import SegmentsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import duckdb

    from dagster_project.raw.reasons import Reason

LINE_LIMIT = 2_000_000
SHORTEST_HINT = 4
PACK_ROWS = 10_000
PACK_CHARACTERS = 8_000_000
BATCH_ROWS = 100_000
BATCH_BYTES = 64_000_000


@dataclass(frozen=True)
class Wanted:
    """What a file may hold and how its text is written; ``one_of`` are alternatives of columns that must be there.

    Without a header the columns are those of the file, in its order.
    """

    columns: tuple[str, ...]
    required: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    keeps_extra: bool = True
    encoding: str = "utf-8"
    delimiter: str = ","
    has_header: bool = True
    has_quotes: bool = True


@dataclass(frozen=True)
class Incoming:
    """The relation ``incoming`` as described: the DuckDB type of each known column, rows counted apart from reading.

    Where each record names its own columns, ``seen`` are those that at least one of them names.
    """

    types: Mapping[str, str]
    rows_read: int
    warnings: list[str]
    is_screened: bool = True
    seen: frozenset[str] | None = None

    @property
    def found(self) -> dict[str, str]:
        """Known columns that the file has, with their types."""
        return {name: kind for name, kind in self.types.items() if self.seen is None or name in self.seen}


@dataclass(frozen=True)
class Matched:
    """A header matched by name: position by known column, position by unknown column, warnings about the unknown."""

    known: dict[str, int]
    unknown: dict[str, int]
    warnings: list[str] = field(default_factory=list)


def quoted(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def match_columns(header: Sequence[str], wanted: Wanted) -> Matched:
    """Match a header by name; case and surrounding blanks do not matter.

    Raises:
        SegmentsError: two columns have one name, or a required column is missing.
    """
    names = [name.strip() for name in header]
    lowered = [name.lower() for name in names]
    doubled = sorted({name for name in lowered if lowered.count(name) > 1 and name})
    if doubled:
        raise SegmentsError(f"the header has the column {doubled[0]!r} twice. Remove or rename one of them")
    by_name = {name.lower(): name for name in wanted.columns}
    known = {by_name[name]: at for at, name in enumerate(lowered) if name in by_name}
    unknown = {name or f"column_{at + 1}": at for at, name in enumerate(names) if lowered[at] not in by_name}
    _require(wanted, known, list(unknown), names)
    missing = [name for name in wanted.columns if name not in known]
    return Matched(known, unknown, unknown_column_warnings(unknown, missing, keeps=wanted.keeps_extra))


def _require(wanted: Wanted, known: Mapping[str, int], unknown: list[str], names: list[str]) -> None:
    absent = [name for name in wanted.required if name not in known]
    if absent:
        hint = _other_delimiter(names, wanted) or _did_you_mean(absent[0], unknown)
        raise SegmentsError(f"the column {absent[0]} is missing{hint}. The header has: {', '.join(names)[:300]}")
    if wanted.one_of and not any(all(name in known for name in group) for group in wanted.one_of):
        groups = " or ".join(" and ".join(group) for group in wanted.one_of)
        raise SegmentsError(f"the columns {groups} are missing. The header has: {', '.join(names)[:300]}")


def _other_delimiter(names: list[str], wanted: Wanted) -> str:
    for delimiter in (";", "\t", "|"):
        if len(names) == 1 and delimiter in names[0] and delimiter != wanted.delimiter:
            return f" (fields seem to be separated by {delimiter!r}, expected is {wanted.delimiter!r})"
    return ""


def _did_you_mean(name: str, candidates: Iterable[str]) -> str:
    lowered = {candidate.strip().lower().replace(" ", "_"): candidate for candidate in candidates}
    close = get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.6)
    close = close or [word for word in lowered if len(word) >= SHORTEST_HINT and (word in name or name in word)][:1]
    return f" (did you mean {lowered[close[0]]!r}?)" if close else ""


def unknown_column_warnings(unknown: Iterable[str], missing: Iterable[str], *, keeps: bool) -> list[str]:
    """One sentence per unknown column, with the missing column it may be meant for."""
    fate = "kept in extra" if keeps else "not read"
    return [f"unknown column {name!r} is {fate}{_did_you_mean(name, missing)}" for name in unknown]


class IncomingTable:
    """Writer of the relation ``incoming`` for readers whose rows pass through Python; memory stays bounded."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
        self._connection = connection
        self._columns = list(columns)
        self._lines: list[int] = []
        self._raws: list[str] = []
        self._extras: list[str | None] = []
        self._rows: list[Sequence[str | None]] = []
        self._bad: list[tuple[int, str, str, str]] = []
        self._size = 0
        self._batches: list[pa.Table] = []
        text = dict.fromkeys(("_raw", "_code", "_message", "_extra", *self._columns), pa.string())
        self._schema = pa.schema({"_line": pa.int64(), **text})
        body = "".join(f", {quoted(name)} varchar" for name in self._columns)
        drop_temporary(connection, "incoming")
        connection.execute(
            "create temp table incoming "
            f"(_line bigint, _raw varchar, _code varchar, _message varchar, _extra varchar{body})",
        )

    def add(self, line: int, raw: str, row: Sequence[str | None], extra: str | None = None) -> None:
        """Take one readable record, its values in the order of the columns."""
        self._lines.append(line)
        self._raws.append(raw)
        self._rows.append(row)
        self._extras.append(extra)
        self._grow(len(raw))

    def add_many(
        self,
        lines: Sequence[int],
        raws: Sequence[str],
        rows: Sequence[Sequence[str | None]],
        extras: Sequence[str | None] | None = None,
    ) -> None:
        """Take many readable records at once."""
        self._pack()
        columns = dict(zip(self._columns, zip(*rows, strict=True), strict=True)) if rows and self._columns else {}
        self._keep(len(lines), {"_line": lines, "_raw": raws, **({"_extra": extras} if extras else {}), **columns})

    def add_bad(self, line: int, raw: str, reason: Reason, message: str) -> None:
        """Take one record that cannot be read."""
        self._bad.append((line, raw.replace("\0", "\u2400"), reason.value, message))
        self._grow(len(raw))

    def flush(self) -> None:
        """Hand what was taken to DuckDB."""
        self._pack()
        if self._batches:
            self._connection.register("incoming_batch", pa.concat_tables(self._batches))
            self._connection.execute("insert into incoming by name select * from incoming_batch").fetchall()
            self._connection.unregister("incoming_batch")
        self._batches = []

    def _grow(self, size: int) -> None:
        self._size += size
        # Small packs: many live Python lists make the garbage collector walk them again and again.
        if len(self._lines) + len(self._bad) >= PACK_ROWS or self._size >= PACK_CHARACTERS:
            self._pack()

    def _pack(self) -> None:
        lines, raws, rows, extras, bad = self._lines, self._raws, self._rows, self._extras, self._bad
        self._lines, self._raws, self._rows, self._extras, self._bad, self._size = [], [], [], [], [], 0
        if lines:
            self.add_many(lines, raws, rows, extras)
        if bad:
            names = ("_line", "_raw", "_code", "_message")
            self._keep(len(bad), dict(zip(names, zip(*bad, strict=True), strict=True)))

    def _keep(self, count: int, columns: Mapping[str, Sequence[object]]) -> None:
        arrays = [
            pa.array(columns[item.name], item.type) if item.name in columns else pa.nulls(count, item.type)
            for item in self._schema
        ]
        self._batches.append(pa.table(arrays, schema=self._schema))
        if sum(batch.num_rows for batch in self._batches) >= BATCH_ROWS or (
            sum(batch.nbytes for batch in self._batches) >= BATCH_BYTES
        ):
            self.flush()


def drop_temporary(connection: duckdb.DuckDBPyConnection, pattern: str = "%") -> None:
    """Drop the temporary relations whose name is like the pattern, to free what they hold."""
    found = connection.execute(
        "select 'view', view_name from duckdb_views() where temporary and not internal and view_name like $pattern "
        "union all select 'table', table_name from duckdb_tables() where temporary and table_name like $pattern",
        {"pattern": pattern},
    ).fetchall()
    for kind, name in found:
        connection.execute(f"drop {kind} temp.{quoted(name)}").fetchall()
