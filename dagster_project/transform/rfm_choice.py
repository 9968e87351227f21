"""Which RFM map and method a shop chose in ``dbt/dbt_project.yml``, checked before anything runs.

How scores are computed stands in ``models/``; stored cut points of the method ``anchored`` are in ``rfm_anchors.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dagster_project.errors import UsageError
from dagster_project.transform.rfm_maps import RfmMap, declared_maps, map_faults
from dagster_project.yaml_files import project_vars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

METHODS = ("relative", "fixed", "anchored")
FIXED_VARS = ("rfm_fixed_recency_days", "rfm_fixed_frequency_orders", "rfm_fixed_monetary_amounts")
_FEWEST_ORDERS, _LEAST_MONEY, _TOO_MUCH_MONEY = 1, Decimal("0.01"), Decimal(10) ** 15


@dataclass(frozen=True)
class CutPoints:
    """What the scores 2, 3, ... need: at most so many days, at least so many orders, at least so much money.

    None is a score that nobody gets.
    """

    recency_days: tuple[int | None, ...]
    frequency_orders: tuple[int | None, ...]
    monetary_amounts: tuple[Decimal | None, ...]

    def possible_scores(self) -> tuple[list[int], list[int], list[int]]:
        """The scores that some buyer could get in each dimension: equal cut points leave out those between them."""
        recency = [None if days is None else -days for days in self.recency_days]
        return (
            _possible(recency, None),
            _possible(self.frequency_orders, _FEWEST_ORDERS),
            _possible(self.monetary_amounts, _LEAST_MONEY),
        )


@dataclass(frozen=True)
class RfmChoice:
    """A checked choice, and the dbt vars that say it."""

    method: str
    rfm_map: RfmMap
    top_score: int
    fixed: CutPoints | None
    variables: Mapping[str, Any]

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups that a buyer can be in, in the order of the map."""
        return tuple(group.name for group in self.rfm_map.groups if group.is_scored)


def read_choice(variables: Mapping[str, Any] | None = None, maps: Mapping[str, RfmMap] | None = None) -> RfmChoice:
    """The choice that these vars make, those of the project unless others are given.

    Raises:
        UsageError: map or method is unknown, the map is not sound, or cut points do not fit it; says what to write.
    """
    found = {name: value for name, value in (variables or project_vars()).items() if name.startswith("rfm_")}
    known = declared_maps() if maps is None else maps
    name, method = str(found["rfm_map"]), str(found["rfm_method"])
    if name not in known:
        raise _fault("rfm_map", f"there is no map {name!r}; dbt/seeds/rfm_scales.csv has {', '.join(known)}")
    if method not in METHODS:
        raise _fault("rfm_method", f"there is no method {method!r}; write one of {', '.join(METHODS)}")
    if faults := map_faults(known[name]):
        raise _fault("rfm_map", "; ".join(faults))
    for number in ("rfm_min_orders_for_top_frequency", "rfm_min_scored_customers"):
        if not _is_whole(found[number]) or found[number] < 0:
            raise _fault(number, f"{found[number]!r} is not a whole number from 0 on")
    top = known[name].top_score or 0
    fixed = _fixed_cut_points(found, name, top) if method == "fixed" else None
    return RfmChoice(method, known[name], top, fixed, found)


def _fixed_cut_points(found: Mapping[str, Any], name: str, top: int) -> CutPoints:
    recency, frequency, money = (_listed(found, variable, name, top) for variable in FIXED_VARS)
    for variable, values in zip(FIXED_VARS, (recency, frequency), strict=False):
        if not all(_is_whole(value) for value in values):
            raise _fault(variable, f"{name}: {values} are not all whole numbers")
    amounts = [_amount(value, name) for value in money]
    _require_order(FIXED_VARS[0], name, [-days for days in recency], recency, "shorter silence")
    _require_order(FIXED_VARS[1], name, frequency, frequency, "more orders")
    _require_order(FIXED_VARS[2], name, amounts, money, "more money")
    if recency[-1] < 0:
        raise _fault(FIXED_VARS[0], f"{name}: nobody's last order is {recency[-1]} days old")
    return CutPoints(tuple(recency), tuple(frequency), tuple(amounts))


def _listed(found: Mapping[str, Any], variable: str, name: str, top: int) -> list[Any]:
    by_map = found[variable]
    values = by_map.get(name) if isinstance(by_map, dict) else None
    if not isinstance(values, list) or len(values) != top - 1:
        has = f"{len(values)}: {values}" if isinstance(values, list) else "none"
        message = f"the map {name} has scores 1 to {top} and needs a list of {top - 1} cut points, and has {has}"
        raise _fault(variable, message)
    return values


def _require_order(variable: str, name: str, values: Sequence[Any], shown: Sequence[Any], needs: str) -> None:
    for at in range(1, len(values)):
        if values[at] <= values[at - 1]:
            message = f"{name}: a better score needs {needs}, and {shown[at]} stands after {shown[at - 1]}"
            raise _fault(variable, message)


def _amount(value: object, name: str) -> Decimal:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    amount = Decimal(str(value)) if is_number else _TOO_MUCH_MONEY
    if abs(amount) >= _TOO_MUCH_MONEY or amount % _LEAST_MONEY:
        raise _fault(FIXED_VARS[2], f"{name}: {value!r} is not an amount with at most two decimals")
    return amount


def _possible(cuts: Sequence[Any], least: Decimal | int | None) -> list[int]:
    """Scores whose range of values is not empty; ``cuts`` rise, and values begin at ``least``."""
    starts = [least, *cuts]
    found = []
    for score, start in enumerate(starts, start=1):
        following = starts[score] if score < len(starts) else None
        is_wide = following is None or start is None or following > (start if least is None else max(start, least))
        if (score == 1 or start is not None) and is_wide:
            found.append(score)
    return found


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _fault(variable: str, sentence: str) -> UsageError:
    return UsageError(f"dbt/dbt_project.yml: {variable}: {sentence}.")
