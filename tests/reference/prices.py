"""What things in carts are worth: what the event says, else the list price of today, if in the shop's currency."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.reference.carts import Cart
    from tests.reference.people import Person
    from tests.reference.rows import Event
    from tests.reference.visible import Clock, Shop

OPEN_DAYS, BANDS = 30, 5
MONEY, INTEGERS = ["open_cart_amount"], ["open_cart_score"]


@dataclass(frozen=True)
class Prices:
    """The shop's currency, None where nothing names one, and list prices in it by product."""

    currency: str | None
    listed: dict[str, Decimal]

    def worth(self, event: Event) -> Decimal | None:
        """Worth of what an event put into a cart or took out of it."""
        if event.value_amount is not None and event.currency in (None, self.currency):
            return event.value_amount
        price = self.listed.get(event.product_id or "")
        return None if price is None else price * (Decimal(1) if event.quantity is None else event.quantity)


def read_prices(shop: Shop, shop_currency: str | None) -> Prices:
    """The shop's currency is the only one of its orders, where none was set."""
    named = {order.currency for order in shop.orders if order.currency is not None}
    own = shop_currency or (named.pop() if len(named) == 1 else None)
    priced = {
        product.product_id: product.list_price
        for product in shop.products
        if product.list_price is not None and product.currency in (None, own)
    }
    return Prices(own, priced)


def open_carts(persons: dict[str, Person], clock: Clock) -> dict[str, dict[str, Any]]:
    """By person, the worth of the latest cart that is open or was left lately, and the fifth of all that it lies in."""
    worths = {key: worth for key, person in persons.items() if (worth := _current(person.carts, clock)) is not None}
    smaller, seen = {}, 0
    for worth, count in sorted(Counter(worths.values()).items()):
        smaller[worth] = seen
        seen += count
    return {
        key: {
            "open_cart_amount": worths.get(key),
            "open_cart_score": 1 + BANDS * smaller[worths[key]] // len(worths) if key in worths else None,
        }
        for key in persons
    }


def _current(carts: list[Cart], clock: Clock) -> Decimal | None:
    left = [
        cart
        for cart in carts
        if cart.state in {"open", "abandoned"} and clock.days_since(clock.day(cart.last_activity_at)) < OPEN_DAYS
    ]
    return max(left, key=lambda cart: (cart.last_activity_at, cart.key)).worth if left else None
