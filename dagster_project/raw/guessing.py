"""Which landing tables a foreign file may feed, and from which of its columns: guesses for a person to look over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.raw.contracts import Contract, contracts
from dagster_project.yaml_files import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster_project.raw.contracts import Column
    from dagster_project.raw.profiling import Look, Profile, Values

WORDS_PATH = Path(__file__).with_name("column_words.yml")
# Tables that a shop exports; others are mapped by hand.
CANDIDATES = ("orders", "order_lines", "refunds", "products", "customers", "events", "messages")
_TIMES: frozenset[Look] = frozenset({"time", "day_first", "month_first"})
_NUMBERS = frozenset({"integer", "quantity", "amount", "price", "rate"})
# Values that say enough without a name.
_BY_VALUE: dict[str, Look] = {"email": "email", "currency": "currency"}
# An order that stands on several rows is a group of them.
_REPEATED = 0.9
# A required column that is not there speaks against a table more than one that is there speaks for it.
_MISSING_COSTS = 1.5


@dataclass(frozen=True)
class Guess:
    """One table: the foreign column of each landing column, and required landing columns that nothing looks like."""

    contract: Contract
    columns: Mapping[str, str]
    missing: tuple[str, ...]
    is_grouped: bool = False


@cache
def words() -> dict[str, tuple[str, ...]]:
    """Names that other systems use, by landing column."""
    found = parsed(WORDS_PATH.read_text(encoding="utf-8"))
    return {str(column): tuple(map(str, names)) for column, names in found.items()}


def normalised(name: str) -> str:
    """Words in lower case, joined by underscores, however they were joined."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def guesses(profile: Profile) -> list[Guess]:
    """The tables that the file most likely feeds: the best, and where it is a list of order lines, orders and lines."""
    found = {table: _guess(contracts()[table], profile) for table in CANDIDATES}
    orders, lines = found["orders"], found["order_lines"]
    order_column = orders.columns.get("order_id")
    is_repeated = order_column is not None and profile.columns[order_column].distinct_share < _REPEATED
    if is_repeated and {"quantity", "unit_price"} <= set(lines.columns):
        return [Guess(orders.contract, orders.columns, orders.missing, is_grouped=True), lines]
    return [max(found.values(), key=_fitness)]


def looks_like(name: str, values: Values) -> list[str]:
    """Landing columns that a foreign column may be, as ``table.column``."""
    return [
        f"{table}.{column.name}"
        for table in CANDIDATES
        for column in contracts()[table].columns
        if _score(column, name, values) > 0
    ]


def _fitness(guess: Guess) -> float:
    return len(guess.columns) - _MISSING_COSTS * len(guess.missing)


def _guess(contract: Contract, profile: Profile) -> Guess:
    ranked = sorted(
        (
            (-_score(column, name, values), at, column.name, name)
            for at, column in enumerate(contract.columns)
            for name, values in profile.columns.items()
            if _score(column, name, values) > 0
        ),
    )
    columns: dict[str, str] = {}
    for _, _, column, name in ranked:
        if column not in columns and name not in columns.values():
            columns[column] = name
    is_shared = contract.table == "order_lines" and profile.columns
    missing = [column.name for column in contract.columns if column.required and column.name not in columns]
    if is_shared and "order_id" in columns and "line_number" in missing:
        missing.remove("line_number")
    ordered = {column.name: columns[column.name] for column in contract.columns if column.name in columns}
    return Guess(contract, ordered, tuple(missing))


def _score(column: Column, name: str, values: Values) -> float:
    """How much a foreign column looks like a landing column: by name first, never against its values."""
    if not _fits(column, values):
        return 0
    plain = normalised(name)
    if plain == column.name:
        return 4
    known = words().get(column.name, ())
    if plain in known:
        return 3 - known.index(plain) / 100
    return 1 if _BY_VALUE.get(column.name) == values.look else 0


def _fits(column: Column, values: Values) -> bool:
    look = values.look
    if look == "empty":
        return True
    if column.type in {"timestamp", "date"}:
        return look in _TIMES
    if column.type in _NUMBERS:
        return look == "number"
    if column.type == "currency":
        return look == "currency"
    return look not in _TIMES and (column.name != "email" or look == "email") and look != "nested"
