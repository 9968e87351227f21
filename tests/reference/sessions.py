"""Sessions: how events fall into visits, and whose each visit is."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from tests.reference.identity import hashed_id
from tests.reference.visible import Shop, normal_email

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference.identity import PersonMap
    from tests.reference.rows import Event, Order

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_GAP = timedelta(minutes=30)
LONGEST, MOST_EVENTS = timedelta(hours=24), 1000

# Where events come from: ("device", anonymous_id), ("customer", id), ("email", address) or ("none", "").
DeviceKey = tuple[str, str]
NO_DEVICE: DeviceKey = ("none", "")


@dataclass(frozen=True)
class Session:
    """One visit: its events in time order, and the person it belongs to."""

    device: DeviceKey
    session_id: str | None
    events: list[Event]
    day: date
    customer_id: str

    @property
    def started_at(self) -> datetime:
        """Time of the first event."""
        return self.events[0].occurred_at

    @property
    def ended_at(self) -> datetime:
        """Time of the last event."""
        return self.events[-1].occurred_at

    @property
    def is_bot(self) -> bool:
        """Too long or too busy for a person, and nobody tried to order."""
        is_odd = self.ended_at - self.started_at > LONGEST or len(self.events) > MOST_EVENTS
        return is_odd and not any(event.event_type in {"purchase", "payment_failed"} for event in self.events)


def find_sessions(shop: Shop, people: PersonMap) -> list[Session]:
    """Every session of the visible events (which stand in time order)."""
    orders = [order for order in shop.orders if not order.is_test and _is_identified(order, people)]
    owner_of_order = {order.order_id: people.order_person(order) for order in orders}
    orders_on: dict[DeviceKey, list[Order]] = defaultdict(list)
    for order in orders:
        if order.anonymous_id is not None:
            orders_on[("device", order.anonymous_id)].append(order)
    sessions = []
    for device, session_id, events in _visits(shop.events):
        start, end = events[0].occurred_at, events[-1].occurred_at
        placed = [order for order in orders_on.get(device, []) if start <= order.ordered_at <= end]
        person = _person(device, events, placed, owner_of_order, people)
        if person is None:
            person = hashed_id(people.pii_key, f"device:{session_key(device, session_id, start)}")
        sessions.append(Session(device, session_id, events, shop.clock.day(start), person))
    return sessions


def session_key(device: DeviceKey, session_id: str | None, start: datetime) -> str:
    """The published key of a session, which stands for a device where none is known."""
    kind, value = device
    name = f"s:{session_id}" if device == NO_DEVICE else f"{kind[0]}:{value}"
    part = f"t:{(start - EPOCH) // timedelta(microseconds=1)}" if session_id is None else f"s:{session_id}"
    return hashlib.md5(f"{name}|{part}".encode(), usedforsecurity=False).hexdigest()


def device_key(event: Event) -> DeviceKey:
    """The device of an event, else the customer, else the e-mail."""
    email = normal_email(event.email)
    if event.anonymous_id is not None:
        return ("device", event.anonymous_id)
    if event.customer_id is not None:
        return ("customer", event.customer_id)
    return NO_DEVICE if email is None else ("email", email)


def _is_identified(order: Order, people: PersonMap) -> bool:
    return people.identified(order.customer_id, order.email, order.phone) is not None


def _visits(events: list[Event]) -> Iterator[tuple[DeviceKey, str | None, list[Event]]]:
    """Events grouped by given session id, else cut where a device is silent for more than 30 minutes."""
    given: dict[tuple[DeviceKey, str], list[Event]] = defaultdict(list)
    others: dict[DeviceKey, list[Event]] = defaultdict(list)
    for event in events:
        device = device_key(event)
        if event.session_id is not None:
            given[(device, event.session_id)].append(event)
        elif device != NO_DEVICE:
            others[device].append(event)
    for (device, session_id), visit in given.items():
        yield device, session_id, visit
    for device, life in others.items():
        start = 0
        for position in range(1, len(life) + 1):
            at_end = position == len(life)
            if at_end or life[position].occurred_at - life[position - 1].occurred_at > LONGEST_GAP:
                yield device, None, life[start:position]
                start = position


def _person(
    device: DeviceKey,
    events: list[Event],
    placed: list[Order],
    owner_of_order: dict[str, str],
    people: PersonMap,
) -> str | None:
    """Whose session it is: the key's own person, the first to identify, who ordered on it, whose device it is."""
    kind, value = device
    if kind == "customer":
        return people.identified(value, None)
    if kind == "email" and people.identified(None, value) is not None:
        return people.identified(None, value)
    for event in events:
        person = people.identified(event.customer_id, event.email) or owner_of_order.get(event.order_id or "")
        if person is not None:
            return person
    if placed:
        return owner_of_order[placed[0].order_id]
    return people.device_person(value) if kind == "device" else None
