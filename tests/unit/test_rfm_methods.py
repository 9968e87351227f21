"""RFM by every map and method: against an independent computation, derived again, and blind to what must not matter."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reference.maps import TOP
from tests.reference.scores import Buyer as ReferenceBuyer
from tests.reference.scores import Cuts, Scores, calibrate, score, score_by_cuts
from tests.unit.rfm_models import DAY, Buyer, Scorer, Scorers, scorers_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAPS = sorted(TOP)
SCORES = ("recency_score", "frequency_score", "monetary_score")
# Of shops that are scored by cut points: these made them.
MAKERS = [Buyer(days, 1 + days % 5, 100 * days + 7) for days in range(0, 400, 9)] + [Buyer(3, 1, 500)] * 30
FIXED = {
    3: Cuts([365, 30], [2, 3], [Decimal("4.50"), Decimal(9)]),
    4: Cuts([365, 180, 30], [2, 3, 5], [Decimal("4.50"), Decimal(6), Decimal("9.01")]),
    5: Cuts([365, 180, 90, 30], [2, 3, 4, 5], [Decimal(1), Decimal("4.50"), Decimal(6), Decimal("9.01")]),
}

buyers_of_a_shop = st.lists(
    st.builds(
        Buyer,
        days=st.sampled_from([0, 1, 29, 30, 31, 89, 90, 91, 180, 181, 365, 366]),
        orders=st.integers(1, 6),
        cents=st.sampled_from([1, 99, 100, 450, 449, 600, 601, 900, 901]),
    ),
    min_size=1,
    max_size=25,
)
several = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def scorers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scorers]:
    yield from scorers_in(tmp_path_factory.mktemp("methods"))


def _scorer(scorers: Scorers, rfm_map: str, method: str) -> Scorer:
    return scorers.of(rfm_map, method, **_variables(rfm_map, method))


def _variables(rfm_map: str, method: str) -> dict[str, Any]:
    if method == "relative":
        return {}
    cuts = _cuts(rfm_map, method)
    if method == "fixed":
        return {
            "rfm_fixed_recency_days": {rfm_map: cuts.days},
            "rfm_fixed_frequency_orders": {rfm_map: cuts.orders},
            "rfm_fixed_monetary_amounts": {rfm_map: [float(money or 0) for money in cuts.money]},
        }
    told = {"recency_days": cuts.days, "frequency_orders": cuts.orders}
    told |= {"monetary_amounts": [None if money is None else str(money) for money in cuts.money]}
    return {"rfm_anchor": {"version": 7, "as_of_date": "2026-01-31", "customers_count": len(MAKERS), **told}}


def _cuts(rfm_map: str, method: str) -> Cuts:
    return FIXED[TOP[rfm_map]] if method == "fixed" else calibrate(_as_reference(MAKERS), TOP[rfm_map])


def _as_reference(buyers: Sequence[Buyer]) -> list[ReferenceBuyer]:
    return [
        ReferenceBuyer(f"{at:04}", buyer.days, buyer.orders, Decimal(buyer.cents) / 100)
        for at, buyer in enumerate(buyers)
    ]


def _expected(buyers: Sequence[Buyer], rfm_map: str, method: str) -> dict[str, Scores]:
    if method == "relative":
        return score(_as_reference(buyers), TOP[rfm_map])
    return score_by_cuts(_as_reference(buyers), _cuts(rfm_map, method))


def _found(rows: Sequence[dict[str, Any]]) -> list[tuple[int, ...]]:
    return [tuple(row[name] for name in SCORES) for row in rows]


every_choice = pytest.mark.parametrize(
    ("rfm_map", "method"), [(rfm_map, method) for rfm_map in MAPS for method in ("relative", "fixed", "anchored")]
)


@every_choice
@several
@given(buyers=buyers_of_a_shop)
def test_every_buyer_agrees_with_the_reference_and_every_score_can_be_derived_again(
    scorers: Scorers, rfm_map: str, method: str, buyers: list[Buyer]
) -> None:
    scorer = _scorer(scorers, rfm_map, method)
    rows, expected = scorer.scores(buyers), _expected(buyers, rfm_map, method)
    assert {row["customer_id"]: (row["rfm_code"], row["rfm_segment"]) for row in rows} == {
        name: (scores.code, scores.named(rfm_map)) for name, scores in expected.items()
    }
    assert {(row["rfm_map"], row["rfm_method"], row["top_score"]) for row in rows} == {(rfm_map, method, TOP[rfm_map])}
    _assert_derivable(rows, scorer.cut_points(), rfm_map, method)


def _assert_derivable(rows: list[dict[str, Any]], cut_points: list[dict[str, Any]], rfm_map: str, method: str) -> None:
    """Every score follows from published columns alone: from ranks where there are any, and from cut points always."""
    assert [point["rfm_score"] for point in cut_points] == list(range(1, TOP[rfm_map] + 1))
    for row in rows:
        assert tuple(row[name] for name in SCORES) == _by_cut_points(row, cut_points)
        if method == "relative":
            assert tuple(row[name] for name in SCORES) == _by_ranks(row)
    for dimension in ("recency", "frequency", "monetary"):
        counted = {point["rfm_score"]: point[f"{dimension}_customers_count"] for point in cut_points}
        scores = [row[f"{dimension}_score"] for row in rows]
        assert counted == {point: scores.count(point) for point in counted}


def _by_ranks(row: dict[str, Any]) -> tuple[int, int, int]:
    recency, frequency, monetary = (
        1 + row["top_score"] * (row[f"{name}_rank"] - 1) // row["scored_customers_count"]
        for name in ("recency", "frequency", "monetary")
    )
    is_below = row["orders_count"] < row["frequency_floor_count"]
    return recency, min(frequency, row["top_score"] - 1) if is_below else frequency, monetary


def _by_cut_points(row: dict[str, Any], cut_points: list[dict[str, Any]]) -> tuple[int, int, int]:
    best = [1, 1, 1]
    for point in cut_points[1:]:
        reached = (
            point["recency_max_days"] is not None and row["days_since_last_order"] <= point["recency_max_days"],
            point["frequency_min_count"] is not None and row["orders_count"] >= point["frequency_min_count"],
            point["monetary_min_amount"] is not None and row["net_revenue_amount"] >= point["monetary_min_amount"],
        )
        best = [point["rfm_score"] if is_reached else old for is_reached, old in zip(reached, best, strict=True)]
    return best[0], best[1], best[2]


@every_choice
@several
@given(buyers=buyers_of_a_shop, gain=st.builds(Buyer, st.integers(0, 400), st.integers(0, 5), st.integers(0, 999)))
def test_ordering_later_never_lowers_recency_nor_buying_more_the_others(
    scorers: Scorers, rfm_map: str, method: str, buyers: list[Buyer], gain: Buyer
) -> None:
    first, *others = buyers
    better = Buyer(max(first.days - gain.days, 0), first.orders + gain.orders, first.cents + gain.cents)
    scorer = _scorer(scorers, rfm_map, method)
    before, after = (_found(scorer.scores([one, *others]))[0] for one in (first, better))
    assert all(new >= old for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("rfm_map", MAPS)
@several
@given(buyers=buyers_of_a_shop)
def test_doubling_all_amounts_changes_no_score(scorers: Scorers, rfm_map: str, buyers: list[Buyer]) -> None:
    scorer = _scorer(scorers, rfm_map, "relative")
    doubled = [Buyer(buyer.days, buyer.orders, 2 * buyer.cents) for buyer in buyers]
    assert _found(scorer.scores(buyers)) == _found(scorer.scores(doubled))


@every_choice
@several
@given(buyers=buyers_of_a_shop, shift=st.integers(-1500, 1500))
def test_shifting_all_dates_and_the_day_changes_no_score(
    scorers: Scorers, rfm_map: str, method: str, buyers: list[Buyer], shift: int
) -> None:
    scorer = _scorer(scorers, rfm_map, method)
    here, there = (scorer.scores(buyers, DAY + timedelta(days=days)) for days in (0, shift))
    assert {row["as_of_date"] for row in there} == {DAY + timedelta(days=shift)}
    assert [{**row, "as_of_date": None} for row in here] == [{**row, "as_of_date": None} for row in there]


@pytest.mark.parametrize("rfm_map", MAPS)
@pytest.mark.parametrize("method", ["fixed", "anchored"])
@several
@given(buyers=buyers_of_a_shop, others=buyers_of_a_shop)
def test_cut_points_make_scores_independent_of_other_buyers(
    scorers: Scorers, rfm_map: str, method: str, buyers: list[Buyer], others: list[Buyer]
) -> None:
    scorer = _scorer(scorers, rfm_map, method)
    alone, among = _found(scorer.scores(buyers)), _found(scorer.scores([*buyers, *others]))
    assert among[: len(buyers)] == alone


@every_choice
@pytest.mark.parametrize("percent", [0, 50, 75, 99, 100])
def test_any_share_of_one_time_buyers_is_scored(scorers: Scorers, rfm_map: str, method: str, percent: int) -> None:
    buyers = [Buyer(at % 60, 1 if at < percent else 2 + at % 4, 50 + 11 * (at % 30)) for at in range(100)]
    rows = _scorer(scorers, rfm_map, method).scores(buyers)
    assert [row["rfm_code"] for row in rows] == [one.code for one in _expected(buyers, rfm_map, method).values()]
    assert all(row["rfm_segment"] for row in rows)


@every_choice
def test_one_buyer_and_none_are_scored(scorers: Scorers, rfm_map: str, method: str) -> None:
    scorer = _scorer(scorers, rfm_map, method)
    assert [row["scored_customers_count"] for row in scorer.scores([Buyer(0, 9, 10_000)])] == [1]
    assert scorer.scores([]) == []
    assert len(scorer.cut_points()) == TOP[rfm_map]


@pytest.mark.parametrize("rfm_map", MAPS)
def test_every_group_is_somebodys(scorers: Scorers, rfm_map: str) -> None:
    top = TOP[rfm_map]
    buyers = [
        Buyer(10 * (top - recency), orders, 100 * worth)
        for recency in range(top)
        for orders in range(1, top + 1)
        for worth in range(1, top + 1)
    ]
    scorer = _scorer(scorers, rfm_map, "relative")
    codes = {row["rfm_code"] for row in scorer.scores(buyers)}
    assert len(codes) == top**3
    named = scorer.rows(f"select distinct rfm_segment from rfm_maps where rfm_map = '{rfm_map}'")
    groups = {row["rfm_segment"] for row in scorer.rows("select distinct rfm_segment from fct_customer_rfm")}
    assert groups == {row["rfm_segment"] for row in named}


def test_confidence_is_low_below_a_hundred_buyers_only(scorers: Scorers) -> None:
    scorer = _scorer(scorers, "grid11", "relative")
    for count, is_low in ((1, True), (99, True), (100, False)):
        assert {row["is_low_confidence"] for row in scorer.scores([Buyer(1, 1, 100)] * count)} == {is_low}
    anchored = _scorer(scorers, "grid11", "anchored").scores([Buyer(1, 1, 100)] * 100)
    assert {(row["rfm_anchor"], row["calibrated_customers_count"], row["is_low_confidence"]) for row in anchored} == {
        ("7", len(MAKERS), True)
    }
