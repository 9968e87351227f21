"""What memberships were worth in the sample shop, against plain pandas; and that nothing later leaks into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pytest

if TYPE_CHECKING:
    from dagster_project.sample.writing import Sample
    from tests.pipeline.shop import Shop

DAY, AS_OF = "2025-11-15", "2026-06-30"


def test_lift_is_that_of_plain_pandas(sample_shop: tuple[Shop, Sample]) -> None:
    shop, _ = sample_shop
    (folder,) = shop.settings.history_dir.glob(f"known/as_of_date={DAY}/*")
    aliases = dict(shop.published("select customer_id, merged_into from marts.dim_customer_aliases"))
    people = pd.read_parquet(folder / "customers.parquet", columns=["customer_id", "customer_kind"])
    base = {aliases.get(who, who) for who in people.customer_id[people.customer_kind != "anonymous"]}
    members = pd.read_parquet(folder / "memberships.parquet")
    members["customer_id"] = members.customer_id.map(lambda who: aliases.get(who, who))
    orders = shop.built_frame("select * from marts.fct_orders where is_counted", AS_OF)
    days = pd.to_datetime(orders.order_date)
    after = orders[(days > pd.Timestamp(DAY)) & (days <= pd.Timestamp(DAY) + pd.Timedelta(days=90))]
    buyers = set(after.customer_id)
    expected = {}
    for segment, rows in members.groupby("segment"):
        inside = set(rows.customer_id)
        revenue = after.net_revenue_amount[after.customer_id.isin(inside)].sum()
        expected[segment] = (len(inside), len(inside & buyers), len(base), len(base & buyers), revenue)
    found = shop.published(
        "select segment, members_count, buyers_count, base_customers_count, base_buyers_count, net_revenue_amount, "
        f"purchase_share, base_purchase_share, lift from segments.lift where as_of_date = date '{DAY}'"
    )
    assert {row[0]: row[1:6] for row in found} == expected
    for _, count, bought, base_count, base_bought, _, share, base_share, lift in found:
        assert share == pytest.approx(bought / count)
        assert lift == pytest.approx((bought / count) / (base_bought / base_count))
        assert base_share == pytest.approx(base_bought / base_count)
    assert max(row[8] for row in found) > 1.5, "some segments buy more than others"


def test_the_memberships_used_saw_nothing_of_the_outcome(sample_shop: tuple[Shop, Sample]) -> None:
    """No date that was kept of the day lies after it."""
    shop, _ = sample_shop
    (folder,) = shop.settings.history_dir.glob(f"known/as_of_date={DAY}/*")
    columns = ("first_seen_date", "last_activity_date", "last_order_date", "stage_entered_date")
    latest = ", ".join(f"max({column})" for column in columns)
    (row,) = duckdb.execute(f"select {latest} from '{folder}/customers.parquet'").fetchall()
    assert max(str(day) for day in row) == DAY
