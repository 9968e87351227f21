"""RFM: the three scores of every buyer and the name of the group they fall into."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value", int, Decimal)

MIN_ORDERS_FOR_TOP_FREQUENCY = 3

# Rows: recency 5 to 1; columns: (F + M + 1) // 2 from 5 to 1.
GRID = {
    5: ("Champions", "Champions", "Loyal", "Potential Loyalist", "Recent"),
    4: ("Champions", "Loyal", "Potential Loyalist", "Potential Loyalist", "Promising"),
    3: ("Loyal", "Loyal", "Potential Loyalist", "Needing Attention", "Promising"),
    2: ("At Risk", "At Risk", "Needing Attention", "Needing Attention", "About To Sleep"),
    1: ("Can't Lose Them", "Can't Lose Them", "At Risk", "Hibernating", "Lost"),
}


@dataclass(frozen=True)
class Buyer:
    """What is scored."""

    customer_id: str
    days_since_last_order: int
    orders_count: int
    net: Decimal


@dataclass(frozen=True)
class Scores:
    """Recency, frequency and monetary score, each 1 to 5, 5 being best."""

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
        return GRID[self.recency][5 - (self.frequency + self.monetary + 1) // 2]


def score(buyers: list[Buyer]) -> dict[str, Scores]:
    """Scores by customer id: 1 + 5 * (buyers strictly worse) // buyers, so that equal values score equally."""
    recency = _scorer([-buyer.days_since_last_order for buyer in buyers])
    frequency = _scorer([buyer.orders_count for buyer in buyers])
    monetary = _scorer([buyer.net for buyer in buyers])
    scores = {}
    for buyer in buyers:
        best = 5 if buyer.orders_count >= MIN_ORDERS_FOR_TOP_FREQUENCY else 4
        scores[buyer.customer_id] = Scores(
            recency(-buyer.days_since_last_order),
            min(frequency(buyer.orders_count), best),
            monetary(buyer.net),
        )
    return scores


def _scorer(values: list[Value]) -> Callable[[Value], int]:
    ordered = sorted(values)
    return lambda value: 1 + 5 * bisect_left(ordered, value) // len(ordered)
