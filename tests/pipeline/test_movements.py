"""Who went from where to where between two days: everybody once, and each move with the one cause it has."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.database import connection
from dagster_project.publish.history import between_built_days
from dagster_project.publish.publishing import UNAMBIGUOUS_FILE
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.segments.definitions import versions
from dagster_project.segments.movements import CAUSES, STAYED, movements
from dagster_project.segments.moves import stage_moves
from dagster_project.transform.project import manifest_json
from tests.pipeline.past import FIRST, SECOND, TODAY
from tests.pipeline.shop import environment_taken_back

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline.shop import Shop

COLUMNS = "kind, name, from_value, to_value, cause, customers_count"


def moves(shop: Shop, *, is_known_now: bool = False, first: str = FIRST) -> dict[tuple[str, str], tuple[Any, ...]]:
    """From where, to where and why by person and way of grouping."""
    days = (date.fromisoformat(first), date.fromisoformat(TODAY))
    between = between_built_days(shop.settings, *days, is_known_now=is_known_now)
    path = shop.settings.published_dir / "current" / UNAMBIGUOUS_FILE
    with connection(path, shop.settings, read_only=True) as published:
        stage_moves(published, shipped_catalog(), between)
        rows = published.execute("select customer_id, name, from_value, to_value, cause from caused_moves").fetchall()
    assert len({row[:2] for row in rows}) == len(rows), "nobody moves twice in one way of grouping"
    return {row[:2]: row[2:] for row in rows}


def test_each_move_has_the_cause_it_has(past_shop: Shop) -> None:
    found = moves(past_shop)
    assert {cause for *_, cause in found.values()} <= set(CAUSES)
    assert found["buys-again", "one_timers"] == ("one_timers", None, "behaviour")
    assert found["cancels", "one_timers"] == ("one_timers", None, "behaviour")
    assert found["new-1", "lifecycle_stage"] == (None, "new", "behaviour")
    assert found["grows-old", "lifecycle_stage"] == ("active", "at_risk", "ageing")
    assert found["twice-by-late-order", "one_timers"] == ("one_timers", None, "data_corrected")
    assert found["returns-late", "one_timers"] == ("one_timers", None, "data_corrected")
    assert found["a-merged", "one_timers"] == ("one_timers", None, "identity_merged")
    assert found["b-merged", "lifecycle_stage"] == ("new", None, "identity_merged")
    assert found["overtaken", "rfm_segment"][2] == "others_moved"
    assert ("once", "lifecycle_stage") not in found


def test_everybody_of_either_day_is_counted_once(past_shop: Shop) -> None:
    assert_everybody_is_counted_once(past_shop)


def assert_everybody_is_counted_once(shop: Shop) -> None:
    """The movements add up to who was where on either day, by the history alone."""
    rows = shop.published(f"select {COLUMNS} from segments.transitions where kind <> 'transition'")
    ((first, last),) = shop.published("select distinct from_date, to_date from segments.transitions")
    sides: dict[tuple[str, str, str], Counter[str]] = {}
    for kind, name, before, after, cause, count in rows:
        assert (cause == STAYED) == (before == after)
        for day, value in (("then", before), ("now", after)):
            if value is not None:
                sides.setdefault((kind, name, day), Counter())[value] += count
    assert sides == dict(_states(shop, first, last))


def _states(shop: Shop, first: date, last: date) -> Any:
    """How many people are in each place on both days, by the history alone."""
    groups = {segment.name: segment.group for segment in shipped_catalog() if segment.priority}
    for day, label in ((first, "then"), (last, "now")):
        known = (shop.settings.history_dir / "known").glob(f"as_of_date={day}/*")
        folder = max(known, default=shop.settings.history_dir / "recomputed" / f"as_of_date={day}")
        people = duckdb.execute(
            f"select customer_id, lifecycle_stage, coalesce(rfm_segment, 'unscored') from '{folder}/customers.parquet'"
        ).fetchall()
        members = duckdb.execute(f"select segment, customer_id from '{folder}/memberships.parquet'").fetchall()
        yield ("stage", "lifecycle_stage", label), Counter(stage for _, stage, _ in people)
        yield ("rfm", "rfm_segment", label), Counter(group for *_, group in people)
        for segment, count in Counter(segment for segment, _ in members).items():
            yield ("segment", segment, label), Counter({segment: count})
        for group in set(groups.values()):
            inside = Counter(segment for segment, _ in members if groups.get(segment) == group)
            inside["rest"] = len(people) - sum(inside.values())
            yield ("group", group, label), +inside


def test_a_changed_definition_is_the_cause_of_its_own_moves_only(past_shop: Shop, tmp_path: Path) -> None:
    before = moves(past_shop)
    with environment_taken_back():
        shop = past_shop.copy(tmp_path / "shop")
        (path,) = shop.settings.history_dir.glob(f"known/as_of_date={FIRST}/*/definitions.parquet")
        draft = path.with_suffix(".draft")
        rows = f"select name, if(name = 'one_timers', '', version) as version from '{path}'"
        duckdb.execute(f"copy ({rows}) to '{draft}' (format parquet)")
        draft.replace(path)
        after = moves(shop)
        assert after["buys-again", "one_timers"] == ("one_timers", None, "rule_changed")
        assert after["a-merged", "one_timers"][2] == "identity_merged", "which is asked first"
        different = {name for (person, name), move in after.items() if move != before[person, name]}
        assert different == {"one_timers"}
        # A day that kept neither definitions nor counts of facts can still be read.
        path.unlink()
        path.with_name("facts.parquet").unlink()
        old = moves(shop)
        assert old["buys-again", "one_timers"] == ("one_timers", None, "behaviour")
        assert old["returns-late", "one_timers"] == ("one_timers", None, "data_corrected")


def test_a_group_that_did_not_exclude_yet_counts_everybody_once(past_shop: Shop, tmp_path: Path) -> None:
    with environment_taken_back():
        shop = past_shop.copy(tmp_path / "shop")
        (folder,) = shop.settings.history_dir.glob(f"known/as_of_date={FIRST}/*")
        two_more = (
            "from (values ('frequent_buyers', 'grows-old'), ('inactive_buyers', 'once')) as _(segment, customer_id)"
        )
        for name, rows in (
            ("rules", "select segment, if(segment = 'frequent_buyers', '', rule_version) as rule_version from {}"),
            ("memberships", f"from {{}} union all by name {two_more}"),
        ):
            path, draft = folder / f"{name}.parquet", folder / f"{name}.draft"
            duckdb.execute(f"copy ({rows.format(repr(str(path)))}) to '{draft}' (format parquet)")
            draft.replace(path)
        found = moves(shop)
        assert found["grows-old", "buyer_frequency"][:2] == ("frequent_buyers", "occasional_buyers")
        assert ("once", "buyer_frequency") not in found, "the first by priority is where somebody stands"
        between = between_built_days(shop.settings, *map(date.fromisoformat, (FIRST, TODAY)), is_known_now=False)
        path = shop.settings.published_dir / "current" / UNAMBIGUOUS_FILE
        with connection(path, shop.settings, read_only=True) as published:
            stage_moves(published, shipped_catalog(), between)
            rows = [row for row in movements(published, between) if row[1] == "buyer_frequency"]
        for place, day in ((2, FIRST), (3, TODAY)):
            *_, kept = sorted(shop.settings.history_dir.glob(f"known/as_of_date={day}/*"))
            ((people,),) = duckdb.execute(f"select count(*) from '{kept}/customers.parquet'").fetchall()
            assert sum(row[5] for row in rows if row[place] is not None) == people


def test_what_a_definition_rests_on_changes_its_version() -> None:
    manifest, catalog = manifest_json("duckdb"), shipped_catalog()
    before = versions(catalog, manifest, {})
    assert before == versions(catalog, manifest, {"as_of_date": "2026-01-01"})

    def changed(**variables: Any) -> set[str]:
        after = versions(catalog, manifest, variables)
        return {name for name in before if after[name] != before[name]}

    stages = changed(at_risk_days=181)
    assert {"lifecycle_stage", "vip_customers_at_risk"} <= stages
    assert not {"rfm_segment", "cart_abandoners"} & stages
    groups = changed(rfm_method="fixed")
    assert "rfm_segment" in groups
    assert "lifecycle_stage" not in groups


def test_a_first_day_that_was_built_again_tells_corrections_from_moves(past_with_past: Shop) -> None:
    found = moves(past_with_past)
    assert found["returns-late", "one_timers"] == ("one_timers", None, "data_corrected")
    assert found["buys-again", "one_timers"] == ("one_timers", None, "behaviour")
    now = moves(past_with_past, is_known_now=True)
    assert ("returns-late", "one_timers") not in now, "known now, the refund is older than the first day"
    assert now["buys-again", "one_timers"] == ("one_timers", None, "behaviour")
    assert not [move for move in now.values() if move[2] == "data_corrected"]
    assert now["grows-old", "lifecycle_stage"][2] == "ageing"
    since = moves(past_with_past, is_known_now=True, first=SECOND)
    assert ("grows-old", "lifecycle_stage") not in since, "the 90 days were over on the second day"


def test_the_command_shows_the_moves_of_two_days(past_with_past: Shop) -> None:
    def said(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["movements", *arguments], env=past_with_past.environment)
        return done.exit_code, done.output or str(done.exception)

    code, text = said("--from", FIRST, "--to", TODAY, "--by", "one_timers", "--show", "1")
    assert code == 0
    assert "one_timers -> no member, behaviour: buys-again and 1 more" in text
    code, text = said("--from", FIRST, "--to", SECOND, "--known-now")
    assert (code, "as known now" in text) == (0, True)
    for arguments, words in (
        (("--from", SECOND, "--to", TODAY), "was not published"),
        (("--from", TODAY, "--to", FIRST), "in their order"),
        (("--from", FIRST, "--to", TODAY, "--by", "one_timer"), "did you mean one_timers"),
    ):
        code, text = said(*arguments)
        assert (code, words in text) == (1, True), text
