"""From WooCommerce's API through landing into raw, by the shipped mapping: to the cent, each version once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from dagster_project.fetch.fetching import fetch
from dagster_project.fetch.shops import ShopKind, open_shop
from tests.fetch import woo_shop
from tests.raw.landing import Landing, make_landing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _fetch(landing: Landing) -> None:
    fetch(open_shop(ShopKind.WOOCOMMERCE, landing.settings, print), landing.settings)


@pytest.fixture
def woocommerce(tmp_path: Path) -> Iterator[tuple[woo_shop.WooShop, Landing]]:
    shop = woo_shop.WooShop([woo_shop.order(number) for number in range(1, 6)])
    with shop.http:
        settings = {
            "woocommerce_url": shop.http.url,
            "woocommerce_key": woo_shop.KEY,
            "woocommerce_secret": woo_shop.SECRET,
        }
        yield shop, make_landing(tmp_path / "data", **settings)


def test_woocommerce_orders_reconcile_to_the_cent(woocommerce: tuple[woo_shop.WooShop, Landing]) -> None:
    shop, landing = woocommerce
    shop.give_back(4, 91, "7.35", "2026-03-02T08:00:00")
    _fetch(landing)
    assert sum(file.rows_quarantined for file in landing.load().files) == 0
    orders = landing.fetch("select order_id, total_amount, shipping_amount from raw.orders order by order_id")
    assert orders == [(str(one["id"]), Decimal("20.00"), Decimal("4.90")) for one in shop.orders]
    lines = landing.fetch(
        "select order_id, sum(quantity * unit_price) from raw.order_lines group by order_id order by 1"
    )
    assert lines == [(str(one["id"]), Decimal("20.00")) for one in shop.orders]
    refunds = landing.fetch("select refund_id, order_id, amount, refunded_at::timestamp::varchar from raw.refunds")
    assert refunds == [("91", "4", Decimal("7.35"), "2026-03-02 08:00:00")]


def test_a_woocommerce_order_that_changed_is_in_raw_in_both_versions_each_with_its_lines(
    woocommerce: tuple[woo_shop.WooShop, Landing],
) -> None:
    shop, landing = woocommerce
    _fetch(landing)
    shop.change(2, status="refunded", date_modified_gmt="2026-03-02T10:00:00")
    _fetch(landing)
    landing.load()
    assert landing.column("select status from raw.orders where order_id = '2' order by updated_at") == [
        "completed",
        "refunded",
    ]
    lines = "select count(*) from raw.order_lines where order_id = '2' group by order_updated_at"
    assert landing.column(lines) == [1, 1]
