"""What was seen together by D: facts about people, and for every identifier the ids and guests seen with it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.reference.visible import normal_email, normal_phone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference.visible import Shop

# A shop customer id, or a contact value: ("customer", "anna"), ("email", ...), ("phone", ...), ("loyalty_id", ...).
# Said by the shop: ("alias", the old id).
Identifier = tuple[str, str]
Hubs = dict[Identifier, set[Identifier]]

NOBODY = {"0", "-1", "null", "none", "nan", "undefined", "n/a", "-", "unknown"}
JUNK_CUSTOMERS = {*NOBODY, "(null)", "nil", "na", "anonymous", "guest", "00000000-0000-0000-0000-000000000000"}
JUNK_EMAILS = {*NOBODY, "(null)", "anonymous", "guest", "test@test.com", "a@a.com"} | {
    f"{name}@example.com" for name in ("test", "user", "email", "name")
}
JUNK_MAILBOXES = {
    *("noemail", "no-email", "no.email", "nomail", "none", "null", "noreply", "no-reply", "donotreply", "unknown"),
    *("anonymous", "guest"),
}
JUNK_PHONES = {"12345678", "123456789", "1234567890", "0123456789", "01234567890", "9876543210", "+1234567890"}
MOST_IDS_OF_ONE_VALUE = 5


@dataclass(frozen=True)
class Fact:
    """Identifiers that one row holds together."""

    customer_id: str | None = None
    email: str | None = None
    phone: str | None = None
    loyalty_id: str | None = None
    alias: str | None = None
    anonymous_id: str | None = None


def real_customer(customer_id: str | None) -> str | None:
    """The customer id unless it is a word for nobody."""
    return None if (customer_id or "").lower() in JUNK_CUSTOMERS else customer_id


def facts(shop: Shop) -> Iterator[Fact]:
    """Every row that says who somebody is. Test orders say nothing."""
    for customer in shop.customers:
        yield Fact(real_customer(customer.customer_id), normal_email(customer.email), normal_phone(customer.phone))
    for order in shop.orders:
        if not order.is_test:
            email, phone = normal_email(order.email), normal_phone(order.phone)
            yield Fact(real_customer(order.customer_id), email, phone, anonymous_id=order.anonymous_id)
    for event in shop.events:
        yield Fact(real_customer(event.customer_id), normal_email(event.email), anonymous_id=event.anonymous_id)
    for identity in shop.identities:
        value = identity.identifier
        kinds = {"email": normal_email, "phone": normal_phone}
        column = {"customer_id": "alias"}.get(identity.identifier_type, identity.identifier_type)
        known = kinds.get(column, str)(value)
        yield Fact(real_customer(identity.customer_id), **{column: known})
    yield from _outreach_facts(shop)


def _outreach_facts(shop: Shop) -> Iterator[Fact]:
    """Whom the shop wrote to, offered or asked something. A message goes to one person, so its events are one fact."""
    of_message: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for event in shop.message_events:
        ids, emails = of_message[event.message_id]
        ids |= {event.customer_id} - {None}
        emails |= {normal_email(event.email)} - {None}
    for ids, emails in of_message.values():
        yield Fact(real_customer(min(ids, default=None)), min(emails, default=None))
    for consent in shop.consents:
        yield Fact(real_customer(consent.customer_id), normal_email(consent.email))
    for row in (*shop.exposures, *shop.redemptions, *shop.memberships, *shop.answers):
        yield Fact(real_customer(row.customer_id))


def hubs_of(shop: Shop) -> Hubs:
    """Members of every identifier: customers seen with it, else the guest's contact values."""
    hubs: Hubs = defaultdict(set)
    for fact in facts(shop):
        if fact.customer_id is not None:
            _add_customer(hubs, fact.customer_id, fact)
        elif fact.email is not None or fact.phone is not None:
            _add_guest(hubs, fact)
    return hubs


def _add_customer(hubs: Hubs, customer_id: str, fact: Fact) -> None:
    member = ("customer", customer_id)
    hubs.setdefault(member, {member})
    named_email = normal_email(customer_id) if re.search(r".@.", customer_id) else None
    named_phone = normal_phone(customer_id) if customer_id.startswith("+") else None
    seen = {"email": fact.email or named_email, "phone": fact.phone or named_phone, "loyalty_id": fact.loyalty_id}
    for kind, value in seen.items():
        if value is not None:
            hubs[(kind, value)].add(member)
    if fact.alias is not None:
        hubs[("alias", fact.alias)] |= {member, ("customer", fact.alias)}


def _add_guest(hubs: Hubs, fact: Fact) -> None:
    given = [(kind, value) for kind, value in (("email", fact.email), ("phone", fact.phone)) if value is not None]
    for identifier in given:
        hubs[identifier].add(identifier)
    if len(given) > 1:
        hubs[given[1]].add(given[0])


def is_junk(identifier: Identifier, members: set[Identifier]) -> bool:
    """A placeholder, or a value seen with more ids than one person has."""
    kind, value = identifier
    word = value.lower()
    mailbox, at, _ = word.partition("@")
    placeholder = {
        "customer": False,
        "email": word in JUNK_EMAILS or (bool(at) and mailbox in JUNK_MAILBOXES),
        "phone": word in JUNK_PHONES,
        "loyalty_id": word in NOBODY,
        "alias": word in JUNK_CUSTOMERS,
    }[kind]
    others = members - {identifier, ("customer", value)} if kind == "alias" else members - {identifier}
    counts = [sum(1 for member in others if member[0] == of) for of in ("customer", "email")]
    return placeholder or (kind != "customer" and max(counts) > MOST_IDS_OF_ONE_VALUE)
