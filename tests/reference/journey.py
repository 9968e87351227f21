"""The journey of one session and of one person: the funnel, where it ended, and silences before the cart."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.reference.flags import purchase_flags
from tests.reference.sessions import session_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tests.reference.flags import Market
    from tests.reference.people import Person
    from tests.reference.rows import Event
    from tests.reference.sessions import Session

FUNNEL = ("home", "category", "product", "cart", "checkout", "order")
FUNNEL_DAYS, CHECKOUT_DAYS, CHANNEL_DAYS = 30, 7, 365
VISIT, EMAIL, TEXT = timedelta(days=30), timedelta(days=5), timedelta(hours=24)
PENDING = ["is_struggling_to_check_out", "is_ready_to_convert", "is_needs_incentive"]
FLAGS = [*PENDING, "is_omnichannel"]
TOUCHES = ["first_touch_channel", "last_touch_channel", "touches_count"]
STEPS = ["funnel_step", "journey_step", "purchase_readiness"]
IDLE = timedelta(seconds=60)
DEEDS = {
    "product_view": "product",
    "category_view": "category",
    "search": "search",
    "add_to_cart": "cart",
    "remove_from_cart": "emptying",
    "checkout_started": "checkout",
    "payment_failed": "payment_error",
    "purchase": "order",
}
PAGES = {"home": "home", "category": "category", "product": "product", "search": "search", "content": "content"}
# What happened at one instant is taken in this order.
AT_ONCE = (
    *("none", "other", "content", "search", "home", "category", "product"),
    *("cart", "emptying", "basket", "checkout", "payment_error", "order"),
)
SHOWN = {"basket": "cart", "emptying": "cart"}


def kind(event: Event) -> str:
    """What an event says of the place where somebody is."""
    page = (event.page_type or "").lower()
    if event.event_type in DEEDS:
        return DEEDS[event.event_type]
    if page in PAGES:
        return PAGES[page]
    if page in {"cart", "checkout"}:
        return "basket" if page == "cart" else "checkout"
    return "other" if page or event.event_type == "page_view" else "none"


def in_order(session: Session) -> list[tuple[Event, str]]:
    """Events of a session with their kind, in the order of time."""
    pairs = [(event, kind(event)) for event in session.events]
    return sorted(pairs, key=lambda pair: (pair[0].occurred_at, AT_ONCE.index(pair[1])))


def depth(sessions: list[Session]) -> int:
    """Steps of the funnel taken one after the other, over sessions one after the other."""
    taken = 0
    for session in sessions:
        for _, place in in_order(session):
            if taken < len(FUNNEL) and place == FUNNEL[taken]:
                taken += 1
    return taken


def funnel_step(session: Session) -> str | None:
    """Deepest step of one session."""
    taken = depth([session])
    return FUNNEL[taken - 1] if taken else None


def pages(session: Session) -> list[str]:
    """The pages of a session, as they are shown."""
    return [SHOWN.get(place, place) for _, place in in_order(session) if place != "none"]


def is_idle_before_cart(session: Session) -> bool:
    """Silent for a minute before anything was done with a cart."""
    events = in_order(session)
    for (before, place), (after, _) in pairwise(events):
        if place in {"cart", "emptying", "checkout"}:
            return False
        if after.occurred_at - before.occurred_at >= IDLE:
            return True
    return False


def journey(person: Person, market: Market) -> dict[str, Any]:
    """What the journey says of one person on D."""
    clock = market.clock
    recent = [session for session in _by_start(person) if clock.days_since(session.day) < FUNNEL_DAYS]
    taken = depth(recent)
    pending = _pending(person, recent, market)
    step = FUNNEL[taken - 1] if taken else ("visit" if recent else "none")
    channels = {
        item.order.sales_channel.lower()
        for item in person.counted
        if item.order.sales_channel and clock.days_since(item.day) < CHANNEL_DAYS
    }
    return {
        "funnel_step": step if market.has_events else None,
        "journey_step": _journey_step(person, recent, market) if market.has_events else None,
        "sales_channels_count": len(channels) or None,
        "is_omnichannel": len(channels) >= 2 if channels else None,
        "purchase_readiness": _readiness(pending),
        **pending,
    }


def _readiness(pending: dict[str, bool | None]) -> str | None:
    if pending["is_ready_to_convert"]:
        return "ready"
    return "needs_incentive" if pending["is_needs_incentive"] else None


def _journey_step(person: Person, recent: list[Session], market: Market) -> str:
    done = {event.event_type for session in recent for event in session.events}
    days = person.purchase_days
    is_ordered = bool(days) and market.clock.days_since(days[-1]) < FUNNEL_DAYS
    if is_ordered or ("purchase" in done and not market.has_orders):
        return "order"
    deeds = (("checkout_started", "checkout"), ("add_to_cart", "cart"), ("product_view", "view"))
    return next((step for deed, step in deeds if deed in done), "visit" if recent else "none")


def _pending(person: Person, recent: list[Session], market: Market) -> dict[str, bool | None]:
    """Flags about what was begun and not bought."""
    if not (market.has_events and market.has_purchases):
        return dict.fromkeys(PENDING)
    bought = [item.order.ordered_at for item in person.orders if item.is_purchase]
    if not market.has_orders:
        events = (event for session in person.sessions for event in session.events)
        bought = [event.occurred_at for event in events if event.event_type == "purchase"]
    pending = [session for session in recent if not bought or session.started_at > max(bought)]
    latest = [session for session in pending if market.clock.days_since(session.day) < CHECKOUT_DAYS]
    loves_discounts = bool(purchase_flags(person, market)["is_discount_lover"])
    fills = sum(_count([session], "add_to_cart") > 0 for session in pending)
    return {
        "is_struggling_to_check_out": _count(latest, "checkout_started") >= 2 or _count(latest, "payment_failed") > 0,
        "is_ready_to_convert": _count(pending, "checkout_started") > 0 and not loves_discounts,
        "is_needs_incentive": fills >= 2 and loves_discounts,
    }


def _count(sessions: list[Session], event_type: str) -> int:
    return sum(event.event_type == event_type for session in sessions for event in session.events)


def _by_start(person: Person) -> list[Session]:
    def start(session: Session) -> tuple[datetime, str]:
        return session.started_at, session_key(session.device, session.session_id, session.started_at)

    return sorted(person.sessions, key=start)


def touches(person: Person) -> Iterator[dict[str, Any]]:
    """First and last channel that led to each order of a person."""
    seen = [(session.started_at, name.lower(), VISIT) for session in person.sessions if (name := channel(session))]
    for events in person.mail.messages.values():
        clicks = [event.occurred_at for event in events if event.message_event == "clicked"]
        way = min((event.channel or "email") for event in events).lower()
        if clicks:
            seen.append((min(clicks), way, EMAIL if way == "email" else TEXT))
    for item in person.orders:
        ordered = item.order.ordered_at
        led = sorted((at, way) for at, way, reach in seen if timedelta(0) <= ordered - at <= reach)
        told = [way for _, way in led if way != "direct"] or [way for _, way in led] or ["none"]
        yield {
            "order_id": item.order.order_id,
            "first_touch_channel": told[0],
            "last_touch_channel": told[-1],
            "touches_count": len(led),
        }


def channel(session: Session) -> str | None:
    """Channel of a session, the first in the alphabet."""
    return min((event.channel for event in session.events if event.channel), default=None)
