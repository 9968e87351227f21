"""What is in each order and what it is worth, in whole cents: lines, totals, discounts, refunds, gift cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.vocabulary import COUPONS, FREE_SHIPPING_COUPON

if TYPE_CHECKING:
    from dagster_project.sample.catalog import Catalog
    from dagster_project.sample.window import BoolArray, IntArray

FAVOURITE_SHARE = 0.55
MAX_LINES = 5
SECOND_UNIT_SHARE, THIRD_UNIT_SHARE = 0.16, 0.06
COUPON_SHARE, COUPON_ON_SALE_SHARE, FREE_SHIPPING_SHARE = 0.6, 0.15, 0.01
ROUNDING_SHARE = 0.03
FREE_SHIPPING_FROM_CENTS = 6000
SHIPPING_CENTS = 495
VAT_PERCENT = 19
OVER_REFUND_CENTS = 500
PRODUCT_RETURN_SHARE = 0.35


def draw_lines(rng: np.random.Generator, people: pd.DataFrame, orders: pd.DataFrame, catalog: Catalog) -> pd.DataFrame:
    """One row per order line: ``order, line_number, product, quantity, list_cents, unit_cents, is_gift_card``."""
    is_bare = (orders["outcome"] == "gift_card_only").to_numpy()
    counts = np.where(is_bare, 0, np.minimum(1 + rng.poisson(0.75, len(orders)), MAX_LINES))
    order = np.repeat(np.arange(len(orders)), counts)
    person = orders["person"].to_numpy()[order]
    favourite = people["favourite_category"].to_numpy()[person]
    anything = rng.integers(0, catalog.category_count, len(order))
    category = np.where(rng.random(len(order)) < FAVOURITE_SHARE, favourite, anything)
    product = catalog.draw(rng, category, orders["ago"].to_numpy(np.int64)[order])
    quantity = 1 + (rng.random(len(order)) < SECOND_UNIT_SHARE) + (rng.random(len(order)) < THIRD_UNIT_SHARE)
    gifted = np.flatnonzero(orders["has_gift_card"])
    lines = pd.DataFrame(
        {
            "order": np.concatenate([order, gifted]),
            "product": np.concatenate([product, rng.choice(catalog.gift_cards, len(gifted))]),
            "quantity": np.concatenate([quantity, np.ones(len(gifted), dtype=np.int64)]),
        }
    ).sort_values("order", kind="stable", ignore_index=True)
    lines["line_number"] = lines.groupby("order").cumcount() + 1
    lines["list_cents"] = catalog.products["list_cents"].to_numpy(np.int64)[lines["product"]]
    lines["is_gift_card"] = catalog.products["is_gift_card"].to_numpy()[lines["product"]]
    return lines


def price_orders(
    rng: np.random.Generator, orders: pd.DataFrame, lines: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Decide how each discounted order is discounted and put the money on orders and lines.

    Lines gain ``unit_cents``; orders gain ``discount_cents, coupon_code, total_cents, gift_cents, shipping_cents,
    tax_cents``. An order that is not planned as discounted has neither an order discount nor a line more than a cent
    under its list price.
    """
    by_code = rng.random(len(orders)) < COUPON_SHARE
    by_price = (rng.random(len(orders)) < COUPON_ON_SALE_SHARE) | ~by_code
    discounted = orders["is_discounted"].to_numpy()
    lines = lines.assign(unit_cents=_unit_prices(rng, lines, discounted & by_price))
    merchandise = _per_order(lines["unit_cents"] * lines["quantity"], lines, len(orders))
    percent = rng.choice(np.array([5, 10, 15, 20, 30]), len(orders))
    discount = np.where(discounted & by_code, np.maximum(merchandise * percent // 100, 1), 0)
    total = merchandise - discount
    shipping = np.where(total >= FREE_SHIPPING_FROM_CENTS, 0, SHIPPING_CENTS)
    is_free = (rng.random(len(orders)) < FREE_SHIPPING_SHARE) & (discount == 0) & (shipping > 0)
    coupon = np.array(COUPONS, dtype=object)[rng.integers(0, len(COUPONS), len(orders))]
    gift = (lines["unit_cents"] * lines["quantity"]).where(lines["is_gift_card"], 0)
    priced = orders.assign(
        discount_cents=discount,
        total_cents=total,
        gift_cents=_per_order(gift, lines, len(orders)),
        shipping_cents=np.where(is_free, 0, shipping),
        tax_cents=total * VAT_PERCENT // (100 + VAT_PERCENT),
        coupon_code=np.where(discount > 0, coupon, np.where(is_free, FREE_SHIPPING_COUPON, "")).astype(object),
    )
    return priced, lines


def draw_refunds(rng: np.random.Generator, orders: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """One row per refund: ``order, line_number (0: whole order), product, quantity, cents, by_product``.

    An order without an order discount is refunded line by line, any other as a whole or by a part of its value.
    ``by_product`` refunds name the customer and the product, which that customer bought only once, not the order.
    """
    outcome = orders["outcome"].to_numpy()
    has_discount = orders["discount_cents"].to_numpy() > 0
    line_outcome = outcome[lines["order"]]
    line_has_discount = has_discount[lines["order"]]
    size = lines.groupby("order")["order"].transform("size").to_numpy()
    full_lines = lines[(line_outcome == "fully_refunded") & ~line_has_discount]
    first_lines = lines[
        (line_outcome == "partly_refunded") & ~line_has_discount & (size > 1) & (lines["line_number"] == 1)
    ]
    by_line = pd.concat([full_lines, first_lines])
    by_line = by_line.assign(cents=by_line["unit_cents"] * by_line["quantity"])
    whole = np.flatnonzero(
        (outcome == "over_refunded")
        | ((outcome == "fully_refunded") & has_discount)
        | ((outcome == "partly_refunded") & ~np.isin(np.arange(len(orders)), first_lines["order"]))
    )
    by_order = pd.DataFrame({"order": whole, "line_number": 0, "cents": _whole_refund(rng, orders.iloc[whole])})
    columns = ["order", "line_number", "product", "quantity", "cents"]
    refunds: pd.DataFrame = pd.concat([by_line[columns], by_order])
    refunds = refunds.sort_values(["order", "line_number"], ignore_index=True)
    refunds = refunds.fillna({"product": -1, "quantity": 0}).astype({"product": "int64", "quantity": "int64"})
    by_product = rng.random(len(refunds)) < PRODUCT_RETURN_SHARE
    return refunds.assign(by_product=by_product & _is_bought_once(orders, lines, refunds))


def add_net(orders: pd.DataFrame, refunds: pd.DataFrame) -> pd.DataFrame:
    """Add ``net_cents``: what the shop keeps of each counted order, without the gift cards sold in it."""
    refunded = np.zeros(len(orders), dtype=np.int64)
    np.add.at(refunded, refunds["order"].to_numpy(), refunds["cents"].to_numpy(np.int64))
    kept = orders["total_cents"] - orders["gift_cents"] - refunded
    return orders.assign(net_cents=kept.where(orders["is_counted"], 0))


def _unit_prices(rng: np.random.Generator, lines: pd.DataFrame, on_sale: BoolArray) -> IntArray:
    percent = rng.choice(np.array([10, 15, 20, 30, 40]), len(lines))
    listed = lines["list_cents"].to_numpy(np.int64)
    # A cent under the list price is rounding, not a discount.
    full = listed - ((rng.random(len(lines)) < ROUNDING_SHARE) & ~lines["is_gift_card"].to_numpy())
    return np.asarray(np.where(on_sale[lines["order"]], listed - listed * percent // 100, full), dtype=np.int64)


def _per_order(values: pd.Series, lines: pd.DataFrame, count: int) -> IntArray:
    summed = np.zeros(count, dtype=np.int64)
    np.add.at(summed, lines["order"].to_numpy(), values.to_numpy(np.int64))
    return summed


def _whole_refund(rng: np.random.Generator, orders: pd.DataFrame) -> IntArray:
    total = orders["total_cents"].to_numpy(np.int64)
    part = np.maximum(1, (total * rng.uniform(0.1, 0.6, len(total))).astype(np.int64))
    over = np.where(orders["outcome"] == "over_refunded", total + OVER_REFUND_CENTS, total)
    return np.where(orders["outcome"] == "partly_refunded", part, over)


def _is_bought_once(orders: pd.DataFrame, lines: pd.DataFrame, refunds: pd.DataFrame) -> BoolArray:
    bought = pd.DataFrame({"person": orders["person"].to_numpy()[lines["order"]], "product": lines["product"]})
    times = bought.groupby(["person", "product"]).size()
    person = orders["person"].to_numpy()[refunds["order"]]
    key = pd.MultiIndex.from_arrays([person, refunds["product"]])
    return np.asarray(times.reindex(key).fillna(0).to_numpy() == 1)
