"""The plan of visits: who comes on which day with which device, logged in or not, and what becomes of the cart.

Nobody visits twice on one day, and nobody browses on a day with an order: so the order of carts and orders is the order
of their days, and the plan can say which carts stay open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.people import draw_between
from dagster_project.sample.personas import HOUSEHOLD_DEVICE, NEWSLETTER_READER, PERSONAS, RECOVERED_CART, REGULAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.sample.window import IntArray, Window

MAIN_DEVICE_SHARE = 0.65
ONLINE_SIGNUP_SHARE = 0.6
LOGIN_SHARE = 0.45
LOGIN_AT_ORDER_SHARE = 0.85
LEFT_CART_SHARE = 0.07
EMPTIED_CART_SHARE = 0.015
EARLY_VISIT_SHARE = 0.12
VISITS_PER_REGULAR_ORDER = 0.9
HOUSEHOLD_DAYS = 60
COUPLE = 2
NO_ORDER = -1


def plan_visits(
    rng: np.random.Generator,
    *,
    people: pd.DataFrame,
    devices: pd.DataFrame,
    orders: pd.DataFrame,
    carts: pd.DataFrame,
    window: Window,
) -> pd.DataFrame:
    """One row per visit.

    Columns: ``person, ago, device, order (-1: none), cart (none, left, emptied, ordered), is_signup, is_newsletter,
    is_logged_in, is_household``. Sorted by day.
    """
    visits = pd.concat(
        [
            _order_visits(orders),
            carts,
            *_household_visits(rng, people, devices, window),
            _signup_visits(rng, people),
            _browsing_visits(rng, people, orders, window),
        ],
        ignore_index=True,
    )
    visits = visits.fillna({"order": NO_ORDER, "device": -1, "cart": "none"}).astype({"order": "int64"})
    visits = visits[(visits["ago"] >= 0) & (visits["ago"] < window.days)]
    visits = _one_a_day(visits, orders)
    visits["is_household"] = visits["device"] >= 0
    visits["device"] = _choose_devices(rng, visits, people)
    visits = _drop_lone_household_visits(visits, people)
    visits = visits.sort_values(["ago", "person"], ascending=[False, True], kind="stable", ignore_index=True)
    visits = visits.assign(cart=_browsing_carts(rng, visits, people), **_who_signs(visits, people))
    return visits.assign(is_logged_in=_logins(rng, visits, people))


def _order_visits(orders: pd.DataFrame) -> pd.DataFrame:
    visited = orders[orders["has_visit"]]
    cart = np.where(visited["has_cart"], "ordered", "none")
    return pd.DataFrame({"person": visited["person"], "ago": visited["ago"], "order": visited.index, "cart": cart})


def _signup_visits(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    online = people[(people["registered_ago"] >= 0) & (rng.random(len(people)) < ONLINE_SIGNUP_SHARE)]
    return pd.DataFrame({"person": online.index, "ago": online["registered_ago"]})


def _household_visits(
    rng: np.random.Generator, people: pd.DataFrame, devices: pd.DataFrame, window: Window
) -> Iterator[pd.DataFrame]:
    """Two regulars log in on one device on days of their own; on days of a third kind nobody logs in."""
    keepers = np.flatnonzero(people["persona"] == HOUSEHOLD_DEVICE)
    device_of = devices.reset_index().drop_duplicates("owner").set_index("owner")["index"]
    settled = (people["persona"] == REGULAR) & (people["registered_ago"] >= min(HOUSEHOLD_DAYS, window.days - 1))
    candidates = rng.permutation(np.flatnonzero(settled))
    weeks = min(HOUSEHOLD_DAYS, window.days) // 3
    for number, keeper in enumerate(keepers):
        couple = candidates[COUPLE * number : COUPLE * (number + 1)]
        if len(couple) == COUPLE:
            for kind, person in enumerate((*couple, keeper)):
                days = rng.choice(weeks, size=min(3, weeks), replace=False) * 3 + kind
                yield pd.DataFrame({"person": person, "ago": days, "device": int(device_of[keeper])})


def _browsing_visits(
    rng: np.random.Generator, people: pd.DataFrame, orders: pd.DataFrame, window: Window
) -> pd.DataFrame:
    """Visits spread evenly with jitter over each person's window, which begins after the registration."""
    last_order = orders.groupby("person")["ago"].min().reindex(people.index).fillna(0).to_numpy(np.int64)
    order_count = orders.groupby("person").size().reindex(people.index).fillna(0).to_numpy(np.int64)
    is_known = people["kind"].isin(["account", "reader", "device"])
    is_known |= people.index.isin(orders["person"][orders["has_visit"]])
    parts = []
    for persona in PERSONAS:
        members = np.flatnonzero(people["persona"] == persona.name)
        count = draw_between(rng, persona.visits, len(members))
        newest = np.full(len(members), persona.visit_window[0])
        if persona.name == REGULAR:
            count = count + rng.poisson(VISITS_PER_REGULAR_ORDER * order_count[members])
            newest = np.floor(rng.random(len(members)) * (last_order[members] + 1)).astype(np.int64)
        # Only the order tells whose device a guest's is.
        count = np.where(is_known[members], count, 0)
        registered = people["registered_ago"].to_numpy(np.int64)[members]
        oldest = np.where(registered < 0, persona.visit_window[1], registered - 1)
        oldest = np.minimum(np.minimum(oldest, persona.visit_window[1]), window.days - 1)
        early = (registered >= 0) & (rng.random(len(members)) < EARLY_VISIT_SHARE)
        ahead = registered[early] + draw_between(rng, (1, 12), int(early.sum()))
        person, ago = _spread(rng, members, count, newest, oldest)
        parts += [pd.DataFrame({"person": person, "ago": ago}), pd.DataFrame({"person": members[early], "ago": ahead})]
    return pd.concat(parts, ignore_index=True)


def _spread(
    rng: np.random.Generator, members: IntArray, count: IntArray, newest: IntArray, oldest: IntArray
) -> tuple[IntArray, IntArray]:
    width = np.maximum(oldest - newest + 1, 0)
    count = np.minimum(count, width)
    which = np.repeat(np.arange(len(members)), count)
    place = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    slices = (place + rng.random(len(which))) / count[which]
    return members[which], newest[which] + np.floor(slices * width[which]).astype(np.int64)


def _one_a_day(visits: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Keep the first visit of a person and day (visits with orders stand first) and none beside an order."""
    single = visits[~visits.duplicated(["person", "ago"])]
    ordered = pd.MultiIndex.from_frame(orders[["person", "ago"]])
    beside = pd.MultiIndex.from_frame(single[["person", "ago"]]).isin(ordered) & (single["order"] == NO_ORDER)
    return single[~beside].copy()


def _choose_devices(rng: np.random.Generator, visits: pd.DataFrame, people: pd.DataFrame) -> IntArray:
    """Choose an own device, mostly the main one; a recovered cart is left on the first and ordered on the second."""
    count = people["device_count"].to_numpy(np.int64)
    first = (np.cumsum(count) - count)[visits["person"]]
    owned = count[visits["person"]]
    slot = np.where(rng.random(len(visits)) < MAIN_DEVICE_SHARE, 0, rng.integers(0, np.maximum(owned, 1)))
    recovered = (people["persona"] == RECOVERED_CART).to_numpy()[visits["person"]]
    is_order = visits["order"].to_numpy() != NO_ORDER
    slot = np.where(recovered & (visits["cart"] == "left"), 0, np.where(recovered & is_order, 1, slot))
    household = visits["is_household"].to_numpy()
    return np.where(household, visits["device"], first + slot).astype(np.int64)


def _drop_lone_household_visits(visits: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Visits of nobody on a shared device are nobody's only while two people are seen on it."""
    is_keeper = (people["persona"] == HOUSEHOLD_DEVICE).to_numpy()[visits["person"]]
    shared = visits[visits["is_household"] & ~is_keeper]
    seen = shared.groupby("device")["person"].nunique().reindex(visits["device"]).fillna(0).to_numpy()
    is_clear: pd.Series[bool] = ~visits["is_household"] | (seen == COUPLE)
    return visits[is_clear]


def _browsing_carts(rng: np.random.Generator, visits: pd.DataFrame, people: pd.DataFrame) -> pd.Series:
    """Let some people with a name leave or empty a cart in passing."""
    has_name = people["kind"].isin(["account", "guest"]).to_numpy()[visits["person"]]
    free = has_name & (visits["order"] == NO_ORDER).to_numpy() & (visits["cart"] == "none").to_numpy()
    free &= ~visits["is_household"].to_numpy()
    # Before the account there is only a look around.
    registered = people["registered_ago"].to_numpy(np.int64)[visits["person"]]
    free &= (registered < 0) | (visits["ago"].to_numpy(np.int64) < registered)
    drawn = rng.random(len(visits))
    left = free & (drawn < LEFT_CART_SHARE)
    emptied = free & (drawn > 1 - EMPTIED_CART_SHARE)
    return visits["cart"].mask(left, "left").mask(emptied, "emptied")


def _who_signs(visits: pd.DataFrame, people: pd.DataFrame) -> dict[str, pd.Series]:
    person = visits["person"].to_numpy()
    is_reader = (people["persona"] == NEWSLETTER_READER).to_numpy()[person]
    return {
        "is_signup": visits["ago"] == people["registered_ago"].to_numpy()[person],
        "is_newsletter": pd.Series(is_reader, index=visits.index) & ~visits.duplicated("person"),
    }


def _logins(rng: np.random.Generator, visits: pd.DataFrame, people: pd.DataFrame) -> pd.Series:
    """Logins after the registration; the last visit on each device always, so that the device is known to be theirs."""
    registered = people["registered_ago"].to_numpy(np.int64)[visits["person"]]
    possible = pd.Series(visits["ago"].to_numpy(np.int64) < registered, index=visits.index)
    share = np.where(visits["order"] != NO_ORDER, LOGIN_AT_ORDER_SHARE, LOGIN_SHARE)
    is_last = ~visits.duplicated(["device", "person"], keep="last")
    logged_in: pd.Series[bool] = possible & ((rng.random(len(visits)) < share) | visits["is_household"] | is_last)
    return logged_in
