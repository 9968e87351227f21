"""Habits of buying and of visiting, and the flags that hold people against each other.

Percentiles are by nearest rank: the smallest value that the share of all values does not exceed.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from statistics import median
from typing import TYPE_CHECKING, Any, TypeVar

from tests.reference.orders import ZERO, ValuedOrder, cents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.reference.people import Person
    from tests.reference.visible import Clock, Shop

YEAR, HALF_YEAR, QUARTER, MONTH, WEEK = 365, 180, 90, 30, 7
EVENT_OF = {"cart_add": "add_to_cart", "category_view": "category_view", "product_view": "product_view"}
TEXTS = ["buyer_frequency", "order_frequency", "price_habit"]
MONEY = [
    "order_value_amount",
    "median_order_amount",
    "largest_order_amount",
    "recent_spend_amount",
    "previous_spend_amount",
    "full_price_revenue_amount",
    "promotion_revenue_amount",
]
INTEGERS = [
    "order_value_score",
    "buying_window_orders_count",
    "orders_per_month_bp",
    "median_products_bp",
    "view_to_buy_bp",
    "full_price_orders_count",
    "promotion_orders_count",
    "spend_trend_bp",
    "median_gap_days",
    "gap_spread_days",
    "last_gap_days",
    "purchase_days_count",
    "quarter_sessions_count",
    "quarter_visit_seconds",
    "orders_per_session_bp",
    "days_since_first_session",
    *(f"{window}_{deed}s_count" for window in ("month", "quarter") for deed in EVENT_OF),
    *(f"days_since_last_{deed}" for deed in EVENT_OF),
]
BUYING_FLAGS = [
    "is_second_order_overdue",
    "is_new_customer",
    "is_returning_customer",
    "is_regular_customer",
    "is_big_buyer",
    "is_thrifty_shopper",
]
FLAGS = [*BUYING_FLAGS, "is_first_visitor", "is_returning_visitor", "is_indecisive_shopper"]

Value = TypeVar("Value", int, Decimal)


@dataclass(frozen=True)
class Known:
    """What there is data for at all."""

    has_events: bool
    has_orders: bool
    has_discounts: bool


def percentile(values: Iterable[Value], share: Fraction) -> Value | None:
    """The value of nearest rank."""
    ordered = sorted(values)
    return ordered[max(1, ceil(share * len(ordered))) - 1] if ordered else None


def half_up(value: Fraction) -> int:
    """Rounded to a whole number, halves up."""
    return floor(value + Fraction(1, 2))


def habits(persons: dict[str, Person], shop: Shop, known: Known) -> dict[str, dict[str, Any]]:
    """All columns of everybody, by customer id."""
    clock = shop.clock
    told = {key: _buying(person, shop, known) | _visiting(person, clock, known) for key, person in persons.items()}
    bought = {key: told[key] for key, person in persons.items() if person.counted}
    in_year = [row for row in bought.values() if row["buying_window_orders_count"]]
    _score_order_values(in_year)
    cuts = _cuts(persons, bought, in_year, clock)
    visitors = [row for row in told.values() if row["quarter_sessions_count"]]
    seconds = percentile([row["quarter_visit_seconds"] for row in visitors], Fraction(3, 4))
    views = percentile([row["quarter_product_views_count"] for row in visitors], Fraction(3, 4))
    rarely = percentile([row["orders_per_session"] for row in visitors], Fraction(1, 10))
    for key, row in told.items():
        flags = _buying_flags(persons[key], row, cuts, clock) if key in bought else dict.fromkeys(BUYING_FLAGS)
        row.update(flags)
        can_tell = known.has_events and known.has_orders
        row["is_indecisive_shopper"] = _is_indecisive(row, seconds, views, rarely) if can_tell else None
        row["orders_per_session_bp"] = row["orders_per_session"] if known.has_orders else None
        if not known.has_events or not cuts["has_baskets"]:
            row["is_thrifty_shopper"] = None
    return told


def _net(orders: Iterable[ValuedOrder]) -> Decimal:
    return sum((item.net for item in orders), ZERO)


def _within(orders: list[ValuedOrder], days: int, clock: Clock) -> list[ValuedOrder]:
    return [item for item in orders if clock.days_since(item.day) < days]


def _middle(values: list[Decimal]) -> Decimal | None:
    return cents(Decimal(median(values))) if values else None


def _buying(person: Person, shop: Shop, known: Known) -> dict[str, Any]:
    clock, counted = shop.clock, person.counted
    recent, both = _net(_within(counted, HALF_YEAR, clock)), _net(_within(counted, 2 * HALF_YEAR, clock))
    row: dict[str, Any] = dict.fromkeys([*TEXTS, *MONEY, *INTEGERS])
    row |= {"recent_spend_amount": recent, "previous_spend_amount": both - recent, "purchase_days_count": 0}
    if both > recent:
        row["spend_trend_bp"] = half_up(Fraction(recent) / Fraction(both - recent) * 10000)
    if not counted:
        return row
    year = _within(counted, YEAR, clock)
    first, today = person.purchase_days[0], clock.as_of
    months = 12 * (today.year - first.year) + today.month - first.month + 1
    per_month = Fraction(len(counted), months)
    row |= {
        "buyer_frequency": "frequent" if len(year) >= 4 else "occasional" if year else "inactive",
        "order_frequency": "high" if per_month >= 3 else "middle" if per_month >= 1 else "low",
        "orders_per_month_bp": half_up(per_month * 10000),
        "buying_window_orders_count": len(year),
        "median_order_amount": _middle([item.net for item in counted]),
        "largest_order_amount": max(item.net for item in counted),
        "order_value_amount": cents(Decimal(half_up(Fraction(_net(year)) * 100 / len(year))) / 100) if year else None,
        **_gaps(person),
        **_baskets(person, year, shop),
    }
    if known.has_discounts:
        row |= _prices(year)
    return row


def _prices(year: list[ValuedOrder]) -> dict[str, Any]:
    promotion = [item for item in year if item.is_discounted]
    kind = "promotion" if 2 * len(promotion) > len(year) else "full_price"
    return {
        "price_habit": f"{'high' if len(year) >= 4 else 'low'}_{kind}" if year else None,
        "full_price_orders_count": len(year) - len(promotion),
        "promotion_orders_count": len(promotion),
        "full_price_revenue_amount": _net(year) - _net(promotion),
        "promotion_revenue_amount": _net(promotion),
    }


def _gaps(person: Person) -> dict[str, Any]:
    days = person.purchase_days
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if not gaps:
        return {"purchase_days_count": len(days)}
    quarters = [percentile(gaps, Fraction(part, 4)) or 0 for part in (1, 3)]
    return {
        "purchase_days_count": len(days),
        "median_gap_days": half_up(Fraction(median(gaps))),
        "gap_spread_days": quarters[1] - quarters[0],
        "last_gap_days": gaps[-1],
    }


def _baskets(person: Person, year: list[ValuedOrder], shop: Shop) -> dict[str, Any]:
    named = [{line.product_id for line in shop.lines.get(item.order.order_id, [])} - {None} for item in year]
    sizes = [len(products) for products in named if products]
    if not sizes:
        return {}
    visits = [visit for visit in person.sessions if shop.clock.days_since(visit.day) < YEAR]
    views = sum(event.event_type == "product_view" for visit in visits for event in visit.events)
    return {
        "median_products_bp": half_up(Fraction(median(sizes)) * 10000),
        "view_to_buy_bp": half_up(Fraction(views * 10000, sum(sizes))) if visits else None,
    }


def _visiting(person: Person, clock: Clock, known: Known) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(["is_first_visitor", "is_returning_visitor", "orders_per_session"])
    row["quarter_sessions_count"] = None
    if not known.has_events:
        return row
    for window, days in (("month", MONTH), ("quarter", QUARTER)):
        visits = [visit for visit in person.sessions if clock.days_since(visit.day) < days]
        done = [event.event_type for visit in visits for event in visit.events]
        row |= {f"{window}_{deed}s_count": done.count(kind) for deed, kind in EVENT_OF.items()}
    for deed, kind in EVENT_OF.items():
        ago = [
            clock.days_since(visit.day) for visit in person.sessions if any(e.event_type == kind for e in visit.events)
        ]
        row[f"days_since_last_{deed}"] = min(ago, default=None)
    ago = [clock.days_since(visit.day) for visit in person.sessions]
    row |= {
        "quarter_sessions_count": len(visits),
        "quarter_visit_seconds": sum(int((visit.ended_at - visit.started_at).total_seconds()) for visit in visits),
        "orders_per_session": None,
        "days_since_first_session": max(ago, default=None),
        "is_first_visitor": bool(ago) and max(ago) < WEEK,
        "is_returning_visitor": len(ago) >= 2 and min(ago) < MONTH,
    }
    if visits:
        orders = len(_within(person.counted, QUARTER, clock))
        row |= {"orders_per_session": half_up(Fraction(orders * 10000, len(visits))), "quarter_orders": orders}
    return row


def _score_order_values(in_year: list[dict[str, Any]]) -> None:
    values = sorted(row["order_value_amount"] for row in in_year)
    for row in in_year:
        row["order_value_score"] = 1 + 5 * bisect_left(values, row["order_value_amount"]) // len(values)


def _cuts(
    persons: dict[str, Person], bought: dict[str, Any], in_year: list[dict[str, Any]], clock: Clock
) -> dict[str, Any]:
    nets = [item.net for key in bought for item in _within(persons[key].counted, YEAR, clock)]
    seconds = [persons[key].counted[:2] for key in bought if len(persons[key].counted) > 1]
    gaps = [(second.day - first.day).days for first, second in seconds]
    ratios = [row["view_to_buy_bp"] for row in bought.values() if row["view_to_buy_bp"] is not None]
    return {
        "large_order": percentile(nets, Fraction(9, 10)),
        "many_orders": percentile([row["buying_window_orders_count"] for row in in_year], Fraction(9, 10)),
        "low_value": percentile([row["order_value_amount"] for row in in_year], Fraction(2, 5)),
        "view_to_buy": median(ratios) if ratios else None,
        "second_order": median(gaps) if gaps else None,
        "has_baskets": any(row["median_products_bp"] is not None for row in bought.values()),
    }


def _buying_flags(person: Person, row: dict[str, Any], cuts: dict[str, Any], clock: Clock) -> dict[str, bool | None]:
    days, counted = person.purchase_days, person.counted
    first, last = clock.days_since(days[0]), clock.days_since(days[-1])
    year = _within(counted, YEAR, clock)
    is_overdue = len(counted) == 1 and cuts["second_order"] is not None and first > cuts["second_order"]
    is_large = any(item.net >= cuts["large_order"] for item in year)
    return {
        "is_second_order_overdue": None if cuts["second_order"] is None else is_overdue,
        "is_new_customer": len(days) == 1 and first < MONTH,
        "is_returning_customer": len(days) > 1 and last < MONTH,
        "is_regular_customer": first >= YEAR and len(counted) >= 4,
        "is_big_buyer": is_large or (len(year) >= 3 and len(year) >= cuts["many_orders"]),
        "is_thrifty_shopper": _is_thrifty(row, cuts),
    }


def _is_thrifty(row: dict[str, Any], cuts: dict[str, Any]) -> bool | None:
    """Unknown only where all that is known speaks for it."""
    if row["buying_window_orders_count"] < 3 or row["order_value_amount"] > cuts["low_value"]:
        return False
    basket, views = row["median_products_bp"], row["view_to_buy_bp"]
    if (basket is not None and basket > 20000) or (views is not None and views > cuts["view_to_buy"]):
        return False
    return None if basket is None or views is None else True


def _is_indecisive(row: dict[str, Any], seconds: int | None, views: int | None, rarely: int | None) -> bool:
    if not row["quarter_sessions_count"] or seconds is None or views is None or rarely is None:
        return False
    is_long = row["quarter_visit_seconds"] >= max(seconds, 1) or row["quarter_product_views_count"] >= max(views, 1)
    is_rare = row["orders_per_session"] <= rarely and row["quarter_orders"] <= 1
    return row["quarter_sessions_count"] >= 3 and is_long and is_rare
