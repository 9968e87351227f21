"""Who is one person on D: identifiers joined into components, devices, and the ids that people are published under."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.reference.visible import Shop, normal_email

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference.rows import Order

# An identifier: ("customer", shop customer id) or ("email", normalised e-mail).
Identifier = tuple[str, str]

MOST_CUSTOMER_IDS_OF_ONE_VALUE = 5


@dataclass(frozen=True)
class PersonMap:
    """The person map. A person is named by the customer_id it is published under."""

    person_of: dict[Identifier, str]
    people_on_device: dict[str, set[str]]
    pii_key: str

    def identified(self, customer_id: str | None, email: str | None) -> str | None:
        """The person of a shop customer id or, without one, of a usable e-mail."""
        if customer_id is not None:
            return self.person_of[("customer", customer_id)]
        return self.person_of.get(("email", normal_email(email) or ""))

    def device_person(self, anonymous_id: str) -> str:
        """The one person ever seen on a device; where there is none or several, the device's anonymous person."""
        seen = self.people_on_device.get(anonymous_id, set())
        return next(iter(seen)) if len(seen) == 1 else hashed_id(self.pii_key, f"device:{anonymous_id}")

    def order_person(self, order: Order) -> str:
        """The person of an order that is no test: every such order has one."""
        person = self.identified(order.customer_id, order.email)
        if person is not None:
            return person
        if order.anonymous_id is not None:
            return self.device_person(order.anonymous_id)
        return hashed_id(self.pii_key, f"order:{order.order_id}")


def hashed_id(pii_key: str, value: str) -> str:
    """Published id of a person without a shop customer id."""
    inner = hashlib.sha256(f"{pii_key}{value}".encode()).hexdigest()
    return "c_" + hashlib.sha256(f"{pii_key}{inner}".encode()).hexdigest()[:24]


def map_people(shop: Shop, pii_key: str) -> PersonMap:
    """Join what is seen by D into people."""
    pairs = list(_seen_pairs(shop))
    aliases = [(row.customer_id, row.identifier) for row in shop.identities if row.identifier_type == "customer_id"]
    junk_emails = _values_of_too_many([(customer, email) for customer, email in pairs if customer and email])
    junk_aliases = _values_of_too_many(aliases)
    graph: dict[Identifier, set[Identifier]] = {}
    for customer_id, email in pairs:
        _connect(graph, customer_id, [("email", email)] if email and email not in junk_emails else [])
    for customer_id, alias in aliases:
        _connect(graph, customer_id, [("customer", alias)] if alias not in junk_aliases else [])
    person_of = {
        identifier: _published_id(component, pii_key) for component in _components(graph) for identifier in component
    }
    people = PersonMap(person_of, {}, pii_key)
    return replace(people, people_on_device=_people_on_devices(shop, people))


def _seen_pairs(shop: Shop) -> Iterator[tuple[str | None, str | None]]:
    """Every shop customer id and e-mail seen, together where one fact holds both. Test orders say nothing."""
    for customer in shop.customers:
        yield customer.customer_id, normal_email(customer.email)
    for identity in shop.identities:
        is_email = identity.identifier_type == "email"
        yield identity.customer_id, normal_email(identity.identifier) if is_email else None
    for order in shop.orders:
        if not order.is_test:
            yield order.customer_id, normal_email(order.email)
    for event in shop.events:
        yield event.customer_id, normal_email(event.email)


def _people_on_devices(shop: Shop, people: PersonMap) -> dict[str, set[str]]:
    on_device: dict[str, set[str]] = defaultdict(set)
    for anonymous_id, customer_id, email in _seen_on_devices(shop):
        person = people.identified(customer_id, email)
        if person is not None:
            on_device[anonymous_id].add(person)
    return dict(on_device)


def _seen_on_devices(shop: Shop) -> Iterator[tuple[str, str | None, str | None]]:
    for event in shop.events:
        if event.anonymous_id is not None:
            yield event.anonymous_id, event.customer_id, event.email
    for order in shop.orders:
        if order.anonymous_id is not None and not order.is_test:
            yield order.anonymous_id, order.customer_id, order.email
    for identity in shop.identities:
        if identity.identifier_type == "anonymous_id":
            yield identity.identifier, identity.customer_id, None


def _values_of_too_many(seen: list[tuple[str, str]]) -> set[str]:
    """Values seen with more shop customer ids than one person has."""
    customers: dict[str, set[str]] = defaultdict(set)
    for customer_id, value in seen:
        customers[value].add(customer_id)
    return {value for value, ids in customers.items() if len(ids) > MOST_CUSTOMER_IDS_OF_ONE_VALUE}


def _connect(graph: dict[Identifier, set[Identifier]], customer_id: str | None, others: list[Identifier]) -> None:
    """Add the identifiers that one fact holds, each joined to all of them."""
    together = others if customer_id is None else [("customer", customer_id), *others]
    for identifier in together:
        graph.setdefault(identifier, set()).update(together)


def _components(graph: dict[Identifier, set[Identifier]]) -> Iterator[list[Identifier]]:
    reached: set[Identifier] = set()
    for start in graph:
        if start in reached:
            continue
        reached.add(start)
        component, waiting = [], [start]
        while waiting:
            identifier = waiting.pop()
            component.append(identifier)
            neighbours = graph[identifier] - reached
            reached |= neighbours
            waiting.extend(neighbours)
        yield component


def _published_id(component: list[Identifier], pii_key: str) -> str:
    """The smallest shop customer id, else a keyed hash of the smallest e-mail."""
    customer_ids = [value for kind, value in component if kind == "customer"]
    if customer_ids:
        return min(customer_ids)
    return hashed_id(pii_key, f"email:{min(value for _, value in component)}")
