"""What the shop's own data suggest for thresholds: percentiles by nearest rank of plain lists."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.reference.habits import half_up, percentile
from tests.reference.orders import ZERO
from tests.reference.outreach import decided_offers, is_member, recent_mails

if TYPE_CHECKING:
    from tests.reference.flags import Market
    from tests.reference.people import Person
    from tests.reference.visible import Clock, Shop

Observed = tuple[Fraction, list[int]]


def suggestions(persons: list[Person], shop: Shop, market: Market) -> dict[str, tuple[int | None, int]]:
    """By var: the suggested value, None where nothing was observed, and how much was."""
    observed = _of_gaps(persons) | _of_orders(persons, shop.clock, has_discounts=market.has_discounts)
    observed |= _of_visits(persons, shop.clock) | _of_outreach(persons, shop)
    return {name: (percentile(values, share), len(values)) for name, (share, values) in observed.items()}


def _of_gaps(persons: list[Person]) -> dict[str, Observed]:
    bought = [person.purchase_days for person in persons]
    gaps = [(later - earlier).days for days in bought for earlier, later in pairwise(days)]
    of_gaps = {
        Fraction(80, 100): ["active_days", "lapsed_buyer_days"],
        Fraction(90, 100): ["at_risk_days", "reactivation_gap_days"],
        Fraction(95, 100): ["dormant_days", "idle_order_days"],
    }
    found = {name: (share, gaps) for share, names in of_gaps.items() for name in names}
    return found | {"new_customer_days": (Fraction(1, 2), [(days[1] - days[0]).days for days in bought if days[1:]])}


def _of_orders(persons: list[Person], clock: Clock, *, has_discounts: bool) -> dict[str, Observed]:
    bought = [person for person in persons if person.counted]
    in_year = [sum(clock.days_since(item.day) < 365 for item in person.counted) for person in bought]
    year = [count for count in in_year if count]
    old = [len(person.counted) for person in bought if clock.days_since(person.purchase_days[0]) >= 365]
    means = [half_up(Fraction(person.net) * 100 / len(person.counted)) for person in bought]
    discounted, full_price = [], []
    for person in bought if has_discounts else []:
        orders = [item for item in person.counted if clock.days_since(item.day) < 730]
        cheap = [item for item in orders if item.is_discounted]
        # A share too small to be told in basis points is none.
        if cheap and (share := half_up(Fraction(10000 * len(cheap), len(orders)))):
            dear = sum((item.net for item in orders if not item.is_discounted), ZERO)
            discounted.append(share)
            full_price.append(half_up(10000 * Fraction(dear) / Fraction(sum((item.net for item in orders), ZERO))))
    return {
        "frequent_buyer_orders_count": (Fraction(9, 10), year),
        "big_buyer_orders_count": (Fraction(9, 10), year),
        "regular_customer_orders_count": (Fraction(3, 4), old),
        "high_spender_min_order_cents_count": (Fraction(8, 10), means),
        "discount_lover_min_discounted_share_bp": (Fraction(3, 4), discounted),
        "discount_lover_max_full_price_share_bp": (Fraction(1, 4), full_price),
    }


def _of_visits(persons: list[Person], clock: Clock) -> dict[str, Observed]:
    seen = [person for person in persons if person.sessions]
    first = {person.customer_id: min(visit.day for visit in person.sessions) for person in seen}
    waits = [(person.purchase_days[0] - first[person.customer_id]).days for person in seen if person.counted]
    quarter = [sum(clock.days_since(visit.day) < 90 for visit in person.sessions) for person in seen]
    started = {person.customer_id: min(person.registrations + person.signups, default=None) for person in seen}
    returned = [
        sum(visit.started_at > moment for visit in person.sessions)
        for person in seen
        if not person.counted and (moment := started[person.customer_id]) is not None
    ]
    return {
        "anonymous_horizon_days": (Fraction(95, 100), [days for days in waits if days >= 0]),
        "indecisive_shopper_sessions_count": (Fraction(3, 4), [count for count in quarter if count]),
        "registered_browser_sessions_count": (Fraction(1, 2), [count for count in returned if count]),
    }


def _of_outreach(persons: list[Person], shop: Shop) -> dict[str, Observed]:
    clock = shop.clock
    mails = [len(recent_mails(person.mail, clock)) for person in persons]
    offers = [len(decided_offers(person.mail, shop)[0]) for person in persons]
    outside = [person for person in persons if not is_member(person.mail, clock)]
    lately = [sum(clock.days_since(item.day) < 180 for item in person.counted) for person in outside]
    return {
        "email_unengaged_emails_count": (Fraction(1, 2), [count for count in mails if count]),
        "offer_ignorer_offers_count": (Fraction(1, 2), [count for count in offers if count]),
        "loyalty_candidate_orders_count": (Fraction(3, 4), [count for count in lately if count]),
    }
