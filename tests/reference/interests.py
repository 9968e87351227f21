"""What a person is interested in: tags of the products that were looked at, put into carts and bought lately."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.reference.assortment import Assortment
    from tests.reference.people import Person

WINDOW = 180
WEIGHTS = {"product_view": 1, "add_to_cart": 3, "purchase": 5}


def interests(person: Person, assortment: Assortment) -> dict[str, Any]:
    """The main interest and how many there are; None for who dealt with no product that has tags."""
    clock = assortment.clock
    deeds: Counter[tuple[str, str]] = Counter()
    for session in person.sessions:
        for event in session.events:
            is_deed = event.event_type in ("product_view", "add_to_cart") and event.product_id is not None
            if is_deed and clock.days_since(clock.day(event.occurred_at)) < WINDOW:
                deeds[event.product_id or "", event.event_type] += 1
    for purchase in assortment.bought[person.customer_id]:
        if clock.days_since(purchase.day) < WINDOW:
            deeds[purchase.product_id, "purchase"] += 1
    events: Counter[str] = Counter()
    weights: Counter[str] = Counter()
    for (product_id, kind), count in deeds.items():
        for tag in assortment.tags.get(product_id, ()):
            events[tag] += count
            weights[tag] += count * WEIGHTS[kind]
    if person.kind == "anonymous" or not events:
        return {"main_interest": None, "interests_count": None}
    total = sum(count * WEIGHTS[kind] for (_, kind), count in deeds.items())
    found = [tag for tag in events if events[tag] >= 5 and 10 * weights[tag] >= 3 * total]
    return {
        "main_interest": min(found, key=lambda tag: (-weights[tag], tag), default=None),
        "interests_count": len(found),
    }
