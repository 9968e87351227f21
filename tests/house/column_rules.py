"""The rules of the house for names and types of columns, as pure functions."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WHOLE = ("int", "bigint")
MONEY = ("decimal(18, 2)", "decimal(18, 4)")
UNITS = {
    "_days": WHOLE,
    "_count": WHOLE,
    "_seconds": WHOLE,
    "_bp": WHOLE,
    "_score": WHOLE,
    "_rank": WHOLE,
    "_amount": MONEY,
    "_quantity": ("decimal(18, 3)",),
    "_share": ("decimal(9, 6)", "double"),
    "_rate": ("decimal(18, 8)",),
    "_at": ("timestamp",),
    "_date": ("date",),
    "_id": ("string",),
    "_key": ("string",),
}
# Numbers that are neither counted nor measured, by the whole name.
BARE_NUMBERS = {
    "quantity": "the one unit of a line",
    "line_number": "numbers a line",
    "customer_order_number": "numbers an order",
    "stage_order": "numbers a stage",
    "age_years": "whole years of life",
    "step_number": "numbers a step",
    "month_number": "numbers a month",
    "calendar_year": "a year",
    "calendar_month": "a month",
    "iso_weekday": "a weekday",
    "current_value": "in the unit of the threshold beside it",
    "suggested_value": "likewise",
}
BANNED_WORDS = frozenset(
    {"data", "info", "temp", "utils", "helpers", "common", "num", "qty", "amt", "cnt", "avg", "ts", "dt", "pct"}
)

_KINDS = {"string": 1, "int": 2, "bigint": 2, "double": 2, "boolean": 3, "date": 4, "timestamp": 5}


def name_faults(name: str, data_type: str) -> Iterator[str]:
    """A name ends in its unit, and the unit has one type."""
    if re.fullmatch(r"(days_(since|before|until)_.+)", name):
        wanted: Sequence[str] = WHOLE
    elif re.match(r"(is|has)_", name):
        wanted = ("boolean",)
    elif name in BARE_NUMBERS:
        wanted = (*WHOLE, "decimal(18, 3)")
    else:
        unit = next((suffix for suffix in UNITS if name.endswith(suffix)), None)
        wanted = UNITS[unit] if unit else ("string",)
    if data_type not in wanted:
        yield (
            f"{name} {data_type}: a column of that name is {' or '.join(wanted)}; numbers end in "
            "_days, _count, _seconds, _amount, _quantity, _share, _rate, _bp, _score or _rank, times in _at, "
            "dates in _date, booleans begin with is_ or has_"
        )
    for word in set(name.split("_")) & BANNED_WORDS:
        yield f"{name}: no abbreviations and no word that says nothing ({word})"
    if name == "recency":
        yield "recency has two meanings: days_since_last_order"


def order_faults(columns: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Ids, text, numbers, booleans, dates, timestamps."""
    kinds = [(_kind(name, data_type), name) for name, data_type in columns]
    for (before, first), (after, second) in pairwise(kinds):
        if before > after:
            yield f"{second} stands after {first}: ids, text, numbers, booleans, dates, timestamps"


def _kind(name: str, data_type: str) -> int:
    if data_type == "string" and name.endswith(("_id", "_key")):
        return 0
    return _KINDS[re.sub(r"decimal.*", "double", data_type)]
