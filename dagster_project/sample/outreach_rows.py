"""Messages, consents, offers, memberships, answers, stock and rates as the shop exports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from dagster_project.sample.outreach import NO_END, OFFERS
from dagster_project.sample.text import utc_times

if TYPE_CHECKING:
    from dagster_project.sample.shop import Shop
    from dagster_project.sample.window import IntArray

SENT_AT, OPENED_AT, CLICKED_AT, DECIDED_AT = 9 * 3600, 11 * 3600, 11 * 3600 + 300, 22 * 3600
OFFER_KINDS = ("coupon", "discount", "free_shipping", "gift", "loyalty")
TIERS = ("basic", "silver", "gold")
STOCK_COUNTED_AGO = (60, 7, 0)
# Units of EUR for one unit; they walk a little from week to week.
RATES = {"GBP": 1.16, "USD": 0.92}
WEEK = 7


def message_table(shop: Shop) -> pa.Table:
    """One row per thing that happened to a message, typed, in the columns of the contract."""
    messages = shop.outreach.messages
    sent = shop.window.midnight(messages["ago"].to_numpy(np.int64)) + SENT_AT
    clicked = shop.window.midnight(messages["click_ago"].to_numpy(np.int64)) + CLICKED_AT
    has_click = (messages["click_ago"] >= 0).to_numpy()
    opened = np.where(has_click, clicked - 60, sent - SENT_AT + OPENED_AT)
    got = ~messages["is_bounced"].to_numpy()
    parts = [
        _happened(messages, "sent", sent, np.ones(len(messages), dtype=bool)),
        _happened(messages, "delivered", sent + 30, got & (messages["ago"] % 2 == 0).to_numpy()),
        _happened(messages, "bounced", sent + 30, ~got),
        _happened(messages, "opened", sent + 60, messages["is_machine_open"].to_numpy()).assign(is_machine_open=True),
        _happened(messages, "opened", opened, messages["is_opened"].to_numpy()).assign(is_machine_open=False),
        _happened(messages, "clicked", clicked, has_click),
        _happened(messages, "unsubscribed", clicked + 120, messages["is_unsubscribed"].to_numpy()),
    ]
    rows = pd.concat(parts, ignore_index=True).sort_values(["at", "message_id"], kind="stable")
    person = shop.people.iloc[rows["person"].to_numpy()]
    # Every second address is left out where the account says who it is.
    hides_email = (person["customer_id"] != "").to_numpy() & (rows["person"] % 2 == 0).to_numpy()
    return pa.table(
        {
            "message_id": pa.array(rows["message_id"], pa.string()),
            "customer_id": _texts(person["customer_id"].to_numpy()),
            "email": _texts(np.where(hides_email, "", person["email"])),
            "campaign_id": pa.array([f"mailing-{ago:03d}" for ago in rows["ago"]], pa.string()),
            "channel": pa.array(["email"] * len(rows), pa.string()),
            "message_event": pa.array(rows["message_event"], pa.string()),
            "occurred_at": pa.array(rows["at"].to_numpy(np.int64) * 1_000_000).cast(pa.timestamp("us", tz="UTC")),
            "is_machine_open": pa.array(rows["is_machine_open"].tolist(), pa.bool_(), from_pandas=True),
        }
    )


def _happened(messages: pd.DataFrame, kind: str, at: IntArray, where: np.ndarray) -> pd.DataFrame:
    chosen = messages[where]
    number = pd.Series(chosen.index, index=chosen.index)
    return pd.DataFrame(
        {
            "message_id": "M-" + (100_000 + number).astype(str),
            "person": chosen["person"],
            "ago": chosen["ago"],
            "message_event": kind,
            "at": at[where],
            "is_machine_open": None,
        }
    )


def consent_rows(shop: Shop) -> pd.DataFrame:
    """One row of text per change of a consent."""
    consents = shop.outreach.consents
    parts = [
        _decided(shop, consents, "granted", consents["granted_ago"].to_numpy(np.int64)),
        # Half an hour later, for who changes their mind on the same day.
        _decided(shop, consents, "withdrawn", consents["withdrawn_ago"].to_numpy(np.int64), 1800),
    ]
    return pd.concat(parts, ignore_index=True)


def _decided(shop: Shop, consents: pd.DataFrame, status: str, ago: IntArray, after: int = 0) -> pd.DataFrame:
    chosen = consents[ago >= 0]
    person = shop.people.iloc[chosen["person"].to_numpy()]
    return pd.DataFrame(
        {
            "customer_id": person["customer_id"].to_numpy(),
            "email": np.where(person["customer_id"] == "", person["email"], ""),
            "channel": chosen["channel"].to_numpy(),
            "purpose": np.where(chosen["channel"] == "email", "newsletter", ""),
            "status": status,
            "changed_at": utc_times(shop.window.midnight(ago[ago >= 0]) + DECIDED_AT + after),
        }
    )


def offer_rows(shop: Shop) -> pd.DataFrame:
    """One row of text per offer."""
    shown = np.array([ago for ago, _ in OFFERS.values()])
    last = np.array([last_ago for _, last_ago in OFFERS.values()])
    ends = utc_times(shop.window.midnight(last - 1))
    return pd.DataFrame(
        {
            "offer_id": list(OFFERS),
            "name": [f"Offer {number}" for number in range(1, len(OFFERS) + 1)],
            "kind": [OFFER_KINDS[number % len(OFFER_KINDS)] for number in range(len(OFFERS))],
            "coupon_code": [f"CODE{number}" for number in range(1, len(OFFERS) + 1)],
            "starts_at": utc_times(shop.window.midnight(shown)),
            "ends_at": ["" if ago == NO_END else end for ago, end in zip(last, ends, strict=True)],
            "audience_segment": "",
        }
    )


def exposure_rows(shop: Shop) -> pd.DataFrame:
    """One row of text per offer shown to somebody."""
    exposures = shop.outreach.exposures
    return pd.DataFrame(
        {
            "offer_id": exposures["offer"],
            "customer_id": _customer_ids(shop, exposures),
            "exposed_at": utc_times(shop.window.midnight(exposures["ago"].to_numpy(np.int64)) + SENT_AT),
        }
    )


def redemption_rows(shop: Shop) -> pd.DataFrame:
    """One row of text per offer used."""
    redeemed = shop.outreach.exposures[shop.outreach.exposures["redeemed_ago"] >= 0]
    return pd.DataFrame(
        {
            "offer_id": redeemed["offer"],
            "customer_id": _customer_ids(shop, redeemed),
            "redeemed_at": utc_times(shop.window.midnight(redeemed["redeemed_ago"].to_numpy(np.int64)) + OPENED_AT),
            "order_id": "",
            "product_id": "",
        }
    )


def membership_rows(rng: np.random.Generator, shop: Shop) -> pd.DataFrame:
    """One row of text per membership in the loyalty programme."""
    members = shop.outreach.members
    left = members["left_ago"].to_numpy(np.int64)
    left_at = utc_times(shop.window.midnight(left) + DECIDED_AT)
    return pd.DataFrame(
        {
            "customer_id": _customer_ids(shop, members),
            "joined_at": utc_times(shop.window.midnight(members["joined_ago"].to_numpy(np.int64)) + SENT_AT),
            "left_at": np.where(left >= 0, left_at, ""),
            "tier": np.array(TIERS, dtype=object)[rng.integers(0, len(TIERS), len(members))],
        }
    )


def answer_rows(shop: Shop) -> pd.DataFrame:
    """One row of text per answer to a survey."""
    answers = shop.outreach.answers
    return pd.DataFrame(
        {
            "customer_id": _customer_ids(shop, answers),
            "question": answers["question"],
            "answer": answers["answer"],
            "answered_at": utc_times(shop.window.midnight(answers["ago"].to_numpy(np.int64)) + DECIDED_AT),
        }
    )


def stock_rows(rng: np.random.Generator, shop: Shop) -> pd.DataFrame:
    """One row of text per product and count; every tenth count finds next to nothing."""
    products = shop.catalog.products["product_id"]
    parts = []
    for ago in STOCK_COUNTED_AGO:
        units = np.where(rng.random(len(products)) < 1 / 10, rng.integers(0, 6, len(products)), 20 + products.index)
        counted = utc_times(shop.window.midnight(np.full(len(products), ago)) + SENT_AT)
        parts.append(pd.DataFrame({"product_id": products, "counted_at": counted, "stock_quantity": units.astype(str)}))
    return pd.concat(parts, ignore_index=True)


def rate_rows(rng: np.random.Generator, shop: Shop) -> pd.DataFrame:
    """One row of text per currency and week."""
    ago = np.arange(0, shop.window.days, WEEK)
    days = [text[:10] for text in utc_times(shop.window.midnight(ago))]
    parts = []
    for currency, start in RATES.items():
        rates = start + np.cumsum(rng.normal(0.0, 0.002, len(ago)))
        parts.append(pd.DataFrame({"currency": currency, "rate_date": days, "rate": [f"{rate:.4f}" for rate in rates]}))
    return pd.concat(parts, ignore_index=True)


def _customer_ids(shop: Shop, rows: pd.DataFrame) -> np.ndarray:
    return np.asarray(shop.people["customer_id"].to_numpy()[rows["person"].to_numpy()])


def _texts(values: np.ndarray) -> pa.Array:
    array = np.asarray(values, dtype=object)
    return pa.array(array, pa.string(), mask=array == "")
