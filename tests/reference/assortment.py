"""What is known of all products from all customers: what each costs among its like, how much of it is ordered and how
often, and when each collection was launched.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.reference.orders import ZERO, cents

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from tests.reference.orders import ValuedOrder
    from tests.reference.people import Person
    from tests.reference.rows import Line, Product
    from tests.reference.visible import Clock, Shop

YEAR = 365


@dataclass(frozen=True)
class Purchase:
    """One product in one counted order."""

    order: ValuedOrder
    product: Product | None
    product_id: str
    units: Decimal
    worth: Decimal
    paid_share: int | None

    @property
    def day(self) -> date:
        """Local day of the order."""
        return self.order.day


@dataclass(frozen=True)
class Assortment:
    """What is known of all products from all customers."""

    clock: Clock
    bought: dict[str, list[Purchase]]
    percentiles: dict[str, int]
    bulks: dict[str, Decimal]
    rhythms: dict[str, Fraction]
    launches: dict[str, date]
    tags: dict[str, set[str]]
    categories: dict[str, str]


def half_up(value: Fraction) -> int:
    """A whole number, halves away from zero upwards."""
    return math.floor(value + Fraction(1, 2))


@cache
def share(part: Decimal | int, whole: Decimal | int) -> int | None:
    """Basis points, rounded half up."""
    return half_up(Fraction(part) * 10000 / Fraction(whole)) if whole else None


def median(values: Iterable[int]) -> Fraction | None:
    """The middle of the values, or the mean of the two middle ones."""
    ordered = sorted(values)
    if not ordered:
        return None
    return Fraction(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2], 2)


def gaps(days: Iterable[date]) -> list[int]:
    """Days between consecutive distinct days."""
    return [(later - earlier).days for earlier, later in pairwise(sorted(set(days)))]


def study(shop: Shop, persons: dict[str, Person]) -> Assortment:
    """All that is asked of the whole shop."""
    products = {product.product_id: product for product in shop.products}
    bought = {key: _purchases(person, shop, products) for key, person in persons.items()}
    by_product: dict[str, list[Purchase]] = defaultdict(list)
    all_gaps: dict[str, list[int]] = defaultdict(list)
    for purchases in bought.values():
        for purchase in purchases:
            by_product[purchase.product_id].append(purchase)
        days: dict[str, list[date]] = defaultdict(list)
        for purchase in purchases:
            days[purchase.product_id].append(purchase.day)
        for product_id, found in days.items():
            all_gaps[product_id] += gaps(found)
    rhythms = {key: middle for key, found in all_gaps.items() if len(found) >= 2 and (middle := median(found))}
    tags = {
        key: {tag.strip() for tag in (product.tags or "").lower().split("|")} - {""}
        for key, product in products.items()
    }
    return Assortment(
        clock=shop.clock,
        bought=bought,
        percentiles=_percentiles(by_product, products),
        bulks=_bulks(by_product),
        rhythms=rhythms,
        launches=_launches(shop),
        tags=tags,
        categories={key: product.category for key, product in products.items() if product.category is not None},
    )


def _purchases(person: Person, shop: Shop, products: dict[str, Product]) -> list[Purchase]:
    found = []
    for order in sorted(person.counted, key=lambda item: (item.order.ordered_at, item.order.order_id)):
        lines: dict[str, list[Line]] = defaultdict(list)
        for line in shop.lines.get(order.order.order_id, []):
            if line.product_id and line.quantity > 0:
                lines[line.product_id].append(line)
        kept = share(order.gross - order.discount, order.gross)
        for product_id, own in sorted(lines.items()):
            product = products.get(product_id)
            if product is not None and product.is_gift_card:
                continue
            paid = cents(sum((line.quantity * line.unit_price for line in own), ZERO))
            known = [line.quantity * line.list_price for line in own if line.list_price is not None]
            listed = cents(sum(known, ZERO)) if len(known) == len(own) else None
            line_share = share(paid, listed) if listed else None
            worth = sum(
                (line.quantity * (line.unit_price if line.list_price is None else line.list_price) for line in own),
                ZERO,
            )
            found.append(
                Purchase(
                    order=order,
                    product=product,
                    product_id=product_id,
                    units=sum((line.quantity for line in own), ZERO),
                    worth=cents(worth * shop.rate(order.order)),
                    paid_share=None
                    if line_share is None or kept is None
                    else half_up(Fraction(line_share * kept, 10000)),
                )
            )
    return found


def _percentiles(by_product: dict[str, list[Purchase]], products: dict[str, Product]) -> dict[str, int]:
    """Where each product's mean price stands in its category; equals share their middle."""
    prices: dict[str, dict[str, int]] = defaultdict(dict)
    for product_id, purchases in by_product.items():
        product = products.get(product_id)
        if product is not None and product.category is not None:
            worth, units = sum(item.worth for item in purchases), sum(item.units for item in purchases)
            prices[product.category][product_id] = half_up(Fraction(worth) * 10000 / Fraction(units))
    found = {}
    for of_category in prices.values():
        counted = Counter(of_category.values())
        for product_id, price in of_category.items():
            cheaper = sum(count for other, count in counted.items() if other < price)
            below = Fraction(2 * cheaper + counted[price] - 1, 2)
            if len(of_category) > 1:
                found[product_id] = half_up(below * 10000 / (len(of_category) - 1))
    return found


def _bulks(by_product: dict[str, list[Purchase]]) -> dict[str, Decimal]:
    """The 95th percentile of order quantities by nearest rank."""
    found = {}
    for product_id, purchases in by_product.items():
        ordered = sorted(item.units for item in purchases)
        found[product_id] = ordered[-(-95 * len(ordered) // 100) - 1]
    return found


def _launches(shop: Shop) -> dict[str, date]:
    """First launch of each collection that falls into the last year."""
    days: dict[str, list[date]] = defaultdict(list)
    for product in shop.products:
        if product.collection is not None and product.launched_at is not None and shop.clock.sees(product.launched_at):
            days[product.collection].append(shop.clock.day(product.launched_at))
    return {name: min(found) for name, found in days.items() if shop.clock.days_since(min(found)) < YEAR}
