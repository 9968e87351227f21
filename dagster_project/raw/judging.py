"""Which rows may enter a raw table: one generated SQL expression per column, and what is wrong where it fails.

How text becomes a typed value stands in ``column_types``; where judged rows go stands in ``storing``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from dagster_project.raw import column_types, rates
from dagster_project.raw.column_types import NumberFormat
from dagster_project.raw.contracts import SQL_TYPES, Column, Contract, contracts
from dagster_project.raw.incoming import literal, quoted
from dagster_project.raw.reasons import Reason
from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import duckdb

STATUSES_PATH = PROJECT_DIR / "dbt" / "seeds" / "order_statuses.csv"
SHOWN_CHARACTERS = 80
CHECKS_PER_TABLE = 1000
PLAIN_NUMBERS = NumberFormat()
FUTURE_TOLERANCE = "interval 1 hour"
UNIT_SEPARATOR = "\x1f"
NO_KEY_WORDS = "('null', 'nan', 'none')"
FAULTS: dict[str, tuple[Reason, str]] = {
    "integer": (Reason.BAD_NUMBER, "is not a whole number"),
    "quantity": (Reason.BAD_NUMBER, "is not a number"),
    "amount": (Reason.BAD_NUMBER, "is not a number"),
    "price": (Reason.BAD_NUMBER, "is not a number"),
    "rate": (Reason.BAD_NUMBER, "is not a number"),
    "boolean": (Reason.BAD_BOOLEAN, "is neither true nor false"),
    "timestamp": (Reason.BAD_TIME, "is not a time after 1970 such as 2024-03-31T14:05:00+02:00"),
    "date": (Reason.BAD_TIME, "is not a date such as 2024-03-31"),
    "currency": (Reason.BAD_CURRENCY, "is not a three-letter currency code"),
    "json": (Reason.BROKEN_JSON, "is not JSON"),
}


@dataclass(frozen=True)
class Rules:
    """What judging depends on beside the contract: the clock, the zone of naive times, the shop and its currency."""

    now: datetime
    zone: str
    shop_currency: str | None = None
    shop_zone: str = "UTC"
    has_rates: bool = False
    numbers: NumberFormat = PLAIN_NUMBERS
    is_screened: bool = True


@dataclass(frozen=True)
class Check:
    """One way a row can be wrong; ``condition`` is true where it is, ``message`` is an SQL expression."""

    condition: str
    reason: Reason
    column: str
    message: str


@cache
def known_statuses() -> tuple[str, ...]:
    """Status words that orders may carry."""
    with STATUSES_PATH.open(encoding="utf-8", newline="") as file:
        return tuple(row["status"] for row in csv.DictReader(file))


def value_name(column: str) -> str:
    """Name of the typed value beside the cleaned source value."""
    return quoted(f"_typed_{column}")


def typed_select(contract: Contract, types: Mapping[str, str], rules: Rules, relation: str) -> str:
    """SQL that gives, per row of the relation, each present column cleaned and beside it typed."""
    present = [column for column in contract.columns if column.name in types]
    cleaned = "".join(
        f", {column_types.cleaned(quoted(column.name), types[column.name])} as {quoted(column.name)}"
        for column in present
    )
    typed = "".join(f", {_value(column, types[column.name], rules)} as {value_name(column.name)}" for column in present)
    return f"select *{typed} from (select _line, _extra{cleaned} from {relation})"


def _value(column: Column, duckdb_type: str, rules: Rules) -> str:
    value = column_types.converted(quoted(column.name), duckdb_type, column.type, rules.zone, rules.numbers)
    if column.is_reference:
        value = without_words_for_nothing(value)
    return f"lower({value})" if column.accepts or column.values else value


def without_words_for_nothing(value: str) -> str:
    """The text, null where it is a word for nothing; a word shared by many would make one person of all of them."""
    return f"case when lower({value}) not in {NO_KEY_WORDS} then {value} end"


def checks(contract: Contract, types: Mapping[str, str], rules: Rules) -> list[Check]:
    """All checks of a table over ``typed_select``, in the order in which they are reported."""
    found = [check for column in contract.columns for check in _column_checks(contract, column, types, rules)]
    return [*found, *_alternatives(contract, types)]


def _column_checks(contract: Contract, column: Column, types: Mapping[str, str], rules: Rules) -> list[Check]:
    is_key = column.name in contract.key
    if column.name not in types:
        return [_empty(column, "true", is_key=is_key)] if column.required else []
    source = quoted(column.name)
    found = [_empty(column, f"{source} is null", is_key=is_key)] if column.required else []
    if is_key and column.type == "text" and not column.is_reference:
        reads_empty = f"lower({value_name(column.name)}) in {NO_KEY_WORDS}"
        found.append(Check(reads_empty, Reason.NULL_KEY, column.name, _message(column, "is no key", types)))
    if types[column.name] == "VARCHAR" and not rules.is_screened:
        message = _plain(column, "holds a NUL character")
        found.append(Check(f"contains({source}, chr(0))", Reason.CONTROL_CHAR, column.name, message))
    return [*found, *form_checks(column, types, rules), *_range_checks(column, types, rules)]


def _plain(column: Column, text: str) -> str:
    return literal(f"{column.name}: {text}")


def _message(column: Column, text: str, types: Mapping[str, str]) -> str:
    if column.is_personal:
        return _plain(column, f"the value {text}")
    shown = f"left({column_types.rendered(quoted(column.name), types[column.name])}, {SHOWN_CHARACTERS})"
    return f"{literal(f'{column.name}: ')} || '''' || {shown} || {literal(chr(39) + ' ' + text)}"


def _empty(column: Column, condition: str, *, is_key: bool) -> Check:
    reason = Reason.NULL_KEY if is_key else Reason.MISSING_VALUE
    return Check(condition, reason, column.name, _plain(column, "is empty"))


def form_checks(column: Column, types: Mapping[str, str], rules: Rules) -> list[Check]:
    """A value that is there and is not what the type says, or lies in the future."""
    source, value = quoted(column.name), value_name(column.name)
    found = []
    if column.type in FAULTS:
        reason, text = FAULTS[column.type]
        wrong = f"{source} is not null and {value} is null"
        if column.type == "timestamp":
            wrong = f"({wrong}) or {value} < {column_types.EARLIEST} or not isfinite({value})"
        found.append(Check(wrong, reason, column.name, _message(column, text, types)))
    if column.is_business_time:
        limit = f"timestamptz {literal(rules.now.isoformat())} + {FUTURE_TOLERANCE}"
        late = f"{value} > {limit} and isfinite({value})"
        found.append(Check(late, Reason.FUTURE_TIME, column.name, _message(column, "lies in the future", types)))
    return found


def _range_checks(column: Column, types: Mapping[str, str], rules: Rules) -> list[Check]:
    value = value_name(column.name)
    found = []
    if column.type in {"amount", "price", "quantity"}:
        negative = Reason.of(column.negative)
        found.append(Check(f"{value} < 0", negative, column.name, _message(column, "is below zero", types)))
    if column.type == "rate":
        text = "is not above zero"
        found.append(Check(f"{value} <= 0", Reason.BAD_NUMBER, column.name, _message(column, text, types)))
    if column.rated_by in types and rules.shop_currency is not None:
        text = f"is not the shop's currency {rules.shop_currency} and there is no rate for it"
        unrated = _is_unrated(value, value_name(str(column.rated_by)), rules)
        found.append(Check(unrated, Reason.NO_FX_RATE, column.name, _message(column, text, types)))
    if column.accepts:
        allowed, reason = known_statuses(), Reason.UNKNOWN_STATUS
        text = f"is no known status; {STATUSES_PATH.relative_to(PROJECT_DIR)} lists them"
    elif column.values:
        allowed, reason = column.values, Reason.UNKNOWN_VALUE
        text = f"is none of {', '.join(column.values)}"
    else:
        return found
    listed = ", ".join(map(literal, allowed))
    return [*found, Check(f"{value} not in ({listed})", reason, column.name, _message(column, text, types))]


def _is_unrated(currency: str, instant: str, rules: Rules) -> str:
    foreign = f"{currency} <> {literal(str(rules.shop_currency))}"
    if not rules.has_rates:
        return foreign
    day = rates.rated_day(currency, rates.local_day(instant, rules.shop_zone))
    return f"{foreign} and {day} not in ({rates.rated_days()})"


def _alternatives(contract: Contract, types: Mapping[str, str]) -> list[Check]:
    if not contract.requires_one_of:
        return []
    met = [
        " and ".join(f"{value_name(name)} is not null" for name in group)
        for group in contract.requires_one_of
        if all(name in types for name in group)
    ]
    unmet = f"not ({' or '.join(f'({condition})' for condition in met)})" if met else "true"
    words = " or ".join(" and ".join(group) for group in contract.requires_one_of)
    column = contract.requires_one_of[0][0]
    return [Check(unmet, Reason.NULL_KEY, column, literal(f"{column}: {words} is needed"))]


def start_problems(connection: duckdb.DuckDBPyConnection, given_up: Sequence[int] = ()) -> None:
    """Begin a file: what is wrong with its rows is collected in the temporary table ``problems``.

    The lines ``given_up`` are wrong from the start.
    """
    connection.execute(
        "create or replace temp table problems "
        "(_line bigint, position integer, code varchar, column_name varchar, message varchar)",
    ).fetchall()
    connection.execute(
        "insert into problems select _line, 0, _code, null, _message from incoming where _code is not null",
    ).fetchall()
    if given_up:
        given = "select unnest($lines), -1, 'given_up', null, 'the row was purged'"
        connection.execute(f"insert into problems {given}", {"lines": list(given_up)}).fetchall()


def judge(  # noqa: PLR0917
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    types: Mapping[str, str],
    rules: Rules,
    relation: str,
    target: str,
) -> None:
    """Judge the rows of a relation into the temporary table ``target``; what is wrong goes into ``problems``."""
    typed = typed_select(contract, types, rules, relation)
    found = checks(contract, types, rules)
    is_bad = " or ".join(f"coalesce({check.condition}, false)" for check in found) or "false"
    columns = ", ".join(_typed_column(column, types) for column in contract.columns)
    connection.execute(
        f"create or replace temp table {target} as "
        f"select _line, _extra, {columns}, {content_md5(contract, types)} as content_md5, {is_bad} as _is_bad "
        f"from ({typed})",
    ).fetchall()
    table = list(contracts()).index(contract.table)
    add_problems(connection, found, f"from ({typed})", f"select _line from {target} where _is_bad", table)


def _typed_column(column: Column, types: Mapping[str, str]) -> str:
    value = value_name(column.name) if column.name in types else "null"
    return f"{value}::{SQL_TYPES[column.type]} as {quoted(column.name)}"


def content_md5(contract: Contract, types: Mapping[str, str]) -> str:
    """Hash over all contract columns in order, ``=`` and the value or ``-`` where it is missing, with separators.

    ``concat`` reads a null as nothing, so that each value is copied once.
    """
    pieces, constant = [], ""
    for at, column in enumerate(contract.columns):
        constant += UNIT_SEPARATOR if at else ""
        if column.name not in types:
            constant += "-"
            continue
        value = value_name(column.name)
        pieces += [literal(constant)] if constant else []
        pieces.append(f"case when {value} is null then '-' else '=' end")
        if column.type == "timestamp":
            value = f"epoch_us({value})"
        elif column.type in {"amount", "price", "rate", "quantity", "integer"}:
            value = f"{value}::{SQL_TYPES[column.type]}"
        pieces.append(f"{value}::varchar")
        constant = ""
    return f"md5(concat({', '.join([*pieces, literal(constant)])}))"


def add_problems(
    connection: duckdb.DuckDBPyConnection,
    found: list[Check],
    source: str,
    lines: str,
    table: int = 0,
) -> None:
    """Add every failed check of those rows of ``source`` (a from clause) whose lines the query ``lines`` gives.

    Problems of a row are told in the order of ``table``, then of the checks.
    """
    if not found or not connection.execute(f"select 1 from ({lines}) limit 1").fetchall():
        return
    flags = ", ".join(f"coalesce({check.condition}, false) as _c{at}" for at, check in enumerate(found))
    messages = ", ".join(f"{check.message} as _m{at}" for at, check in enumerate(found))
    branches = " union all ".join(
        f"select _line, {table * CHECKS_PER_TABLE + at + 1}, {literal(check.reason.value)}, {literal(check.column)}, "
        f"_m{at} from failed where _c{at}"
        for at, check in enumerate(found)
    )
    connection.execute(
        f"insert into problems with failed as materialized "
        f"(select _line, {flags}, {messages} {source} where _line in ({lines})) {branches}",
    ).fetchall()
