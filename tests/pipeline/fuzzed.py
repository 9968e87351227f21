"""Small random shops that hold every awkward thing at once: one seed, one world; many worlds land in one warehouse.

The ids of a world start with its seed, so that worlds meet nowhere but in the scores, which are relative to all buyers.
Rows land in several loads, shuffled, some of them twice and some in a second version.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

LAST_DAY = date(2026, 6, 30)
CURRENCIES = ("EUR", "eur", None, "USD", "usd", "JPY")
STATUSES = (
    "paid",
    "paid",
    "completed",
    "PAID",
    "refunded",
    "partially_refunded",
    "cancelled",
    "pending",
    "draft",
    None,
)
JUNK_EMAILS = ("", "n/a", "test@example.com", "noemail@")
KINDS = ("refund", "return", "chargeback", None)
EVENT_TYPES = ("page_view", "product_view", "add_to_cart", "remove_from_cart", "checkout_started", "login", "purchase")
EVENT_TYPES += ("wishlist_add", "wishlist_add", "wishlist_remove", "payment_failed")
PRODUCT_EVENTS = {"add_to_cart", "remove_from_cart", "product_view", "wishlist_add", "wishlist_remove"}
CLOCKS = ((0, 0, 0, 0), (23, 59, 59, 999999), (1, 30, 0, 0), (12, 0, 0, 0), (21, 59, 59, 0), (22, 0, 0, 0))

Rows = dict[str, list[dict[str, Any]]]


@dataclass
class World:
    """One random shop: who lives in it, and the landing rows so far."""

    seed: int
    dice: random.Random
    rows: Rows = field(default_factory=dict)

    def name(self, kind: str, number: int) -> str:
        """An id of this world."""
        return f"w{self.seed:03d}-{kind}{number}"

    def add(self, table: str, **values: Any) -> dict[str, Any]:
        """Let a row land; now and then it lands twice."""
        row = {key: value for key, value in values.items() if value is not None}
        copies = 2 if self.dice.random() < 0.05 else 1
        self.rows.setdefault(table, []).extend([row] * copies)
        return row

    def sometimes(self, share: float) -> bool:
        """True with a probability."""
        return self.dice.random() < share

    def instant(self, *, days_ago: int | None = None) -> datetime:
        """A time, often on the edge of a day; some lie after the last day."""
        ago = self.dice.choice(
            (*range(-3, 4), *(29, 30, 31, 89, 90, 91, 179, 180, 181, 364, 365, 366), *range(5, 400, 9))
        )
        day = LAST_DAY - timedelta(days=ago if days_ago is None else days_ago)
        hour, minute, second, micro = self.dice.choice(CLOCKS)
        return datetime(day.year, day.month, day.day, hour, minute, second, micro, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    """What a person may leave behind."""

    accounts: list[str]
    emails: list[str]
    phones: list[str]
    devices: list[str]


def world_rows(seed: int) -> Rows:
    """All landing rows of one world."""
    world = World(seed, random.Random(seed))  # noqa: S311 (a game, no secret)
    products = _products(world)
    people = [_person(world, number) for number in range(world.dice.randint(2, 6))]
    _identities(world, people)
    for number in range(world.dice.randint(1, 14)):
        _order(world, world.dice.choice(people), number, products)
    for number in range(world.dice.randint(0, 25)):
        _event(world, world.dice.choice(people), number, products)
    strangers = [Person([world.name("x", at)], [f"w{seed:03d}.x{at}@mail.example"], [], []) for at in range(2)]
    for number in range(world.dice.randint(0, 12)):
        _message(world, world.dice.choice(people + strangers), number)
    for number in range(world.dice.randint(0, 8)):
        _word(world, world.dice.choice(people + strangers), number)
    return world.rows


def _products(world: World) -> list[str]:
    names = [world.name("p", number) for number in range(3)]
    for at, name in enumerate(names):
        world.add(
            "products", product_id=name, name=name, is_gift_card="true" if at == 0 and world.sometimes(0.3) else None
        )
    return names


def _person(world: World, number: int) -> Person:
    accounts = [world.name("c", number * 10 + at) for at in range(world.dice.choice((0, 1, 1, 1, 2)))]
    email = f"w{world.seed:03d}.{world.dice.randint(0, number)}@mail.example"
    emails = [email, email.upper(), f" {email} "][: world.dice.randint(1, 3)]
    phones = [f"+4930{world.seed:03d}{world.dice.randint(0, number):04d}"]
    devices = [world.name("d", world.dice.randint(0, 4)) for _ in range(world.dice.randint(1, 2))]
    for account in accounts:
        _account(world, account, emails, phones)
    return Person(accounts, emails, phones, devices)


def _account(world: World, account: str, emails: list[str], phones: list[str]) -> None:
    first = world.add(
        "customers",
        customer_id=account,
        email=world.dice.choice((*emails, None, *JUNK_EMAILS)),
        phone=world.dice.choice((*phones, None)),
        registered_at=world.instant().isoformat() if world.sometimes(0.8) else None,
        country=world.dice.choice(("DE", "FR", None)),
        is_email_verified=world.dice.choice(("true", "false", None)),
        updated_at=world.instant().isoformat() if world.sometimes(0.5) else None,
    )
    if world.sometimes(0.2):
        world.add(
            "customers", **{**first, "email": world.dice.choice(emails), "updated_at": world.instant().isoformat()}
        )


def _identities(world: World, people: list[Person]) -> None:
    known = [person for person in people if person.accounts]
    for _ in range(world.dice.randint(0, 4) if known else 0):
        person, other = world.dice.choice(known), world.dice.choice(people)
        kind, values = world.dice.choice(
            (
                ("email", other.emails),
                ("phone", other.phones),
                ("anonymous_id", other.devices),
                ("customer_id", other.accounts),
                ("loyalty_id", [world.name("l", world.dice.randint(0, 2))]),
            )
        )
        if values:
            world.add(
                "identities",
                customer_id=world.dice.choice(person.accounts),
                identifier_type=kind,
                identifier=world.dice.choice(values),
                seen_at=world.instant().isoformat(),
            )


def _contact(world: World, person: Person) -> dict[str, Any]:
    return {
        "customer_id": world.dice.choice((*person.accounts, None)),
        "email": world.dice.choice((*person.emails, None, None, *JUNK_EMAILS)),
        "phone": world.dice.choice((*person.phones, None, None)),
        "anonymous_id": world.dice.choice((*person.devices, None)),
    }


def _order(world: World, person: Person, number: int, products: list[str]) -> None:
    order_id = world.name("o", number)
    ordered_at = world.instant()
    cents = world.dice.choice((0, 1, 999, 1000, 2550, 100_00))
    lines = world.dice.choice((0, 0, 1, 2, 3))
    status = world.dice.choice(STATUSES)
    first = world.add(
        "orders",
        order_id=order_id,
        **_contact(world, person),
        ordered_at=ordered_at.isoformat(),
        status=status,
        cancelled_at=(ordered_at + timedelta(days=world.dice.randint(0, 20))).isoformat()
        if world.sometimes(0.1)
        else None,
        currency=world.dice.choice(CURRENCIES),
        total_amount=f"{cents / 100:.2f}" if not lines or world.sometimes(0.5) else None,
        discount_amount=f"{world.dice.randint(0, 300) / 100:.2f}" if world.sometimes(0.3) else None,
        coupon_code="SPRING" if world.sometimes(0.1) else None,
        is_test="true" if world.sometimes(0.05) else None,
        updated_at=ordered_at.isoformat() if world.sometimes(0.5) else None,
    )
    says_version = world.sometimes(0.4)
    kept = []
    for line in range(lines):
        price = world.dice.choice((100, 999, 2500))
        row = world.add(
            "order_lines",
            order_id=order_id,
            line_number=line + 1,
            product_id=world.dice.choice(products),
            quantity=world.dice.randint(1, 4),
            unit_price=f"{price / 100:.2f}",
            list_price=f"{world.dice.choice((price, price + 500)) / 100:.2f}" if world.sometimes(0.6) else None,
            order_updated_at=ordered_at.isoformat() if says_version else None,
        )
        kept.append(row)
    if world.sometimes(0.15):
        later = (ordered_at + timedelta(days=world.dice.randint(0, 9))).isoformat()
        world.add(
            "orders", **{**first, "status": world.dice.choice(("paid", "cancelled", "refunded")), "updated_at": later}
        )
        for row in kept[1:] if says_version else []:
            world.add("order_lines", **{**row, "quantity": world.dice.randint(1, 4), "order_updated_at": later})
    for at in range(world.dice.choice((0, 0, 0, 1, 1, 2, 3))):
        _refund(world, first, at, products, lines)


def _refund(world: World, order: dict[str, Any], number: int, products: list[str], lines: int) -> None:
    ordered_at = datetime.fromisoformat(order["ordered_at"])
    by_product = "customer_id" in order and world.sometimes(0.3)
    world.add(
        "refunds",
        refund_id=f"{order['order_id']}-r{number}",
        order_id=None if by_product else order["order_id"],
        customer_id=order["customer_id"] if by_product else None,
        product_id=world.dice.choice(products) if by_product or world.sometimes(0.2) else None,
        line_number=world.dice.randint(1, lines) if lines and not by_product and world.sometimes(0.3) else None,
        refunded_at=(ordered_at + timedelta(days=world.dice.choice((-1, 0, 1, 5, 40)))).isoformat(),
        quantity=world.dice.randint(1, 2) if world.sometimes(0.6) else None,
        amount=f"{world.dice.choice((0, 1, 500, 1000, 2500, 20_000)) / 100:.2f}",
        kind=world.dice.choice(KINDS),
    )


def _event(world: World, person: Person, number: int, products: list[str]) -> None:
    moment = world.instant(days_ago=world.dice.choice((-1, 0, 0, 1, 2, 30, 31, 60, 89, 90, 91))) + timedelta(
        minutes=world.dice.choice((0, 10, 29, 30, 31, 60))
    )
    kind = world.dice.choice(EVENT_TYPES)
    knows = kind == "login" or world.sometimes(0.1)
    world.add(
        "events",
        event_id=world.name("e", number),
        occurred_at=moment.isoformat(),
        event_type=kind,
        anonymous_id=world.dice.choice((*person.devices, *person.devices, None)),
        customer_id=world.dice.choice(person.accounts) if person.accounts and knows else None,
        email=world.dice.choice(person.emails) if knows and world.sometimes(0.3) else None,
        session_id=world.name("s", world.dice.randint(0, 3)) if world.sometimes(0.1) else None,
        product_id=world.dice.choice(products) if kind in PRODUCT_EVENTS else None,
        quantity=world.dice.randint(1, 3) if kind == "add_to_cart" and world.sometimes(0.5) else None,
        value_amount=world.dice.choice(("4.99", "12.50", "0.00")) if world.sometimes(0.6) else None,
        currency=world.dice.choice(CURRENCIES) if world.sometimes(0.3) else None,
        device_type=world.dice.choice(("mobile", "desktop", None)),
    )


def _addressee(world: World, person: Person) -> dict[str, Any]:
    return {
        "customer_id": world.dice.choice((*person.accounts, None, None)),
        "email": world.dice.choice((*person.emails, None, *JUNK_EMAILS[1:])),
    }


def _message(world: World, person: Person, number: int) -> None:
    sent_at = world.instant()
    kinds = world.dice.sample(("delivered", "opened", "clicked", "bounced", "unsubscribed", "complained"), 2)
    channel = world.dice.choice(("email", "email", None, "sms"))
    addressee = _addressee(world, person)
    for at, kind in enumerate(("sent", *kinds)[: world.dice.randint(1, 3)]):
        world.add(
            "messages",
            message_id=world.name("m", number),
            **(addressee if world.sometimes(0.9) else _addressee(world, person)),
            channel=channel,
            message_event=kind,
            occurred_at=(sent_at + timedelta(days=at * world.dice.choice((0, 1, 40)))).isoformat(),
            is_machine_open=world.dice.choice(("true", "false", None)) if kind == "opened" else None,
        )


def _word(world: World, person: Person, number: int) -> None:
    """A consent, an offer shown or used, a membership or an answer."""
    table = world.dice.choice(("consents", "consents", "offer_exposures", "offer_redemptions", "loyalty_memberships"))
    if table == "consents":
        world.add(
            "consents",
            **_addressee(world, person),
            channel=world.dice.choice(("email", "sms")),
            purpose=world.dice.choice(("newsletter", None)),
            status=world.dice.choice(("granted", "granted", "withdrawn")),
            changed_at=world.instant().isoformat(),
        )
    elif person.accounts:
        account, moment = world.dice.choice(person.accounts), world.instant().isoformat()
        offer = {"offer_id": world.name("f", number % 3)} if table.startswith("offer") else {}
        column = {"offer_exposures": "exposed_at", "offer_redemptions": "redeemed_at"}.get(table, "joined_at")
        world.add(table, customer_id=account, **offer, **{column: moment})


def rates() -> list[dict[str, Any]]:
    """A rate of each foreign currency for every second day, so that some days look back."""
    days = [LAST_DAY - timedelta(days=ago) for ago in range(-4, 420, 2)]
    return [
        {"currency": currency, "rate_date": day.isoformat(), "rate": f"{base + day.day * step:.8f}"}
        for day in days
        for currency, base, step in (("USD", 0.8, 0.001), ("JPY", 0.006, 0.00001))
    ]


def loads(seeds: range, count: int) -> list[Rows]:
    """The rows of many worlds, shuffled into several loads; a row may land long after its time."""
    dice = random.Random(len(seeds))  # noqa: S311
    batches: list[Rows] = [{} for _ in range(count)]
    for seed in seeds:
        for table, rows in world_rows(seed).items():
            for row in rows:
                batches[dice.randrange(count)].setdefault(table, []).append(row)
    for batch in batches:
        for rows in batch.values():
            dice.shuffle(rows)
    batches[0]["fx_rates"] = rates()
    return batches
