"""RFM scores and groups of shops of every size and every share of one-time buyers, against counting in plain Python.

Other maps and methods stand in ``test_rfm_methods.py``.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.rfm_models import Buyer, Scorer, scorers_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCORES = ("recency_score", "frequency_score", "monetary_score")
BINS = 5
ORDERS_FOR_THE_TOP = 3


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scorer]:
    for scorers in scorers_in(tmp_path_factory.mktemp("scores")):
        yield scorers.of()


def _score(value: int, values: Sequence[int]) -> int:
    """One more than the fifths of the shop that are strictly worse."""
    return 1 + BINS * sum(other < value for other in values) // len(values)


def _expected(buyer: Buyer, buyers: Sequence[Buyer]) -> tuple[int, int, int]:
    frequency = _score(buyer.orders, [other.orders for other in buyers])
    if buyer.orders < ORDERS_FOR_THE_TOP:
        frequency = min(frequency, BINS - 1)
    return (
        _score(-buyer.days, [-other.days for other in buyers]),
        frequency,
        _score(buyer.cents, [other.cents for other in buyers]),
    )


def _shop(count: int, one_timers: int, seed: int) -> list[Buyer]:
    """So many buyers of whom so many bought once, with few different values, so that many tie."""
    dice = random.Random(seed)  # noqa: S311 (a test wants the same people every time)
    return [
        Buyer(dice.randrange(0, 60, 7), 1 if at < one_timers else dice.randint(2, 5), dice.randrange(1, 900, 90))
        for at in range(count)
    ]


def _found(rows: Sequence[dict[str, Any]]) -> list[tuple[int, ...]]:
    return [tuple(row[score] for score in SCORES) for row in rows]


@pytest.mark.parametrize("percent", [0, 1, 50, 70, 74, 75, 76, 90, 99, 100])
def test_any_share_of_one_time_buyers_is_scored_by_counting(scorer: Scorer, percent: int) -> None:
    buyers = _shop(100, percent, seed=percent)
    rows = scorer.scores(buyers)
    assert _found(rows) == [_expected(buyer, buyers) for buyer in buyers]
    assert all(row["rfm_segment"] for row in rows)
    one_timers = Counter(row["frequency_score"] for row in rows if row["orders_count"] == 1)
    assert one_timers == ({1: percent} if percent else {})


@pytest.mark.parametrize("count", range(13))
def test_a_shop_of_any_size_gives_everybody_one_group(scorer: Scorer, count: int) -> None:
    buyers = _shop(count, count // 2, seed=count)
    rows = scorer.scores(buyers)
    assert _found(rows) == [_expected(buyer, buyers) for buyer in buyers]
    assert [row["scored_customers_count"] for row in rows] == [count] * count
    assert all(row["rfm_segment"] for row in rows)


@pytest.mark.parametrize("count", [1, 2, 4, 5, 100])
def test_buyers_who_are_all_alike_score_the_same_bottom(scorer: Scorer, count: int) -> None:
    assert set(_found(scorer.scores([Buyer(10, 1, 2000)] * count))) == {(1, 1, 1)}


def test_scores_do_not_depend_on_who_has_which_id(scorer: Scorer) -> None:
    buyers = _shop(60, 45, seed=7)
    rows = dict(zip(buyers, _found(scorer.scores(buyers)), strict=True))
    shuffled = random.Random(8).sample(buyers, len(buyers))  # noqa: S311 (as above)
    assert rows == dict(zip(shuffled, _found(scorer.scores(shuffled)), strict=True))


@pytest.mark.parametrize("seed", range(20))
def test_who_buys_later_oftener_or_for_more_never_scores_lower(scorer: Scorer, seed: int) -> None:
    buyers = _shop(30, 20, seed=seed)
    better = Buyer(max(buyers[0].days - 3, 0), buyers[0].orders + 1, buyers[0].cents + 100)
    before, after = (_found(scorer.scores([first, *buyers[1:]]))[0] for first in (buyers[0], better))
    assert all(new >= old for old, new in zip(before, after, strict=True))


def test_every_group_of_the_map_is_somebodys(scorer: Scorer) -> None:
    buyers = [Buyer(days, orders, orders * 100) for days in range(5) for orders in range(1, 6)]
    named = scorer.connection.sql("select rfm_segment from rfm_maps where rfm_map = $map", params={"map": _map(scorer)})
    assert {row["rfm_segment"] for row in scorer.scores(buyers)} == {name for (name,) in named.fetchall()}


def _map(scorer: Scorer) -> str:
    (row,) = scorer.scores([Buyer(0, 1, 1)])
    return str(row["rfm_map"])
