"""Tombstones: keyed hashes of what erased people were known by, and the rows that still, or again, speak of them.

A tombstone is HMAC-SHA256 with the key of pseudonyms over ``kind:value``; nothing else of an erased person is kept.
What is done about the rows that are found stands in ``loading`` and ``erasing``.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from dagster_project.errors import UsageError
from dagster_project.raw.incoming import quoted
from dagster_project.raw.layers import line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import duckdb

    from dagster_project.raw.contracts import Contract

RULE = "erased"
_BLOCK_BYTES = 64
_INNER, _OUTER = 0x36, 0x5C
# Column of a landing table: kind of tombstone.
_KINDS = {name: name for name in ("customer_id", "email", "phone", "anonymous_id", "order_id")}
# What an address in free text ends at; an address in a page's URL may be percent-encoded.
_ADDRESS = r"""[^\s"'',;<>:|/=?&\\(){}\[\]]+@[^\s"'',;<>:|/=?&\\(){}\[\]@]+"""
_BETWEEN_WORDS = r"""[\s"'',;|{}\[\]]+"""
_SHORTEST_NUMBER = 5
# Its tombstone tells with which key the others were made.
_KEY_MARK = ("key", "this")


def tombstone(key: str, kind: str, value: str) -> str:
    """The keyed hash of one normalised value."""
    return hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def normalised(kind: str, value: str) -> str:
    """The value as tombstones compare it: addresses in lower case, phone numbers as digits without leading zeros."""
    if kind == "phone":
        return "".join(mark for mark in value if mark in "0123456789").lstrip("0")
    return value.strip().lower() if kind == "email" else value.strip()


def bury(
    connection: duckdb.DuckDBPyConnection, key: str, values: Iterable[tuple[str, str]], now: datetime | None = None
) -> None:
    """Write tombstones of (kind, value) pairs; those that stand already stay."""
    hashes = sorted({tombstone(key, kind, normalised(kind, value)) for kind, value in values})
    connection.execute(
        "insert into raw.tombstones select hash, coalesce($now::timestamptz, now()), false "
        "from (select unnest($hashes) as hash) anti join raw.tombstones using (hash)",
        {"hashes": [tombstone(key, *_KEY_MARK), *hashes], "now": now},
    ).fetchall()


def is_buried(connection: duckdb.DuckDBPyConnection, key: str, kind: str, value: str) -> bool:
    """Whether this value has a tombstone."""
    found = connection.execute(
        "select 1 from raw.tombstones where hash = ?", [tombstone(key, kind, normalised(kind, value))]
    ).fetchall()
    return bool(found)


def require_key(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Refuse another key than the one that erased people are remembered by.

    Raises:
        UsageError: names the setting.
    """
    if has_tombstones(connection) and not is_buried(connection, key, *_KEY_MARK):
        raise UsageError(
            "Erased people are remembered by hashes with another key: set SEGMENTS_PII_KEY, or data/pii.key, to the "
            "key with which they were erased."
        )


def has_tombstones(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether anybody was erased."""
    return bool(connection.execute("select 1 from raw.tombstones limit 1").fetchall())


def warning(count: int) -> str:
    """What to say of a file that still speaks of erased people."""
    return f"{count:,} rows of erased people are left out; `segments erase --requested` takes them out of the file"


def find_buried(connection: duckdb.DuckDBPyConnection, key: str, pairs: str, target: str) -> None:
    """``target``: the distinct ``_line`` of the query ``pairs`` (_line, kind, value) whose value has a tombstone."""
    connection.execute(f"create or replace temp table buried_pairs as {pairs}").fetchall()
    padded = key.encode() if len(key.encode()) <= _BLOCK_BYTES else hashlib.sha256(key.encode()).digest()
    inner, outer = (bytes(byte ^ mark for byte in padded.ljust(_BLOCK_BYTES, b"\0")) for mark in (_INNER, _OUTER))
    connection.execute(
        f"create or replace temp table {target} as select distinct _line from buried_pairs semi join ("
        "select kind, value from (select distinct kind, value from buried_pairs) where sha256(unhex($outer) || "
        "unhex(sha256(unhex($inner) || encode(kind || ':' || value)))) in (select hash from raw.tombstones)"
        ") using (kind, value)",
        {"inner": inner.hex(), "outer": outer.hex()},
    ).fetchall()
    connection.execute("drop table buried_pairs").fetchall()


def pairs_of_table(contract: Contract, relation: str, row: str, columns: Iterable[str] | None = None) -> str:
    """Query of what the rows of a relation with the columns of a contract say of people: ``_line``, kind, value."""
    names = [column.name for column in contract.columns]
    parts = [_pair(relation, row, f"'{kind}'", kind, name) for name, kind in _KINDS.items() if name in names]
    if "customer_id" in names:
        parts.append(_pair(relation, row, "'email'", "email", "customer_id"))
    if "identifier_type" in names:
        parts += [
            _pair(relation, row, f"'{kind}'", kind, "identifier") + f" and identifier_type = '{kind}'"
            for kind in ("email", "phone", "anonymous_id", "customer_id", "loyalty_id")
        ]
    texts = columns or [column.name for column in contract.columns if column.type in {"text", "json"}]
    text = f"concat_ws(' ', {', '.join(map(quoted, texts))})" if texts else "''"
    return " union all ".join([*parts, pairs_of_addresses(relation, row, text)])


def pairs_of_addresses(relation: str, row: str, text: str) -> str:
    """Query of every e-mail address that stands anywhere in a text."""
    plain = f"replace(lower({text}), '%40', '@')"
    return (
        f"select {row} as _line, 'email' as kind, unnest(regexp_extract_all({plain}, '{_ADDRESS}')) as value "
        f"from {relation} where contains({text}, '@') or contains({text}, '%40')"
    )


def pairs_of_words(relation: str, row: str, text: str) -> str:
    """Query of every word of rows that no contract could read, taken for whatever it could be.

    A short number is left out: it is a quantity more often than an id, and the row would be another's.
    """
    words = f"select {row} as _line, unnest(regexp_split_to_array({text}, '{_BETWEEN_WORDS}')) as word from {relation}"
    telling = f"regexp_matches(word, '[^0-9.]') or length(word) >= {_SHORTEST_NUMBER}"
    return " union all ".join(
        f"select _line, '{kind}' as kind, {_normal(kind, 'word')} as value from ({words}) "
        f"where ({telling}) and {_normal(kind, 'word')} <> ''"
        for kind in ("customer_id", "anonymous_id", "loyalty_id", "phone")
    )


def _pair(relation: str, row: str, literal_kind: str, kind: str, column: str) -> str:
    value = _normal(kind, quoted(column))
    return f"select {row} as _line, {literal_kind} as kind, {value} as value from {relation} where {value} <> ''"


def _normal(kind: str, value: str) -> str:
    """``normalised`` in SQL."""
    if kind == "phone":
        return f"ltrim(regexp_replace({value}, '[^0-9]', '', 'g'), '0')"
    return f"lower(trim({value}))" if kind == "email" else f"trim({value})"


def find_erased_lines(
    connection: duckdb.DuckDBPyConnection,
    key: str,
    tables: Sequence[Contract],
    grouped: Mapping[str, bool] | None,
) -> list[int]:
    """Lines of the file that is being judged that speak of erased people; orders found make their lines found too.

    A line is found when a landing row that it feeds does, when an address of theirs stands anywhere in it, or, where
    no contract read it, when one of its words is theirs.
    """
    if not has_tombstones(connection):
        return []
    unread = "(select _line, _raw from incoming where _code is not null)"
    if grouped is not None:
        nowhere = "select _line from problems union select _line from staged where _skip is not null"
        unread = f"(select _line, _raw from incoming where _line in ({nowhere}))"
    text = f"{pairs_of_addresses('incoming', '_line', '_raw')} union all {pairs_of_words(unread, '_line', '_raw')}"
    names = {table.table for table in tables}
    _find_in_tables(connection, key, tables)
    if "orders" in names and _bury_judged_orders(connection, key):
        _find_in_tables(connection, key, tables)
    find_buried(connection, key, text, "erased_text")
    # The ids of landing rows are those of their own table only: a group has that of its first row.
    found = ["select _line from erased_text"] + [
        f"select _line from members_{name} where _landing in (select _line from erased_{name})"
        if grouped is not None and grouped[name]
        else f"select {line_of('_line')} as _line from erased_{name}"
        for name in sorted(names)
    ]
    lines = connection.execute(f"select distinct _line from ({' union all '.join(found)}) order by _line").fetchall()
    return [int(row[0]) for row in lines]


def _find_in_tables(connection: duckdb.DuckDBPyConnection, key: str, tables: Sequence[Contract]) -> None:
    for table in tables:
        pairs = pairs_of_table(table, f"judged_{table.table}", "_line")
        find_buried(connection, key, pairs, f"erased_{table.table}")


def _bury_judged_orders(connection: duckdb.DuckDBPyConnection, key: str) -> bool:
    rows = connection.execute(
        "select distinct order_id from judged_orders semi join erased_orders using (_line) where order_id is not null"
    ).fetchall()
    bury(connection, key, [("order_id", str(row[0])) for row in rows])
    return bool(rows)


def set_aside(connection: duckdb.DuckDBPyConnection, lines: Sequence[int], *, is_mapped: bool, table: str) -> None:
    """Take lines that were given up out of the temporary tables of judging, as if the file had not held them."""
    erased = {"lines": list(lines)}
    connection.execute("delete from problems where _line in (select unnest($lines))", erased).fetchall()
    target = "staged" if is_mapped else f"judged_{table}"
    connection.execute(f"delete from {target} where _line in (select unnest($lines))", erased).fetchall()
