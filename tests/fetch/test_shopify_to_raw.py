"""From Shopify's API through landing into raw, by the shipped mapping: to the cent, each version once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.fetch.fetching import fetch
from dagster_project.fetch.shops import ShopKind, open_shop
from tests.fetch import shopify_shop
from tests.raw.landing import Landing, make_landing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _fetch(landing: Landing) -> None:
    fetch(open_shop(ShopKind.SHOPIFY, landing.settings, print), landing.settings)


def _amount(node: dict[str, Any], name: str) -> Decimal:
    return Decimal(node[name]["shopMoney"]["amount"])


@pytest.fixture
def shopify(tmp_path: Path) -> Iterator[tuple[shopify_shop.ShopifyShop, Landing]]:
    lines = [shopify_shop.line(11, 2, "9.50"), shopify_shop.line(12, 1, "6.05"), shopify_shop.line(13, 3, "1.10")]
    orders = [
        shopify_shop.order(1, lineItems=lines, subtotalPriceSet=shopify_shop.money("28.35")),
        shopify_shop.order(2, "2026-03-05T08:00:00Z", refunds=[shopify_shop.refund(8, shopify_shop.line(20))]),
        shopify_shop.order(3, "2026-03-06T08:00:00Z", refunds=[shopify_shop.refund(9)]),
        shopify_shop.order(4, "2026-03-07T08:00:00Z", cancelledAt="2026-03-07T08:00:00Z"),
    ]
    shop = shopify_shop.ShopifyShop(orders)
    shop.customers = [shopify_shop.customer(7)]
    with shop.http:
        settings = {"shopify_url": shop.http.url, "shopify_token": shopify_shop.TOKEN}
        yield shop, make_landing(tmp_path / "data", **settings)


def test_shopify_orders_reconcile_to_the_cent(shopify: tuple[shopify_shop.ShopifyShop, Landing]) -> None:
    shop, landing = shopify
    _fetch(landing)
    assert sum(file.rows_quarantined for file in landing.load().files) == 0
    totals = dict(landing.fetch("select order_id, total_amount from raw.orders"))
    assert totals == {one["name"]: _amount(one, "subtotalPriceSet") for one in shop.orders}
    lines = dict(landing.fetch("select order_id, sum(quantity * unit_price) from raw.order_lines group by order_id"))
    assert lines == {
        one["name"]: sum(line["quantity"] * _amount(line, "discountedUnitPriceSet") for line in one["lineItems"])
        for one in shop.orders
    }
    refunds = landing.fetch("select order_id, amount, refunded_at::date::varchar from raw.refunds order by order_id")
    assert refunds == [("#2", Decimal(10), "2026-03-05"), ("#3", Decimal(10), "2026-03-05")]
    people = landing.fetch("select customer_id, email, phone from raw.customers")
    assert people == [("7", "anna@example.com", "+4915112345678")]
    assert landing.column("select distinct customer_id from raw.orders") == ["7"]


def test_a_shopify_order_that_changed_is_in_raw_in_both_versions_each_with_its_lines(
    shopify: tuple[shopify_shop.ShopifyShop, Landing],
) -> None:
    shop, landing = shopify
    shop.http.before[2] = lambda: shop.change(
        1, updatedAt="2026-03-08T08:00:00Z", displayFinancialStatus="REFUNDED", cancelledAt="2026-03-08T08:00:00Z"
    )
    _fetch(landing)
    landing.load()
    statuses = landing.column("select status from raw.orders where order_id = '#1' order by updated_at")
    assert statuses == ["paid", "refunded"]
    lines = "select count(*) from raw.order_lines where order_id = '#1' group by order_updated_at"
    assert landing.column(lines) == [3, 3]


def test_shopify_fetched_anew_adds_nothing_to_raw(shopify: tuple[shopify_shop.ShopifyShop, Landing]) -> None:
    shop, landing = shopify
    _fetch(landing)
    landing.load()
    counts = (
        f"select {', '.join(f'(select count(*) from raw.{name})' for name in ('orders', 'order_lines', 'refunds'))}"
    )
    before = landing.fetch(counts)
    (landing.settings.fetch_dir / "shopify_bulk.json").unlink()
    shop.orders.append(shopify_shop.order(5, "2026-03-09T08:00:00Z"))
    _fetch(landing)
    landing.load()
    ((orders, lines, refunds),) = before
    assert landing.fetch(counts) == [(orders + 1, lines + 2, refunds)]
