"""How numbers, dates and text are written on the page; no numbers are computed here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

UNKNOWN = "\N{EN DASH}"
# Shares below would be written as 0.0%.
_LEAST_SHARE = 0.0005
_ADDRESS = re.compile(r"[^\s@<>()\"',;:/]+@[^\s@<>()\"',;:/]+\.[^\s@<>()\"',;:/]+")


def count(value: int | Decimal | None) -> str:
    """A whole number with thousands separators; a dash where nobody knows."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def amount(value: Decimal | None) -> str:
    """Money to the cent with thousands separators; a dash where nobody knows."""
    return UNKNOWN if value is None else f"{value:,.2f}"


def percent(share: float | None) -> str:
    """A share (0 to 1) as per cent with one decimal; a dash where there is nothing to have a share of."""
    if share is None:
        return UNKNOWN
    if 0 < share < _LEAST_SHARE:
        return "< 0.1%"
    return f"{share:.1%}"


def width(share: float | None) -> str:
    """A share (0 to 1) as the width of a bar in CSS."""
    return f"{min(max(share or 0.0, 0.0), 1.0) * 100:.2f}%"


def long_date(value: date) -> str:
    """A date that reads the same everywhere: 9 December 2011."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def words(name: str) -> str:
    """A name such as ``wrong_column_count`` as words: Wrong column count."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def excerpt(text: str, length: int = 200) -> str:
    """The beginning of a long text."""
    return text if len(text) <= length else text[:length].rstrip() + " …"


def counted(number: int, singular: str, plural: str) -> str:
    """A number with its noun: 1 warning, 2 warnings."""
    return f"{count(number)} {singular if number == 1 else plural}"


def without_addresses(value: object) -> object:
    """Everything that reaches the page passes here: an e-mail address, say in a file's name, never does."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _ADDRESS.sub("[address removed]", value)
    return value


def share_of(part: Decimal | float, whole: Decimal | float) -> float | None:
    """A part of a whole (0 to 1); None where there is no whole."""
    return float(part) / float(whole) if whole else None


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
