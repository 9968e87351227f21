"""The plan of purchases: who orders on which day, what becomes of the order, and who leaves a cart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.people import draw_between, draw_days_between
from dagster_project.sample.personas import PERSONAS, REGULAR, Outcomes, Persona

if TYPE_CHECKING:
    from dagster_project.sample.window import BoolArray, IntArray, Window

COUNTED_OUTCOMES = ("paid", "partly_refunded")
REFUND_OUTCOMES = ("partly_refunded", "fully_refunded", "over_refunded", "refunded_without_row")

# What may become of an order, with its weight, per kind of plan.
OUTCOMES: dict[Outcomes, dict[str, float]] = {
    "mixed": {
        "paid": 0.868,
        "partly_refunded": 0.055,
        "fully_refunded": 0.02,
        "over_refunded": 0.002,
        "refunded_without_row": 0.005,
        "cancelled": 0.02,
        "cancelled_without_time": 0.003,
        "failed": 0.01,
        "pending": 0.006,
        "test": 0.004,
        "gift_card_only": 0.007,
    },
    "steady": {"paid": 0.95, "partly_refunded": 0.05},
    "returned": {"fully_refunded": 0.9, "over_refunded": 0.05, "refunded_without_row": 0.05},
    "dropped": {"cancelled": 0.6, "failed": 0.25, "pending": 0.15},
}

ORDERS_PER_YEAR = 10.0
RATE_SHAPE = 0.9
MEAN_LIFETIME_DAYS = 450.0
SAME_DAY_SHARE = 0.02
FEWEST_ORDERS_TO_REPEAT = 3
GIFT_CARD_SHARE = 0.012
VISIT_SHARE = 0.82
# A refund or a cancellation must lie between the order and the end of the last day.
REFUNDABLE_FROM_AGO = 3
# Whether an order that came to nothing closes a cart is for others to decide; so near the last day it has none.
CART_OF_DROPPED_FROM_AGO = 35


def plan_orders(rng: np.random.Generator, people: pd.DataFrame, window: Window) -> pd.DataFrame:
    """One row per order: ``person, ago, outcome, is_counted, is_discounted, has_gift_card, has_visit, has_cart``."""
    parts = []
    for persona in PERSONAS:
        members = np.flatnonzero(people["persona"] == persona.name).astype(np.int64)
        person, ago = _order_days(rng, persona, members, window)
        inside = ago < window.days
        parts.append(_decide(rng, persona, person[inside], ago[inside]))
    orders = pd.concat(parts, ignore_index=True)
    orders = pd.concat([orders, _same_day_repeats(rng, orders)], ignore_index=True)
    orders = orders.sort_values(["ago", "person"], ascending=[False, True], kind="stable", ignore_index=True)
    is_guest_device = people["kind"].to_numpy()[orders["person"]] == "guest_device"
    has_device = people["device_count"].to_numpy()[orders["person"]] > 0
    is_first_of_day = ~orders.duplicated(["person", "ago"]).to_numpy()
    has_visit = orders["has_visit"].to_numpy() & is_first_of_day & has_device
    orders["has_visit"] = has_visit | is_guest_device
    dropped_late = ~orders["is_counted"] & (orders["ago"] < CART_OF_DROPPED_FROM_AGO)
    return orders.assign(has_cart=orders["has_visit"] & ~dropped_late)


def plan_carts(rng: np.random.Generator, people: pd.DataFrame, window: Window) -> pd.DataFrame:
    """One row per cart that a persona leaves or empties: ``person, ago, cart``."""
    parts = []
    for persona in PERSONAS:
        if persona.cart is not None:
            members = np.flatnonzero(people["persona"] == persona.name)
            ago = draw_days_between(rng, persona.cart_day, len(members))
            parts.append(pd.DataFrame({"person": members, "ago": ago, "cart": persona.cart}))
    carts = pd.concat(parts, ignore_index=True)
    return carts[carts["ago"] < window.days].reset_index(drop=True)


def _order_days(
    rng: np.random.Generator, persona: Persona, members: IntArray, window: Window
) -> tuple[IntArray, IntArray]:
    if persona.name == REGULAR:
        return _regular_days(rng, members, window)
    counts = draw_between(rng, persona.orders, len(members))
    person = np.repeat(members, counts)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    gaps = draw_between(rng, persona.order_gap, len(person))
    gaps[np.arange(len(person)) == starts] = 0
    last = np.repeat(draw_days_between(rng, persona.last_order, len(members)), counts)
    return person, last + _cumulative_within(gaps, starts)


def _cumulative_within(values: IntArray, starts: IntArray) -> IntArray:
    running = np.cumsum(values)
    return np.asarray(running - running[starts] + values[starts], dtype=np.int64)


def _regular_days(rng: np.random.Generator, members: IntArray, window: Window) -> tuple[IntArray, IntArray]:
    """Everybody buys at their own rate until they leave for good: rates are gamma, lifetimes exponential."""
    count = len(members)
    first = rng.integers(0, window.days, count)
    lifetime = np.minimum(first, rng.exponential(MEAN_LIFETIME_DAYS, count)).astype(np.int64)
    rate = rng.gamma(RATE_SHAPE, ORDERS_PER_YEAR / RATE_SHAPE, count)
    repeats = rng.poisson(rate * lifetime / 365.0)
    later = window.draw_days(rng, np.repeat(first - lifetime, repeats), np.repeat(first, repeats))
    return np.concatenate([members, np.repeat(members, repeats)]), np.concatenate([first, later])


def _decide(rng: np.random.Generator, persona: Persona, person: IntArray, ago: IntArray) -> pd.DataFrame:
    weights = OUTCOMES[persona.outcomes]
    names = np.array(list(weights), dtype=object)
    outcome = names[rng.choice(len(names), len(person), p=np.array(list(weights.values())))]
    too_fresh = (ago < REFUNDABLE_FROM_AGO) & np.isin(outcome, [*REFUND_OUTCOMES, "cancelled"])
    outcome = np.where(too_fresh, "paid", outcome)
    is_paid = outcome == "paid"
    is_discounted = _share(rng, persona.discounted_share, len(person)) & (outcome != "gift_card_only")
    has_gift_card = _share(rng, GIFT_CARD_SHARE, len(person)) & is_paid & ~is_discounted
    return pd.DataFrame(
        {
            "person": person,
            "ago": ago,
            "outcome": outcome,
            "is_counted": np.isin(outcome, COUNTED_OUTCOMES),
            "is_discounted": is_discounted,
            "has_gift_card": has_gift_card | (outcome == "gift_card_only"),
            "has_visit": _share(rng, VISIT_SHARE, len(person)),
        }
    )


def _same_day_repeats(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    """Repeat some orders on their day, in the store: orders and purchase days are not the same number."""
    paid = orders[(orders["outcome"] == "paid") & ~orders["has_gift_card"]]
    several = paid[paid.groupby("person")["ago"].transform("size") >= FEWEST_ORDERS_TO_REPEAT]
    chosen = several[_share(rng, SAME_DAY_SHARE, len(several))]
    return chosen.assign(has_visit=False)


def _share(rng: np.random.Generator, share: float, count: int) -> BoolArray:
    return rng.random(count) < share
