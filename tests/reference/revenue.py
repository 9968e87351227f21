"""Net revenue of every day: once by the day of the order, once by the day on which money came or went."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pandas as pd

from tests.reference.orders import ZERO, ValuedOrder, cents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from decimal import Decimal

    from tests.reference.refunds import Portion
    from tests.reference.visible import Shop


def revenue_frame(shop: Shop, orders: list[ValuedOrder], portions: list[Portion]) -> pd.DataFrame:
    """One row per day with an order that is no test, or with money that went back."""
    by_order: dict[date, Decimal] = defaultdict(lambda: ZERO)
    by_event: dict[date, Decimal] = defaultdict(lambda: ZERO)
    taken_back = _by_order(portions)
    for item in orders:
        if item.order.is_test:
            continue
        by_order[item.day] += item.net
        by_event[item.day] += item.value - item.gift_cards if item.is_valid else ZERO
        for day, amount in _steps(shop, item, taken_back[item.order.order_id]):
            by_event[day] -= amount
    rows = [[day, by_order[day], by_event[day]] for day in sorted({*by_order, *by_event})]
    columns = ["revenue_date", "net_by_order_date", "net_by_event_date"]
    return pd.DataFrame(rows, columns=columns, dtype=object).set_index("revenue_date")


def _by_order(portions: list[Portion]) -> dict[str | None, list[Portion]]:
    grouped: dict[str | None, list[Portion]] = defaultdict(list)
    for portion in sorted(portions, key=lambda portion: (portion.refunded_at, portion.refund_id)):
        grouped[portion.order_id].append(portion)
    return grouped


def _steps(shop: Shop, item: ValuedOrder, portions: list[Portion]) -> Iterator[tuple[date, Decimal]]:
    """Day and amount of everything that went back for a valid order, until nothing is left of it."""
    if not item.is_valid:
        return
    paid_back, before = ZERO, ZERO
    for portion in portions:
        paid_back += portion.amount
        after = min(cents(paid_back * shop.rate(item.order)), item.value - item.gift_cards)
        yield shop.clock.day(portion.refunded_at), after - before
        before = after
