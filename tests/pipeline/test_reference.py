"""Every customer of the sample shop and of two real ones, against a computation that shares no code with the models."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from tests.pipeline.shop import COMPLETE_JOURNEY, ONLINE_RETAIL
from tests.reference.complete_journey import complete_journey_tables
from tests.reference.journey import TOUCHES
from tests.reference.online_retail import online_retail_tables
from tests.reference.reference import Reference, reference

if TYPE_CHECKING:
    from dagster_project.sample.writing import Sample
    from tests.pipeline.shop import Shop

KEY = "a key for tests"
REVENUE_COLUMNS = {"net_by_order_date_amount": "net_by_order_date", "net_by_event_date_amount": "net_by_event_date"}
CARTS = {
    "customer_id": "customer_id",
    "outcome": "state",
    "cart_amount": "worth",
    "exit_step": "exit_step",
    "last_error": "last_error",
}
SESSIONS = ["events_count", "funnel_step", "entry_page", "exit_page", "channel", "is_idle_before_cart"]
ORDER_COLUMNS = {
    "customer_id": "customer_id",
    "is_counted": "is_counted",
    "gross_amount": "gross",
    "refund_amount": "refund",
    "excess_refund_amount": "excess_refund",
    "gift_card_amount": "gift_cards",
    "net_revenue_amount": "net",
    "customer_order_number": "customer_order_number",
}


@pytest.mark.parametrize("day", ["2025-11-15", "2026-06-30"])
def test_every_customer_of_the_sample_shop_agrees(sample_shop: tuple[Shop, Sample], day: str) -> None:
    shop, _ = sample_shop
    expected = reference(shop.raw_tables(), as_of=date.fromisoformat(day), time_zone="UTC", pii_key=KEY)
    assert_same(shop, day, expected, at_least=3000)


@pytest.mark.parametrize("day", ["2011-06-30", "2011-12-09"])
def test_every_customer_of_online_retail_agrees(online_retail: Shop, day: str) -> None:
    tables = online_retail_tables(ONLINE_RETAIL)
    expected = reference(tables, as_of=date.fromisoformat(day), time_zone="Europe/London", pii_key=KEY)
    assert_same(online_retail, day, expected, at_least=2000)


def test_every_household_of_the_complete_journey_agrees(complete_journey: Shop) -> None:
    tables, day = complete_journey_tables(COMPLETE_JOURNEY), "2017-12-31"
    expected = reference(tables, as_of=date.fromisoformat(day), time_zone="America/New_York", pii_key=KEY)
    assert_same(complete_journey, day, expected, at_least=2000)


def assert_same(shop: Shop, day: str, expected: Reference, *, at_least: int) -> None:
    """Same people, and the same answer for each of them in every column; the same for every order and day."""
    customers = shop.built_frame("select * from profiles.customer_profiles", day).set_index("customer_id")
    assert len(customers) >= at_least
    assert differences(customers, expected.customers, {name: name for name in expected.customers.columns}) == []
    orders = shop.built_frame("select * from marts.fct_orders", day).set_index("order_id")
    real_orders = expected.orders[~expected.orders["is_test"].astype(bool)].set_index("order_id")
    assert differences(orders, real_orders, ORDER_COLUMNS) == []
    sessions = shop.built_frame("select * from marts.fct_sessions", day).set_index("session_key")
    assert differences(sessions, expected.sessions.set_index("session_key"), {name: name for name in SESSIONS}) == []
    carts = shop.built_frame("select * from marts.fct_carts", day).set_index("cart_id")
    assert differences(carts, expected.carts.set_index("key"), CARTS) == []
    touches = shop.built_frame("select * from marts.fct_order_touches", day).set_index("order_id")
    assert differences(touches, expected.touches.set_index("order_id"), {name: name for name in TOUCHES}) == []
    revenue = shop.built_frame("select * from marts.rpt_revenue_by_day", day).set_index("revenue_date")
    assert differences(revenue, expected.revenue, REVENUE_COLUMNS) == []
    months = shop.built_frame("select * from marts.rpt_lifecycle_periods", day)
    assert len(months) == len(expected.months) > 0
    keys = zip(months["month_start_date"], months["period_state"], strict=True)
    assert dict(zip(keys, months["customers_count"], strict=True)) == expected.months
    assert_months_follow_from_each_other(expected.months)
    suggested = shop.built_frame("select * from marts.rpt_threshold_suggestions", day).set_index("var_name")
    wanted = pd.DataFrame(expected.suggestions, index=["suggested_value", "observations_count"]).T.astype("Int64")
    assert differences(suggested, wanted, {name: name for name in wanted.columns}) == []
    assert (suggested["is_enough"] == (suggested["observations_count"] >= 100)).all()


def assert_months_follow_from_each_other(months: dict[tuple[date, str], int]) -> None:
    """Who bought in a month and not in the next is dormant there, and nobody is new twice."""
    days = sorted({month for month, _ in months})
    bought = {day: sum(months[day, f"period_{word}"] for word in ("new", "returning", "resurrecting")) for day in days}
    for before, day in pairwise(days):
        assert months[day, "period_returning"] + months[day, "period_dormant"] == bought[before]


def differences(built: pd.DataFrame, expected: pd.DataFrame, columns: dict[str, str]) -> list[tuple[Any, ...]]:
    """(column, key, built, expected) of the first cells that differ, and keys that only one side has."""
    one_sided = sorted(set(built.index) ^ set(expected.index))
    if one_sided:
        return [("key", key, key in built.index, key in expected.index) for key in one_sided[:5]]
    keys = sorted(built.index)
    found = []
    for column, other in columns.items():
        cells = zip(keys, built.loc[keys, column].tolist(), expected.loc[keys, other].tolist(), strict=True)
        found += [(column, key, ours, theirs) for key, ours, theirs in cells if not is_same(ours, theirs)]
    return found[:5]


def is_same(ours: object, theirs: object) -> bool:
    """Equal, or unknown on both sides."""
    if pd.isna(ours) or pd.isna(theirs):
        return bool(pd.isna(ours) and pd.isna(theirs))
    return ours == theirs


def test_one_changed_cell_is_noticed(sample_shop: tuple[Shop, Sample]) -> None:
    shop, _ = sample_shop
    customers = shop.built_frame("select customer_id, orders_count from profiles.customer_profiles", "2026-06-30")
    ours = customers.set_index("customer_id")
    changed = ours.copy()
    changed.iloc[7, 0] += 1
    assert differences(ours, ours, {"orders_count": "orders_count"}) == []
    assert len(differences(ours, changed, {"orders_count": "orders_count"})) == 1
    assert differences(ours.iloc[1:], ours, {"orders_count": "orders_count"})[0][0] == "key"
