"""Orders: which are valid, what each is worth on D, which count, and how they are numbered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from tests.reference.identity import PersonMap
    from tests.reference.rows import Line, Order
    from tests.reference.visible import Clock, Shop

VALID_STATUSES = frozenset(
    {
        "paid",
        "partially_paid",
        "processing",
        "complete",
        "completed",
        "fulfilled",
        "partially_fulfilled",
        "shipped",
        "delivered",
        "closed",
        "archived",
        "partially_refunded",
        "refunded",
    }
)
INVALID_STATUSES = frozenset(
    {
        "cancelled",
        "canceled",
        "voided",
        "failed",
        "pending",
        "pending_payment",
        "authorized",
        "on_hold",
        "on-hold",
        "unpaid",
        "expired",
        "draft",
        "checkout_draft",
        "trash",
        "deleted",
    }
)
ZERO = Decimal(0)


@dataclass(frozen=True)
class ValuedOrder:
    """One visible order with its person and its money, in cents. A test order belongs to nobody."""

    order: Order
    customer_id: str | None
    day: date
    is_valid: bool
    value: Decimal
    discount: Decimal
    gift_cards: Decimal
    refund: Decimal
    excess_refund: Decimal
    is_discounted: bool

    @property
    def gross(self) -> Decimal:
        """Product value before the order discount."""
        return self.value + self.discount

    @property
    def net(self) -> Decimal:
        """What the shop earned; nothing where the order is not valid."""
        return self.value - self.refund - self.gift_cards if self.is_valid else ZERO

    @property
    def is_purchase(self) -> bool:
        """Valid and worth something when it was placed; what was refunded later was bought all the same."""
        return self.is_valid and self.value > self.gift_cards

    @property
    def is_counted(self) -> bool:
        """Valid, and still worth something."""
        return self.is_valid and self.net > 0


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to cents."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def is_valid(order: Order, clock: Clock) -> bool:
    """Whether the order stands on D: a cancellation after D has not happened yet."""
    status = (order.status or "paid").strip().lower()
    if status not in VALID_STATUSES | INVALID_STATUSES:
        message = f"order {order.order_id} has the unknown status {order.status!r}"
        raise ValueError(message)
    if order.is_test or (order.cancelled_at is not None and clock.sees(order.cancelled_at)):
        return False
    return status in VALID_STATUSES or order.cancelled_at is not None


def product_value(order: Order, lines: list[Line]) -> Decimal:
    """Product value after discounts, as paid: the total where given, else the lines less the order discount."""
    if order.total_amount is not None:
        return order.total_amount
    if not lines:
        return ZERO
    return max(ZERO, _total(lines) - (order.discount_amount or ZERO))


def gift_cards_sold(lines: list[Line], gift_card_ids: set[str], value: Decimal) -> Decimal:
    """Value of the gift cards in an order, as paid, at most the order's own value."""
    sold = _total([line for line in lines if line.product_id in gift_card_ids])
    return max(ZERO, min(sold, value))


def is_discounted(order: Order, lines: list[Line]) -> bool:
    """An order discount, or a line sold more than 1 % below its list price."""
    if (order.discount_amount or ZERO) > 0:
        return True
    return any(line.list_price is not None and line.unit_price < Decimal("0.99") * line.list_price for line in lines)


def value_orders(shop: Shop, people: PersonMap, refunded: dict[str, Decimal]) -> list[ValuedOrder]:
    """Every visible order; ``refunded`` is what went back by D per order id, as paid.

    Each sum of an order is converted once, at the order's own rate, and only then rounded.
    """
    gift_card_ids = {product.product_id for product in shop.products if product.is_gift_card}
    valued = []
    for order in shop.orders:
        lines = shop.lines.get(order.order_id, [])
        rate = shop.rate(order)
        paid = product_value(order, lines)
        value = cents(paid * rate)
        gift_cards = cents(gift_cards_sold(lines, gift_card_ids, paid) * rate)
        asked = cents(refunded.get(order.order_id, ZERO) * rate)
        refund = max(ZERO, min(asked, value - gift_cards))
        valued.append(
            ValuedOrder(
                order=order,
                customer_id=None if order.is_test else people.order_person(order),
                day=shop.clock.day(order.ordered_at),
                is_valid=is_valid(order, shop.clock),
                value=value,
                discount=cents((order.discount_amount or ZERO) * rate),
                gift_cards=gift_cards,
                refund=refund,
                excess_refund=asked - refund,
                is_discounted=is_discounted(order, lines),
            )
        )
    return valued


def order_numbers(orders: list[ValuedOrder]) -> dict[str, int]:
    """Number of each counted order among its person's counted orders, by (ordered_at, order_id)."""
    numbers: dict[str, int] = {}
    seen: dict[str | None, int] = defaultdict(int)
    for item in sorted(orders, key=lambda item: (item.order.ordered_at, item.order.order_id)):
        if item.is_counted:
            seen[item.customer_id] += 1
            numbers[item.order.order_id] = seen[item.customer_id]
    return numbers


def _total(lines: list[Line]) -> Decimal:
    return sum((line.quantity * line.unit_price for line in lines), ZERO)
