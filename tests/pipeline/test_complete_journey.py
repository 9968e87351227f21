"""A grocer's year from its files to what is published: totals to the cent, against pandas."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.pipeline.shop import COMPLETE_JOURNEY

if TYPE_CHECKING:
    from tests.pipeline.shop import Shop


@pytest.fixture(scope="module")
def sold() -> pd.DataFrame:
    """Rows of baskets: cents, and the local day and month of the shop."""
    rows = pd.read_parquet(COMPLETE_JOURNEY / "transactions.parquet")
    local = rows.transaction_timestamp.dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    return rows.assign(cents=(rows.sales_value * 100).round().astype("int64"), day=local.dt.date)


def dollars(cents: int) -> Decimal:
    return Decimal(int(cents)) / 100


def test_every_household_is_published_with_what_the_grocer_received_for_it(
    complete_journey: Shop, sold: pd.DataFrame
) -> None:
    published = complete_journey.published("select customer_id, net_revenue_amount from profiles.customer_profiles")
    expected = {str(household): dollars(cents) for household, cents in sold.groupby("household_id").cents.sum().items()}
    assert {customer: net for customer, net in published if net} == expected
    assert len(expected) == 2469
    # Nobody has demographics without a basket: every listed customer bought.
    assert len(published) == len(expected)


def test_every_day_has_the_revenue_of_its_baskets(complete_journey: Shop, sold: pd.DataFrame) -> None:
    stored = complete_journey.published(
        "select order_date, sum(net_revenue_amount), count(*) filter (where is_counted) "
        "from marts.fct_orders group by order_date"
    )
    baskets = sold.groupby(["day", "basket_id"]).cents.sum().reset_index()
    days = baskets[baskets.cents > 0].groupby("day").cents.agg(["sum", "count"])
    assert {day: (net, count) for day, net, count in stored if net} == {
        day: (dollars(row["sum"]), int(row["count"])) for day, row in days.iterrows()
    }
    assert len(days) == 364


def test_lovers_of_discounts_live_on_loyalty_prices(complete_journey: Shop) -> None:
    lovers = complete_journey.published(
        "select count(*), min(discounted_order_share_bp) from profiles.customer_profiles where is_discount_lover"
    )
    ((count, smallest_share),) = lovers
    assert count > 1000
    assert smallest_share >= 7500
