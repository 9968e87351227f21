"""A shop from nobody over one buyer to a hundred that are all alike, some of whom bought before and landed late."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.builders import Landing, an_event, an_order
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EMPTY, ONE, ALIKE = "2026-06-28", "2026-06-29", "2026-06-30"
ALIKE_COUNT = 100
BOUGHT_ON = "2026-06-29"
LATE_VISIT_ON = "2026-05-30"


class Growth:
    """The shop after its third day, and what was kept of the days before."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.known: dict[str, dict[Path, bytes]] = {}

    def publish(self, day: str) -> None:
        """Run a day and keep its build and what is known of it."""
        self.shop.run(as_of=day)
        self.shop.keep_build(day)
        self.known[day] = self.history(day)

    def history(self, day: str) -> dict[Path, bytes]:
        """The files of what was known on a day."""
        folder = self.shop.settings.history_dir / "known" / f"as_of_date={day}"
        return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    def warnings(self, day: str, check: str) -> list[str]:
        """What a check says about a day."""
        query = "select message from quality.check_results where not is_passed and severity = 'warn'"
        return [message for (message,) in self.shop.built(f"{query} and check_name = '{check}'", day)]


@pytest.fixture(scope="module")
def growth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Growth]:
    with environment_taken_back():
        growth = Growth(Shop(tmp_path_factory.mktemp("growing"), {"pii_key": "a key for tests"}))
        orders = growth.shop.settings.landing_dir / "orders"
        orders.mkdir(parents=True)
        (orders / "none.csv").write_text("order_id,customer_id,ordered_at,total_amount\n")
        growth.publish(EMPTY)
        (first,) = Landing().add(an_order("anna", on=BOUGHT_ON, total="20.00")).write(orders.parent, name="first")
        growth.publish(ONE)
        others = [an_order(f"buyer_{number:02}", on=BOUGHT_ON, total="20.00") for number in range(ALIKE_COUNT - 1)]
        visit = an_event(on=LATE_VISIT_ON, device="phone", customer_id="anna")
        Landing().add(others, visit).write(first.parent.parent, name="others")
        growth.publish(ALIKE)
        yield growth


COUNTS = {EMPTY: 0, ONE: 1, ALIKE: ALIKE_COUNT}


@pytest.mark.parametrize("day", COUNTS)
def test_everybody_is_published_with_one_group_and_one_stage(growth: Growth, day: str) -> None:
    count = COUNTS[day]
    queries = {
        "select count(*) from marts.dim_customers": count,
        "select coalesce(sum(customers_count), 0) from marts.rpt_rfm_distribution": count,
        "select coalesce(sum(customers_count), 0) from marts.rpt_lifecycle_counts": count,
        "select coalesce(sum(net_revenue_amount), 0) from profiles.customer_profiles": 20 * count,
        "select count(*) from quality.check_results where severity = 'error' and not is_passed": 0,
    }
    assert {query: growth.shop.built(query, day)[0][0] for query in queries} == queries


def test_a_shop_without_orders_publishes_every_segment_empty(growth: Growth) -> None:
    ((segments, members, shares),) = growth.shop.built(
        "select count(*), sum(members_count), count(share) from segments.sizes", EMPTY
    )
    assert segments > 20
    assert (members, shares) == (0, 0)


def test_buyers_who_are_all_alike_have_equal_scores_and_one_group(growth: Growth) -> None:
    query = """
        select recency_score, frequency_score, monetary_score, count(distinct rfm_segment), count(*)
        from marts.fct_customer_rfm group by all
    """
    assert growth.shop.built(query, ONE) == [(1, 1, 1, 1, 1)]
    assert growth.shop.built(query, ALIKE) == [(1, 1, 1, 1, ALIKE_COUNT)]


def test_a_segment_of_nobody_and_one_of_everybody_are_published_with_a_warning(growth: Growth) -> None:
    sizes = {
        segment: (members, share)
        for segment, members, share in growth.shop.published("select segment, members_count, share from segments.sizes")
    }
    assert sizes["one_timers"] == (ALIKE_COUNT, 1.0)
    assert sizes["reactivated_customers"] == (0, 0.0)
    said = " ".join(growth.warnings(ALIKE, "segments_are_large_enough"))
    assert "one_timers are 100 % of known customers" in said
    assert "reactivated_customers" in said


def test_a_segment_that_jumps_is_told_and_one_that_grows_from_nothing_is_not(growth: Growth) -> None:
    assert growth.warnings(ONE, "segments_keep_their_size") == []
    said = " ".join(growth.warnings(ALIKE, "segments_keep_their_size"))
    assert f"one_timers went from 1 to {ALIKE_COUNT} members" in said


def test_late_facts_fall_on_their_day_and_leave_what_was_known_then(growth: Growth) -> None:
    sessions = growth.shop.built("select session_date, customer_id from marts.fct_sessions", ALIKE)
    assert sessions == [(date.fromisoformat(LATE_VISIT_ON), "anna")]
    assert growth.known[ONE]
    assert growth.history(ONE) == growth.known[ONE]
    assert growth.shop.built(f"select count(*) from marts.fct_orders where order_date = '{BOUGHT_ON}'", ALIKE) == [
        (ALIKE_COUNT,)
    ]
