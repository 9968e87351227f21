"""The journey of one session and of one person: the funnel, where it ended, and silences before the cart."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.reference.rows import Event
    from tests.reference.sessions import Session

FUNNEL = ("home", "category", "product", "cart", "checkout", "order")
FUNNEL_DAYS, CHECKOUT_DAYS = 30, 7
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
