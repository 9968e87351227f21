"""What can be seen on the as-of date: the end of the day, the local calendar, and the rows before that end."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from tests.reference.rates import Rates, read_rates
from tests.reference.rows import (
    OLDEST,
    Answer,
    Consent,
    Customer,
    Event,
    Exposure,
    Identity,
    Line,
    Membership,
    MessageEvent,
    Offer,
    Order,
    Product,
    Redemption,
    Refund,
    Statement,
    read,
)

if TYPE_CHECKING:
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    import pandas as pd

SHORTEST_NUMBER, LONGEST_NUMBER = 7, 15
EVENT_TYPES = frozenset(
    {
        "page_view",
        "product_view",
        "category_view",
        "search",
        "add_to_cart",
        "remove_from_cart",
        "checkout_started",
        "payment_failed",
        "purchase",
        "wishlist_add",
        "wishlist_remove",
        "signup",
        "login",
        "newsletter_signup",
        "content_download",
        "form_submitted",
        "chat_opened",
    }
)


@dataclass(frozen=True)
class Clock:
    """The as-of date D and the calendar of the shop."""

    as_of: date
    zone: ZoneInfo

    @cached_property
    def end(self) -> datetime:
        """Local midnight at the start of D + 1, in UTC."""
        after = self.as_of + timedelta(days=1)
        return datetime(after.year, after.month, after.day, tzinfo=self.zone).astimezone(UTC)

    def sees(self, moment: datetime) -> bool:
        """Whether the moment lies before the end of D."""
        return moment < self.end

    def day(self, moment: datetime) -> date:
        """Local date of a moment."""
        return moment.astimezone(self.zone).date()

    def days_since(self, day: date) -> int:
        """Whole local days from a day to D; 0 is today."""
        return (self.as_of - day).days


@dataclass(frozen=True)
class Shop:
    """The rows that can be seen on D, latest versions only."""

    clock: Clock
    products: list[Product]
    customers: list[Customer]
    statements: list[Statement]
    identities: list[Identity]
    orders: list[Order]
    lines: dict[str, list[Line]]
    refunds: list[Refund]
    refunded_order_ids: frozenset[str]
    rates: Rates
    events: list[Event]
    message_events: list[MessageEvent]
    consents: list[Consent]
    offers: dict[str, Offer]
    exposures: list[Exposure]
    redemptions: list[Redemption]
    memberships: list[Membership]
    answers: list[Answer]

    def rate(self, order: Order) -> Decimal:
        """Units of shop currency for one unit of what an order was paid in."""
        return self.rates.of(order.currency, self.clock.day(order.ordered_at))


def normal_email(email: str | None) -> str | None:
    """Trimmed and lower-cased e-mail; an empty one is none."""
    return (email or "").strip().lower() or None


def normal_phone(phone: str | None) -> str | None:
    """Digits with a plus where the country is known; None for what is no number. No default country here."""
    typed = re.sub(r"[ \-()./]", "", (phone or "").strip().replace("(0)", ""))
    number = "+" + typed[2:] if typed.startswith("00") else typed
    match = re.fullmatch(r"\+?([0-9]+)", number)
    if match is None or not SHORTEST_NUMBER <= len(match[1]) <= LONGEST_NUMBER:
        return None
    return None if len(set(number[-SHORTEST_NUMBER:])) == 1 else number


def see(tables: dict[str, pd.DataFrame], clock: Clock, shop_currency: str | None) -> Shop:
    """Read the tables and hide the future: latest version first, then hiding."""
    orders = [order for order in read(tables, "orders", Order) if clock.sees(order.ordered_at)]
    customers = _accounts(read(tables, "customers", Customer))
    all_refunds = read(tables, "refunds", Refund)
    events = [event for event in read(tables, "events", Event) if clock.sees(event.occurred_at)]
    return Shop(
        clock=clock,
        products=read(tables, "products", Product),
        customers=[row for row in customers if row.registered_at is None or clock.sees(row.registered_at)],
        statements=[
            row
            for row in read(tables, "customers", Statement)
            if row.registered_at is None or clock.sees(row.registered_at)
        ],
        identities=[row for row in read(tables, "identities", Identity) if clock.sees(row.seen_at)],
        orders=sorted(orders, key=lambda order: (order.ordered_at, order.order_id)),
        lines=_lines_by_order(read(tables, "order_lines", Line)),
        refunds=[refund for refund in all_refunds if clock.sees(refund.refunded_at)],
        refunded_order_ids=frozenset(refund.order_id for refund in all_refunds if refund.order_id is not None),
        rates=read_rates(tables, shop_currency),
        events=sorted(
            (event for event in events if event.event_type in EVENT_TYPES),
            key=lambda event: (event.occurred_at, event.event_id),
        ),
        message_events=[row for row in read(tables, "messages", MessageEvent) if clock.sees(row.occurred_at)],
        consents=[row for row in read(tables, "consents", Consent) if clock.sees(row.changed_at)],
        offers={row.offer_id: row for row in read(tables, "offers", Offer)},
        exposures=[row for row in read(tables, "offer_exposures", Exposure) if clock.sees(row.exposed_at)],
        redemptions=[row for row in read(tables, "offer_redemptions", Redemption) if clock.sees(row.redeemed_at)],
        memberships=[row for row in read(tables, "loyalty_memberships", Membership) if clock.sees(row.joined_at)],
        answers=[row for row in read(tables, "survey_answers", Answer) if clock.sees(row.answered_at)],
    )


def _accounts(rows: list[Customer]) -> list[Customer]:
    """One row per account: what the source that wrote last does not say, the one before it does."""
    known: dict[str, Customer] = {}
    for row in sorted(rows, key=lambda row: (row.updated_at or OLDEST, row.content_md5 or "")):
        before = known.get(row.customer_id, row)
        dates = [moment for moment in (before.registered_at, row.registered_at) if moment is not None]
        known[row.customer_id] = replace(
            row,
            email=row.email if normal_email(row.email) else before.email,
            is_email_verified=row.is_email_verified if normal_email(row.email) else before.is_email_verified,
            phone=row.phone if normal_phone(row.phone) else before.phone,
            registered_at=min(dates, default=None),
        )
    return list(known.values())


def _lines_by_order(lines: list[Line]) -> dict[str, list[Line]]:
    """Lines of the latest version of each order; an order whose lines name no version has all of them."""
    by_order: dict[str, list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line.order_id, line.line_number)):
        by_order[line.order_id].append(line)
    for order_id, all_lines in by_order.items():
        newest = max(line.order_updated_at or OLDEST for line in all_lines)
        by_order[order_id] = [line for line in all_lines if (line.order_updated_at or OLDEST) == newest]
    return by_order
