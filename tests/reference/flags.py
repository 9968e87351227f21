"""The ten flags of one person. None where the question does not apply."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.reference.orders import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from tests.reference.people import Person
    from tests.reference.visible import Clock

RECENT, LAPSED, YEAR, DISCOUNT_WINDOW = 30, 90, 365, 730
CART_WINDOW, BROWSER_WINDOW, IDLE_SESSIONS = 30, 30, 180
NO_CURIOUS_BROWSER = frozenset(
    {
        "add_to_cart",
        "form_submitted",
        "newsletter_signup",
        "content_download",
        "signup",
        "purchase",
        "payment_failed",
    }
)


PURCHASE_FLAGS = [
    "is_one_timer",
    "is_repeat_loyal",
    "is_recent_buyer",
    "is_lapsed_buyer",
    "is_high_spender",
    "is_discount_lover",
]
BROWSING_FLAGS = ["is_cart_abandoner", "is_registered_browser", "is_curious_browser", "is_idle"]
FLAGS = PURCHASE_FLAGS + BROWSING_FLAGS


@dataclass(frozen=True)
class Market:
    """What the flags ask of all people and all data."""

    clock: Clock
    has_events: bool
    has_purchases: bool
    has_discounts: bool
    bought_count: int
    bought_net: Decimal
    has_orders: bool = True


def flags(person: Person, market: Market) -> dict[str, bool | None]:
    """All flags of one person."""
    return purchase_flags(person, market) | browsing_flags(person, market)


def purchase_flags(person: Person, market: Market) -> dict[str, bool | None]:
    """Flags that ask about counted orders; null for people who have none."""
    if not person.counted:
        return dict.fromkeys(PURCHASE_FLAGS)
    since_last = market.clock.days_since(person.purchase_days[-1])
    return {
        "is_one_timer": len(person.counted) == 1,
        "is_repeat_loyal": _is_repeat_loyal(person, market.clock),
        "is_recent_buyer": since_last < RECENT,
        "is_lapsed_buyer": since_last >= LAPSED,
        "is_high_spender": person.net * market.bought_count > market.bought_net,
        "is_discount_lover": _is_discount_lover(person, market.clock) if market.has_discounts else None,
    }


def browsing_flags(person: Person, market: Market) -> dict[str, bool | None]:
    """Flags that ask about events; null for all where there are none."""
    if not market.has_events:
        return dict.fromkeys(BROWSING_FLAGS)
    return {
        "is_cart_abandoner": _is_cart_abandoner(person, market.clock) if market.has_purchases else None,
        "is_registered_browser": _is_registered_browser(person),
        "is_curious_browser": _is_curious_browser(person, market.clock),
        "is_idle": _is_idle(person, market.clock) if person.counted else None,
    }


def _is_repeat_loyal(person: Person, clock: Clock) -> bool:
    days = person.purchase_days
    in_year = [item for item in person.counted if clock.days_since(item.day) < YEAR]
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    # Twice the median: the two middle gaps, which for an odd number are the same one.
    twice_median = gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2] if gaps else 0
    return len(in_year) >= 3 and clock.days_since(days[-1]) <= max(90, twice_median)


def _is_discount_lover(person: Person, clock: Clock) -> bool:
    orders = [item for item in person.counted if clock.days_since(item.day) < DISCOUNT_WINDOW]
    discounted = [item for item in orders if item.is_discounted]
    net = sum((item.net for item in orders), ZERO)
    full_price_net = sum((item.net for item in orders if not item.is_discounted), ZERO)
    return len(orders) >= 2 and 4 * len(discounted) >= 3 * len(orders) and 4 * full_price_net <= net


def _is_cart_abandoner(person: Person, clock: Clock) -> bool:
    abandoned = [cart for cart in person.carts if cart.state == "abandoned"]
    return any(clock.days_since(clock.day(cart.last_activity_at)) < CART_WINDOW for cart in abandoned)


def _is_registered_browser(person: Person) -> bool:
    registrations = person.registrations + person.signups
    if not registrations or person.counted:
        return False
    later = [session for session in person.sessions if session.started_at > min(registrations)]
    return len(later) >= 2


def _is_curious_browser(person: Person, clock: Clock) -> bool:
    if person.is_identified or person.orders or person.last_session_day is None:
        return False
    done = {event.event_type for session in person.sessions for event in session.events}
    return clock.days_since(person.last_session_day) < BROWSER_WINDOW and not done & NO_CURIOUS_BROWSER


def _is_idle(person: Person, clock: Clock) -> bool:
    last_session = person.last_session_day
    no_session = last_session is None or clock.days_since(last_session) >= IDLE_SESSIONS
    return clock.days_since(person.purchase_days[-1]) >= YEAR and no_session
