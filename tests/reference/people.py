"""People on D with everything that is theirs: their kind, whether they are listed, their stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.reference.lifecycle import buyer_stage, stage_entered, stage_without_purchase
from tests.reference.orders import ZERO, ValuedOrder
from tests.reference.outreach import Mailbox, active_days, sort_mail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from decimal import Decimal

    from tests.reference.carts import Cart
    from tests.reference.identity import PersonMap
    from tests.reference.sessions import Session
    from tests.reference.visible import Clock, Shop

ANONYMOUS_HORIZON = 90


@dataclass
class Person:
    """Everything that is known of one person on D."""

    customer_id: str
    is_identified: bool
    orders: list[ValuedOrder] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    carts: list[Cart] = field(default_factory=list)
    registrations: list[datetime] = field(default_factory=list)
    mail: Mailbox = field(default_factory=Mailbox)

    @property
    def kind(self) -> str:
        """Buyer or lead with an identifier, guest or anonymous without."""
        if self.is_identified:
            return "buyer" if self.counted else "lead"
        return "guest" if self.counted else "anonymous"

    @property
    def counted(self) -> list[ValuedOrder]:
        """Counted orders in time order."""
        return [item for item in self.orders if item.is_counted]

    @property
    def purchase_days(self) -> list[date]:
        """Distinct local days with a counted order, in order."""
        return sorted({item.day for item in self.counted})

    @property
    def net(self) -> Decimal:
        """Net revenue of the counted orders."""
        return sum((item.net for item in self.counted), ZERO)

    @property
    def last_session_day(self) -> date | None:
        """Day of the latest session."""
        return max((session.day for session in self.sessions), default=None)

    @property
    def seen_days(self) -> list[date]:
        """Days with a session or an order."""
        return [session.day for session in self.sessions] + [item.day for item in self.orders]

    @property
    def has_download(self) -> bool:
        """Whether anything was ever downloaded."""
        return any(event.event_type == "content_download" for session in self.sessions for event in session.events)

    @property
    def signups(self) -> list[datetime]:
        """Times of signup events in the person's sessions."""
        events = (event for session in self.sessions for event in session.events)
        return [event.occurred_at for event in events if event.event_type == "signup"]


def stage(person: Person, clock: Clock) -> tuple[str, date | None]:
    """Lifecycle stage on D and the day it began, which only buyers and guests have."""
    days = person.purchase_days
    if days:
        return buyer_stage(days, clock.as_of), stage_entered(days, clock.as_of)
    moments = person.registrations + person.signups
    activity = person.seen_days + [clock.day(moment) for moment in moments] + active_days(person.mail, clock)
    last_activity = max(activity, default=None)
    return stage_without_purchase(
        is_identified=person.is_identified, last_activity=last_activity, day=clock.as_of
    ), None


def is_listed(person: Person, clock: Clock) -> bool:
    """Whether the person has a row: anonymous people are forgotten 90 days after they were last seen."""
    last = max(person.seen_days, default=None)
    return person.kind != "anonymous" or (last is not None and clock.days_since(last) < ANONYMOUS_HORIZON)


def gather_people(
    shop: Shop, people: PersonMap, orders: list[ValuedOrder], sessions: list[Session], carts: list[Cart]
) -> dict[str, Person]:
    """Everybody there is, with what is theirs."""
    persons = {person: Person(person, is_identified=True) for person in people.person_of.values()}
    for item in orders:
        if item.customer_id is not None:
            persons.setdefault(item.customer_id, Person(item.customer_id, is_identified=False)).orders.append(item)
    for session in sessions:
        if session.customer_id is not None:
            owner = persons.setdefault(session.customer_id, Person(session.customer_id, is_identified=False))
            if not session.is_bot:
                owner.sessions.append(session)
    for cart in carts:
        if cart.customer_id is not None:
            persons[cart.customer_id].carts.append(cart)
    for customer_id, moment in _registrations(shop, people):
        persons[customer_id].registrations.append(moment)
    for customer_id, box in sort_mail(shop, people).items():
        persons[customer_id].mail = box
    return persons


def _registrations(shop: Shop, people: PersonMap) -> Iterator[tuple[str, datetime]]:
    for customer in shop.customers:
        if customer.registered_at is not None and ("customer", customer.customer_id) in people.person_of:
            yield people.person_of["customer", customer.customer_id], customer.registered_at
