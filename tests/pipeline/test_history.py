"""Days of the past: built again from all that has landed since, they say what a whole build of that day says."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.clock import utc_now
from dagster_project.errors import UsageError
from dagster_project.history.days import write_day_of_segments
from dagster_project.history.plan import make_plan
from dagster_project.raw.loading import load_landing
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.transform.project import parsed_manifest, run_dbt
from tests.pipeline.past import FIRST, SECOND, TODAY, VISIT, differences, plan_of, scratch_of

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.history.scratch import Scratch
    from tests.pipeline.shop import Shop


@pytest.fixture(name="shop")
def _shop(past_shop: Shop) -> Shop:
    """Published for two days with a day between them that was not built; late facts of the first came between."""
    return past_shop


@pytest.fixture(name="with_past")
def _with_past(past_with_past: Shop) -> Shop:
    """The same shop with its two earlier days built again, and today built and published after them."""
    return past_with_past


def members(shop: Shop, kept: str, segment: str = "one_timers") -> set[str]:
    """Members of a segment as a day was kept."""
    (path,) = shop.settings.history_dir.glob(f"{kept}/memberships.parquet")
    return {
        who for (who,) in duckdb.execute(f"select customer_id from '{path}' where segment = '{segment}'").fetchall()
    }


def events_of_the_visit(scratch: Scratch) -> list[tuple[int]]:
    """How much the day saw of the only visit."""
    return scratch.connection.execute("select events_count from intermediate.int_sessions_seen").fetchall()


def test_a_day_built_again_is_a_whole_build_of_that_day(shop: Shop, tmp_path: Path) -> None:
    """Before a merge of people, in the middle of a visit, and after late facts."""
    whole = shop.copy(tmp_path / "whole")
    for folder in (whole.settings.published_dir, whole.settings.history_dir):
        shutil.rmtree(folder)
    assert whole.run(as_of=FIRST).text == "published"
    whole.keep_build(FIRST)
    plan = plan_of(shop)
    assert len(plan.steps) > 90
    assert plan.rollups == shop.settings.rollups_path
    for some in (plan, replace(plan, rollups=None)):
        with scratch_of(shop, some) as scratch:
            assert differences(scratch, whole, FIRST) == []
            assert events_of_the_visit(scratch) == [(1,)]
            assert differences(scratch, shop, TODAY) == []
            assert events_of_the_visit(scratch) == [(2,)]
    shop.build_past(FIRST, FIRST)
    kept = "recomputed/as_of_date=2026-03-31"
    (path,) = whole.settings.history_dir.glob(f"known/as_of_date={FIRST}/*")
    for name in ("memberships", "sizes", "customers", "rules"):
        query = f"select * from read_parquet('{{}}/{name}.parquet', hive_partitioning = false) order by all"
        again = duckdb.execute(query.format(shop.settings.history_dir / kept)).fetchall()
        assert again == duckdb.execute(query.format(path)).fetchall(), name
        assert again
    # What landed since is in no rollup yet.
    whole.land("events", [{**VISIT, "event_id": "later", "occurred_at": "2026-03-31T20:00:00Z"}], "later")
    load_landing(whole.settings, now=utc_now(), log=lambda _line: None)
    assert plan_of(whole).rollups is None


def test_the_queries_of_a_day_are_word_for_word_those_of_dbt(shop: Shop) -> None:
    settings = shop.settings
    variables = {"shop_time_zone": "America/New_York", "shop_currency": "USD"}
    plan = make_plan(settings, variables)
    told = json.dumps({**variables, "as_of_date": "2024-02-29"})
    result = run_dbt(
        settings,
        ["compile", "--select", "resource_type:model", "--indirect-selection", "empty", "--vars", told],
        manifest=parsed_manifest(settings.engine),
        on_event=None,
    )
    nodes = {f"{item.node.schema}.{item.node.name}": item.node for item in result.result.results}  # type: ignore[union-attr]
    for step in plan.steps:
        assert str(nodes[step.table].compiled_code) in step.query_of(date(2024, 2, 29))
    assert any(step.query_of(date(2024, 2, 29)) != step.query for step in plan.steps)


def test_late_facts_show_in_what_is_known_now_and_not_in_what_was_known_then(with_past: Shop) -> None:
    then = members(with_past, f"known/as_of_date={FIRST}/*")
    now = members(with_past, f"recomputed/as_of_date={FIRST}")
    assert {"twice-by-late-order", "returns-late"} <= then
    assert not {"twice-by-late-order", "returns-late"} & now
    assert {"a-merged", "b-merged", "once"} <= now & then


def test_membership_intervals_tell_both_ways_of_knowing(with_past: Shop) -> None:
    query = """
        select as_of_mode, cast(valid_from as varchar), cast(valid_to as varchar), is_left_censored, is_right_censored
        from segments.membership_intervals where segment = 'one_timers' and customer_id = '{}' order by all
    """
    assert with_past.published(query.format("once")) == [
        ("known_now", FIRST, None, True, True),
        ("known_then", FIRST, "2026-04-01", True, True),
        ("known_then", TODAY, None, True, True),
    ]
    assert with_past.published(query.format("returns-late")) == [("known_then", FIRST, "2026-04-01", True, True)]
    # The two became one, with two orders, on the second day; until then they were two with one each.
    assert with_past.published(query.format("a-merged")) == [
        ("known_now", FIRST, SECOND, True, False),
        ("known_then", FIRST, SECOND, True, True),
    ]
    assert with_past.published(query.format("b-merged")) == []


def test_intervals_counted_out_again_are_the_members_of_every_built_day(with_past: Shop) -> None:
    aliases = dict(with_past.published("select customer_id, merged_into from marts.dim_customer_aliases"))
    stays = with_past.published(
        "select as_of_mode, segment, customer_id, valid_from, coalesce(valid_to, date '9999-12-31') "
        "from segments.membership_intervals"
    )
    today = with_past.published("select segment, customer_id from segments.memberships")
    days = {("known_then", TODAY): today, ("known_now", TODAY): today}
    for mode, folder in (("known_then", f"known/as_of_date={FIRST}/*"), ("known_now", "recomputed/*")):
        for path in with_past.settings.history_dir.glob(f"{folder}/memberships.parquet"):
            day = next(part for part in path.parts if part.startswith("as_of_date=")).removeprefix("as_of_date=")
            days[mode, day] = duckdb.execute(f"select segment, customer_id from '{path}'").fetchall()
    assert len(days) == 5
    for (mode, day), rows in days.items():
        at = date.fromisoformat(day)
        found = {(segment, who) for way, segment, who, start, end in stays if way == mode and start <= at < end}
        assert found == {(segment, aliases.get(who, who)) for segment, who in rows}, (mode, day)


def test_who_entered_and_left_today_is_who_begins_and_ends_an_interval(with_past: Shop) -> None:
    sizes = with_past.published("select segment, entered_count, left_count from segments.sizes order by segment")
    counted = with_past.published(f"""
        select
            sizes.segment,
            count(*) filter (where stays.valid_from = '{TODAY}'),
            count(*) filter (where stays.valid_to = '{TODAY}')
        from segments.sizes as sizes
        left join segments.membership_intervals as stays
            on sizes.segment = stays.segment and stays.as_of_mode = 'known_now'
        group by sizes.segment
        order by sizes.segment
    """)
    assert sizes == counted


def test_days_that_were_made_of_the_same_are_not_built_again(with_past: Shop) -> None:
    def built_at() -> list[int]:
        paths = sorted(with_past.settings.history_dir.glob("recomputed/*/memberships.parquet"))
        return [path.stat().st_mtime_ns for path in paths]

    before = built_at()
    assert len(before) == 2
    with_past.build_past(FIRST, SECOND)
    assert built_at() == before
    with_past.build_past(SECOND, SECOND, rebuild=True)
    assert built_at()[0] == before[0]
    assert built_at()[1] != before[1]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-04-02", "2026-04-01", "in their order"),
        ("1999-12-31", "2026-04-01", "is before 2000-01-01, the first day"),
        ("2026-04-01", "2999-01-01", "has not ended yet"),
    ],
)
def test_days_that_cannot_be_are_refused(shop: Shop, first: str, last: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        shop.build_past(first, last)


def test_a_day_is_the_same_without_all_that_came_after_it(with_past: Shop, tmp_path: Path) -> None:
    """Nothing later leaks into memberships of a day that was built again: lift rests on them."""
    cut = with_past.copy(tmp_path / "cut")
    with duckdb.connect(str(cut.settings.raw_path)) as raw:
        end = "timestamptz '2026-03-31 22:00:00+00'"
        gone = [
            raw.execute(f"delete from raw.{table} where {column} >= {end}").fetchall()[0][0]
            for table, column in (("orders", "ordered_at"), ("events", "occurred_at"), ("identities", "seen_at"))
        ]
        assert gone == [6, 1, 1]
        raw.execute(f"delete from raw.orders where updated_at >= {end}")
    with scratch_of(cut, replace(plan_of(cut), rollups=None)) as scratch:
        scratch.build(date.fromisoformat(FIRST))
        write_day_of_segments(scratch, shipped_catalog(), date.fromisoformat(FIRST), None)
        rows = scratch.connection.execute("select segment, customer_id from segments.memberships").fetchall()
    (path,) = with_past.settings.history_dir.glob(f"recomputed/as_of_date={FIRST}/memberships.parquet")
    assert sorted(rows) == sorted(duckdb.execute(f"select segment, customer_id from '{path}'").fetchall())
