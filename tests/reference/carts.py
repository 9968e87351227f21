"""Carts: which events make one, whose it is, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from tests.reference.orders import ZERO, ValuedOrder
from tests.reference.rows import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference.sessions import Session
    from tests.reference.visible import Clock

CART_EVENTS = frozenset({"add_to_cart", "remove_from_cart", "checkout_started"})
GRACE = timedelta(hours=1)

State = Literal["ordered", "emptied", "abandoned", "open"] | None
Touch = tuple[Event, str | None]  # an event of a cart, and the person of its session


@dataclass(frozen=True)
class Cart:
    """One cart and its state on D."""

    cart_id: str | None
    customer_id: str | None
    started_at: datetime
    last_activity_at: datetime
    state: State


def find_carts(sessions: list[Session], orders: list[ValuedOrder], clock: Clock) -> list[Cart]:
    """Every cart that can be seen on D."""
    bought = {item.order.order_id for item in orders if item.is_purchase}
    # Orders stand in time order, so the last one written is the latest.
    last_order = {item.customer_id: item.order.ordered_at for item in orders if item.is_purchase}
    has_orders = any(not item.order.is_test for item in orders)
    if not has_orders:
        last_order = _purchase_events(sessions)
    can_tell = has_orders or bool(last_order)
    carts = []
    for cart_id, touches in _grouped(sessions):
        events = [event for event, _ in touches]
        person = touches[-1][1]
        started_at, last_activity_at = events[0].occurred_at, events[-1].occurred_at
        is_ordered = any(event.order_id in bought for event in events) or (
            person is not None and person in last_order and last_order[person] >= started_at
        )
        state = _state(events, is_ordered=is_ordered, clock=clock)
        if state == "abandoned" and not can_tell:
            state = None
        carts.append(Cart(cart_id, person, started_at, last_activity_at, state))
    return carts


def _purchase_events(sessions: list[Session]) -> dict[str | None, datetime]:
    """The latest purchase event of each person; what a shop without orders knows of who bought."""
    latest: dict[str | None, datetime] = {}
    for session in sessions:
        for event in session.events:
            if event.event_type == "purchase":
                latest[session.customer_id] = max(event.occurred_at, latest.get(session.customer_id, event.occurred_at))
    return latest


def _grouped(sessions: list[Session]) -> Iterator[tuple[str | None, list[Touch]]]:
    """Events by given cart id, wherever they happened; else by session, where something was added."""
    given: dict[str, list[Touch]] = defaultdict(list)
    for session in sessions:
        of_session: list[Touch] = []
        for event in session.events:
            if event.cart_id is not None:
                given[event.cart_id].append((event, session.customer_id))
            elif event.event_type in CART_EVENTS:
                of_session.append((event, session.customer_id))
        if any(event.event_type == "add_to_cart" for event, _ in of_session):
            yield None, of_session
    for cart_id, touches in given.items():
        yield cart_id, sorted(touches, key=lambda touch: (touch[0].occurred_at, touch[0].event_id))


def _state(events: list[Event], *, is_ordered: bool, clock: Clock) -> State:
    added, removed = _units(events, "add_to_cart"), _units(events, "remove_from_cart")
    if is_ordered:
        return "ordered"
    if removed >= added:
        return "emptied"
    return "abandoned" if events[-1].occurred_at < clock.end - GRACE else "open"


def _units(events: list[Event], event_type: str) -> Decimal:
    quantities = (event.quantity for event in events if event.event_type == event_type)
    return sum((Decimal(1) if quantity is None else quantity for quantity in quantities), ZERO)
