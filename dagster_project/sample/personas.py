"""The kinds of people in the sample shop: how often they occur, what they do, and what that makes them.

A persona is a plan, not a result: ranges are days before the last day (0), both ends included. What a plan amounts to
for one person stands in ``truth``; ``makes`` says what a history of two years makes of everybody of the persona.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Range = tuple[int, int]
Kind = Literal["account", "guest", "guest_device", "guest_unknown", "reader", "device"]
Outcomes = Literal["mixed", "steady", "returned", "dropped"]
Cart = Literal["left", "emptied"]


@dataclass(frozen=True)
class Persona:
    """One kind of person.

    ``share`` counts against the number of customers; devices come on top of it. ``outcomes``: mixed = as life goes,
    steady = always counted, returned = refunded in full, dropped = cancelled, failed or never paid.
    """

    name: str
    share: float
    kind: Kind = "account"
    orders: Range = (0, 0)
    last_order: Range = (0, 0)
    order_gap: Range = (15, 60)
    outcomes: Outcomes = "steady"
    discounted_share: float = 0.18
    registered: Range | None = None
    visits: Range = (0, 0)
    visit_window: Range = (0, 729)
    cart: Cart | None = None
    cart_day: Range = (0, 0)
    devices: Range = (1, 1)
    makes: dict[str, bool | str] = field(default_factory=dict)


REGULAR = "regular"
HOUSEHOLD_DEVICE = "household_device"
GUEST_THEN_REGISTERS = "guest_then_registers"
TWO_ACCOUNTS = "two_accounts"
RECOVERED_CART = "recovered_cart"
NEWSLETTER_READER = "newsletter_reader"

BUYERS: tuple[Persona, ...] = (
    # Orders of regulars come from a random process; every other persona is planned order by order.
    Persona(REGULAR, 0.0, outcomes="mixed", visits=(1, 9), devices=(1, 3)),
    Persona(
        "champion",
        0.055,
        orders=(14, 20),
        last_order=(0, 20),
        order_gap=(18, 34),
        visits=(8, 24),
        devices=(1, 3),
        makes={"repeat_loyal": True, "recent_buyer": True, "lapsed_buyer": False, "lifecycle_stage": "active"},
    ),
    Persona(
        "one_timer_gone",
        0.1,
        orders=(1, 1),
        last_order=(95, 600),
        visits=(0, 3),
        visit_window=(95, 729),
        makes={"one_timer": True, "recent_buyer": False, "lapsed_buyer": True, "repeat_loyal": False},
    ),
    Persona(
        "discount_hunter",
        0.05,
        orders=(3, 8),
        last_order=(0, 120),
        order_gap=(20, 70),
        discounted_share=1.0,
        visits=(3, 10),
        devices=(1, 2),
        makes={"discount_lover": True, "one_timer": False},
    ),
    Persona(
        "returns_everything",
        0.03,
        orders=(2, 5),
        last_order=(10, 170),
        outcomes="returned",
        visits=(2, 6),
        visit_window=(0, 400),
        makes={"one_timer": False, "recent_buyer": False, "lapsed_buyer": False, "lifecycle_stage": "lead"},
    ),
    Persona(
        "yearly_habit",
        0.03,
        orders=(2, 2),
        last_order=(200, 355),
        order_gap=(360, 370),
        visits=(0, 3),
        visit_window=(190, 729),
        makes={"lapsed_buyer": True, "idle": False, "lifecycle_stage": "dormant", "repeat_loyal": False},
    ),
    Persona(
        "reactivated",
        0.015,
        orders=(2, 3),
        last_order=(0, 29),
        order_gap=(180, 300),
        visits=(1, 4),
        makes={"recent_buyer": True, "lapsed_buyer": False, "lifecycle_stage": "reactivated"},
    ),
    Persona(
        "churned_idle",
        0.04,
        orders=(1, 4),
        last_order=(370, 640),
        visits=(0, 4),
        visit_window=(190, 729),
        makes={"idle": True, "lapsed_buyer": True, "lifecycle_stage": "churned"},
    ),
    Persona(
        "churned_but_looking",
        0.01,
        orders=(1, 3),
        last_order=(365, 640),
        visits=(2, 5),
        visit_window=(0, 120),
        makes={"idle": False, "lapsed_buyer": True, "lifecycle_stage": "churned"},
    ),
    Persona(
        "new_buyer",
        0.03,
        orders=(1, 1),
        last_order=(0, 29),
        visits=(0, 3),
        visit_window=(0, 60),
        makes={"one_timer": True, "recent_buyer": True, "lifecycle_stage": "new", "idle": False},
    ),
    Persona(
        TWO_ACCOUNTS,
        0.01,
        orders=(2, 4),
        last_order=(0, 200),
        visits=(0, 3),
        makes={"one_timer": False},
    ),
    Persona(
        GUEST_THEN_REGISTERS,
        0.025,
        orders=(2, 4),
        last_order=(0, 200),
        visits=(0, 3),
        makes={"one_timer": False, "registered_browser": False},
    ),
)

GUESTS: tuple[Persona, ...] = (
    Persona("guest_once", 0.05, "guest", orders=(1, 1), last_order=(0, 700), visits=(0, 2), makes={"one_timer": True}),
    Persona("guest_by_device", 0.02, "guest_device", orders=(1, 1), last_order=(0, 600), visits=(0, 2)),
    Persona("guest_unknown", 0.015, "guest_unknown", orders=(1, 1), last_order=(0, 600)),
)

# On purpose on both sides of every threshold; half of each persona stands on either day.
BOUNDARIES: tuple[Persona, ...] = (
    Persona("boundary_30", 0.01, orders=(1, 3), last_order=(29, 30), order_gap=(20, 60), visits=(0, 2)),
    Persona("boundary_90", 0.01, orders=(1, 3), last_order=(89, 90), order_gap=(20, 60), visits=(0, 2)),
    Persona("boundary_180", 0.006, orders=(1, 3), last_order=(179, 180), visits=(0, 2), visit_window=(100, 729)),
    Persona("boundary_365", 0.006, orders=(1, 3), last_order=(364, 365), visits=(0, 2), visit_window=(179, 729)),
    Persona(
        "boundary_cart",
        0.006,
        orders=(0, 2),
        last_order=(40, 300),
        cart="left",
        cart_day=(29, 30),
        devices=(1, 2),
    ),
)

CART_PEOPLE: tuple[Persona, ...] = (
    Persona(
        "cart_abandoner",
        0.045,
        orders=(0, 3),
        last_order=(40, 300),
        visits=(1, 4),
        cart="left",
        cart_day=(0, 28),
        devices=(1, 2),
        makes={"cart_abandoner": True},
    ),
    Persona(
        "forgotten_cart",
        0.01,
        orders=(0, 3),
        last_order=(70, 300),
        visits=(1, 3),
        visit_window=(31, 729),
        cart="left",
        cart_day=(31, 60),
        makes={"cart_abandoner": False},
    ),
    Persona(
        RECOVERED_CART,
        0.02,
        orders=(1, 3),
        last_order=(0, 5),
        order_gap=(40, 90),
        visits=(0, 2),
        visit_window=(31, 729),
        cart="left",
        cart_day=(6, 25),
        devices=(2, 2),
        makes={"cart_abandoner": False, "recent_buyer": True},
    ),
    Persona(
        "emptied_cart",
        0.015,
        orders=(0, 2),
        last_order=(40, 300),
        visits=(0, 2),
        visit_window=(31, 729),
        cart="emptied",
        cart_day=(0, 29),
        makes={"cart_abandoner": False},
    ),
)

LEADS: tuple[Persona, ...] = (
    Persona(
        "browser_never_buys",
        0.06,
        registered=(40, 500),
        visits=(2, 12),
        visit_window=(0, 150),
        devices=(1, 2),
        makes={"registered_browser": True, "lifecycle_stage": "lead"},
    ),
    Persona(
        "lead_fresh",
        0.025,
        registered=(2, 100),
        visits=(0, 1),
        makes={"registered_browser": False, "lifecycle_stage": "lead"},
    ),
    Persona(
        "lead_cold",
        0.02,
        registered=(185, 600),
        visits=(0, 1),
        visit_window=(180, 729),
        makes={"registered_browser": False, "lifecycle_stage": "cold_lead"},
    ),
    Persona(
        "cancelled_only",
        0.015,
        orders=(1, 3),
        last_order=(3, 170),
        outcomes="dropped",
        visits=(0, 3),
        visit_window=(0, 400),
        makes={"one_timer": False, "recent_buyer": False, "lapsed_buyer": False, "lifecycle_stage": "lead"},
    ),
    Persona(
        NEWSLETTER_READER,
        0.015,
        "reader",
        visits=(1, 4),
        visit_window=(0, 150),
        makes={"registered_browser": False, "curious_browser": False, "lifecycle_stage": "lead"},
    ),
)

DEVICES: tuple[Persona, ...] = (
    Persona(
        "curious_device",
        0.26,
        "device",
        visits=(1, 4),
        visit_window=(0, 29),
        makes={"curious_browser": True, "cart_abandoner": False, "lifecycle_stage": "anonymous"},
    ),
    Persona(
        "passing_device",
        0.26,
        "device",
        visits=(1, 3),
        visit_window=(30, 729),
        makes={"curious_browser": False, "lifecycle_stage": "anonymous"},
    ),
    Persona(
        "anonymous_cart",
        0.03,
        "device",
        visits=(0, 2),
        visit_window=(0, 60),
        cart="left",
        cart_day=(0, 28),
        makes={"curious_browser": False, "cart_abandoner": True, "lifecycle_stage": "anonymous"},
    ),
    # A device on which two people log in; the visits on which nobody does belong to neither of them.
    Persona(HOUSEHOLD_DEVICE, 0.008, "device", makes={"cart_abandoner": False, "lifecycle_stage": "anonymous"}),
)

PERSONAS: tuple[Persona, ...] = (*BUYERS, *GUESTS, *BOUNDARIES, *CART_PEOPLE, *LEADS, *DEVICES)


def people_per_persona(customers: int) -> dict[str, int]:
    """How many people of each persona: at least one of each, regulars take what is left of ``customers``."""
    counts = {persona.name: max(1, round(persona.share * customers)) for persona in PERSONAS}
    known = sum(counts[persona.name] for persona in PERSONAS if persona.kind != "device")
    counts[REGULAR] = customers - (known - counts[REGULAR])
    return counts
