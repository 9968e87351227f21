"""Customers, identities and products as the shop exports them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.text import amounts, naive_times, utc_times
from dagster_project.sample.vocabulary import CHANNELS, CURRENCY, SHOP_ID, SURVEY_ANSWERS

if TYPE_CHECKING:
    from dagster_project.sample.shop import Shop
    from dagster_project.sample.window import IntArray

SURVEY_SHARE = 0.35
COMPANY_SHARE, SCHOOL_SHARE = 0.03, 0.01
PHONE_SHARE, PHONE_EVIDENCE_SHARE, BIRTH_DATE_SHARE, VERIFIED_SHARE, SHOUTED_SHARE = 0.55, 0.15, 0.6, 0.8, 0.05
LATEST_BIRTH_YEAR = 2007
DAY = 86_400
PHONE_AFTER_SECONDS = 90


def customer_rows(rng: np.random.Generator, shop: Shop) -> pd.DataFrame:
    """One row of text per account, second accounts included, by customer id."""
    accounts = shop.people[shop.people["registered_ago"] >= 0].sort_values("customer_id")
    first = _account_rows(rng, accounts)
    is_second = (accounts["second_customer_id"] != "").to_numpy()
    second = first[is_second].assign(
        customer_id=accounts["second_customer_id"][is_second],
        email=accounts["email"][is_second].str.upper(),
        registered_at=naive_times(_last_order_days(shop, accounts[is_second])),
        phone="",
    )
    return pd.concat([first, second.assign(updated_at=second["registered_at"])], ignore_index=True)


def _account_rows(rng: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    count = len(accounts)
    registered = naive_times(accounts["registered_at"])
    is_company = rng.random(count) < COMPANY_SHARE
    shouted = rng.random(count) < SHOUTED_SHARE
    born = np.datetime64(f"{LATEST_BIRTH_YEAR - 65}-01-01") + rng.integers(0, 65 * 365, count)
    company = accounts["last_name"] + ", " + accounts["first_name"] + " & Co"
    return pd.DataFrame(
        {
            "customer_id": accounts["customer_id"],
            "shop_id": SHOP_ID,
            "email": np.where(shouted, accounts["email"].str.upper(), accounts["email"]),
            "phone": np.where(rng.random(count) < PHONE_SHARE, accounts["phone"], ""),
            "first_name": accounts["first_name"],
            "last_name": accounts["last_name"],
            "birth_date": np.where(rng.random(count) < BIRTH_DATE_SHARE, born.astype(str), ""),
            "gender": rng.choice(
                np.array(["female", "male", "other", ""], dtype=object), count, p=[0.42, 0.36, 0.02, 0.2]
            ),
            "registered_at": registered,
            "country": accounts["country"],
            "region": accounts["region"],
            "city": accounts["city"],
            "postal_code": accounts["postal_code"],
            **_survey_columns(rng, count),
            "organisation_type": np.where(
                is_company, "company", np.where(rng.random(count) < SCHOOL_SHARE, "school", "")
            ),
            "company_name": np.where(is_company, company, ""),
            "vat_id": np.where(is_company, "XX" + accounts["postal_code"] + "0000", ""),
            "acquisition_channel": np.array(list(CHANNELS), dtype=object)[rng.integers(0, len(CHANNELS), count)],
            "is_email_verified": np.where(rng.random(count) < VERIFIED_SHARE, "true", "false"),
            "updated_at": registered,
        }
    )


def identity_rows(rng: np.random.Generator, shop: Shop) -> list[tuple[str, str, str, str]]:
    """Evidence by customer: the e-mail at registration, the phone of some, each device of their own."""
    people = shop.people
    accounts = people[people["registered_ago"] >= 0]
    emails = zip(
        accounts["customer_id"], itertools.repeat("email"), accounts["email"], utc_times(accounts["registered_at"])
    )
    called = accounts[rng.random(len(accounts)) < PHONE_EVIDENCE_SHARE]
    phones = zip(
        called["customer_id"],
        itertools.repeat("phone"),
        called["phone"],
        utc_times(called["registered_at"] + PHONE_AFTER_SECONDS),
    )
    owned = shop.devices[shop.devices["owner"].isin(accounts.index)]
    owned = owned[owned.index.isin(shop.visits["device"])]
    owner = accounts.loc[owned["owner"]]
    seen = np.maximum(_last_seen(shop)[owned.index], owner["registered_at"].to_numpy(np.int64))
    devices = zip(owner["customer_id"], itertools.repeat("anonymous_id"), owned["anonymous_id"], utc_times(seen))
    return sorted([*emails, *phones, *devices])


def product_rows(shop: Shop) -> pd.DataFrame:
    """One row of text per product."""
    products = shop.catalog.products
    launched = shop.window.midnight(products["launched_ago"].to_numpy(np.int64)) + 8 * 3600
    days = products["replenishment_days"]
    return pd.DataFrame(
        {
            "product_id": products["product_id"],
            "name": products["name"],
            "category": products["category"],
            "product_line": products["product_line"],
            "collection": products["collection"],
            "launched_at": utc_times(launched),
            "list_price": amounts(products["list_cents"]),
            "currency": CURRENCY,
            "season": products["season"],
            "replenishment_days": days.astype(str).where(days > 0, ""),
            "is_gift_card": np.where(products["is_gift_card"], "true", "false"),
            "tags": products["tags"],
        }
    )


def _survey_columns(rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    """Answers of those who gave them; unknown stays unknown."""
    columns = {}
    for question, answers in SURVEY_ANSWERS.items():
        given = np.array(answers, dtype=object)[rng.integers(0, len(answers), count)]
        columns[question] = np.where(rng.random(count) < SURVEY_SHARE, given, "")
    return columns


def _last_order_days(shop: Shop, people: pd.DataFrame) -> IntArray:
    ago = shop.orders.groupby("person")["ago"].min().reindex(people.index).fillna(0).to_numpy(np.int64)
    return shop.window.midnight(ago)


def _last_seen(shop: Shop) -> IntArray:
    last = np.zeros(len(shop.devices), dtype=np.int64)
    np.maximum.at(last, shop.visits["device"].to_numpy(), shop.window.midnight(shop.visits["ago"].to_numpy(np.int64)))
    return last + DAY // 2
