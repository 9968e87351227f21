"""Builders of tiny raw tables for the tests of the reference: one call, one row."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pandas as pd

from tests.reference.reference import Reference, reference

D = date(2026, 6, 30)
KEY = "test-key"

Tables = dict[str, list[dict[str, Any]]]


def at(days_ago: int, clock: str = "12:00") -> datetime:
    """A UTC time so many days before D."""
    hour, minute = clock.split(":")
    midnight = datetime(D.year, D.month, D.day, tzinfo=UTC) - timedelta(days=days_ago)
    return midnight + timedelta(hours=int(hour), minutes=int(minute))


class Landing:
    """Raw tables in the making; ids that do not matter are counted."""

    def __init__(self) -> None:
        self.rows: Tables = {}
        self.numbers = count(1)

    def add(self, table: str, **values: Any) -> Landing:
        """Add one row as it is."""
        self.rows.setdefault(table, []).append(values)
        return self

    def order(
        self, order_id: str, days_ago: int, total: str | None = "10.00", customer: str | None = "ann", **values: Any
    ) -> Landing:
        """An order at noon."""
        amount = None if total is None else Decimal(total)
        columns = {"order_id": order_id, "customer_id": customer, "ordered_at": at(days_ago), "total_amount": amount}
        return self.add("orders", **(columns | values))

    def line(self, order_id: str, product: str, quantity: str, price: str, number: int = 1, **values: Any) -> Landing:
        """A line of an order."""
        columns = {"order_id": order_id, "line_number": number, "product_id": product}
        amounts = {"quantity": Decimal(quantity), "unit_price": Decimal(price)}
        return self.add("order_lines", **(columns | amounts | values))

    def refund(self, refund_id: str, days_ago: int, amount: str, **values: Any) -> Landing:
        """A refund at noon; name an order, or a customer and a product."""
        columns = {"refund_id": refund_id, "refunded_at": at(days_ago), "amount": Decimal(amount)}
        return self.add("refunds", **(columns | values))

    def event(self, event_type: str, moment: datetime, device: str | None = "phone", **values: Any) -> Landing:
        """An event; ids follow the order of the calls."""
        columns = {"event_id": f"e{next(self.numbers):04}", "occurred_at": moment, "event_type": event_type}
        return self.add("events", **(columns | {"anonymous_id": device} | values))

    def seen(self, as_of: date = D, time_zone: str = "UTC") -> Reference:
        """What the reference says of these tables."""
        frames = {name: pd.DataFrame(rows, dtype=object) for name, rows in self.rows.items()}
        return reference(frames, as_of=as_of, time_zone=time_zone, pii_key=KEY)
