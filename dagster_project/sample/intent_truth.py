"""What was planted of intentions on the last day: who wishes for what and why they wait, who is about to order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.events import TYPE

if TYPE_CHECKING:
    from dagster_project.sample.shop import Shop
    from dagster_project.sample.window import BoolArray, IntArray

WEEK, COMPARED_PRODUCTS = 7, 3
MONTH, FILLED_CARTS = 30, 2
KEY = ["person", "product"]


def read_wish_motives(shop: Shop, counted: pd.DataFrame, lovers: BoolArray) -> pd.Series:
    """By person, the motive of who wishes for something, null for the others."""
    deeds = shop.events[shop.events["is_tracked"] & (shop.events["product"] >= 0)]
    deeds = deeds.join(shop.visits[["person", "ago"]], on="visit")
    wishes = deeds[deeds["type"] == TYPE["wishlist_add"]]
    made = wishes.groupby(KEY).agg(at=("at", "max"), ago=("ago", "min"))
    taken_back = shop.afterthoughts[shop.afterthoughts["type"] == TYPE["wishlist_remove"]]
    unwished = taken_back.join(shop.visits["person"], on="visit").groupby(KEY)["at"].max()
    bought = (
        shop.lines.join(counted[["person", "ordered_at"]], on="order", how="inner").groupby(KEY)["ordered_at"].max()
    )
    is_over = (unwished.reindex(made.index) > made["at"]) | (bought.reindex(made.index) >= made["at"])
    youngest = made[~is_over].groupby("person")["ago"].min().reindex(shop.people.index)
    motives = np.select(
        [youngest.isna(), lovers, shop.people.index.isin(_comparers(shop, deeds)), youngest < WEEK],
        ["", "waiting_for_discount", "comparing", "not_ready"],
        "keeping_track",
    )
    return pd.Series(motives, index=shop.people.index, dtype=object).replace("", None)


def read_readiness(shop: Shop, last_purchase: IntArray, lovers: BoolArray) -> dict[str, BoolArray]:
    """By person, who tried to order in the last month and not since, and who filled carts without trying."""
    visits = shop.visits[
        (shop.visits["ago"] < MONTH) & (shop.visits["ago"].to_numpy() < last_purchase[shop.visits["person"]])
    ]
    events = pd.concat([shop.events[["visit", "type"]], shop.afterthoughts[["visit", "type"]]])
    tried = visits[visits.index.isin(events[events["type"] == TYPE["checkout_started"]]["visit"])]["person"]
    filled = visits[visits.index.isin(events[events["type"] == TYPE["add_to_cart"]]["visit"])]["person"]
    people = np.arange(len(shop.people))
    is_full = filled.value_counts().reindex(people).fillna(0).to_numpy() >= FILLED_CARTS
    return {"ready_to_convert": np.isin(people, tried) & ~lovers, "needs_incentive": is_full & lovers}


def _comparers(shop: Shop, deeds: pd.DataFrame) -> IntArray:
    """People who looked at or wished for several products of one category in the last week."""
    looks = deeds[deeds["type"].isin([TYPE["product_view"], TYPE["wishlist_add"]]) & (deeds["ago"] < WEEK)]
    looks = looks.assign(category=shop.catalog.products["category"].to_numpy()[looks["product"]])
    counts = looks.groupby(["person", "category"])["product"].nunique()
    return counts[counts >= COMPARED_PRODUCTS].index.get_level_values("person").to_numpy(np.int64)
