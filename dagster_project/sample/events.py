"""What happens in each visit, second by second. Fixes the times of orders and sign-ups made online."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.vocabulary import CHANNELS, EVENT_TYPES

if TYPE_CHECKING:
    from dagster_project.sample.catalog import Catalog
    from dagster_project.sample.window import BoolArray, IntArray, Window

TYPE = {name: number for number, name in enumerate(EVENT_TYPES)}
BROWSING = {
    "product_view": 0.5,
    "category_view": 0.17,
    "search": 0.1,
    "page_view": 0.19,
    "wishlist_add": 0.02,
    "content_download": 0.005,
    "video_played": 0.015,
}
# An unidentified visitor asks for nothing: no wishlist, no download.
SHY_BROWSING = {"product_view": 0.52, "category_view": 0.18, "search": 0.1, "page_view": 0.18, "video_played": 0.02}
MEAN_VIEWS = 2.9
MAX_VIEWS = 14
MEAN_GAP_SECONDS = 35.0
GAP_SECONDS = (3, 120)
FIRST_START, LAST_START = 6 * 3600, 21 * 3600
FAVOURITE_SHARE = 0.5
LEFT_AT_CHECKOUT_SHARE = 0.3
CART_ID_SHARE = 0.65
PURCHASE_TRACKED_SHARE = 0.92
ORDER_ID_SHARE = 0.9
EXPLICIT_LOGIN_SHARE = 0.4
TRAVEL_SHARE = 0.04
APP_WITHOUT_DEVICE_SHARE = 0.2


def draw_visit_details(
    rng: np.random.Generator, visits: pd.DataFrame, people: pd.DataFrame, devices: pd.DataFrame
) -> pd.DataFrame:
    """Add ``channel, campaign_id, country, region, has_cart_id, logs_in, hides_device, device_type`` to the visits."""
    count = len(visits)
    names = np.array(list(CHANNELS), dtype=object)
    channel = rng.choice(len(names), count, p=[weight for weight, _ in CHANNELS.values()])
    campaigns = [campaign for _, campaign in CHANNELS.values()]
    picks = rng.integers(0, 1000, count)
    person = visits["person"].to_numpy()
    host = np.where(rng.random(count) < TRAVEL_SHARE, rng.integers(0, len(people), count), person)
    device_type = devices["device_type"].to_numpy()[visits["device"]]
    is_last = ~visits.duplicated("device", keep="last").to_numpy()
    logged_in = visits["is_logged_in"].to_numpy()
    logs_in = logged_in & ~visits["is_household"].to_numpy() & (rng.random(count) < EXPLICIT_LOGIN_SHARE)
    hides = (device_type == "app") & logged_in & ~logs_in & ~is_last & ~visits["is_household"].to_numpy()
    return visits.assign(
        channel=names[channel],
        campaign_id=[campaigns[c][pick % len(campaigns[c])] for c, pick in zip(channel, picks, strict=True)],
        country=people["country"].to_numpy()[host],
        region=people["region"].to_numpy()[host],
        has_cart_id=rng.random(count) < CART_ID_SHARE,
        logs_in=logs_in,
        hides_device=hides & (rng.random(count) < APP_WITHOUT_DEVICE_SHARE),
        device_type=device_type,
    )


def draw_events(
    rng: np.random.Generator,
    *,
    visits: pd.DataFrame,
    people: pd.DataFrame,
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    catalog: Catalog,
    window: Window,
) -> pd.DataFrame:
    """One row per event in the order of time: ``visit, type, product (-1: none), quantity, at`` (seconds)."""
    is_shy = (people["kind"] == "device").to_numpy()[visits["person"]]
    steps = pd.concat(
        [
            _steps(np.arange(len(visits)), 0.0, "page_view"),
            _views(rng, visits, people, catalog, is_shy),
            _steps(np.flatnonzero(visits["logs_in"]), 0.5, "login"),
            _steps(np.flatnonzero(visits["is_newsletter"]), 2.0, "newsletter_signup"),
            _steps(np.flatnonzero(visits["is_signup"]), 2.5, "signup"),
            *_ordered_carts(visits, orders, lines),
            *_open_carts(rng, visits, catalog),
        ],
        ignore_index=True,
    ).fillna({"product": -1, "quantity": 0})
    steps = steps.iloc[np.lexsort((np.arange(len(steps)), steps["phase"].to_numpy(), steps["visit"].to_numpy()))]
    steps = steps.astype({"product": "int64", "quantity": "int64"})
    steps["at"] = _times(rng, steps["visit"].to_numpy(np.int64), visits, window)
    untracked = (steps["type"] == TYPE["purchase"]).to_numpy() & (rng.random(len(steps)) > PURCHASE_TRACKED_SHARE)
    steps["is_tracked"] = ~untracked
    return steps.drop(columns="phase").sort_values(["at", "visit"], kind="stable", ignore_index=True)


def order_times(
    rng: np.random.Generator, orders: pd.DataFrame, visits: pd.DataFrame, events: pd.DataFrame, window: Window
) -> IntArray:
    """When each order was placed: with the purchase of its visit, else at any time of its day, late evenings too."""
    placed = window.midnight(orders["ago"].to_numpy(np.int64)) + rng.integers(
        7 * 3600, 23 * 3600 + 50 * 60, len(orders)
    )
    order = visits["order"].to_numpy(np.int64)[events["visit"]]
    last = events["at"].groupby(order[events.index]).max()
    last = last[last.index >= 0]
    placed[last.index.to_numpy()] = last.to_numpy()
    return placed


def registration_times(
    rng: np.random.Generator, people: pd.DataFrame, visits: pd.DataFrame, events: pd.DataFrame, window: Window
) -> IntArray:
    """When each account was opened: with the sign-up event, else in the small hours, before anything else that day."""
    opened = window.midnight(people["registered_ago"].to_numpy(np.int64)) + rng.integers(0, 6 * 3600, len(people))
    signups = events[events["type"] == TYPE["signup"]]
    opened[visits["person"].to_numpy()[signups["visit"]]] = signups["at"].to_numpy()
    return opened


def _steps(visit: IntArray | pd.Series, phase: float, event_type: str) -> pd.DataFrame:
    return pd.DataFrame({"visit": visit, "phase": phase, "type": TYPE[event_type]})


def _views(
    rng: np.random.Generator, visits: pd.DataFrame, people: pd.DataFrame, catalog: Catalog, is_shy: BoolArray
) -> pd.DataFrame:
    visit = np.repeat(np.arange(len(visits)), np.minimum(rng.poisson(MEAN_VIEWS, len(visits)), MAX_VIEWS))
    bold = rng.choice([TYPE[name] for name in BROWSING], len(visit), p=list(BROWSING.values()))
    shy = rng.choice([TYPE[name] for name in SHY_BROWSING], len(visit), p=list(SHY_BROWSING.values()))
    favourite = people["favourite_category"].to_numpy()[visits["person"].to_numpy()[visit]]
    category = np.where(
        rng.random(len(visit)) < FAVOURITE_SHARE, favourite, rng.integers(0, catalog.category_count, len(visit))
    )
    product = catalog.draw(rng, category, visits["ago"].to_numpy(np.int64)[visit])
    kind = np.where(is_shy[visit], shy, bold)
    named = np.isin(kind, [TYPE["product_view"], TYPE["category_view"], TYPE["wishlist_add"]])
    return pd.DataFrame(
        {"visit": visit, "phase": 1.0, "type": kind, "product": np.where(named, product, -1), "quantity": 0}
    )


def _ordered_carts(visits: pd.DataFrame, orders: pd.DataFrame, lines: pd.DataFrame) -> list[pd.DataFrame]:
    """Look, add to cart and pay for each line; a failed order ends with a failed payment instead of a purchase."""
    with_cart = visits[visits["cart"] == "ordered"]
    visit_of = pd.Series(-1, index=orders.index)
    visit_of[with_cart["order"].to_numpy()] = with_cart.index.to_numpy()
    bought = lines.assign(visit=visit_of.to_numpy()[lines["order"]])
    bought = bought[bought["visit"] >= 0]
    looked = _steps(bought["visit"], 0.0, "product_view").assign(product=bought["product"])
    added = _steps(bought["visit"], 0.0, "add_to_cart").assign(product=bought["product"], quantity=bought["quantity"])
    place = 3.0 + bought["line_number"] / 10
    failed = (orders["outcome"] == "failed").to_numpy()[with_cart["order"]]
    visit = with_cart.index.to_numpy()
    return [
        looked.assign(phase=place),
        added.assign(phase=place + 0.05),
        _steps(visit, 5.0, "checkout_started"),
        _steps(visit[failed], 6.0, "payment_failed"),
        _steps(visit[~failed], 6.0, "purchase"),
    ]


def _open_carts(rng: np.random.Generator, visits: pd.DataFrame, catalog: Catalog) -> list[pd.DataFrame]:
    """Carts that are left (some as late as the checkout) and carts that are emptied item by item."""
    is_open = visits["cart"].isin(["left", "emptied"]).to_numpy()
    visit = np.repeat(np.flatnonzero(is_open), rng.integers(1, 4, int(is_open.sum())))
    category = rng.integers(0, catalog.category_count, len(visit))
    product = catalog.draw(rng, category, visits["ago"].to_numpy(np.int64)[visit])
    added = _steps(visit, 3.0, "add_to_cart").assign(product=product, quantity=1)
    emptied = added[(visits["cart"] == "emptied").to_numpy()[visit]]
    removed = emptied.assign(phase=4.0, type=TYPE["remove_from_cart"])
    left = np.flatnonzero(visits["cart"] == "left")
    return [added, removed, _steps(left[rng.random(len(left)) < LEFT_AT_CHECKOUT_SHARE], 5.0, "checkout_started")]


def _times(rng: np.random.Generator, visit: IntArray, visits: pd.DataFrame, window: Window) -> IntArray:
    """Visits start between six and nine, mostly in the evening; the longest ends well before the day does."""
    start = np.clip(rng.normal(15.5 * 3600, 4.2 * 3600, len(visits)), FIRST_START, LAST_START).astype(np.int64)
    gaps = np.clip(rng.exponential(MEAN_GAP_SECONDS, len(visit)), *GAP_SECONDS).astype(np.int64)
    is_first = np.concatenate([[True], visit[1:] != visit[:-1]])
    gaps[is_first] = 0
    running = np.cumsum(gaps)
    elapsed = running - np.maximum.accumulate(np.where(is_first, running, 0))
    day = window.midnight(visits["ago"].to_numpy(np.int64))
    return np.asarray((day + start)[visit] + elapsed, dtype=np.int64)
