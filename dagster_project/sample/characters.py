"""A handful of people beside the drawn ones, each with one reason to exist: to be found, or to be missed by little.

They are planned by hand, with no chance in it, and land in files of their own: nobody else's rows depend on them.
Days are counted back from the last day (0). Each makes a claim about one flag only.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.text import amounts, utc_times
from dagster_project.sample.vocabulary import CURRENCY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.sample.shop import Shop

CHARACTER_FLAGS = (
    "big_buyer",
    "thrifty_shopper",
    "indecisive_shopper",
    "struggling_to_check_out",
    "trendy",
    "bulk_buyer",
)
# The plans reach back a year; a shorter history has nobody of them.
FEWEST_DAYS = 500
FIRST_ID, REGISTERED_AGO = 700_001, 420
ORDERED_AT, VISITED_AT = 22 * 3600, 10 * 3600
STEP_SECONDS = 50
YEAR_DAYS, DORMANT_DAYS, LAPSED_DAYS, RECENT_DAYS = 365, 180, 90, 30


@dataclass(frozen=True)
class Purchase:
    """One order in the store: its day, and units by product."""

    ago: int
    units: dict[str, int]


@dataclass(frozen=True)
class Visit:
    """One visit: what was done in it, one thing every 50 seconds."""

    ago: int
    deeds: tuple[str, ...]


@dataclass(frozen=True)
class Character:
    """Somebody planned by hand, and whether the flag must find them."""

    name: str
    flag: str
    is_set: bool
    purchases: tuple[Purchase, ...] = ()
    visits: tuple[Visit, ...] = ()


def characters(shop: Shop) -> tuple[Character, ...]:
    """Everybody, for a history that is long enough."""
    if shop.window.days < FEWEST_DAYS:
        return ()
    sold = shop.catalog.products[~shop.catalog.products["is_gift_card"]]
    old = sold[sold["launched_ago"] > shop.window.days].sort_values(["list_cents", "product_id"])["product_id"].tolist()
    return (
        *_big_buyers(old[0], old[-1]),
        *_thrifty_shoppers(old[:3], old[-1]),
        *_indecisive_shoppers(old[0]),
        *_struggling(old[0]),
        *_trendy(sold, old[0]),
        *_bulk_buyers(old[1]),
    )


def _every(days: tuple[int, ...], units: dict[str, int]) -> tuple[Purchase, ...]:
    return tuple(Purchase(ago, units) for ago in days)


def _big_buyers(cheap: str, dear: str) -> Iterator[Character]:
    flag, often = "big_buyer", tuple(range(9, 365, 9))
    yield Character("bought for a whole house", flag, True, (Purchase(364, {dear: 40}),))
    yield Character("bought for a whole house, a year ago", flag, False, (Purchase(365, {dear: 40}),))
    yield Character("buys a little every nine days", flag, True, _every(often, {cheap: 1}))
    yield Character("bought a little twice", flag, False, _every((9, 18), {cheap: 1}))


def _thrifty_shoppers(cheap: list[str], dear: str) -> Iterator[Character]:
    flag, days, glance = "thrifty_shopper", (20, 120, 364), (Visit(20, ("product_view",)),)
    one, stare = {cheap[0]: 1}, (Visit(20, ("product_view",) * 60),)
    yield Character("comes for one thing", flag, True, _every(days, one), glance)
    yield Character("comes for two things", flag, True, _every(days, dict.fromkeys(cheap[:2], 1)), glance)
    yield Character("comes for three things", flag, False, _every(days, dict.fromkeys(cheap, 1)), glance)
    yield Character(
        "came for one thing, two times of three this year", flag, False, _every((20, 120, 365), one), glance
    )
    yield Character("comes for one dear thing", flag, False, _every(days, {dear: 1}), glance)
    yield Character("looks long before the one thing", flag, False, _every(days, one), stare)


def _indecisive_shoppers(cheap: str) -> Iterator[Character]:
    flag, long = "indecisive_shopper", ("product_view",) * 60
    seen = tuple(Visit(ago, long) for ago in (5, 40, 89))
    yield Character("looks and looks", flag, True, (), seen)
    yield Character("looked and looked, once too long ago", flag, False, (), (*seen[:2], Visit(90, long)))
    yield Character("looks in for a moment", flag, False, (), tuple(Visit(visit.ago, ("page_view",)) for visit in seen))
    yield Character("looks and looks, and buys", flag, False, _every((4, 39), {cheap: 1}), seen)


def _struggling(cheap: str) -> Iterator[Character]:
    flag, twice = "struggling_to_check_out", ("checkout_started", "page_view", "checkout_started")
    yield Character("starts the checkout twice", flag, True, (), (Visit(6, twice),))
    yield Character("started the checkout twice, a week ago", flag, False, (), (Visit(7, twice),))
    yield Character("starts the checkout once", flag, False, (), (Visit(2, twice[:1]),))
    yield Character("cannot pay", flag, True, (), (Visit(2, ("checkout_started", "payment_failed")),))
    yield Character(
        "starts the checkout twice and buys after all", flag, False, (Purchase(4, {cheap: 1}),), (Visit(4, twice),)
    )


def _trendy(sold: pd.DataFrame, cheap: str) -> Iterator[Character]:
    """Four collections are launched in a year; who buys of three of them within 30 days is trendy."""
    new = sold[(sold["collection"] != "") & (sold["launched_ago"] < YEAR_DAYS)].drop_duplicates("launched_ago")
    launches = dict(zip(new["launched_ago"].tolist(), new["product_id"].tolist(), strict=True))
    first, later = Purchase(max(launches) + 5, {cheap: 1}), sorted(launches, reverse=True)[:3]
    for name, delays, is_set in (
        ("buys each collection at once", (0, 29, 0), True),
        ("buys two collections at once and one late", (0, 30, 0), False),
    ):
        bought = (Purchase(ago - delay, {launches[ago]: 1}) for ago, delay in zip(later, delays, strict=True))
        yield Character(name, "trendy", is_set, (first, *bought))


def _bulk_buyers(cheap: str) -> Iterator[Character]:
    yield Character("fills a larder", "bulk_buyer", True, (Purchase(50, {cheap: 30}),))
    yield Character("takes two", "bulk_buyer", False, (Purchase(50, {cheap: 2}),))


def character_rows(shop: Shop) -> dict[str, list[dict[str, object]]]:
    """The landing rows of all of them, by table."""
    rows: dict[str, list[dict[str, object]]] = {"customers": [], "orders": [], "order_lines": [], "events": []}
    prices = _prices(shop)
    for number, character in enumerate(characters(shop)):
        customer_id = str(FIRST_ID + number)
        opened = _time(shop, REGISTERED_AGO, 0)
        rows["customers"].append({"customer_id": customer_id, "registered_at": opened, "updated_at": opened})
        for place, purchase in enumerate(character.purchases):
            order_id = f"O-C{customer_id}-{place + 1}"
            rows["orders"].append(_order(shop, customer_id, order_id, purchase, prices))
            rows["order_lines"] += _lines(order_id, purchase, prices)
        for place, visit in enumerate(character.visits):
            rows["events"] += _events(shop, customer_id, place, visit)
    return rows


def character_truth(shop: Shop) -> pd.DataFrame:
    """One row each, in the columns of the truth; empty where no claim is made."""
    people, prices = characters(shop), _prices(shop)
    rows = [
        {
            "customer_id": str(FIRST_ID + number),
            "persona": f"character: {character.name}",
            "orders_count": len(character.purchases),
            "net_revenue_amount": Decimal(sum(_cents(item, prices) for item in character.purchases)).scaleb(-2),
            "is_listed": True,
            "lifecycle_stage": _stage([purchase.ago for purchase in character.purchases]),
            character.flag: character.is_set,
        }
        for number, character in enumerate(people)
    ]
    return pd.DataFrame(rows)


def _order(
    shop: Shop, customer_id: str, order_id: str, purchase: Purchase, prices: dict[str, int]
) -> dict[str, object]:
    ordered_at = _time(shop, purchase.ago, ORDERED_AT)
    return {
        "order_id": order_id,
        "customer_id": customer_id,
        "ordered_at": ordered_at,
        "status": "paid",
        "currency": CURRENCY,
        "total_amount": amounts([_cents(purchase, prices)])[0],
        "discount_amount": "0.00",
        "sales_channel": "store",
        "updated_at": ordered_at,
    }


def _lines(order_id: str, purchase: Purchase, prices: dict[str, int]) -> Iterator[dict[str, object]]:
    for number, (product_id, units) in enumerate(purchase.units.items(), start=1):
        price = amounts([prices[product_id]])[0]
        yield {
            "order_id": order_id,
            "line_number": number,
            "product_id": product_id,
            "quantity": units,
            "unit_price": price,
            "list_price": price,
            "discount_amount": "0.00",
        }


def _events(shop: Shop, customer_id: str, place: int, visit: Visit) -> Iterator[dict[str, object]]:
    product_id = str(shop.catalog.products["product_id"].iloc[0])
    for number, deed in enumerate(visit.deeds):
        event: dict[str, object] = {
            "event_id": f"ev-c{customer_id}-{place}-{number}",
            "occurred_at": _time(shop, visit.ago, VISITED_AT + number * STEP_SECONDS),
            "event_type": deed,
            "anonymous_id": f"d-c{customer_id}",
            "customer_id": customer_id,
        }
        yield event | ({"product_id": product_id} if deed == "product_view" else {})


def _prices(shop: Shop) -> dict[str, int]:
    products = shop.catalog.products
    return dict(zip(products["product_id"].tolist(), products["list_cents"].tolist(), strict=True))


def _cents(purchase: Purchase, prices: dict[str, int]) -> int:
    return sum(prices[product_id] * units for product_id, units in purchase.units.items())


def _time(shop: Shop, ago: int, second: int) -> str:
    return utc_times(shop.window.midnight(np.array([ago])) + second)[0]


def _stage(days: list[int]) -> str:
    newest_first = sorted(set(days))
    last = newest_first[0] if newest_first else None
    if last is None:
        return "lead"  # all of them were there in the last half year
    if len(newest_first) == 1 and last < RECENT_DAYS:
        return "new"
    if any(later < RECENT_DAYS and earlier - later >= DORMANT_DAYS for later, earlier in pairwise(newest_first)):
        return "reactivated"
    limits = {"active": LAPSED_DAYS, "at_risk": DORMANT_DAYS, "dormant": YEAR_DAYS}
    return next((stage for stage, limit in limits.items() if last < limit), "churned")
