"""A shop that anchors its RFM scores: refused without cut points, the same on their day, steady while others buy."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from dagster_project import cli
from dagster_project.errors import UsageError
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.transform import rfm_choice
from tests.builders import Landing, an_order
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST, NEXT = "2026-05-31", "2026-06-01"
BUYERS = {f"buyer_{at:02}": (1 + at % 4, 10 + 7 * at) for at in range(30)}
SCORES = "customer_id, rfm_code, rfm_segment"
PROJECT_VARS = rfm_choice.project_vars()


class Story:
    """What the shop published, one state after the other."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.scores: dict[str, list[tuple[Any, ...]]] = {}
        self.cut_points: dict[str, list[tuple[Any, ...]]] = {}
        self.refused = ""
        self.exit_codes: list[int] = []

    def publish(self, name: str, day: str) -> str:
        """Run, and keep scores and cut points under a name; give what became of the run."""
        outcome = self.shop.run(as_of=day).text
        self.scores[name] = self.shop.published(f"select {SCORES} from marts.fct_customer_rfm order by customer_id")
        self.cut_points[name] = self.shop.published("""
            select rfm_anchor, calibrated_customers_count, calibrated_date::varchar, rfm_score, recency_max_days,
                frequency_min_count, monetary_min_amount
            from marts.dim_rfm_cut_points order by rfm_score
        """)
        return outcome

    def anchor(self) -> None:
        """``segments anchor``."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["segments", "anchor"])
            self.exit_codes.append(cli._run_command())  # noqa: SLF001


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with environment_taken_back(), pytest.MonkeyPatch.context() as patch:
        story = Story(Shop(tmp_path_factory.mktemp("anchored"), {"pii_key": "a key for tests"}))
        landing = story.shop.settings.landing_dir
        Landing().add(_orders_of_may()).write(landing, name="may")
        story.anchor()
        _choose(patch, rfm_method="anchored")
        with pytest.raises(UsageError) as raised:
            story.shop.run(as_of=FIRST)
        story.refused = str(raised.value)
        _choose(patch, rfm_method="relative")
        story.publish("relative", FIRST)
        story.anchor()
        _choose(patch, rfm_method="anchored")
        story.publish("anchored", FIRST)
        crowd = [an_order(f"crowd_{at:02}", on=NEXT, total="5000.00", order_id=f"crowd_{at}") for at in range(60)]
        Landing().add(crowd).write(landing, name="june")
        story.shop.settings.warehouse_path.unlink()
        story.publish("crowded", NEXT)
        story.anchor()
        story.publish("anchored anew", NEXT)
        yield story


def _orders_of_may() -> list[Any]:
    return [
        an_order(name, on=f"2026-05-{1 + at % 28:02}", total=f"{amount}.50", order_id=f"{name}_{number}")
        for at, (name, (orders, amount)) in enumerate(BUYERS.items())
        for number in range(orders)
    ]


def _choose(patch: pytest.MonkeyPatch, **choice: str) -> None:
    patch.setattr(rfm_choice, "project_vars", lambda: {**PROJECT_VARS, **choice})


def test_without_a_generation_there_is_nothing_to_anchor_and_without_cut_points_nothing_to_score(story: Story) -> None:
    assert story.exit_codes == [2, 0, 0]
    assert "no cut points for scores 1 to 5 are stored: `segments anchor`" in story.refused
    assert "rfm_method: relative" in story.refused


def test_on_the_day_of_the_cut_points_both_methods_say_the_same(story: Story) -> None:
    assert len(story.scores["relative"]) == len(BUYERS)
    assert story.scores["anchored"] == story.scores["relative"]
    relative, anchored = story.cut_points["relative"], story.cut_points["anchored"]
    assert [point[3:] for point in relative] == [point[3:] for point in anchored]
    assert {point[:3] for point in relative} == {(None, len(BUYERS), FIRST)}
    assert {point[:3] for point in anchored} == {("1", len(BUYERS), FIRST)}


def test_a_crowd_of_others_moves_no_cut_point_and_no_frequency_or_money(story: Story) -> None:
    assert story.cut_points["crowded"] == story.cut_points["anchored"]
    before = {name: code[1:] for name, code, _ in story.scores["anchored"]}
    after = {name: code[1:] for name, code, _ in story.scores["crowded"] if name in BUYERS}
    assert before == after
    assert {code for name, code, _ in story.scores["crowded"] if name not in BUYERS} == {"515"}


def test_anchoring_again_makes_a_version_of_the_new_crowd_and_keeps_the_old_one(story: Story) -> None:
    assert {point[:3] for point in story.cut_points["anchored anew"]} == {("2", len(BUYERS) + 60, NEXT)}
    assert story.scores["anchored anew"] != story.scores["crowded"]
    with story.shop.settings.rfm_anchors_path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["version"], row["as_of_date"], row["rfm_score"]) for row in rows] == [
        (version, day, score) for version, day in (("1", FIRST), ("2", NEXT)) for score in "2345"
    ]
    names = ("recency_max_days", "frequency_min_count", "monetary_min_amount")
    stored = [tuple(row[name] for name in names) for row in rows if row["version"] == "1"]
    published = story.cut_points["anchored"][1:]
    assert stored == [tuple("" if cut is None else str(cut) for cut in point[4:]) for point in published]
    assert stored[-1][1] == "", "nobody bought so much oftener than the others"


def test_the_linter_speaks_of_every_map(story: Story) -> None:
    found = story.shop.published("""
        select rfm_map, count(*), sum(codes_count) from quality.rfm_groups group by rfm_map order by rfm_map
    """)
    assert found == [("grid11", 11, 125), ("klaviyo6", 6, 27), ("pymc5", 6, 64), ("shopify11", 11, 125)]
    ((counted,),) = story.shop.published("select sum(customers_count) from quality.rfm_groups where is_chosen")
    assert counted == len(story.scores["anchored anew"])
    query = "select is_passed from quality.check_results where check_name = 'rfm_maps_are_sound'"
    assert story.shop.published(query) == [(True,)]


def test_the_published_scores_follow_from_the_published_cut_points(story: Story) -> None:
    folder = story.shop.settings.published_dir / "current" / "parquet" / "marts"
    query = f"""
        select
            customers.customer_id,
            1 + count(*) filter (days_since_last_order <= recency_max_days),
            1 + count(*) filter (orders_count >= frequency_min_count),
            1 + count(*) filter (net_revenue_amount >= monetary_min_amount)
        from read_parquet('{folder}/fct_customer_rfm.parquet') as customers
        cross join read_parquet('{folder}/dim_rfm_cut_points.parquet')
        group by customers.customer_id
        order by customers.customer_id
    """
    derived = [
        (name, f"{recency}{frequency}{money}") for name, recency, frequency, money in duckdb.sql(query).fetchall()
    ]
    assert derived == [(name, code) for name, code, _ in story.scores["anchored anew"]]


def test_a_segment_that_names_a_group_of_another_map_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _choose(monkeypatch, rfm_map="klaviyo6")
    with pytest.raises(UsageError) as raised:
        shipped_catalog()
    (fault,) = str(raised.value).splitlines()
    assert fault.startswith("models/segments/value.yml:")
    assert "segment potential_loyalists: `rfm_segment` never is Potential Loyalist under the RFM map klaviyo6" in fault
    assert "Champions, Loyal, Recent, Needs attention, At risk, Inactive" in fault


def test_an_unknown_map_stops_the_run_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path, {})
    Landing().add(an_order("anna", on=FIRST)).write(shop.settings.landing_dir, name="one")
    _choose(monkeypatch, rfm_map="grid12")
    with pytest.raises(UsageError, match="there is no map 'grid12'"):
        shop.run(as_of=FIRST)
    assert not shop.settings.raw_path.exists()
