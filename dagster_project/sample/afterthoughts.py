"""Second thoughts, as rows like those of the other events: the last things done in a visit, so that none gets longer.

A wish is taken back on the next visit of whoever made it. Discount hunters fill carts and empty them at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.events import TYPE

if TYPE_CHECKING:
    from dagster_project.sample.catalog import Catalog

TAKEN_BACK_SHARE = 0.2
HESITANT, HESITANT_DAYS = "discount_hunter", 30


def draw_afterthoughts(
    rng: np.random.Generator,
    *,
    visits: pd.DataFrame,
    people: pd.DataFrame,
    orders: pd.DataFrame,
    events: pd.DataFrame,
    catalog: Catalog,
) -> pd.DataFrame:
    """One row per event: ``visit, type, product, quantity, at``."""
    parts = [_wishes_taken_back(rng, visits, events), *_carts_emptied(rng, visits, people, orders, catalog)]
    done = pd.concat(parts, ignore_index=True).astype({"visit": "int64", "product": "int64", "quantity": "int64"})
    last = events["at"].groupby(events["visit"]).max()
    done["at"] = last.loc[done["visit"]].to_numpy(np.int64)
    return done.sort_values(["at", "visit"], kind="stable", ignore_index=True)


def _wishes_taken_back(rng: np.random.Generator, visits: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    wishes = events[events["is_tracked"] & (events["type"] == TYPE["wishlist_add"])]
    next_visit = visits.index.to_series().groupby(visits["person"]).shift(-1)
    chosen = wishes.assign(visit=next_visit.to_numpy()[wishes["visit"]])[rng.random(len(wishes)) < TAKEN_BACK_SHARE]
    chosen = chosen[chosen["visit"].notna()][["visit", "product"]]
    return chosen.assign(type=TYPE["wishlist_remove"], quantity=0)


def _carts_emptied(
    rng: np.random.Generator, visits: pd.DataFrame, people: pd.DataFrame, orders: pd.DataFrame, catalog: Catalog
) -> list[pd.DataFrame]:
    last_order = orders.groupby("person")["ago"].min().reindex(visits["person"]).fillna(0).to_numpy()
    is_hesitant = (people["persona"] == HESITANT).to_numpy()[visits["person"]]
    is_free = is_hesitant & (visits["cart"] == "none") & (visits["ago"] < np.minimum(last_order, HESITANT_DAYS))
    free = visits[is_free & ~visits["is_household"]]
    category = people["favourite_category"].to_numpy()[free["person"]]
    filled = pd.DataFrame({"visit": free.index, "product": catalog.draw(rng, category, free["ago"].to_numpy(np.int64))})
    steps = [filled.assign(type=TYPE[name], quantity=1) for name in ("add_to_cart", "remove_from_cart")]
    return steps if len(filled) else []
