"""Who is one person on D: identifiers joined into components, devices, and the ids that people are published under."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.reference.evidence import Hubs, Identifier, facts, hubs_of, is_junk, real_customer
from tests.reference.visible import Shop, normal_email, normal_phone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.reference.rows import Order

MOST_IDS_OF_ONE_PERSON = 50


@dataclass(frozen=True)
class PersonMap:
    """The person map. A person is named by the customer_id it is published under."""

    person_of: dict[Identifier, str]
    people_on_device: dict[str, set[str]]
    pii_key: str

    def identified(self, customer_id: str | None, email: str | None, phone: str | None = None) -> str | None:
        """The person of a shop customer id, else of a usable e-mail, else of a usable phone number."""
        if real_customer(customer_id) is not None:
            return self.person_of[("customer", customer_id or "")]
        of_email = self.person_of.get(("email", normal_email(email) or ""))
        return of_email or self.person_of.get(("phone", normal_phone(phone) or ""))

    def device_person(self, anonymous_id: str) -> str:
        """The one person ever seen on a device; where there is none or several, the device's anonymous person."""
        seen = self.people_on_device.get(anonymous_id, set())
        return next(iter(seen)) if len(seen) == 1 else hashed_id(self.pii_key, f"device:{anonymous_id}")

    def order_person(self, order: Order) -> str:
        """The person of an order that is no test: every such order has one."""
        person = self.identified(order.customer_id, order.email, order.phone)
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
    hubs = hubs_of(shop)
    known_phones = {value for kind, value in hubs if kind == "phone"}
    customers = {identifier for identifier in hubs if identifier[0] == "customer"}
    junk = {identifier for identifier, members in hubs.items() if is_junk(identifier, members)}
    usable = {identifier: members - junk for identifier, members in hubs.items() if identifier not in junk}
    owners = _owners(shop, usable)
    group_of = _connected(customers, owners.values())
    linking = _without_disputes(usable, owners, group_of)
    person_of = _persons(linking, group_of, {group_of[one] for owner in owners.values() for one in owner})
    resolved = _resolved(linking, person_of)
    named = {key: published_id(person, known_phones, pii_key) for key, person in resolved.items()}
    people = PersonMap(named, {}, pii_key)
    return replace(people, people_on_device=_people_on_devices(shop, people))


def _owners(shop: Shop, hubs: Hubs) -> dict[Identifier, set[Identifier]]:
    """Verified addresses with the accounts that verified them."""
    owners: dict[Identifier, set[Identifier]] = defaultdict(set)
    for row in shop.customers:
        address = ("email", normal_email(row.email) or "")
        if row.is_email_verified and address in hubs and real_customer(row.customer_id):
            owners[address].add(("customer", row.customer_id))
    return owners


def _connected(nodes: Iterable[Identifier], together: Iterable[set[Identifier]]) -> dict[Identifier, Identifier]:
    """Smallest node of the component of each node."""
    label = {node: node for node in nodes}
    neighbours: dict[Identifier, set[Identifier]] = defaultdict(set)
    for members in together:
        for member in members:
            label.setdefault(member, member)
            neighbours[member] |= members
    reached: set[Identifier] = set()
    for start in sorted(label):
        waiting = [] if start in reached else [start]
        while waiting:
            node = waiting.pop()
            if node not in reached:
                reached.add(node)
                label[node] = start
                waiting.extend(neighbours[node])
    return label


def _without_disputes(
    hubs: Hubs, owners: dict[Identifier, set[Identifier]], group_of: dict[Identifier, Identifier]
) -> Hubs:
    """What links: of members whose groups verified different addresses only those stay that the value is owned by."""
    verified = {group_of[one] for accounts in owners.values() for one in accounts}
    linking: Hubs = {}
    for identifier, members in hubs.items():
        groups = {group_of.get(member) for member in members} & verified
        if len(groups) > 1:
            owner = {group_of[one] for one in owners.get(identifier, set())}
            strangers = {member for member in members if group_of.get(member) in groups - owner}
            linking[identifier] = members - strangers if owner else set()
        else:
            linking[identifier] = members
    return linking


def _persons(
    hubs: Hubs, group_of: dict[Identifier, Identifier], verified: set[Identifier]
) -> dict[Identifier, Identifier]:
    """The member that names the person, of each customer and guest; impossible people are kept apart."""
    node_sets = [{group_of.get(member, member) for member in members} for members in hubs.values()]
    component_of = _connected(set(group_of.values()), node_sets)
    group_sizes = Counter(group_of.values())
    sizes: Counter[Identifier] = Counter()
    for node, component in component_of.items():
        sizes[component] += group_sizes.get(node, 1)
    verified_count = Counter(component_of[group] for group in verified)
    persons: dict[Identifier, Identifier] = {}
    for member in {*group_of, *component_of}:
        node = group_of.get(member, member)
        component = component_of[node]
        if sizes[component] <= MOST_IDS_OF_ONE_PERSON and verified_count[component] <= 1:
            persons[member] = component
        else:
            persons[member] = member if group_sizes[node] > MOST_IDS_OF_ONE_PERSON else node
    return persons


def _resolved(hubs: Hubs, person_of: dict[Identifier, Identifier]) -> dict[Identifier, Identifier]:
    """The person of every customer id, and of every identifier that is one account's or else a guest's."""
    resolved = {member: person for member, person in person_of.items() if member[0] == "customer"}
    for identifier, members in hubs.items():
        accounts = {person_of[member] for member in members if member[0] == "customer"}
        if len(accounts) == 1:
            resolved[identifier] = accounts.pop()
        elif not accounts and identifier in members:
            resolved[identifier] = person_of[identifier]
    return resolved


def _people_on_devices(shop: Shop, people: PersonMap) -> dict[str, set[str]]:
    on_device: dict[str, set[str]] = defaultdict(set)
    for fact in facts(shop):
        person = people.identified(fact.customer_id, fact.email, fact.phone)
        if fact.anonymous_id is not None and person is not None:
            on_device[fact.anonymous_id].add(person)
    return dict(on_device)


def published_id(member: Identifier, known_phones: set[str], pii_key: str) -> str:
    """A shop customer id as it is, unless it is an address or a phone number; a keyed hash of anything else."""
    kind, value = member
    is_contact = "@" in value[1:-1] or value.startswith("+") or normal_phone(value) in known_phones
    return value if kind == "customer" and not is_contact else hashed_id(pii_key, f"{kind}:{value}")
