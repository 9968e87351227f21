"""Online Retail (UCI, D. Chen 2012) as landing tables, made with pandas alone from the published CSV."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

TIME_ZONE = "Europe/London"
POSTAGE = frozenset({"POST", "DOT", "C2"})
NO_PRODUCT = POSTAGE | {"M", "D", "S", "AMAZONFEE", "BANK CHARGES", "CRUK", "B"}
GIFT_CARD = "GIFT_0001_"


def online_retail_tables(path: Path) -> dict[str, pd.DataFrame]:
    """Landing tables orders, order_lines, refunds and products: times in UTC, amounts Decimal."""
    rows = _rows(path)
    is_cancelled = rows["invoice"].str.startswith("C")
    is_product = ~rows["product_id"].isin(NO_PRODUCT)
    is_sale = ~is_cancelled & (is_product | rows["product_id"].isin(POSTAGE)) & _is_kept(rows)
    return {
        "orders": _orders(rows[is_sale]),
        "order_lines": _order_lines(rows[is_sale & is_product]),
        "refunds": _refunds(rows[is_cancelled & is_product & _is_kept(rows, refunds=True)]),
        "products": _products(rows[is_product]),
    }


def _rows(path: Path) -> pd.DataFrame:
    """The file, row by row, with the ordinal of each row within its invoice."""
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    local = pd.to_datetime(raw["InvoiceDate"], format="%Y-%m-%d %H:%M:%S")
    rows = pd.DataFrame(
        {
            "invoice": raw["InvoiceNo"],
            "ordinal": raw.groupby("InvoiceNo").cumcount() + 1,
            "product_id": raw["StockCode"].str.upper(),
            "name": raw["Description"].replace("", None),
            "quantity": raw["Quantity"].map(Decimal).astype(object),
            "price": raw["UnitPrice"].map(Decimal).astype(object),
            "at": local.dt.tz_localize(TIME_ZONE).dt.tz_convert("UTC"),
            "customer_id": raw["CustomerID"].replace("", None),
            "country": raw["Country"],
        }
    )
    rows["amount"] = rows["quantity"] * rows["price"]
    return rows


def _is_kept(rows: pd.DataFrame, *, refunds: bool = False) -> pd.Series[bool]:
    """Rows that are facts: no stock corrections (negative sales), nothing given away to nobody."""
    is_for_nothing = (rows["price"] == 0) & rows["customer_id"].isna()
    return ~is_for_nothing & ((rows["quantity"] >= 0) | refunds)


def _orders(sales: pd.DataFrame) -> pd.DataFrame:
    """One row per invoice; an invoice of postage alone is an order of no value."""
    is_postage = sales["product_id"].isin(POSTAGE)
    orders = sales.groupby("invoice", sort=False).agg(
        customer_id=("customer_id", "first"),
        ordered_at=("at", "min"),
        shipping_country=("country", "first"),
    )
    totals = {
        "total_amount": sales[~is_postage].groupby("invoice")["amount"].sum(),
        "shipping_amount": sales[is_postage].groupby("invoice")["amount"].sum(),
    }
    for name, amounts in totals.items():
        orders[name] = [amounts.get(invoice, Decimal(0)) for invoice in orders.index]
    return orders.reset_index(names="order_id").assign(currency="GBP")


def _order_lines(sales: pd.DataFrame) -> pd.DataFrame:
    columns = {"invoice": "order_id", "ordinal": "line_number", "price": "unit_price"}
    return sales.rename(columns=columns)[["order_id", "line_number", "product_id", "quantity", "unit_price"]]


def _refunds(returns: pd.DataFrame) -> pd.DataFrame:
    """One row per product row of a cancellation; it names an order only where it names no customer."""
    return pd.DataFrame(
        {
            "refund_id": returns["invoice"] + "-" + returns["ordinal"].astype(str),
            "order_id": returns["invoice"].where(returns["customer_id"].isna(), None),
            "customer_id": returns["customer_id"],
            "product_id": returns["product_id"],
            "refunded_at": returns["at"],
            "quantity": -returns["quantity"],
            "amount": -returns["amount"],
            "kind": "return",
        }
    )


def _products(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per product, under the name it was first given."""
    products = rows.groupby("product_id", sort=True)["name"].first().reset_index()
    return products.assign(is_gift_card=products["product_id"].str.startswith(GIFT_CARD))
