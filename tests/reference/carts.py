"""Carts: which events make one, whose it is, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import md5
from typing import TYPE_CHECKING, Literal

from tests.reference.orders import ZERO, ValuedOrder, cents
from tests.reference.rows import Event
from tests.reference.sessions import session_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference.prices import Prices
    from tests.reference.sessions import Session
    from tests.reference.visible import Clock

CART_EVENTS = frozenset({"add_to_cart", "remove_from_cart", "checkout_started"})
STEPS = frozenset({"checkout_started", "payment_failed"})
GRACE = timedelta(hours=1)

State = Literal["ordered", "emptied", "abandoned", "open"] | None
Touch = tuple[Event, "Session"]  # an event of a cart, and its session


@dataclass(frozen=True)
class Cart:
    """One cart and its state on D; the key is the given id, else a hash of the session."""

    key: str
    cart_id: str | None
    customer_id: str | None
    started_at: datetime
    last_activity_at: datetime
    state: State
    worth: Decimal | None
    exit_step: str | None
    last_error: str | None


def find_carts(sessions: list[Session], orders: list[ValuedOrder], clock: Clock, prices: Prices) -> list[Cart]:
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
        last_session = touches[-1][1]
        person = last_session.customer_id
        started_at, last_activity_at = events[0].occurred_at, events[-1].occurred_at
        is_ordered = any(event.order_id in bought for event in events) or (
            person is not None and person in last_order and last_order[person] >= started_at
        )
        state = _state(events, is_ordered=is_ordered, clock=clock)
        if state == "abandoned" and not can_tell:
            state = None
        own = {event.event_id for event in events}
        loose = [event for event in last_session.events if event.cart_id is None]
        done = {
            event.event_type
            for event in [*events, *loose]
            if event.occurred_at >= started_at and (event.event_id in own or event.event_type in STEPS)
        }
        is_left, has_failed = state == "abandoned", "payment_failed" in done
        step = "payment" if has_failed else "checkout" if "checkout_started" in done else "cart"
        carts.append(
            Cart(
                key=cart_id or md5(f"s:{_key(last_session)}".encode(), usedforsecurity=False).hexdigest(),
                cart_id=cart_id,
                customer_id=person,
                started_at=started_at,
                last_activity_at=last_activity_at,
                state=state,
                worth=_worth(events, prices),
                exit_step=step if is_left else None,
                last_error="payment_failed" if is_left and has_failed else None,
            )
        )
    return carts


def _key(session: Session) -> str:
    return session_key(session.device, session.session_id, session.started_at)


def _worth(events: list[Event], prices: Prices) -> Decimal | None:
    """What is left in a cart; None where anything that went in or out is of unknown worth."""
    worth = ZERO
    for event in events:
        sign = {"add_to_cart": 1, "remove_from_cart": -1}.get(event.event_type)
        if sign is not None:
            of_event = prices.worth(event)
            if of_event is None:
                return None
            worth += sign * of_event
    return cents(max(worth, ZERO))


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
                given[event.cart_id].append((event, session))
            elif event.event_type in CART_EVENTS:
                of_session.append((event, session))
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
