"""Scores, lifecycle and the flags about purchases of the reference, by hand-computed cases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference.lifecycle import buyer_stage, stage_entered
from tests.reference.maps import GRID, TOP, group
from tests.reference.scores import Buyer, Cuts, Scores, calibrate, score, score_by_cuts
from tests.reference.tables import D, Landing, at


def flag(landing: Landing, name: str, customer: str = "ann") -> object:
    value = landing.seen().customers.loc[customer, f"is_{name}"]
    return None if value is pd.NA else bool(value)


# Scores


def test_equal_values_score_equally() -> None:
    counts = [1] * 15 + [2] * 3 + [3] * 2
    buyers = [Buyer(f"c{n:02}", 5, orders, Decimal(10)) for n, orders in enumerate(counts)]
    scores = score(buyers)
    assert [scores[f"c{n:02}"].frequency for n in (0, 14, 15, 17, 18, 19)] == [1, 1, 4, 4, 5, 5]
    assert {(item.recency, item.monetary) for item in scores.values()} == {(1, 1)}


def test_distinct_values_score_in_fifths_and_the_most_recent_most() -> None:
    buyers = [Buyer(f"c{days}", days, 3, Decimal(days)) for days in range(10)]
    scores = score(buyers)
    assert [scores[f"c{days}"].recency for days in range(10)] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert [scores[f"c{days}"].monetary for days in range(10)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_two_orders_never_score_the_top_frequency() -> None:
    buyers = [Buyer(f"c{n}", 5, 1, Decimal(10)) for n in range(9)]
    assert score([*buyers, Buyer("two", 5, 2, Decimal(10))])["two"].frequency == 4
    assert score([*buyers, Buyer("three", 5, 3, Decimal(10))])["three"].frequency == 5


def test_the_grid_rounds_half_up_and_reaches_eleven_groups() -> None:
    assert Scores(5, 4, 5).segment == "Champions"
    assert Scores(4, 4, 3).segment == "Loyal"
    assert Scores(3, 1, 2).segment == "Needing Attention"
    assert Scores(1, 5, 4).segment == "Can't Lose Them"
    assert len({name for row in GRID.values() for name in row}) == 11


@pytest.mark.parametrize(("rfm_map", "groups"), [("grid11", 11), ("klaviyo6", 6), ("shopify11", 10), ("pymc5", 6)])
def test_every_map_names_every_combination(rfm_map: str, groups: int) -> None:
    scores = range(1, TOP[rfm_map] + 1)
    names = {group(rfm_map, r, f, m) for r in scores for f in scores for m in scores}
    assert len(names) == groups


def test_cut_points_are_reached_by_their_own_value() -> None:
    cuts = Cuts([365, 180], [2, None], [Decimal(10), Decimal(20)])
    buyers = [
        Buyer("in", 180, 9, Decimal(20)),
        Buyer("out", 181, 2, Decimal("19.99")),
        Buyer("low", 366, 1, Decimal(9)),
    ]
    scores = score_by_cuts(buyers, cuts)
    assert [scores[name].code for name in ("in", "out", "low")] == ["323", "222", "111"]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6), st.integers(1, 9)), min_size=1, max_size=30))
def test_on_their_own_day_cut_points_give_the_scores_that_made_them(people: list[tuple[int, int, int]]) -> None:
    buyers = [Buyer(str(at), days, orders, Decimal(net)) for at, (days, orders, net) in enumerate(people)]
    for top in (3, 4, 5):
        assert score_by_cuts(buyers, calibrate(buyers, top)) == score(buyers, top)


def test_guests_are_not_scored_and_do_not_move_scores() -> None:
    landing = Landing().order("o1", 9, "5.00").order("o2", 9, "1.00", customer=None)
    customers = landing.seen().customers
    assert customers.loc["ann", "rfm_code"] == "111"
    assert customers.rfm_code.isna().sum() == 1


# Lifecycle


@pytest.mark.parametrize(
    ("days_ago", "stage", "entered_days_ago"),
    [
        ([0], "new", 0),
        ([29], "new", 29),
        ([30], "active", 0),
        ([89], "active", 59),
        ([90], "at_risk", 0),
        ([179], "at_risk", 89),
        ([180], "dormant", 0),
        ([364], "dormant", 184),
        ([365], "churned", 0),
        ([20, 10], "active", 10),
        ([209, 29], "reactivated", 29),
        ([208, 29], "active", 29),
        ([210, 30], "active", 0),
        ([400, 29, 3], "reactivated", 29),
        ([400, 35, 3], "active", 5),
    ],
)
def test_stages_change_on_their_day(days_ago: list[int], stage: str, entered_days_ago: int) -> None:
    landing = Landing()
    for days in days_ago:
        landing.order(f"o{days}", days)
    row = landing.seen().customers.loc["ann"]
    assert (row.lifecycle_stage, row.stage_entered_date) == (stage, D - timedelta(days=entered_days_ago))


@given(st.sets(st.integers(0, 1200), min_size=1, max_size=6), st.integers(0, 400))
def test_the_walk_over_turning_points_equals_the_walk_over_days(offsets: set[int], later: int) -> None:
    first = date(2020, 1, 1)
    purchases = [first + timedelta(days=offset) for offset in sorted(offsets)]
    last = purchases[-1] + timedelta(days=later)
    day = last
    while day > purchases[0] and buyer_stage(purchases, day - timedelta(days=1)) == buyer_stage(purchases, last):
        day -= timedelta(days=1)
    assert stage_entered(purchases, last) == day


def test_a_fully_refunded_first_order_makes_a_lead_from_the_refund_on() -> None:
    landing = Landing().order("o1", 10).refund("r1", 4, "10.00", order_id="o1")
    assert landing.seen(as_of=D - timedelta(days=5)).customers.loc["ann", "lifecycle_stage"] == "new"
    row = landing.seen().customers.loc["ann"]
    assert (row.customer_kind, row.lifecycle_stage, row.stage_entered_date) == ("lead", "lead", None)


@pytest.mark.parametrize(("days_ago", "stage"), [(179, "lead"), (180, "cold_lead")])
def test_activity_keeps_a_lead_warm(days_ago: int, stage: str) -> None:
    registered = Landing().add("customers", customer_id="ann", registered_at=at(days_ago))
    attempted = Landing().order("o1", days_ago, status="failed")
    browsed = Landing().event("page_view", at(days_ago), customer_id="ann")
    for landing in (registered, attempted, browsed):
        assert landing.seen().customers.loc["ann", "lifecycle_stage"] == stage


def test_an_account_without_any_date_is_a_cold_lead() -> None:
    row = Landing().add("customers", customer_id="ann").seen().customers.loc["ann"]
    assert row.lifecycle_stage == "cold_lead"


# Flags about purchases


def test_purchase_flags_are_unknown_for_people_who_never_bought() -> None:
    landing = Landing().add("customers", customer_id="ann").order("o1", 5, customer="bob", coupon_code="X")
    names = ["one_timer", "repeat_loyal", "recent_buyer", "lapsed_buyer", "high_spender", "discount_lover", "idle"]
    assert [flag(landing, name) for name in names] == [None] * 7
    assert flag(landing, "one_timer", "bob") is True


@pytest.mark.parametrize(("days_ago", "recent", "lapsed"), [(29, True, False), (30, False, False), (90, False, True)])
def test_windows_are_whole_days(days_ago: int, recent: bool, lapsed: bool) -> None:
    landing = Landing().order("o1", days_ago)
    assert (flag(landing, "recent_buyer"), flag(landing, "lapsed_buyer")) == (recent, lapsed)


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        ([92, 91, 90], True),
        ([93, 92, 91], False),
        ([300, 250, 150], True),  # gaps 50 and 100: twice the median is 150
        ([301, 251, 151], False),
        ([360, 350, 180, 120], True),  # gaps 10, 170 and 60: twice the median is 120
        ([361, 351, 181, 121], False),
        ([364, 230, 96], True),
        ([365, 230, 96], False),  # only two orders within the year
    ],
)
def test_repeat_loyal_allows_twice_the_usual_gap(days_ago: list[int], expected: bool) -> None:
    landing = Landing()
    for days in days_ago:
        landing.order(f"o{days}", days)
    assert flag(landing, "repeat_loyal") is expected


def test_three_orders_on_one_day_have_no_gap_and_ninety_days() -> None:
    landing = Landing().order("o1", 90).order("o2", 90).order("o3", 90)
    assert flag(landing, "repeat_loyal") is True


def test_a_high_spender_is_above_the_mean_of_buyers_and_guests() -> None:
    landing = Landing().order("o1", 5, "20.00").order("o2", 5, "20.00", customer="bob")
    assert flag(landing, "high_spender") is False
    assert flag(landing.order("o3", 5, "19.99", customer=None), "high_spender") is True


def discounted(count: int, full_price: list[str], discounted_total: str) -> Landing:
    landing = Landing()
    for number in range(count):
        landing.order(f"d{number}", 5, discounted_total, discount_amount=Decimal(1))
    for number, total in enumerate(full_price):
        landing.order(f"f{number}", 5, total)
    return landing


def test_a_discount_lover_buys_three_of_four_orders_and_three_quarters_at_discount() -> None:
    assert flag(discounted(3, ["10.00"], "10.00"), "discount_lover") is True
    assert flag(discounted(3, ["10.01"], "10.00"), "discount_lover") is False
    assert flag(discounted(2, ["1.00"], "10.00"), "discount_lover") is False
    assert flag(discounted(1, [], "10.00"), "discount_lover") is False
    assert flag(discounted(2, [], "10.00").order("old", 730, "99.00"), "discount_lover") is True
    assert flag(discounted(2, [], "10.00").order("old", 729, "99.00"), "discount_lover") is False


@pytest.mark.parametrize(("unit_price", "expected"), [("9.89", True), ("9.90", False)])
def test_a_line_more_than_one_percent_below_its_list_price_is_a_discount(unit_price: str, expected: bool) -> None:
    landing = Landing().order("o1", 5).order("o2", 4)
    for order_id in ("o1", "o2"):
        landing.line(order_id, "tea", "1", unit_price, list_price=Decimal(10))
    assert flag(landing, "discount_lover") is expected


def test_discount_lover_is_unknown_where_no_discount_is_recorded() -> None:
    landing = Landing().order("o1", 5).line("o1", "tea", "1", "10")
    assert flag(landing, "discount_lover") is None
    assert flag(landing.order("o2", 4, coupon_code="SPRING"), "discount_lover") is False
