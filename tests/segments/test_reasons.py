"""Why somebody is in a segment and why not: every word is true of the person, and decides."""

from __future__ import annotations

import csv
import re
from datetime import date
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings

from dagster_project.segments.catalog import Catalog
from dagster_project.segments.decisions import Decision, decisions
from dagster_project.segments.entries import ExpectedShare, Segment
from dagster_project.segments.flags import flags
from dagster_project.segments.membership import write_memberships, write_segment
from dagster_project.segments.reasons import Reasons, write_reasons
from dagster_project.settings import PROJECT_DIR
from dagster_project.yaml_files import project_vars
from tests.segments.shops import COLUMNS, catalog_of, declaration, shop
from tests.segments.test_rules import RULES, holds

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from dagster_project.segments.rules import Rule

AS_OF = date(2026, 6, 30)


def _told(connection: duckdb.DuckDBPyConnection, catalog: Catalog, name: str) -> dict[str, tuple[bool, str]]:
    """Of everybody, whether they are in a segment, and why or why not."""
    reasons, segment = Reasons(catalog), catalog[name]
    query = f"""
        select customer_id, {segment.predicate}, {reasons.why(segment)}, {reasons.why_not(segment)}
        from profiles.customer_profiles
    """
    rows = connection.execute(query).fetchall()
    return {person: (is_in, why if is_in else why_not) for person, is_in, why, why_not in rows}


PERSON: dict[str, Any] = {
    "customer_id": "anna",
    "orders_count": 5,
    "days_since_last_order": 9,
    "net_revenue_amount": "49.90",
    "home_country": "D'E and 1",
    "rfm_segment": "Loyal",
    "is_one_timer": False,
    "last_order_date": date(2026, 1, 31),
}
STATEMENTS = {
    "{orders_count: {at_least: 3}}": (True, "orders_count 5 >= 3"),
    "{orders_count: {at_least: 6}}": (False, "orders_count 5 < 6"),
    "{orders_count: {more_than: 5}}": (False, "orders_count 5 <= 5"),
    "{orders_count: {less_than: 6}}": (True, "orders_count 5 < 6"),
    "{orders_count: {at_most: 4}}": (False, "orders_count 5 > 4"),
    "{orders_count: {is: 5}}": (True, "orders_count = 5"),
    "{orders_count: {is: 4}}": (False, "orders_count 5 <> 4"),
    "{orders_count: {is_not: 5}}": (False, "orders_count = 5"),
    "{orders_count: {is_not: 4}}": (True, "orders_count 5 <> 4"),
    "{orders_count: {between: [5, 9]}}": (True, "orders_count 5 between 5 and 9"),
    "{orders_count: {between: [6, 9]}}": (False, "orders_count 5 not between 6 and 9"),
    "{net_revenue_amount: {at_least: 49.9}}": (True, "net_revenue_amount 49.90 >= 49.9"),
    "{last_order_date: {at_least: 2026-02-01}}": (False, "last_order_date 2026-01-31 < 2026-02-01"),
    "{rfm_segment: {is: Champions}}": (False, "rfm_segment 'Loyal' <> 'Champions'"),
    "{rfm_segment: {is_one_of: [Champions, Loyal]}}": (True, "rfm_segment 'Loyal' in ('Champions', 'Loyal')"),
    "{rfm_segment: {is_none_of: [Champions, Loyal]}}": (False, "rfm_segment 'Loyal' in ('Champions', 'Loyal')"),
    '{home_country: {starts_with: "D\'E"}}': (True, "home_country 'D''E and 1' starts with 'D''E'"),
    "{home_country: {includes: FR}}": (False, "home_country 'D''E and 1' does not include 'FR'"),
    "{home_country: {starts_with: FR}}": (False, "home_country 'D''E and 1' does not start with 'FR'"),
    "{is_one_timer: {is: false}}": (True, "is_one_timer = false (orders_count 5; 1 order)"),
    "{is_one_timer: {is: true}}": (False, "is_one_timer = false (orders_count 5; 1 order)"),
    "{is_one_timer: {is_known: true}}": (True, "is_one_timer 'false' is known (orders_count 5; 1 order)"),
    "{is_profiling_allowed: {is: true}}": (False, "is_profiling_allowed is unknown, not = true"),
    "{recency_score: {at_least: 4}}": (False, "recency_score is unknown, not >= 4"),
    "{recency_score: {is_known: true}}": (False, "recency_score is unknown"),
    "{recency_score: {is_known: false}}": (True, "recency_score is unknown"),
    "{orders_count: {is_known: false}}": (False, "orders_count '5' is known"),
    "{is_idle: {is: true}}": (
        False,
        "is_idle is unknown, not = true (days_since_last_order 9, days_since_last_session unknown; 365 days, 180 days)",
    ),
    "{not: {orders_count: {at_least: 6}}}": (True, "orders_count 5 < 6"),
    "{not: {recency_score: {at_least: 4}}}": (False, "recency_score is unknown, not >= 4"),
    "{any: [{orders_count: {is: 5}}, {is_profiling_allowed: {is: true}}, {rfm_segment: {is: Loyal}}]}": (
        True,
        "orders_count = 5 and rfm_segment = 'Loyal'",
    ),
    "{all: [{orders_count: {is: 5}}, {is_profiling_allowed: {is: true}}, {rfm_segment: {is: Champions}}]}": (
        False,
        "rfm_segment 'Loyal' <> 'Champions'",
    ),
}


@pytest.mark.parametrize("rule", STATEMENTS)
def test_what_is_said_of_an_operand(tmp_path: Path, rule: str) -> None:
    assert _told(shop(PERSON), catalog_of(tmp_path, declaration("chosen", rule)), "chosen") == {
        "anna": STATEMENTS[rule]
    }


def test_every_flag_has_an_operand_and_a_threshold_to_tell() -> None:
    assert set(flags()) <= set(COLUMNS)
    assert [name for name, flag in flags().items() if not (flag.operands and flag.thresholds)] == []
    assert set(flags()) <= set(decisions())


def test_thresholds_are_told_as_they_are_now() -> None:
    with (PROJECT_DIR / "dbt/seeds/flags.csv").open(encoding="utf-8", newline="") as file:
        defaults = {f"is_{row['flag']}": row["default_value"] for row in csv.DictReader(file)}
    told = {name: flag.thresholds for name, flag in flags().items()}
    # Each rule of purchases has days of its own.
    assert told == {**defaults, "is_follow_up_candidate": "by its rule in purchase_rules"}
    decision = Decision(
        told="{a_count} orders, {b_share_bp}, {c_percentile_bp}", holds="x < {=a_count} or x > {b_share_bp}"
    )
    with patch.dict(project_vars(), a_count=4, b_share_bp=1250, c_percentile_bp=9200):
        assert decision.thresholds == "4 orders, 12.5 %, 92nd percentile"
        assert decision.sql({"b_share_bp": 1375}) == "x < 4 or x > 1375"
    assert decision.movable == ("b_share_bp",)


def test_a_reason_tells_those_of_the_segment_around(tmp_path: Path) -> None:
    catalog = catalog_of(
        tmp_path,
        declaration("chosen", "{is_profiling_allowed: {is: true}}", within="outer"),
        declaration("outer", "{orders_count: {at_least: 3}}"),
    )
    connection = shop(
        {"customer_id": "in", "orders_count": 3, "is_profiling_allowed": True},
        {"customer_id": "few", "orders_count": 1, "is_profiling_allowed": True},
        {"customer_id": "busy", "orders_count": 4, "is_profiling_allowed": False},
        {"customer_id": "visitor", "customer_kind": "anonymous", "orders_count": 4, "is_profiling_allowed": True},
    )
    for segment in catalog:
        write_segment(connection, segment, AS_OF)
    assert _told(connection, catalog, "chosen") == {
        "in": (True, "in outer (orders_count 3 >= 3) and is_profiling_allowed = true"),
        "few": (False, "not in outer (orders_count 1 < 3)"),
        "busy": (False, "is_profiling_allowed = false"),
        "visitor": (False, "not in outer (customer_kind = 'anonymous')"),
    }


def test_a_reason_tells_whom_the_group_prefers(tmp_path: Path) -> None:
    catalog = catalog_of(
        tmp_path,
        declaration("best", "{orders_count: {at_least: 5}}", group="next", priority="1"),
        declaration("good", "{orders_count: {at_least: 3}}", group="next", priority="2"),
        declaration("rest", "{not: {within: good}}"),
    )
    connection = shop(*({"customer_id": str(count), "orders_count": count} for count in (1, 3, 5)))
    for segment in catalog:
        write_segment(connection, segment, AS_OF)
    assert _told(connection, catalog, "good") == {
        "1": (False, "orders_count 1 < 3"),
        "3": (True, "orders_count 3 >= 3 and not in best (orders_count 3 < 5)"),
        "5": (False, "in best (orders_count 5 >= 5)"),
    }
    assert _told(connection, catalog, "rest") == {
        "1": (True, "not in good (orders_count 1 < 3)"),
        "3": (False, "in good (orders_count 3 >= 3)"),
        "5": (True, "not in good (in best)"),
    }


def test_the_view_has_one_row_per_membership(tmp_path: Path) -> None:
    connection = shop(*({"customer_id": str(count), "orders_count": count} for count in range(6)))
    catalog = catalog_of(
        tmp_path,
        declaration("many", "{orders_count: {at_least: 3}}"),
        declaration("few", "{not: {within: many}}"),
        declaration("nobody", "{orders_count: {at_least: 99}}"),
    )
    for segment in catalog:
        write_segment(connection, segment, AS_OF)
    write_memberships(connection, catalog)
    write_reasons(connection, catalog)
    pairs = connection.execute("select segment, customer_id from segments.reasons order by all").fetchall()
    assert pairs == connection.execute("select segment, customer_id from segments.memberships").fetchall()
    said = connection.execute("select reason from segments.reasons where customer_id = '3'").fetchall()
    assert said == [("orders_count 3 >= 3",)]


def test_a_hundred_segments_around_each_other_are_told_in_bounds(tmp_path: Path) -> None:
    entries = [declaration("s0", "{orders_count: {at_least: 0}}")]
    for number in range(1, 100):
        inner = f"{{any: [{{within: s{number - 1}}}, {{not: {{within: s{number - 1}}}}}]}}"
        entries.append(declaration(f"s{number}", inner))
    catalog = catalog_of(tmp_path, *entries)
    assert len(Reasons(catalog).why(catalog["s99"])) < 20_000
    group = [declaration(f"g{n}", f"{{orders_count: {{is: {n}}}}}", group="g", priority=str(n + 1)) for n in range(50)]
    crowded = catalog_of(tmp_path / "group", *group)
    assert len(Reasons(crowded).why(crowded["g49"])) < 50_000


_ATOM = re.compile(r"(one|two) (?:is (unknown)|(=) (\d)|(\d) (<>|>=|<) (\d)|'(\d)' is (known))(?:, not .*)?")


def _told_of(statement: str, person: dict[str, int | None]) -> str:
    """The column that a statement tells of, after holding it against the person."""
    match = _ATOM.fullmatch(statement)
    assert match, statement
    name, unknown, equal, same, value, sign, threshold, known, _ = match.groups()
    own = person[name]
    if unknown:
        assert own is None, statement
    elif equal:
        assert own == int(same), statement
    elif known:
        assert own == int(known), statement
    else:
        assert own == int(value), statement
        assert {"<>": own != int(threshold), ">=": own >= int(threshold), "<": own < int(threshold)}[sign], statement
    return name


def _segment(rule: Rule) -> Segment:
    words = dict.fromkeys(("title", "description", "owner", "purpose"), "A.")
    return Segment(
        name="chosen", **words, group=None, expected_share=ExpectedShare(), include_anonymous=True, rule=rule
    )  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(RULES)
def test_every_reason_is_true_and_alone_decides(rule: Rule) -> None:
    segment = _segment(rule)
    reasons = Reasons(Catalog((segment,)))
    values: list[int | None] = [None, 0, 1, 2]
    people = [{"one": one, "two": two} for one in values for two in values]
    rows = ", ".join(f"({one}, {two})" for one in ("null", 0, 1, 2) for two in ("null", 0, 1, 2))
    query = f"select {reasons.why(segment)}, {reasons.why_not(segment)} from (values {rows}) as people(one, two)"
    for person, (why, why_not) in zip(people, shop().execute(query).fetchall(), strict=True):
        held = holds(rule, person)
        said = why if held else why_not
        told = {_told_of(statement, person) for statement in said.split(" and ")}
        # What was not told does not matter: without it the rule has the same verdict.
        alone = {name: value if name in told else None for name, value in person.items()}
        if held is None:
            assert all("is unknown" in statement for statement in said.split(" and "))
        else:
            assert holds(rule, alone) is held
