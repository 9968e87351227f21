"""The five views for dashboards, read from the published file: their totals are those of tables and of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dagster_project.sample.writing import Sample
    from tests.pipeline.shop import Shop

SAME = {
    "orders": (
        "select orders_count from report.store_overview",
        "select sum(orders_count) from report.ecommerce_overview",
        "select sum(acquired_orders_count + retained_orders_count) from marts.rpt_retained_revenue",
        "select count(*) from marts.fct_orders where is_counted",
    ),
    "net revenue": (
        "select net_revenue_amount from report.store_overview",
        "select sum(net_revenue_amount) from report.ecommerce_overview",
        "select sum(net_by_order_date_amount) from report.sales",
        "select sum(acquired_revenue_amount + retained_revenue_amount) from report.sales",
        "select sum(net_revenue_amount) from report.customer_success",
        "select sum(net_revenue_amount) from marts.fct_orders where is_counted",
    ),
    "buyers": (
        "select buyers_count from report.store_overview",
        "select sum(acquired_customers_count) from report.sales",
        "select count(distinct customer_id) from marts.fct_orders where is_counted",
    ),
    "people": (
        "select sum(customers_count) from report.customer_success",
        "select count(*) from profiles.customer_profiles",
    ),
    "members": (
        "select sum(members_count) from report.marketing",
        "select count(*) from segments.memberships",
    ),
    "sessions": (
        "select sum(sessions_count) from report.ecommerce_overview",
        "select count(*) from marts.fct_sessions where not is_bot",
    ),
}


@pytest.mark.parametrize("total", SAME)
def test_a_total_is_the_same_wherever_it_is_read(sample_shop: tuple[Shop, Sample], total: str) -> None:
    shop, _ = sample_shop
    found = [shop.published(query)[0][0] for query in SAME[total]]
    assert found[0] > 0
    assert set(found) == {found[0]}


def test_every_month_and_every_segment_has_one_row(sample_shop: tuple[Shop, Sample]) -> None:
    shop, _ = sample_shop
    for view, key in (
        ("ecommerce_overview", "month_start_date"),
        ("sales", "month_start_date"),
        ("marketing", "segment"),
    ):
        ((rows, keys),) = shop.published(f"select count(*), count(distinct {key}) from report.{view}")
        assert rows == keys > 0
