"""Events as the shop's tracker exports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dagster_project.sample.events import ORDER_ID_SHARE, TYPE
from dagster_project.sample.vocabulary import CURRENCY, EVENT_TYPES, PAGE_TYPES, SEARCHES

if TYPE_CHECKING:
    import pandas as pd

    from dagster_project.sample.shop import Shop
    from dagster_project.sample.window import BoolArray, IntArray

CART_EVENTS = [TYPE[name] for name in ("add_to_cart", "remove_from_cart", "checkout_started", "purchase")]
ITEM_EVENTS = [TYPE[name] for name in ("add_to_cart", "remove_from_cart")]
WISHES = ("wishlist_add", "wishlist_remove")
PRODUCT_EVENTS = [TYPE[name] for name in ("product_view", "add_to_cart", "remove_from_cart", *WISHES)]
EMAIL_EVENTS = [TYPE[name] for name in ("signup", "newsletter_signup", "checkout_started")]
MONEY = pa.decimal128(18, 2)
NEVER = np.iinfo(np.int64).max


def event_table(rng: np.random.Generator, shop: Shop) -> pa.Table:
    """One row per tracked event in the order of time, typed, in the columns of the contract."""
    return _table(rng, shop, shop.events[shop.events["is_tracked"]].reset_index(drop=True), "e")


def afterthought_table(rng: np.random.Generator, shop: Shop) -> pa.Table:
    """The same of second thoughts: rows of their own, so that those of all other events stay as they are."""
    return _table(rng, shop, shop.afterthoughts, "w")


def _table(rng: np.random.Generator, shop: Shop, tracked: pd.DataFrame, prefix: str) -> pa.Table:
    visits = shop.visits.iloc[tracked["visit"].to_numpy()].reset_index(drop=True)
    return pa.table(
        {
            "event_id": pa.array([f"{prefix}-{number:08d}" for number in range(1, len(tracked) + 1)], pa.string()),
            "occurred_at": pa.array(tracked["at"].to_numpy() * 1_000_000).cast(pa.timestamp("us", tz="UTC")),
            "event_type": _words(EVENT_TYPES, tracked["type"]),
            **_who(shop, tracked, visits),
            **_page(rng, shop, tracked),
            **_cart(rng, shop, tracked, visits),
            "device_type": _texts(visits["device_type"]),
            "channel": _texts(visits["channel"]),
            "campaign_id": _texts(visits["campaign_id"]),
            "country": _texts(visits["country"]),
            "region": _texts(visits["region"]),
            "properties": _texts(np.where(tracked["type"] == TYPE["search"], '{"results": 12}', "")),
        }
    )


def _who(shop: Shop, tracked: pd.DataFrame, visits: pd.DataFrame) -> dict[str, pa.Array]:
    owner = shop.people.iloc[visits["person"].to_numpy()]
    is_known = tracked["at"].to_numpy(np.int64) >= _known_from(shop)[tracked["visit"]]
    is_guest_or_signs = (tracked["type"] != TYPE["checkout_started"]).to_numpy() | (owner["kind"] == "guest").to_numpy()
    gives_email = np.isin(tracked["type"], EMAIL_EVENTS) & is_guest_or_signs
    device = shop.devices["anonymous_id"].to_numpy()[visits["device"]]
    return {
        "anonymous_id": _texts(np.where(visits["hides_device"], "", device)),
        "customer_id": _texts(np.where(is_known, owner["customer_id"], "")),
        "email": _texts(np.where(gives_email, owner["email"], "")),
        # The app counts its own sessions; on the web they have to be found.
        "session_id": _texts(np.where(visits["device_type"] == "app", _numbered("s-", tracked["visit"]), "")),
    }


def _known_from(shop: Shop) -> IntArray:
    """By visit, the second from which the tracker knows the account."""
    known = np.where(shop.visits["is_logged_in"] & ~shop.visits["logs_in"], np.int64(0), NEVER)
    is_entry = shop.events["type"].isin([TYPE["login"], TYPE["signup"]])
    entries = shop.events[shop.events["is_tracked"] & is_entry]
    np.minimum.at(known, entries["visit"].to_numpy(), entries["at"].to_numpy(np.int64))
    return known


def _page(rng: np.random.Generator, shop: Shop, tracked: pd.DataFrame) -> dict[str, pa.Array]:
    kind, product = tracked["type"].to_numpy(np.int64), tracked["product"].to_numpy(np.int64)
    products = shop.catalog.products
    has_product = (product >= 0) & np.isin(kind, PRODUCT_EVENTS)
    has_category = (product >= 0) & np.isin(kind, [*PRODUCT_EVENTS, TYPE["category_view"]])
    product_id = np.where(has_product, products["product_id"].to_numpy()[product], "")
    category = np.where(has_category, products["category"].to_numpy()[product], "")
    searched = np.array(SEARCHES, dtype=object)[rng.integers(0, len(SEARCHES), len(tracked))]
    page = np.array([PAGE_TYPES[name] for name in EVENT_TYPES], dtype=object)[kind]
    url = np.where(has_product, "/product/" + product_id, np.where(has_category, "/category/" + category, "/" + page))
    return {
        "page_type": _texts(page),
        "page_url": _texts(url),
        "product_id": _texts(product_id),
        "category": _texts(category),
        "search_query": _texts(np.where(kind == TYPE["search"], searched, "")),
    }


def _cart(rng: np.random.Generator, shop: Shop, tracked: pd.DataFrame, visits: pd.DataFrame) -> dict[str, pa.Array]:
    kind = tracked["type"].to_numpy(np.int64)
    names_cart = np.isin(kind, CART_EVENTS) & visits["has_cart_id"].to_numpy()
    is_purchase = kind == TYPE["purchase"]
    names_order = is_purchase & (rng.random(len(tracked)) < ORDER_ID_SHARE)
    order = visits["order"].to_numpy(np.int64)
    quantity = tracked["quantity"].to_numpy(np.int64)
    is_item = np.isin(kind, ITEM_EVENTS)
    listed = shop.catalog.products["list_cents"].to_numpy(np.int64)[tracked["product"]] * quantity
    paid = shop.orders["total_cents"].to_numpy(np.int64)[order]
    has_value: BoolArray = is_item | is_purchase
    return {
        "cart_id": _texts(np.where(names_cart, _numbered("k-", tracked["visit"]), "")),
        "order_id": _texts(np.where(names_order, shop.orders["order_id"].to_numpy()[order], "")),
        "quantity": pa.array(quantity, mask=~is_item),
        "value_amount": pa.array(np.where(is_purchase, paid, listed) / 100, mask=~has_value).cast(MONEY),
        "currency": _texts(np.where(has_value, CURRENCY, "")),
    }


def _words(words: tuple[str, ...], codes: pd.Series) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(codes.to_numpy()))


def _texts(values: npt.ArrayLike) -> pa.Array:
    """Text with the empty string as null."""
    array = np.asarray(values, dtype=object)
    return pa.array(array, pa.string(), mask=array == "")


def _numbered(prefix: str, numbers: pd.Series) -> npt.NDArray[np.object_]:
    """Make identifiers such as ``k-12``, each distinct number once."""
    names = np.array(
        [f"{prefix}{number}" for number in range(int(numbers.max()) + 1 if len(numbers) else 0)], dtype=object
    )
    return np.asarray(names[numbers.to_numpy()], dtype=object)
