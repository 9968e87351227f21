"""The cast: named customers, each with one reason to exist, and what is expected of them at the end of one day.

They are small enough to be checked by hand. How rows are made stands in `tests/builders.py`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from tests.builders import (
    Row,
    a_line,
    a_product,
    a_refund,
    an_account,
    an_event,
    an_identity,
    an_order,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

AS_OF = date(2026, 6, 30)
NEXT_DAY = date(2026, 7, 1)
NOW = datetime(2026, 7, 3, 6, tzinfo=UTC)

STOCK = (a_product("scarf", category="clothes"), a_product("kettle", category="kitchen"))


@dataclass(frozen=True)
class Expected:
    """What the profile of a person must say; flags that are not named are not looked at."""

    kind: str
    stage: str
    orders: int = 0
    net_revenue: str = "0.00"
    flags: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """One of the cast: `known_by` is the shop's customer id, or the value that a keyed id is made from."""

    known_by: str
    reason: str
    rows: tuple[Row, ...]
    expected: Expected
    expected_next_day: Expected | None = None

    def customer_id(self, key: str) -> str:
        """The id under which the person is published."""
        if ":" not in self.known_by:
            return self.known_by
        inner = hashlib.sha256(f"{key}{self.known_by}".encode()).hexdigest()
        return f"c_{hashlib.sha256(f'{key}{inner}'.encode()).hexdigest()[:24]}"


def _visit(device: str, on: str, *, customer: str | None = None, adds: str | None = None) -> tuple[Row, ...]:
    """A session: two pages, a login where a customer is given, a product put into the cart where one is given."""
    rows = [
        an_event("page_view", on=f"{on}T18:00:00Z", device=device, page_type="home"),
        an_event("product_view", on=f"{on}T18:02:00Z", device=device, product_id=adds or "scarf"),
    ]
    if customer:
        rows.append(an_event("login", on=f"{on}T18:03:00Z", device=device, customer_id=customer))
    if adds:
        rows.append(an_event("add_to_cart", on=f"{on}T18:04:00Z", device=device, product_id=adds, quantity=1))
    return tuple(rows)


_MONTHS = [f"2025-{month:02}-20" for month in range(7, 13)] + [f"2026-{month:02}-20" for month in range(1, 7)]

ANNA = Person(
    "anna",
    "the champion: buys every month and for more than others",
    (
        an_account("anna", on="2025-07-01", email="anna@example.com", country="DE"),
        *(an_order("anna", on=day, total="120.00", shipping_country="DE") for day in _MONTHS),
        *_visit("anna-phone", "2026-06-20", customer="anna"),
    ),
    Expected(
        "buyer",
        "active",
        12,
        "1440.00",
        {
            "one_timer": False,
            "repeat_loyal": True,
            "recent_buyer": True,
            "lapsed_buyer": False,
            "high_spender": True,
            "discount_lover": False,
            "registered_browser": False,
            "idle": False,
        },
    ),
)

BERT = Person(
    "bert",
    "bought once and left",
    (
        an_account("bert", on="2025-03-10", email="bert@example.com"),
        an_order("bert", on="2025-03-10", total="40.00"),
        *_visit("bert-laptop", "2025-03-10", customer="bert"),
    ),
    Expected(
        "buyer",
        "churned",
        1,
        "40.00",
        {"one_timer": True, "recent_buyer": False, "lapsed_buyer": True, "high_spender": False, "idle": True},
    ),
)

CARLA = Person(
    "carla",
    "returns everything, so that nothing of it counts",
    (
        an_account("carla", on="2026-04-01", email="carla@example.com"),
        an_order("carla", on="2026-04-01", total="80.00", order_id="carla-1"),
        a_line("carla-1", "scarf", price="40.00", quantity="2"),
        a_refund("carla-1", on="2026-04-10", amount="80.00"),
        an_order("carla", on="2026-05-01", total="30.00", order_id="carla-2"),
        a_refund("carla-2", on="2026-05-10", amount="30.00"),
    ),
    Expected("lead", "lead", 0, "0.00", {"one_timer": None, "lapsed_buyer": None, "idle": None}),
)

DORA = Person(
    "dora",
    "buys on discount only",
    (
        an_account("dora", on="2025-11-01", email="dora@example.com"),
        an_order("dora", on="2025-11-28", total="45.00", discount_amount="15.00", coupon_code="BLACK"),
        an_order("dora", on="2026-02-02", total="20.00", discount_amount="10.00", coupon_code="WINTER"),
        an_order("dora", on="2026-04-20", total="60.00", discount_amount="20.00", coupon_code="SPRING"),
    ),
    Expected(
        "buyer",
        "active",
        3,
        "125.00",
        {"discount_lover": True, "repeat_loyal": True, "recent_buyer": False, "lapsed_buyer": False},
    ),
)

EMIL = Person(
    "emil",
    "registered, visits and never buys",
    (
        an_account("emil", on="2026-05-01", email="emil@example.com"),
        *_visit("emil-tablet", "2026-05-20", customer="emil"),
        *_visit("emil-tablet", "2026-06-02"),
        *_visit("emil-tablet", "2026-06-12"),
    ),
    Expected(
        "lead",
        "lead",
        flags={"registered_browser": True, "curious_browser": False, "cart_abandoner": False, "one_timer": None},
    ),
)

FINN = Person(
    "finn",
    "buys once a year before Christmas, so that half a year of silence is within his own rhythm",
    (
        an_account("finn", on="2023-12-05", email="finn@example.com"),
        an_order("finn", on="2023-12-05", total="90.00"),
        an_order("finn", on="2024-12-04", total="95.00"),
        an_order("finn", on="2025-12-06", total="85.00"),
    ),
    Expected("buyer", "dormant", 3, "270.00", {"one_timer": False, "lapsed_buyer": True, "idle": False}),
)

GWEN = Person(
    "device:gwen-phone",
    "exists only in events: looked around and asked for nothing",
    (*_visit("gwen-phone", "2026-06-10"), *_visit("gwen-phone", "2026-06-28")),
    Expected("anonymous", "anonymous", flags={"curious_browser": True, "registered_browser": False}),
)

HUGO = Person(
    "hugo",
    "bought as a guest and registered later with the same address in other letters",
    (
        an_order(on="2026-03-01", total="70.00", email="Hugo@Example.com"),
        an_account("hugo", on="2026-05-15", email="hugo@example.com"),
    ),
    Expected("buyer", "at_risk", 1, "70.00", {"one_timer": True, "lapsed_buyer": True, "registered_browser": False}),
)

IDA = Person(
    "ida",
    "crosses two boundaries on the next day: no longer new, no longer a recent buyer",
    (an_order("ida", on="2026-06-01", total="35.00"),),
    Expected("buyer", "new", 1, "35.00", {"recent_buyer": True, "lapsed_buyer": False}),
    Expected("buyer", "active", 1, "35.00", {"recent_buyer": False, "lapsed_buyer": False}),
)

JON = Person(
    "jon",
    "left a cart on the phone and ordered on the laptop: the cart is recovered",
    (
        an_account("jon", on="2026-06-01", email="jon@example.com"),
        *_visit("jon-phone", "2026-06-20", customer="jon", adds="kettle"),
        an_order("jon", on="2026-06-22", total="55.00", anonymous_id="jon-laptop"),
    ),
    Expected("buyer", "new", 1, "55.00", {"cart_abandoner": False, "recent_buyer": True}),
)

KIRA = Person(
    "kira",
    "left a full cart behind",
    (
        an_account("kira", on="2026-06-24", email="kira@example.com"),
        *_visit("kira-phone", "2026-06-25", customer="kira", adds="kettle"),
    ),
    Expected("lead", "lead", flags={"cart_abandoner": True, "registered_browser": False}),
)

LENA = Person(
    "lena",
    "cancelled the only order the day after: active, but no buyer",
    (
        an_account("lena", on="2026-06-10", email="lena@example.com"),
        an_order("lena", on="2026-06-10", total="65.00", status="cancelled", cancelled_at="2026-06-11T09:00:00Z"),
    ),
    Expected("lead", "lead", 0, "0.00", {"one_timer": None, "recent_buyer": None}),
)

MONA = Person(
    "mona",
    "shares a tablet with Nils, logs in and buys",
    (
        an_account("mona", on="2026-02-01", email="mona@example.com"),
        an_identity("mona", "family-tablet", on="2026-02-01"),
        *_visit("family-tablet", "2026-05-02", customer="mona"),
        an_order("mona", on="2026-05-02T18:05:00Z", total="25.00", anonymous_id="family-tablet"),
    ),
    Expected("buyer", "active", 1, "25.00", {"one_timer": True, "cart_abandoner": False}),
)

NILS = Person(
    "nils",
    "shares a tablet with Mona and only looks: her order is not his",
    (
        an_account("nils", on="2026-05-01", email="nils@example.com"),
        *_visit("family-tablet", "2026-05-09", customer="nils"),
        *_visit("family-tablet", "2026-05-16", customer="nils"),
        *_visit("family-tablet", "2026-05-23"),
    ),
    Expected("lead", "lead", flags={"registered_browser": True, "one_timer": None}),
)

OLGA = Person(
    "order:till-17",
    "paid cash in the store: revenue of nobody known",
    (an_order(on="2026-06-05", total="12.50", order_id="till-17", sales_channel="store"),),
    Expected("guest", "new", 1, "12.50", {"one_timer": True, "recent_buyer": True}),
)

PAUL = Person(
    "paul",
    "came back after more than a year",
    (
        an_order("paul", on="2025-05-30", total="75.00"),
        an_order("paul", on="2026-06-15", total="50.00"),
    ),
    Expected("buyer", "reactivated", 2, "125.00", {"recent_buyer": True, "repeat_loyal": False}),
)

CAST = (ANNA, BERT, CARLA, DORA, EMIL, FINN, GWEN, HUGO, IDA, JON, KIRA, LENA, MONA, NILS, OLGA, PAUL)
