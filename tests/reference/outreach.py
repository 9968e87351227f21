"""What the shop sent to people and what they made of it. Absence is said only where something was."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.reference.visible import normal_email

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from tests.reference.identity import PersonMap
    from tests.reference.rows import Consent, Membership, MessageEvent
    from tests.reference.visible import Clock, Shop

MAIL_DAYS, MAILS, OFFER_DAYS, OFFERS, CANDIDATE_DAYS = 90, 5, 365, 3, 180
ENDLESS = timedelta(days=30)
FLAGS = [
    "is_email_contactable",
    "is_email_unengaged",
    "is_newsletter_reader",
    "is_offer_ignorer",
    "is_loyalty_candidate",
]
LEFT = ("unsubscribed", "complained")
ACTS = frozenset({"clicked", "unsubscribed", "complained"})


@dataclass
class Mailbox:
    """Everything that was sent to one person, message by message, and every word on consent."""

    messages: dict[str, list[MessageEvent]] = field(default_factory=lambda: defaultdict(list))
    consents: list[Consent] = field(default_factory=list)
    exposed: dict[str, datetime] = field(default_factory=dict)
    redeemed: set[str] = field(default_factory=set)
    memberships: list[Membership] = field(default_factory=list)
    deeds: list[datetime] = field(default_factory=list)

    @property
    def clicks(self) -> list[MessageEvent]:
        """All clicks."""
        return [event for events in self.messages.values() for event in events if event.message_event == "clicked"]


def sort_mail(shop: Shop, people: PersonMap) -> dict[str, Mailbox]:
    """The mailbox of every person who has one; what went to nobody known is left out."""
    boxes: dict[str, Mailbox] = defaultdict(Mailbox)
    by_message: dict[str, list[MessageEvent]] = defaultdict(list)
    for event in shop.message_events:
        by_message[event.message_id].append(event)
    for message_id, events in by_message.items():
        ids = sorted(event.customer_id for event in events if event.customer_id is not None)
        emails = sorted(email for event in events if (email := normal_email(event.email)) is not None)
        person = _person(people, ids[0] if ids else None, emails[0] if emails else None)
        if person is not None:
            boxes[person].messages[message_id] = sorted(events, key=lambda event: event.occurred_at)
    for consent in shop.consents:
        person = _person(people, consent.customer_id, consent.email)
        if person is not None:
            boxes[person].consents.append(consent)
    for membership in shop.memberships:
        person = _person(people, membership.customer_id, None)
        if person is not None:
            boxes[person].memberships.append(membership)
    for customer_id, moment in _deeds(shop):
        person = _person(people, customer_id, None)
        if person is not None:
            boxes[person].deeds.append(moment)
    _sort_offers(shop, people, boxes)
    return boxes


def _deeds(shop: Shop) -> Iterator[tuple[str, datetime]]:
    yield from ((row.customer_id, row.joined_at) for row in shop.memberships)
    yield from ((row.customer_id, row.redeemed_at) for row in shop.redemptions)
    yield from ((row.customer_id, row.answered_at) for row in shop.answers)


def _sort_offers(shop: Shop, people: PersonMap, boxes: dict[str, Mailbox]) -> None:
    for exposure in shop.exposures:
        person = _person(people, exposure.customer_id, None)
        if person is not None:
            first = boxes[person].exposed.get(exposure.offer_id, exposure.exposed_at)
            boxes[person].exposed[exposure.offer_id] = min(first, exposure.exposed_at)
    for redemption in shop.redemptions:
        person = _person(people, redemption.customer_id, None)
        if person is not None:
            boxes[person].redeemed.add(redemption.offer_id)


def _person(people: PersonMap, customer_id: str | None, email: str | None) -> str | None:
    if customer_id is not None and ("customer", customer_id) in people.person_of:
        return people.identified(customer_id, None)
    return None if email is None else people.identified(None, email)


def active_days(box: Mailbox, clock: Clock) -> list[date]:
    """Days on which the person did something: clicked, left a list, changed a consent, joined, used, answered."""
    moments: list[datetime | None] = [*box.deeds, *(event.occurred_at for event in box.clicks)]
    for events in box.messages.values():
        moments += [next((event.occurred_at for event in events if event.message_event == act), None) for act in LEFT]
    moments += [consent.changed_at for consent in box.consents]
    return [clock.day(moment) for moment in moments if moment is not None]


def outreach_flags(box: Mailbox, shop: Shop, *, has_download: bool, counted_days: list[date]) -> dict[str, bool | None]:
    """The answers for one person; ``counted_days`` has one day per counted order."""
    clock = shop.clock
    days = [clock.day(event.occurred_at) for event in box.clicks if event.channel in {None, "email"}]
    has_clicked = any(clock.days_since(day) < MAIL_DAYS for day in days)
    mails = recent_mails(box, clock)
    contactable = _is_contactable(box) if shop.consents else None
    can_tell = shop.consents and (shop.message_events or shop.events)
    return {
        "is_email_contactable": contactable,
        "is_email_unengaged": len(mails) >= MAILS and not has_clicked if mails else None,
        "is_newsletter_reader": bool(contactable and (has_clicked or has_download)) if can_tell else None,
        "is_offer_ignorer": _is_offer_ignorer(box, shop),
        "is_loyalty_candidate": _is_candidate(box, shop, counted_days) if shop.memberships and counted_days else None,
    }


def recent_mails(box: Mailbox, clock: Clock) -> list[list[MessageEvent]]:
    """The e-mails of the last days that were got."""
    return [events for events in box.messages.values() if _is_recent_mail(events, clock)]


def _is_recent_mail(events: list[MessageEvent], clock: Clock) -> bool:
    kinds = {event.message_event for event in events}
    by_person = any(event.message_event == "opened" and not event.is_machine_open for event in events)
    was_got = "bounced" not in kinds or by_person or bool(kinds & ACTS)
    sent = next((event for event in events if event.message_event == "sent"), events[0])
    return (
        was_got and events[0].channel in {None, "email"} and clock.days_since(clock.day(sent.occurred_at)) < MAIL_DAYS
    )


def _is_contactable(box: Mailbox) -> bool:
    """Replays every word in time; a no comes after a yes of the same instant, so that it stands."""
    said = [(row.changed_at, row.status == "withdrawn", row.purpose) for row in box.consents if row.channel == "email"]
    for events in box.messages.values():
        said += [
            (event.occurred_at, True, None)
            for event in events
            if event.message_event in {"unsubscribed", "complained"} and event.channel in {None, "email"}
        ]
    granted: set[str | None] = set()
    for _, is_no, purpose in sorted(said, key=lambda word: word[:2]):
        if not is_no:
            granted.add(purpose)
        elif purpose is None:
            granted.clear()
        else:
            granted.discard(purpose)
    return bool(granted)


def is_member(box: Mailbox, clock: Clock) -> bool:
    """Whether the person is in the loyalty programme."""
    return any(row.left_at is None or not clock.sees(row.left_at) for row in box.memberships)


def _is_candidate(box: Mailbox, shop: Shop, counted_days: list[date]) -> bool:
    return (
        not is_member(box, shop.clock) and sum(shop.clock.days_since(day) < CANDIDATE_DAYS for day in counted_days) >= 2
    )


def _is_offer_ignorer(box: Mailbox, shop: Shop) -> bool | None:
    decided, used = decided_offers(box, shop)
    if not decided or not shop.redemptions:
        return None
    return len(decided) >= OFFERS and not used


def decided_offers(box: Mailbox, shop: Shop) -> tuple[set[str], set[str]]:
    """Recent offers that are used or over, and those that are used."""
    recent = {
        offer: exposed_at
        for offer, exposed_at in box.exposed.items()
        if shop.clock.days_since(shop.clock.day(exposed_at)) < OFFER_DAYS
    }
    used = recent.keys() & box.redeemed
    decided = {offer for offer, exposed_at in recent.items() if offer in used or _is_over(offer, exposed_at, shop)}
    return decided, used


def _is_over(offer_id: str, exposed_at: datetime, shop: Shop) -> bool:
    offer = shop.offers.get(offer_id)
    if offer is not None and offer.ends_at is not None:
        return offer.ends_at <= shop.clock.end
    return shop.clock.days_since(shop.clock.day(exposed_at)) >= ENDLESS.days
