"""The products of the sample shop, and which of them can be bought on a given day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.vocabulary import CATEGORIES, GIFT_CARD_CENTS, PRODUCT_ADJECTIVES, TAGS

if TYPE_CHECKING:
    from dagster_project.sample.window import IntArray, Window

PRODUCTS_PER_CATEGORY = 24
ALWAYS_ON_SALE = 8
COLLECTION_DAYS = 91
_DAY_KEY = 100_000


@dataclass(frozen=True)
class Catalog:
    """Products in the order (category, launch); gift cards stand last.

    ``products`` has ``product_id, name, category, product_line, collection, launched_ago, list_cents, season,
    replenishment_days, is_gift_card, tags``.
    """

    products: pd.DataFrame
    launch_keys: IntArray
    starts: IntArray

    @property
    def category_count(self) -> int:
        """Number of categories without gift cards."""
        return len(self.starts)

    @property
    def gift_cards(self) -> IntArray:
        """Positions of the gift cards."""
        return np.flatnonzero(self.products["is_gift_card"].to_numpy()).astype(np.int64)

    def draw(self, rng: np.random.Generator, category: IntArray, ago: IntArray) -> IntArray:
        """One product per (category, day), launched by that day; a few products sell much more than the rest."""
        launched = np.searchsorted(self.launch_keys, category * _DAY_KEY + (_DAY_KEY // 2 - ago), side="right")
        available = launched - self.starts[category]
        return (self.starts[category] + np.floor(rng.random(len(ago)) ** 1.7 * available)).astype(np.int64)


def draw_catalog(rng: np.random.Generator, window: Window) -> Catalog:
    """Make the catalogue: most products are older than the window, the rest arrive in quarterly collections."""
    rows = [row for number, category in enumerate(CATEGORIES) for row in _draw_category(rng, window, number, category)]
    rows += [_gift_card(number, cents, window) for number, cents in enumerate(GIFT_CARD_CENTS, start=1)]
    products = pd.DataFrame(rows)
    sold = products[~products["is_gift_card"]]
    category = np.repeat(np.arange(len(CATEGORIES)), PRODUCTS_PER_CATEGORY)
    keys = category * _DAY_KEY + (_DAY_KEY // 2 - sold["launched_ago"].to_numpy(np.int64))
    starts = np.arange(len(CATEGORIES)) * PRODUCTS_PER_CATEGORY
    return Catalog(products, keys.astype(np.int64), starts.astype(np.int64))


def _draw_category(rng: np.random.Generator, window: Window, number: int, category: str) -> list[dict[str, object]]:
    lines, things, (cheapest, dearest), replenishment, season = CATEGORIES[category]
    old = window.days + rng.integers(1, 900, ALWAYS_ON_SALE)
    collections = rng.integers(0, max(1, window.days // COLLECTION_DAYS), PRODUCTS_PER_CATEGORY - ALWAYS_ON_SALE)
    launched = np.sort(np.concatenate([old, collections * COLLECTION_DAYS + 20]))[::-1]
    prices = np.exp(rng.uniform(np.log(cheapest), np.log(dearest), PRODUCTS_PER_CATEGORY))
    rows: list[dict[str, object]] = []
    for place, (ago, price) in enumerate(zip(launched, prices, strict=True)):
        thing = things[place % len(things)]
        rows.append(
            {
                "product_id": f"P{number + 1}{place + 1:03d}",
                "name": f"{PRODUCT_ADJECTIVES[int(rng.integers(len(PRODUCT_ADJECTIVES)))]} {thing}, No. {place + 1}",
                "category": category,
                "product_line": lines[place % 2],
                "collection": "" if ago > window.days else f"Collection {window.month_of(int(ago))}",
                "launched_ago": int(ago),
                "list_cents": int(price) // 10 * 10 + 9,
                "season": season,
                "replenishment_days": replenishment,
                "is_gift_card": False,
                "tags": "|".join(sorted(rng.choice(TAGS, size=int(rng.integers(0, 4)), replace=False))),
            }
        )
    return rows


def _gift_card(number: int, cents: int, window: Window) -> dict[str, object]:
    return {
        "product_id": f"GIFT{number}",
        "name": f"Gift card {cents // 100}",
        "category": "gift cards",
        "product_line": "",
        "collection": "",
        "launched_ago": window.days + 1000,
        "list_cents": cents,
        "season": "",
        "replenishment_days": 0,
        "is_gift_card": True,
        "tags": "",
    }
