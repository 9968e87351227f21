"""Wishes that are taken back: on the next visit of whoever had put the product on the wishlist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dagster_project.sample.events import TYPE

if TYPE_CHECKING:
    import pandas as pd

TAKEN_BACK_SHARE = 0.2


def draw_wishes_taken_back(rng: np.random.Generator, visits: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Rows like those of ``events``: as the last thing of a visit, so that no visit begins or ends at another time."""
    wishes = events[events["is_tracked"] & (events["type"] == TYPE["wishlist_add"])]
    next_visit = visits.index.to_series().groupby(visits["person"]).shift(-1)
    chosen = wishes.assign(visit=next_visit.to_numpy()[wishes["visit"]])[rng.random(len(wishes)) < TAKEN_BACK_SHARE]
    chosen = chosen[chosen["visit"].notna()].astype({"visit": "int64"})
    last = events["at"].groupby(events["visit"]).max()
    taken_back = chosen.assign(type=TYPE["wishlist_remove"], at=last.loc[chosen["visit"]].to_numpy(np.int64))
    return taken_back.sort_values(["at", "visit"], kind="stable", ignore_index=True)
