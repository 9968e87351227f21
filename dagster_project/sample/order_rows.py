"""Orders, order lines and refunds as the shop exports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from dagster_project.sample.text import amounts, local_times, utc_times
from dagster_project.sample.vocabulary import CURRENCY, OFFLINE_CHANNELS, SHOP_ID, TILL_EMAIL

if TYPE_CHECKING:
    from dagster_project.sample.shop import Shop
    from dagster_project.sample.window import BoolArray, IntArray

OFFSET_HOURS = 1
DAY, HOUR, MINUTE = 86_400, 3_600, 60
DEVICE_SHARE, EMAIL_SHARE, PHONE_SHARE, REFERRAL_SHARE = 0.85, 0.6, 0.1, 0.01
NO_TOTAL_SHARE, GIFT_CARD_PAYMENT_SHARE = 0.02, 0.02
TILL_CUSTOMERS = 12
# An address links up to five customers; only above that it is known to be nobody's.
TILL_CUSTOMERS_AT_LEAST = 8
STATUS_WORDS: dict[str, tuple[str, ...]] = {
    "paid": ("paid", "shipped", "delivered", "completed", "Delivered", "fulfilled", ""),
    "gift_card_only": ("completed",),
    "test": ("paid",),
    "partly_refunded": ("partially_refunded", "delivered"),
    "fully_refunded": ("refunded", "delivered", "closed"),
    "over_refunded": ("refunded",),
    "refunded_without_row": ("refunded",),
    "cancelled": ("cancelled", "canceled", "voided"),
    "cancelled_without_time": ("cancelled",),
    "failed": ("failed", "expired"),
    "pending": ("pending", "pending_payment", "on_hold"),
}


def order_rows(rng: np.random.Generator, shop: Shop) -> pd.DataFrame:
    """One row of text per order, in the columns of the contract; the index is the position of the order."""
    orders, count = shop.orders, len(shop.orders)
    person = shop.people.loc[orders["person"].to_numpy()].reset_index(drop=True)
    visited = orders["has_visit"].to_numpy()
    offline = np.array(OFFLINE_CHANNELS, dtype=object)[rng.integers(0, len(OFFLINE_CHANNELS), count)]
    device, device_type = _devices(shop)
    closing = _closing_times(rng, shop)
    cancelled = (orders["outcome"] == "cancelled").to_numpy()
    total = np.array(amounts(orders["total_cents"]), dtype=object)
    customer_id = _customer_ids(shop)
    shows_device = visited & ((customer_id == "") | (rng.random(count) < DEVICE_SHARE))
    online = np.where(device_type == "app", "app", "web")
    return pd.DataFrame(
        {
            "order_id": orders["order_id"],
            "shop_id": SHOP_ID,
            "customer_id": customer_id,
            "email": _emails(rng, shop, customer_id),
            "phone": np.where((customer_id != "") & (rng.random(count) < PHONE_SHARE), person["phone"], ""),
            "anonymous_id": np.where(shows_device, device, ""),
            "ordered_at": local_times(orders["ordered_at"], OFFSET_HOURS),
            "status": _statuses(rng, orders),
            "cancelled_at": np.where(cancelled, local_times(closing, OFFSET_HOURS), ""),
            "currency": CURRENCY,
            # Left out now and then: the lines say it too.
            "total_amount": np.where(rng.random(count) < NO_TOTAL_SHARE, "", total),
            "discount_amount": amounts(orders["discount_cents"]),
            "shipping_amount": amounts(orders["shipping_cents"]),
            "tax_amount": amounts(orders["tax_cents"]),
            "coupon_code": orders["coupon_code"],
            "is_gift_card_payment": _truth_words(rng.random(count) < GIFT_CARD_PAYMENT_SHARE),
            "sales_channel": np.where(visited, online, offline),
            "shipping_country": person["country"],
            "shipping_region": person["region"],
            "shipping_city": person["city"],
            "shipping_postal_code": person["postal_code"],
            "referral_code": np.where(rng.random(count) < REFERRAL_SHARE, "FRIEND-" + person["postal_code"], ""),
            "is_test": _truth_words((orders["outcome"] == "test").to_numpy()),
            "updated_at": local_times(closing, OFFSET_HOURS),
        }
    )


def earlier_versions(shop: Shop, rows: pd.DataFrame) -> pd.DataFrame:
    """Show the same orders as they stood a minute after they were placed."""
    placed = shop.orders["ordered_at"].to_numpy(np.int64)[rows.index]
    return rows.assign(status="processing", cancelled_at="", updated_at=local_times(placed + MINUTE, OFFSET_HOURS))


def line_table(shop: Shop) -> pa.Table:
    """One row per order line, typed, in the columns of the contract."""
    lines = shop.lines
    price = pa.decimal128(18, 2)
    off = (lines["list_cents"] - lines["unit_cents"]) * lines["quantity"]
    return pa.table(
        {
            "order_id": pa.array(shop.orders["order_id"].to_numpy()[lines["order"]], pa.string()),
            "line_number": pa.array(lines["line_number"].to_numpy(np.int64)),
            "product_id": pa.array(shop.catalog.products["product_id"].to_numpy()[lines["product"]], pa.string()),
            "quantity": pa.array(lines["quantity"].to_numpy(np.int64)),
            "unit_price": pa.array(lines["unit_cents"].to_numpy() / 100).cast(price),
            "list_price": pa.array(lines["list_cents"].to_numpy() / 100).cast(price),
            "discount_amount": pa.array(off.to_numpy() / 100).cast(price),
        }
    )


def refund_rows(rng: np.random.Generator, shop: Shop) -> list[dict[str, object]]:
    """One mapping per refund; keys that say nothing are left out."""
    refunds = shop.refunds
    refunded_at = utc_times(_after(rng, shop, refunds["order"].to_numpy(np.int64), DAY, 30 * DAY))
    customer_id = _customer_ids(shop)[refunds["order"]]
    order_id = shop.orders["order_id"].to_numpy()[refunds["order"]]
    product_id = shop.catalog.products["product_id"].to_numpy()
    kinds = np.array(["refund", "return", "refund", "return", "chargeback"], dtype=object)
    kind = kinds[rng.integers(0, len(kinds), len(refunds))]
    rows: list[dict[str, object]] = []
    for number, refund in enumerate(refunds.to_dict("records")):
        row: dict[str, object] = {"refund_id": f"R-{100_000 + number}"}
        if refund["by_product"] and customer_id[number]:
            row |= {"customer_id": customer_id[number], "product_id": product_id[refund["product"]]}
        else:
            row |= {"order_id": order_id[number]}
        if refund["line_number"]:
            row |= {"line_number": refund["line_number"]} if "order_id" in row else {}
            row |= {"quantity": refund["quantity"]}
        row |= {"refunded_at": refunded_at[number], "amount": refund["cents"] / 100}
        rows.append(row | {"kind": "return" if "product_id" in row else kind[number]})
    return rows


def _customer_ids(shop: Shop) -> np.ndarray:
    """Name the account each order was placed with: none before the registration, the second one for the last order."""
    person = shop.orders["person"].to_numpy()
    people = shop.people
    registered = people["registered_ago"].to_numpy(np.int64)[person] >= shop.orders["ago"].to_numpy(np.int64)
    second = people["second_customer_id"].to_numpy()[person]
    is_last = ~shop.orders.duplicated("person", keep="last").to_numpy()
    own = np.where((second != "") & is_last, second, people["customer_id"].to_numpy()[person])
    return np.where(registered, own, "").astype(object)


def _devices(shop: Shop) -> tuple[np.ndarray, np.ndarray]:
    """Find identifier and type of the device each order was placed on; empty where no visit was seen."""
    device = np.full(len(shop.orders), "", dtype=object)
    device_type = device.copy()
    seen = shop.visits[shop.visits["order"] >= 0]
    owned = shop.devices["anonymous_id"].to_numpy()[seen["device"]]
    device[seen["order"]] = np.where(seen["hides_device"], "", owned)
    device_type[seen["order"]] = seen["device_type"]
    return device, device_type


def _closing_times(rng: np.random.Generator, shop: Shop) -> IntArray:
    """When the order last changed: some days after it was placed, never after the last day."""
    return _after(rng, shop, np.arange(len(shop.orders)), 10 * MINUTE, 72 * HOUR)


def _after(rng: np.random.Generator, shop: Shop, order: IntArray, soonest: int, latest: int) -> IntArray:
    placed = shop.orders["ordered_at"].to_numpy(np.int64)[order]
    most = np.minimum(latest, shop.window.end - MINUTE - placed)
    least = np.minimum(soonest, most)
    return np.asarray(placed + least + np.floor(rng.random(len(order)) * (most - least)), dtype=np.int64)


def _statuses(rng: np.random.Generator, orders: pd.DataFrame) -> list[str]:
    picks = rng.integers(0, 420, len(orders))
    words = [STATUS_WORDS[outcome] for outcome in orders["outcome"]]
    return [choices[pick % len(choices)] for choices, pick in zip(words, picks, strict=True)]


def _emails(rng: np.random.Generator, shop: Shop, customer_id: np.ndarray) -> np.ndarray:
    """Addresses as people type them: often left out by those who are logged in, never by guests who have one."""
    person = shop.orders["person"].to_numpy()
    known = shop.people["email"].to_numpy()[person]
    style = rng.integers(0, 12, len(person))
    typed = [_typed(email, pick) for email, pick in zip(known, style, strict=True)]
    given = (customer_id == "") | (rng.random(len(person)) < EMAIL_SHARE)
    return np.where(_at_the_till(shop, customer_id), TILL_EMAIL, np.where(given, typed, "")).astype(object)


def _typed(email: str, style: int) -> str:
    return {0: email.upper(), 1: email.title(), 2: f" {email}"}.get(style, email)


def _at_the_till(shop: Shop, customer_id: np.ndarray) -> BoolArray:
    orders = shop.orders.assign(customer_id=customer_id)
    offline = orders[~orders["has_visit"] & (orders["customer_id"] != "") & (orders["outcome"] == "paid")]
    chosen = offline.drop_duplicates("person").drop_duplicates("customer_id").index[:TILL_CUSTOMERS]
    if len(chosen) < TILL_CUSTOMERS_AT_LEAST:
        chosen = chosen[:0]
    return np.isin(np.arange(len(orders)), chosen)


def _truth_words(values: BoolArray) -> np.ndarray:
    return np.where(values, "true", "false").astype(object)
