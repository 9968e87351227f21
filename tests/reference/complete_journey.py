"""The Complete Journey (84.51 degrees) as landing tables, made with pandas alone from the published Parquet files.

A campaign is an offer; its households got it on the day it began.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

TIME_ZONE = "America/New_York"
FUEL = "GASOLINE-REG UNLEADED"


def complete_journey_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Landing tables of orders, products, customers and offers: times in UTC, amounts Decimal."""
    products = pd.read_parquet(folder / "products.parquet")
    rows = sold_rows(folder, set(products.loc[products["product_type"] == FUEL, "product_id"]))
    demographics = pd.read_parquet(folder / "demographics.parquet")
    return {
        "orders": _orders(rows),
        "order_lines": _order_lines(rows),
        "products": pd.DataFrame(
            {
                "product_id": products["product_id"].astype(str),
                "category": products["product_category"].astype(object),
                "product_line": products["department"].astype(object),
                "tags": products["brand"].astype(object).str.lower(),
                "is_gift_card": None,
            }
        ),
        "customers": pd.DataFrame(
            {
                "customer_id": demographics["household_id"].astype(str),
                "marital_status": demographics["marital_status"].astype(object),
                "income_band": demographics["income"].astype(object),
            }
        ),
        **_offers(folder),
    }


def _offers(folder: Path) -> dict[str, pd.DataFrame]:
    """Offers, who got them and who used them; a campaign ends with the last second of its last day."""
    campaigns = pd.read_parquet(folder / "campaign_descriptions.parquet")
    got = pd.read_parquet(folder / "campaigns.parquet").merge(campaigns, on="campaign_id")
    used = pd.read_parquet(folder / "coupon_redemptions.parquet")
    last_second = _midnight(campaigns["end_date"]) + pd.Timedelta(hours=23, minutes=59, seconds=59)
    return {
        "offers": pd.DataFrame({"offer_id": campaigns["campaign_id"].astype(str), "ends_at": last_second}),
        "offer_exposures": _of_households(got, exposed_at=_midnight(got["start_date"])),
        "offer_redemptions": _of_households(used, redeemed_at=_midnight(used["redemption_date"])).drop_duplicates(),
    }


def _of_households(rows: pd.DataFrame, **times: pd.Series[pd.Timestamp]) -> pd.DataFrame:
    ids = {"offer_id": rows["campaign_id"].astype(str), "customer_id": rows["household_id"].astype(str)}
    return pd.DataFrame(ids | times)


def _midnight(days: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
    """The start of a day in the shop's zone, in UTC."""
    return pd.to_datetime(days).dt.tz_localize(TIME_ZONE).dt.tz_convert("UTC")


def sold_rows(folder: Path, fuel: set[int]) -> pd.DataFrame:
    """Rows that are a sale, in cents and in thousandths of a unit: whole numbers, so that nothing is rounded."""
    rows = pd.read_parquet(folder / "transactions.parquet")
    for name in ("sales_value", "retail_disc", "coupon_match_disc"):
        rows[name] = (rows[name] * 100).round().astype("int64")
    rows["nth"] = rows.groupby("basket_id").cumcount() + 1
    rows["units"] = rows["quantity"].where(rows["product_id"].isin(fuel), rows["quantity"].clip(lower=1) * 1000)
    return rows[(rows["quantity"] > 0) | (rows["sales_value"] > 0)]


def _orders(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per basket; what is received for it is its value."""
    baskets = rows.groupby("basket_id", sort=False).agg(
        household=("household_id", "first"), at=("transaction_timestamp", "min"), cents=("sales_value", "sum")
    )
    return pd.DataFrame(
        {
            "order_id": baskets.index.astype(str),
            "customer_id": baskets["household"].astype(str).to_numpy(),
            "ordered_at": baskets["at"].dt.tz_localize("UTC").to_numpy(),
            "total_amount": [Decimal(cents) / 100 for cents in baskets["cents"].tolist()],
            "currency": "USD",
            "sales_channel": "store",
        }
    ).assign(ordered_at=lambda orders: pd.to_datetime(orders["ordered_at"], utc=True))


def _order_lines(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per product of a basket; the list price is the price without the loyalty card and coupon match."""
    listed = rows["sales_value"] + rows["retail_disc"] + rows["coupon_match_disc"]
    return pd.DataFrame(
        {
            "order_id": rows["basket_id"].astype(str),
            "line_number": rows["nth"],
            "product_id": rows["product_id"].astype(str),
            "quantity": [Decimal(units) / 1000 for units in rows["units"].tolist()],
            "unit_price": _prices(rows["sales_value"], rows["units"]),
            "list_price": _prices(listed, rows["units"]),
        }
    )


def _prices(cents: pd.Series[int], thousandths: pd.Series[int]) -> list[Decimal]:
    """Dollars per unit, rounded half up to four decimals."""
    pairs = zip(cents.tolist(), thousandths.tolist(), strict=True)
    step = Decimal("0.0001")
    return [(Decimal(10 * amount) / units).quantize(step, ROUND_HALF_UP) for amount, units in pairs]
