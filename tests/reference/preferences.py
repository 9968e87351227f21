"""What a person likes to buy, in plain Python: one list of purchases per person, read anew for every question."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.reference.assortment import YEAR, Assortment, Purchase, gaps, half_up, median, share
from tests.reference.flags import Market, purchase_flags
from tests.reference.interests import interests
from tests.reference.orders import ZERO

if TYPE_CHECKING:
    from tests.reference.people import Person
    from tests.reference.visible import Clock

TWO_YEARS, LAUNCH = 730, 30
FOLLOW_UPS = {"engagement rings": ("wedding bands", 180), "flights": ("hotels", 14), "kitchen": ("books", 180)}

TEXTS = [
    "last_product_id",
    "dominant_category",
    "main_product_line",
    "product_lines",
    "loyal_line",
    "follow_up_category",
    "main_interest",
]
INTEGERS = [
    "top_category_share_bp",
    "regular_lines_count",
    "bulk_orders_count",
    "median_paid_share_bp",
    "median_price_percentile_bp",
    "first_purchase_share_bp",
    "refunded_order_share_bp",
    "launched_collections_count",
    "followed_collections_count",
    "due_products_count",
    "interests_count",
]
FLAGS = [
    "is_regular_buyer",
    "is_bulk_buyer",
    "is_trendy",
    "is_refill_buyer",
    "is_luxury_buyer",
    "is_premium_payer",
    "is_due_for_replenishment",
    "is_follow_up_candidate",
]


def preferences(person: Person, assortment: Assortment, market: Market) -> dict[str, Any]:
    """All columns of one person; nothing at all for who bought no known product."""
    purchases = assortment.bought[person.customer_id]
    if not purchases:
        return dict.fromkeys(TEXTS + INTEGERS + FLAGS) | interests(person, assortment)
    latest = max(purchases, key=lambda item: item.order.order.ordered_at).order.order.ordered_at
    recent = [item for item in purchases if assortment.clock.days_since(item.day) < YEAR]
    is_loyal = purchase_flags(person, market)["is_repeat_loyal"]
    tried = len({item.product_id for item in purchases})
    bought = [item for item in person.orders if item.is_purchase]
    bulk = {
        item.order.order.order_id
        for item in purchases
        if item.units >= 3 and item.units >= assortment.bulks[item.product_id]
    }
    return {
        "last_product_id": min(item.product_id for item in purchases if item.order.order.ordered_at == latest),
        "loyal_line": _loyal_line(person, recent, assortment.clock) if is_loyal else None,
        "bulk_orders_count": len(bulk),
        "is_bulk_buyer": bool(bulk),
        "first_purchase_share_bp": share(tried, len(purchases)),
        "refunded_order_share_bp": share(sum(item.refund > 0 for item in bought), len(bought)),
        **interests(person, assortment),
        **_needs(recent),
        **_regular(purchases),
        **_prices(person, purchases, assortment, has_discounts=market.has_discounts),
        **_trends(person, purchases, assortment),
        **_due(purchases, assortment),
        **_follow_ups(purchases, assortment.clock),
    }


def _units(purchases: list[Purchase], attribute: str) -> dict[str, Decimal]:
    units: dict[str, Decimal] = defaultdict(Decimal)
    for item in purchases:
        name = getattr(item.product, attribute, None)
        if name is not None:
            units[name] += item.units
    return units


def _needs(recent: list[Purchase]) -> dict[str, Any]:
    categories, lines = _units(recent, "category"), _units(recent, "product_line")
    top = min(categories, key=lambda name: (-categories[name], name), default=None)
    top_share = share(categories[top], sum(categories.values())) if top is not None else None
    return {
        "dominant_category": None if top_share is None else top if top_share >= 5000 else "mixed",
        "top_category_share_bp": top_share,
        "main_product_line": min(lines, key=lambda name: (-lines[name], name), default=None),
        "product_lines": ",".join(sorted(name.replace(",", ";") for name in lines)) or None,
    }


def _loyal_line(person: Person, recent: list[Purchase], clock: Clock) -> str | None:
    orders: dict[str, set[str]] = defaultdict(set)
    for item in recent:
        if item.product is not None and item.product.product_line is not None:
            orders[item.product.product_line].add(item.order.order.order_id)
    best = min(orders, key=lambda line: (-len(orders[line]), line), default=None)
    all_orders = [item for item in person.counted if clock.days_since(item.day) < YEAR]
    return best if best is not None and 2 * len(orders[best]) >= len(all_orders) else None


def _regular(purchases: list[Purchase]) -> dict[str, Any]:
    lines = {item.product.product_line for item in purchases if item.product and item.product.product_line}
    regular = 0
    for line in lines:
        found = gaps(item.day for item in purchases if item.product and item.product.product_line == line)
        if len(found) >= 2:
            mean = Fraction(sum(found), len(found))
            variance = sum(((gap - mean) ** 2 for gap in found), Fraction(0)) / len(found)
            regular += 4 * variance <= mean**2
    if not lines:
        return {"regular_lines_count": None, "is_regular_buyer": None}
    return {"regular_lines_count": regular, "is_regular_buyer": regular > 0}


def _prices(
    person: Person, purchases: list[Purchase], assortment: Assortment, *, has_discounts: bool
) -> dict[str, Any]:
    clock = assortment.clock
    recent = [item for item in purchases if clock.days_since(item.day) < TWO_YEARS]
    percentiles = [
        assortment.percentiles[item.product_id] for item in recent if item.product_id in assortment.percentiles
    ]
    level = median(percentiles)
    paid = median(item.paid_share for item in recent if item.paid_share is not None)
    orders = [item for item in person.counted if clock.days_since(item.day) < TWO_YEARS]
    net = sum((item.net for item in orders), ZERO)
    full = sum((item.net for item in orders if not item.is_discounted), ZERO)
    can_say = has_discounts and level is not None and bool(orders)
    return {
        "median_price_percentile_bp": None if level is None else half_up(level),
        "median_paid_share_bp": None if paid is None else half_up(paid),
        "is_refill_buyer": None if level is None else level <= 3000,
        "is_luxury_buyer": None if level is None else level >= 7000,
        "is_premium_payer": (level is not None and level >= 7000 and 5 * full >= 4 * net) if can_say else None,
    }


def _trends(person: Person, purchases: list[Purchase], assortment: Assortment) -> dict[str, Any]:
    since = person.purchase_days[0]
    launched = {name: day for name, day in assortment.launches.items() if day >= since}
    followed = {
        item.product.collection
        for item in purchases
        if item.product
        and item.product.collection in launched
        and (item.day - launched[item.product.collection]).days < LAUNCH
    }
    if not launched:
        return {"launched_collections_count": None, "followed_collections_count": None, "is_trendy": None}
    return {
        "launched_collections_count": len(launched),
        "followed_collections_count": len(followed),
        "is_trendy": len(followed) >= 3 and 2 * len(followed) >= len(launched),
    }


def _due(purchases: list[Purchase], assortment: Assortment) -> dict[str, Any]:
    dates = [
        due
        for product_id in {item.product_id for item in purchases}
        if (due := due_date([item for item in purchases if item.product_id == product_id], assortment)) is not None
    ]
    day = assortment.clock.as_of
    due_now = [due for due in dates if due - timedelta(days=7) <= day <= due + timedelta(days=14)]
    return {"due_products_count": len(due_now), "is_due_for_replenishment": bool(due_now) if dates else None}


def due_date(purchases: list[Purchase], assortment: Assortment) -> date | None:
    """When a product is needed again, of a person's purchases of it in time order; None where nothing says so."""
    last = purchases[-1]
    own = gaps(item.day for item in purchases)
    rhythm = assortment.rhythms.get(last.product_id)
    expected: int | None = last.product.replenishment_days or None if last.product else None
    if len(own) >= 2:
        expected = half_up(median(own) or Fraction(0))
    elif rhythm is not None:
        expected = half_up(rhythm * Fraction(last.units))
    return last.day + timedelta(days=expected) if expected is not None and expected <= TWO_YEARS else None


def _follow_ups(purchases: list[Purchase], clock: Clock) -> dict[str, Any]:
    last: dict[str, date] = {}
    for item in purchases:
        if item.product and item.product.category:
            last[item.product.category.strip().lower()] = item.day
    waiting = [
        follow_up
        for trigger, (follow_up, within) in FOLLOW_UPS.items()
        if trigger in last
        and clock.days_since(last[trigger]) < within
        and (follow_up not in last or last[follow_up] < last[trigger])
    ]
    return {
        "follow_up_category": min(waiting, default=None),
        "is_follow_up_candidate": bool(waiting) if last else None,
    }
