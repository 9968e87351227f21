"""What a known person wishes for on D, and why they wait: read from the events of the person."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.reference.flags import Market, purchase_flags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tests.reference.assortment import Assortment
    from tests.reference.people import Person
    from tests.reference.rows import Event

WEEK, COMPARED = 7, 3
TEXTS = ["wishlist_motive"]
INTEGERS = ["wishlist_products_count", "compared_products_count", "days_since_last_wish"]
FLAGS = ["is_wishlist_holder", "is_sale_waiter"]


def are_wishlists_told(persons: dict[str, Person]) -> bool:
    """Whether anybody was ever seen to put a product on a wishlist."""
    return any(event.event_type == "wishlist_add" for person in persons.values() for event in _events(person))


def wishlist(person: Person, assortment: Assortment, market: Market, *, is_told: bool) -> dict[str, Any]:
    """All columns of one person; None for the anonymous, and for all where no wishlist was told of."""
    if not is_told or person.kind == "anonymous":
        return dict.fromkeys(TEXTS + INTEGERS + FLAGS)
    standing = _standing(person, assortment)
    compared = _compared(person, assortment)
    loves_discounts = purchase_flags(person, market)["is_discount_lover"]
    last = min(
        (assortment.clock.days_since(assortment.clock.day(moment)) for moment in standing.values()), default=None
    )
    return {
        "wishlist_motive": None if last is None else _motive(loves_discounts is True, compared, last),
        "wishlist_products_count": len(standing),
        "compared_products_count": compared,
        "days_since_last_wish": last,
        "is_wishlist_holder": bool(standing),
        "is_sale_waiter": None if loves_discounts is None else loves_discounts and bool(standing),
    }


def _events(person: Person) -> Iterator[Event]:
    for session in person.sessions:
        yield from (event for event in session.events if event.product_id is not None)


def _standing(person: Person, assortment: Assortment) -> dict[str, datetime]:
    """When each product was last wished for that was neither taken back nor bought after that."""
    wished: dict[str, datetime] = {}
    ended: dict[str, datetime] = {}
    for event in _events(person):
        product_id = event.product_id or ""
        if event.event_type == "wishlist_add":
            wished[product_id] = max(event.occurred_at, wished.get(product_id, event.occurred_at))
        elif event.event_type == "wishlist_remove":
            ended[product_id] = max(event.occurred_at, ended.get(product_id, event.occurred_at))
    bought = {item.product_id: item.order.order.ordered_at for item in assortment.bought[person.customer_id]}
    return {
        product_id: moment
        for product_id, moment in wished.items()
        if not (product_id in ended and ended[product_id] > moment)
        and not (product_id in bought and bought[product_id] >= moment)
    }


def _compared(person: Person, assortment: Assortment) -> int:
    clock = assortment.clock
    seen = {
        event.product_id or ""
        for event in _events(person)
        if event.event_type in {"product_view", "wishlist_add"}
        and clock.days_since(clock.day(event.occurred_at)) < WEEK
    }
    categories = Counter(
        assortment.categories[product_id] for product_id in seen if product_id in assortment.categories
    )
    return max(categories.values(), default=0)


def _motive(loves_discounts: bool, compared: int, days_since_last_wish: int) -> str:
    if loves_discounts:
        return "waiting_for_discount"
    if compared >= COMPARED:
        return "comparing"
    return "not_ready" if days_since_last_wish < WEEK else "keeping_track"
