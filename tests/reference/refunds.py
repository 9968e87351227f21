"""Refunds: which order each goes back to, in which portions, and what finds no order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.reference.orders import ZERO, is_valid, product_value

if TYPE_CHECKING:
    from datetime import datetime

    from tests.reference.identity import PersonMap
    from tests.reference.rows import Order, Refund
    from tests.reference.visible import Shop


@dataclass(frozen=True)
class Portion:
    """Part of a refund that goes back to one order, or (order_id None) to none."""

    refund_id: str
    order_id: str | None
    refunded_at: datetime
    quantity: Decimal | None
    amount: Decimal
    is_derived: bool = False


@dataclass
class OpenSale:
    """A line of a valid order, with the quantity that can still come back."""

    rank: tuple[datetime, str, int]
    order: Order
    quantity_left: Decimal


def match_refunds(shop: Shop, people: PersonMap) -> list[Portion]:
    """Every visible refund, in portions."""
    visible = {order.order_id for order in shop.orders}
    named = [refund for refund in shop.refunds if refund.order_id is not None]
    unnamed = [refund for refund in shop.refunds if refund.order_id is None]
    portions = [
        Portion(
            refund.refund_id,
            refund.order_id if refund.order_id in visible else None,
            refund.refunded_at,
            refund.quantity,
            refund.amount,
        )
        for refund in named
    ]
    return portions + _derived(shop) + _greedy(unnamed, _open_sales(shop, people) if unnamed else {}, people)


def refunded_by_order(portions: list[Portion]) -> dict[str, Decimal]:
    """What went back per order."""
    total: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for portion in portions:
        if portion.order_id is not None:
            total[portion.order_id] += portion.amount
    return dict(total)


def round_half_up(cents: Fraction) -> int:
    """Nearest whole number of cents; halves go up."""
    return (2 * cents.numerator + cents.denominator) // (2 * cents.denominator)


def _derived(shop: Shop) -> list[Portion]:
    """A refund of all that was paid for each order that says ``refunded`` and has no refund row at any date."""
    portions = []
    for order in shop.orders:
        refunded_at = order.updated_at or order.ordered_at
        is_refunded = (order.status or "").strip().lower() == "refunded"
        if not is_refunded or order.order_id in shop.refunded_order_ids or not shop.clock.sees(refunded_at):
            continue
        lines = shop.lines.get(order.order_id, [])
        amount = product_value(order, lines)
        portions.append(Portion(f"derived:{order.order_id}", order.order_id, refunded_at, None, amount, True))
    return portions


def _open_sales(shop: Shop, people: PersonMap) -> dict[tuple[str, str], list[OpenSale]]:
    """Lines of valid orders by person and product, latest first."""
    sales: dict[tuple[str, str], list[OpenSale]] = defaultdict(list)
    for order in shop.orders:
        if not is_valid(order, shop.clock):
            continue
        person = people.order_person(order)
        for line in shop.lines.get(order.order_id, []):
            if line.product_id is not None:
                rank = (order.ordered_at, order.order_id, line.line_number)
                sales[(person, line.product_id)].append(OpenSale(rank, order, line.quantity))
    for of_one in sales.values():
        of_one.sort(key=lambda sale: sale.rank, reverse=True)
    return sales


def _greedy(refunds: list[Refund], sales: dict[tuple[str, str], list[OpenSale]], people: PersonMap) -> list[Portion]:
    """Refunds without an order, in time order, each taking from the latest strictly earlier sales."""
    portions = []
    for refund in sorted(refunds, key=lambda refund: (refund.refunded_at, refund.refund_id)):
        person = people.person_of.get(("customer", refund.customer_id or ""))
        of_product = sales.get((person, refund.product_id), []) if person and refund.product_id else []
        earlier = [sale for sale in of_product if sale.order.ordered_at < refund.refunded_at]
        portions += _split(refund, earlier)
    return portions


def _split(refund: Refund, sales: list[OpenSale]) -> list[Portion]:
    """Take the refund's quantity from the sales in turn; the rest goes to no order.

    A refund that names no quantity brings back one unit. The money follows the quantity by
    cumulative rounding, so that the portions add up to the refund to the cent.
    """
    whole = refund.quantity or Decimal(1)
    portions, taken, paid = [], ZERO, 0
    for sale in sales:
        quantity = min(sale.quantity_left, whole - taken)
        if quantity > 0:
            sale.quantity_left -= quantity
            taken += quantity
            due = round_half_up(Fraction(refund.amount) * 100 * Fraction(taken) / Fraction(whole))
            portions.append(_portion(refund, sale.order.order_id, quantity, due - paid))
            paid = due
    if taken < whole:
        due = round_half_up(Fraction(refund.amount) * 100)
        portions.append(_portion(refund, None, whole - taken, due - paid))
    return portions


def _portion(refund: Refund, order_id: str | None, quantity: Decimal, amount_cents: int) -> Portion:
    return Portion(refund.refund_id, order_id, refund.refunded_at, quantity, Decimal(amount_cents).scaleb(-2))
