"""Rules that can hold for nobody, whoever comes: comparisons of one column that exclude each other.

Only comparisons that must hold together are looked at; an ``any`` may always offer a way out.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from dagster_project.segments.rules import OPERATORS, All, Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dagster_project.segments.rules import Rule

_LOWER = {"at_least": True, "more_than": False}
_UPPER = {"at_most": True, "less_than": False}


def contradiction(rule: Rule) -> str | None:
    """Two comparisons or more that exclude each other, in words; None where people may come."""
    by_column: dict[str, list[Comparison]] = defaultdict(list)
    for comparison in _together(rule):
        by_column[comparison.column].append(comparison)
    for column, comparisons in by_column.items():
        if _is_empty(comparisons):
            words = [f"{OPERATORS[each.operator].words} {', '.join(map(str, each.values))}" for each in comparisons]
            return f"{column} {' and '.join(words)}"
    return None


def _together(rule: Rule) -> list[Comparison]:
    if isinstance(rule, Comparison):
        return [rule]
    return [inner for each in rule.rules for inner in _together(each)] if isinstance(rule, All) else []


def _is_empty(comparisons: Sequence[Comparison]) -> bool:
    """Whether no value satisfies all of them."""
    unknown = [each for each in comparisons if each.operator == "is_known" and not each.values[0]]
    if unknown:
        return len(comparisons) > len(unknown)
    allowed = _allowed(comparisons)
    if allowed is not None:
        return not any(all(_holds(each, value) for each in comparisons) for value in allowed)
    low, has_low, high, has_high = _range(comparisons)
    return low is not None and high is not None and (low > high or (low == high and not (has_low and has_high)))


def _allowed(comparisons: Sequence[Comparison]) -> Sequence[Any] | None:
    """The values that are named one by one, where any comparison does so."""
    named = [each.values for each in comparisons if each.operator in {"is", "is_one_of"}]
    return named[0] if named else None


def _range(comparisons: Sequence[Comparison]) -> tuple[Any, bool, Any, bool]:
    """Largest lower and smallest upper limit, each with whether the limit itself is allowed."""
    lows = [(each.values[0], not _LOWER[each.operator]) for each in comparisons if each.operator in _LOWER]
    highs = [(each.values[0], _UPPER[each.operator]) for each in comparisons if each.operator in _UPPER]
    for each in comparisons:
        if each.operator == "between":
            lows.append((each.values[0], False))
            highs.append((each.values[1], True))
    low, is_open = max(lows, default=(None, True))
    high, is_closed = min(highs, default=(None, False))
    return low, not is_open, high, is_closed


def _holds(comparison: Comparison, value: Any) -> bool:
    holds = _HOLDS.get(comparison.operator)
    return holds is None or bool(holds(value, *comparison.values))


_HOLDS: dict[str, Callable[..., bool]] = {
    "is": lambda value, *values: value in values,
    "is_one_of": lambda value, *values: value in values,
    "is_not": lambda value, *values: value not in values,
    "is_none_of": lambda value, *values: value not in values,
    "at_least": operator.ge,
    "more_than": operator.gt,
    "at_most": operator.le,
    "less_than": operator.lt,
    "between": lambda value, low, high: low <= value <= high,
    "starts_with": str.startswith,
    "includes": lambda value, held: f",{held}," in f",{value},",
}
