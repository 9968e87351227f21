"""The yardstick: what the models must say of the same raw tables, computed plainly and apart from the project."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.reference.assortment import study
from tests.reference.carts import find_carts
from tests.reference.flags import FLAGS, Market, flags
from tests.reference.frames import carts_frame, frame, orders_frame, refunds_frame, sessions_frame
from tests.reference.habits import FLAGS as HABIT_FLAGS
from tests.reference.habits import INTEGERS as HABIT_INTEGERS
from tests.reference.habits import MONEY, Known, habits
from tests.reference.habits import TEXTS as HABIT_TEXTS
from tests.reference.identity import map_people
from tests.reference.journey import FLAGS as JOURNEY_FLAGS
from tests.reference.journey import STEPS, TOUCHES, journey, touches
from tests.reference.lifecycle import UNCERTAIN, period_counts, personal_stage, silence_to_rhythm
from tests.reference.orders import ZERO, value_orders
from tests.reference.outreach import FLAGS as OUTREACH_FLAGS
from tests.reference.outreach import outreach_flags
from tests.reference.people import Person, gather_people, is_listed, stage
from tests.reference.preferences import FLAGS as PREFERENCE_FLAGS
from tests.reference.preferences import INTEGERS as PREFERENCE_INTEGERS
from tests.reference.preferences import TEXTS as PREFERENCE_TEXTS
from tests.reference.preferences import preferences
from tests.reference.prices import INTEGERS as CART_INTEGERS
from tests.reference.prices import MONEY as CART_MONEY
from tests.reference.prices import open_carts, read_prices
from tests.reference.refunds import match_refunds, refunded_by_order
from tests.reference.revenue import revenue_frame
from tests.reference.scores import Buyer, Scores, score
from tests.reference.sessions import find_sessions
from tests.reference.suggestions import suggestions
from tests.reference.traits import FLAGS as TRAIT_FLAGS
from tests.reference.traits import INTEGERS as TRAIT_INTEGERS
from tests.reference.traits import TEXTS as TRAIT_TEXTS
from tests.reference.traits import describe
from tests.reference.visible import Clock, Shop, see
from tests.reference.wishlists import FLAGS as WISHLIST_FLAGS
from tests.reference.wishlists import INTEGERS as WISHLIST_INTEGERS
from tests.reference.wishlists import TEXTS as WISHLIST_TEXTS
from tests.reference.wishlists import are_wishlists_told, wishlist

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from tests.reference.identity import PersonMap

TEXTS = ["customer_kind", "rfm_code", "rfm_segment", "lifecycle_stage", "personal_stage"]
INTEGERS = [
    "days_since_last_order",
    "silence_to_rhythm_bp",
    "orders_count",
    "recency_score",
    "frequency_score",
    "monetary_score",
]


@dataclass(frozen=True)
class Reference:
    """The answers. Text, dates and Decimals are objects with None; whole numbers are Int64, flags are boolean."""

    customers: pd.DataFrame
    orders: pd.DataFrame
    refunds: pd.DataFrame
    revenue: pd.DataFrame
    sessions: pd.DataFrame
    carts: pd.DataFrame
    months: dict[tuple[date, str], int]
    touches: pd.DataFrame
    suggestions: dict[str, tuple[int | None, int]]


def reference(
    tables: dict[str, pd.DataFrame],
    *,
    as_of: date,
    time_zone: str = "UTC",
    pii_key: str,
    shop_currency: str | None = None,
) -> Reference:
    """Compute everything as of the end of a local day.

    Args:
        tables: raw tables by name with the contracts' columns: times with zone, amounts Decimal; all versions of
            rows may be there. Missing tables and columns are empty.
        as_of: the last day that is seen.
        time_zone: IANA zone of the shop.
        pii_key: key of the ids of people without a shop customer id.
        shop_currency: what all money is converted to; without one no order is in another currency.
    """
    clock = Clock(as_of, ZoneInfo(time_zone))
    shop = see(tables, clock, shop_currency)
    people = map_people(shop, pii_key)
    sessions = find_sessions(shop, people)
    portions = match_refunds(shop, people)
    orders = value_orders(shop, people, refunded_by_order(portions))
    carts = find_carts(sessions, orders, clock, read_prices(shop, shop_currency))
    persons = gather_people(shop, people, orders, sessions, carts)
    return Reference(
        customers=_customers(persons, shop, people),
        orders=orders_frame(orders),
        refunds=refunds_frame(portions),
        revenue=revenue_frame(shop, orders, portions),
        sessions=sessions_frame(sessions),
        carts=carts_frame(carts),
        months=period_counts([person.purchase_days for person in persons.values()], as_of),
        touches=frame([row for person in persons.values() for row in touches(person)], ["order_id", *TOUCHES]),
        suggestions=suggestions(list(persons.values()), shop, _market(persons, shop)),
    )


def _market(persons: dict[str, Person], shop: Shop) -> Market:
    bought = [person for person in persons.values() if person.counted]
    orders = [order for order in shop.orders if not order.is_test]
    has_discounts = any(
        order.discount_amount is not None
        or order.coupon_code is not None
        or any(line.list_price is not None for line in shop.lines.get(order.order_id, []))
        for order in orders
    )
    bought_net = sum((person.net for person in bought), ZERO)
    visits = [session for person in persons.values() for session in person.sessions]
    has_purchases = bool(orders) or any(event.event_type == "purchase" for visit in visits for event in visit.events)
    return Market(shop.clock, bool(shop.events), has_purchases, has_discounts, len(bought), bought_net, bool(orders))


def _customers(persons: dict[str, Person], shop: Shop, people: PersonMap) -> pd.DataFrame:
    clock, market = shop.clock, _market(persons, shop)
    has_orders = any(not order.is_test for order in shop.orders)
    buyers = [
        Buyer(key, clock.days_since(person.purchase_days[-1]), len(person.counted), person.net)
        for key, person in persons.items()
        if person.kind == "buyer"
    ]
    scores = score(buyers)
    assortment = study(shop, persons)
    traits = describe(persons, shop, people)
    open_cart = open_carts(persons, clock)
    has_wishlists = are_wishlists_told(persons)
    told = habits(persons, shop, Known(market.has_events, has_orders, market.has_discounts))
    listed = [persons[key] for key in sorted(persons) if is_listed(persons[key], clock)]
    rows = [
        _customer(person, market, scores.get(person.customer_id))
        | preferences(person, assortment, market)
        | traits[person.customer_id]
        | journey(person, market)
        | wishlist(person, assortment, market, is_told=has_wishlists)
        | outreach_flags(
            person.mail, shop, has_download=person.has_download, counted_days=[item.day for item in person.counted]
        )
        | told[person.customer_id]
        | open_cart[person.customer_id]
        for person in listed
    ]
    _mark_uncertain(rows, listed)
    all_flags = [
        *FLAGS,
        *OUTREACH_FLAGS,
        *PREFERENCE_FLAGS,
        *TRAIT_FLAGS,
        *JOURNEY_FLAGS,
        *HABIT_FLAGS,
        *WISHLIST_FLAGS,
    ]
    all_flags.append("is_first_order_uncertain")
    texts = TEXTS + PREFERENCE_TEXTS + TRAIT_TEXTS + STEPS + HABIT_TEXTS + WISHLIST_TEXTS
    integers = [
        *INTEGERS,
        *PREFERENCE_INTEGERS,
        *TRAIT_INTEGERS,
        *HABIT_INTEGERS,
        *WISHLIST_INTEGERS,
        *CART_INTEGERS,
        "sales_channels_count",
    ]
    columns = [
        "customer_id",
        *texts,
        *integers,
        "net_revenue_amount",
        *MONEY,
        *CART_MONEY,
        *all_flags,
        "stage_entered_date",
    ]
    types = dict.fromkeys(integers, "Int64") | dict.fromkeys(all_flags, "boolean")
    return frame(rows, columns).astype(types).set_index("customer_id")


def _customer(person: Person, market: Market, scores: Scores | None) -> dict[str, Any]:
    lifecycle_stage, entered = stage(person, market.clock)
    days = person.purchase_days
    rhythm = silence_to_rhythm(days, market.clock.as_of) if days else None
    return {
        "customer_id": person.customer_id,
        "customer_kind": person.kind,
        "days_since_last_order": market.clock.days_since(days[-1]) if days else None,
        "orders_count": len(person.counted),
        "net_revenue_amount": person.net,
        "recency_score": scores and scores.recency,
        "frequency_score": scores and scores.frequency,
        "monetary_score": scores and scores.monetary,
        "rfm_code": scores and scores.code,
        "rfm_segment": scores and scores.segment,
        "lifecycle_stage": lifecycle_stage,
        "personal_stage": personal_stage(rhythm, lifecycle_stage),
        "silence_to_rhythm_bp": None if rhythm is None else math.floor(rhythm * 10_000 + Fraction(1, 2)),
        "stage_entered_date": entered,
        **flags(person, market),
    }


def _mark_uncertain(rows: list[dict[str, Any]], listed: list[Person]) -> None:
    first = min((person.purchase_days[0] for person in listed if person.counted), default=None)
    for row, person in zip(rows, listed, strict=True):
        days = person.purchase_days
        row["is_first_order_uncertain"] = (days[0] - first).days < UNCERTAIN if first and days else None
