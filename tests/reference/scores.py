"""RFM: the three scores of every buyer, by any of the three methods, and the name of the group they fall into."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from tests.reference.maps import group

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = TypeVar("Value", int, Decimal)

MIN_ORDERS_FOR_TOP_FREQUENCY = 3


@dataclass(frozen=True)
class Buyer:
    """What is scored."""

    customer_id: str
    days_since_last_order: int
    orders_count: int
    net: Decimal


@dataclass(frozen=True)
class Scores:
    """Recency, frequency and monetary score, each from 1 up, the highest being best."""

    recency: int
    frequency: int
    monetary: int

    @property
    def code(self) -> str:
        """The three digits."""
        return f"{self.recency}{self.frequency}{self.monetary}"

    @property
    def segment(self) -> str:
        """Name of the group on the 25-cell grid."""
        return self.named("grid11")

    def named(self, rfm_map: str) -> str:
        """Name of the group on a map."""
        return group(rfm_map, self.recency, self.frequency, self.monetary)


@dataclass(frozen=True)
class Cuts:
    """What the scores 2, 3, ... need: at most these days, at least these orders and this money; None: nobody has it."""

    days: Sequence[int | None]
    orders: Sequence[int | None]
    money: Sequence[Decimal | None]


def score(buyers: list[Buyer], top: int = 5) -> dict[str, Scores]:
    """Scores by customer id: 1 + top * (buyers strictly worse) // buyers, so that equal values score equally."""
    recency = _scorer([-buyer.days_since_last_order for buyer in buyers], top)
    frequency = _scorer([buyer.orders_count for buyer in buyers], top)
    monetary = _scorer([buyer.net for buyer in buyers], top)
    scores = {}
    for buyer in buyers:
        best = top if buyer.orders_count >= MIN_ORDERS_FOR_TOP_FREQUENCY else top - 1
        scores[buyer.customer_id] = Scores(
            recency(-buyer.days_since_last_order),
            min(frequency(buyer.orders_count), best),
            monetary(buyer.net),
        )
    return scores


def score_by_cuts(buyers: list[Buyer], cuts: Cuts) -> dict[str, Scores]:
    """Scores by customer id that know nothing of other buyers: the best score whose cut point is reached."""
    return {
        buyer.customer_id: Scores(
            _best([days is not None and buyer.days_since_last_order <= days for days in cuts.days]),
            _best([orders is not None and buyer.orders_count >= orders for orders in cuts.orders]),
            _best([money is not None and buyer.net >= money for money in cuts.money]),
        )
        for buyer in buyers
    }


def calibrate(buyers: list[Buyer], top: int = 5) -> Cuts:
    """The cut points with which today's buyers get the scores that comparing them gives."""
    days = _cuts([-buyer.days_since_last_order for buyer in buyers], top)
    orders = _cuts([buyer.orders_count for buyer in buyers], top)
    if orders[-1] is not None:
        orders[-1] = max(MIN_ORDERS_FOR_TOP_FREQUENCY, orders[-1])
    return Cuts(
        [None if cut is None else -cut for cut in days],
        orders,
        _cuts([buyer.net for buyer in buyers], top),
    )


def _best(reached: list[bool]) -> int:
    return max((score for score, is_reached in enumerate(reached, start=2) if is_reached), default=1)


def _cuts(values: list[Value], top: int) -> list[Value | None]:
    """For each score from 2 the least value that has at least (score - 1) / top of all values strictly below it."""
    ordered = sorted(values)
    needed = [-(-(score - 1) * len(ordered) // top) for score in range(2, top + 1)]
    return [next((value for value in ordered if bisect_left(ordered, value) >= below), None) for below in needed]


def _scorer(values: list[Value], top: int) -> Callable[[Value], int]:
    ordered = sorted(values)
    return lambda value: 1 + top * bisect_left(ordered, value) // len(ordered)
