"""How a value becomes typed: SQL expressions from a source value to the type of a landing contract.

Text is held against strict patterns before it is cast. Typed sources (Parquet, expressions of a mapping) take a short
way. Which values are allowed, and what a wrong one is called, stands in ``judging``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dagster_project.raw.incoming import literal

if TYPE_CHECKING:
    from dagster_project.raw.contracts import ColumnType

SourceKind = Literal["text", "whole", "decimal", "float", "boolean", "instant", "local", "date", "nested", "other"]

WHOLE_TYPES = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"},
)
LOCAL_TYPES = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
NESTED_MARKS = ("STRUCT", "MAP", "UNION")
DECIMALS = {"integer": 0, "quantity": 3, "amount": 4, "price": 4, "rate": 8}
BLANK = ("' '", "chr(9)", "chr(10)", "chr(13)", "chr(160)")
BLANKS = " || ".join(BLANK)
DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
OFFSET = r"(Z|[+-](0\d|1[0-5])(:?[0-5]\d)?)"
# Digits of whole units since 1970 between 2001 and 2286: no two units share a number of digits.
EPOCHS = {"seconds": r"\d{10}(\.\d{1,6})?", "milliseconds": r"\d{13}(\.\d{1,3})?", "microseconds": r"\d{16}"}
MICROSECONDS = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}
# ISO 4217 has three letters for "no currency" and three for tests.
NO_CURRENCIES = ("X" * 3, "XTS")
EARLIEST = "timestamptz '1971-01-01 00:00:00+00'"
# A double holds an amount exactly enough when rounding to the contract's decimals moves it by less than this.
FLOAT_TOLERANCE = "1e-7"
LARGEST_EXACT_FLOAT = "9007199254740992"


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written in a source's text."""

    decimal_separator: str = "."
    thousands_separator: str | None = None

    @property
    def is_plain(self) -> bool:
        """Decimal point and no thousands separator, as in canonical files."""
        return self.decimal_separator == "." and self.thousands_separator is None


def source_kind(duckdb_type: str) -> SourceKind:
    """What a DuckDB type is to the conversions below."""
    plain: dict[str, SourceKind] = {
        "VARCHAR": "text",
        "DOUBLE": "float",
        "BOOLEAN": "boolean",
        "TIMESTAMP WITH TIME ZONE": "instant",
        "DATE": "date",
    }
    if duckdb_type in plain:
        return plain[duckdb_type]
    if duckdb_type in WHOLE_TYPES:
        return "whole"
    if duckdb_type in LOCAL_TYPES:
        return "local"
    if duckdb_type.endswith("]") or duckdb_type.startswith(NESTED_MARKS):
        return "nested"
    return "decimal" if duckdb_type.startswith("DECIMAL") else "other"


def cleaned(source: str, duckdb_type: str) -> str:
    """Text trimmed, blank text null; a float rendered when it is not needed as a number stays as it is.

    Hardly any text has blanks at its ends, and to look at its first and last bytes costs a third of trimming it: what
    is empty or begins with a blank sorts before ``!`` or with the no-break space.
    """
    if duckdb_type != "VARCHAR":
        return source
    begins = f"{source} < '!' or ({source} >= chr(160) and {source} < chr(161))"
    ends = " or ".join(f"suffix({source}, {blank})" for blank in BLANK)
    return f"case when {begins} or {ends} then nullif(trim({source}, {BLANKS}), '') else {source} end"


def rendered(source: str, duckdb_type: str) -> str:
    """The value as text: whole floats without ``.0``, times in ISO 8601, nested values as JSON."""
    match source_kind(duckdb_type):
        case "text":
            return source
        case "float":
            whole = f"{source} = trunc({source}) and abs({source}) < {LARGEST_EXACT_FLOAT}"
            return f"case when {whole} then try_cast({source} as bigint)::varchar else {source}::varchar end"
        case "instant":
            return f"strftime({source}, '%Y-%m-%d %H:%M:%S.%f+00:00')"
        case "nested":
            return f"to_json({source})::varchar"
        case _:
            return f"{source}::varchar"


def converted(  # noqa: PLR0911
    source: str, duckdb_type: str, target: ColumnType, zone: str, numbers: NumberFormat
) -> str:
    """The typed value, null where the source is no such value."""
    kind = source_kind(duckdb_type)
    text = rendered(source, duckdb_type)
    match target:
        case "text":
            return text
        case "currency":
            is_code = f"regexp_full_match({text}, '[A-Za-z]{{3}}') and upper({text}) not in {NO_CURRENCIES}"
            return f"case when {is_code} then upper({text}) end"
        case "json":
            return f"case when json_valid({text}) then {text} end"
        case "boolean":
            return source if kind == "boolean" else _boolean(text)
        case "timestamp":
            return _timestamp(source, kind, text, zone)
        case "date":
            return _date(source, kind, text)
        case "integer" | "quantity" | "amount" | "price" | "rate":
            return _number(source, kind, text, DECIMALS[target], numbers)


def _boolean(text: str) -> str:
    return (
        f"case when lower({text}) in ('true', 't', 'yes', 'y', '1') then true "
        f"when lower({text}) in ('false', 'f', 'no', 'n', '0') then false end"
    )


def point_number(text: str, numbers: NumberFormat) -> str:
    """Text of a number with decimal point and without thousands separators; null when it is written otherwise."""
    if numbers.is_plain:
        return text
    point = rf"\x{{{ord(numbers.decimal_separator):x}}}"
    digits, plain = r"\d+", text
    if numbers.thousands_separator is not None:
        digits = rf"(\d{{1,3}}(\x{{{ord(numbers.thousands_separator):x}}}\d{{3}})+|\d+)"
        plain = f"replace({text}, {literal(numbers.thousands_separator)}, '')"
    plain = f"replace({plain}, {literal(numbers.decimal_separator)}, '.')"
    return f"case when regexp_full_match({text}, '[+-]?({digits})?({point}\\d+)?') then {plain} end"


def number_pattern(decimals: int) -> str:
    """Plain decimals: at most 14 digits before the point and ``decimals`` after it, further zeros allowed."""
    if not decimals:
        return r"[+-]?0*\d{1,14}"
    return rf"[+-]?0*(\d{{1,14}}(\.\d{{1,{decimals}}}0*)?|\.\d{{1,{decimals}}}0*)"


def number_type(decimals: int) -> str:
    """The SQL type of numbers with so many decimals."""
    return f"decimal(18, {decimals})" if decimals else "bigint"


def _number(source: str, kind: SourceKind, text: str, decimals: int, numbers: NumberFormat) -> str:
    number = number_type(decimals)
    in_range = f"{source} between -99999999999999 and 99999999999999"
    if kind in {"whole", "decimal"}:
        typed = f"try_cast({source} as {number})"
        return f"case when {in_range} and {typed} = {source} then {typed} end"
    if kind == "float":
        near = f"abs({source} - round({source}, {decimals})) < {FLOAT_TOLERANCE}"
        return f"case when {in_range} and {near} then try_cast(round({source}, {decimals}) as {number}) end"
    point = point_number(text, numbers)
    return f"case when regexp_full_match({point}, '{number_pattern(decimals)}') then try_cast({point} as {number}) end"


def local_time(source: str, duckdb_type: str) -> str | None:
    """The value's local time where it carries no offset, null elsewhere; None when no such value can be."""
    match source_kind(duckdb_type):
        case "text":
            is_local = f"regexp_full_match({source}, '{DAY}([ T]{CLOCK})?')"
            return f"case when {is_local} then try_cast({source} as timestamp) end"
        case "local":
            return f"{source}::timestamp"
        case _:
            return None


def _timestamp(source: str, kind: SourceKind, text: str, zone: str) -> str:
    if kind == "instant":
        value = source
    elif kind in {"local", "date"}:
        value = at_zone(f"{source}::timestamp", zone)
    else:
        local = at_zone(f"try_cast({text} as timestamp)", zone)
        value = (
            f"case when regexp_full_match({text}, '{DAY}([ T]{CLOCK})?') then {local} "
            f"when regexp_full_match({text}, '{DAY}[ T]{CLOCK}{OFFSET}') "
            f"then try_cast({text} as timestamptz) "
            f"when regexp_full_match({text}, '{DAY}[ T]{CLOCK} {OFFSET}') "
            f"then try_cast(regexp_replace({text}, ' ([Z+-])', '\\1') as timestamptz) {_since_1970(text)} end"
        )
    return value


def _since_1970(text: str) -> str:
    return " ".join(
        f"when regexp_full_match({text}, '{pattern}') "
        f"then make_timestamptz(cast(try_cast({text} as decimal(25, 6)) * {MICROSECONDS[unit]} as bigint))"
        for unit, pattern in EPOCHS.items()
    )


def at_zone(local: str, zone: str) -> str:
    """The instant of a local time in the zone."""
    return f"{local}::timestamptz" if zone == "UTC" else f"timezone({literal(zone)}, {local})"


def _date(source: str, kind: SourceKind, text: str) -> str:
    if kind == "date":
        return source
    if kind == "local":
        return f"case when {source}::timestamp = {source}::date then {source}::date end"
    return f"case when regexp_full_match({text}, '{DAY}') then try_cast({text} as date) end"
