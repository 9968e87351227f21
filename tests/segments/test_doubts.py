"""What is said of segments beside each other, and how much hangs on each threshold, against counting by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from dagster_project.segments.candidates import write_candidates
from dagster_project.segments.doubts import doubts
from dagster_project.segments.membership import write_memberships, write_overlaps, write_segment, write_sizes
from dagster_project.segments.sensitivity import write_sensitivity
from dagster_project.segments.starved import starved
from dagster_project.segments.unreachable import contradiction
from tests.segments.shops import catalog_of, declaration, members, shop

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from dagster_project.segments.catalog import Catalog

AS_OF = date(2026, 6, 30)


def _built(people: int, catalog: Catalog, **columns: str) -> duckdb.DuckDBPyConnection:
    """Customers 0, 1, 2, ... with as many orders as their number says."""
    connection = shop()
    more = "".join(f", {value} as {name}" for name, value in columns.items())
    connection.execute(
        "insert into profiles.customer_profiles by name "
        "select cast(number as varchar) as customer_id, 'buyer' as customer_kind, number as orders_count, "
        f"0 as net_revenue_amount{more} from range({people}) as numbers(number)"
    )
    for segment in catalog:
        write_segment(connection, segment, AS_OF)
    write_candidates(connection, catalog)
    write_memberships(connection, catalog)
    write_overlaps(connection)
    write_sizes(connection, catalog, AS_OF)
    return connection


def _between(name: str, low: int, high: int) -> str:
    return declaration(name, f"{{orders_count: {{between: [{low}, {high}]}}}}")


def test_overlaps_are_those_of_sets(tmp_path: Path) -> None:
    catalog = catalog_of(
        tmp_path, _between("a", 0, 9), _between("b", 5, 19), _between("c", 15, 30), _between("d", 8, 8)
    )
    connection = _built(31, catalog)
    sets = {name: set(members(connection, name)) for name in "abcd"}
    expected = [
        (one, other, len(sets[one] & sets[other]), len(sets[one] | sets[other]))
        for one, other in sorted(permutations("abcd", 2))
        if sets[one] & sets[other]
    ]
    rows = connection.execute("select * from segments.overlaps").fetchall()
    assert [row[:4] for row in rows] == expected
    for one, _, shared, either, jaccard, of_members in rows:
        assert (jaccard, of_members) == (pytest.approx(shared / either), pytest.approx(shared / len(sets[one])))


@pytest.mark.parametrize(("shared", "is_told"), [(90, True), (89, False)])
def test_two_that_share_nine_tenths_are_told(tmp_path: Path, shared: int, is_told: bool) -> None:
    catalog = catalog_of(tmp_path, _between("few", 0, shared - 1), _between("many", 0, 99))
    said = [sentence for _, sentence in doubts(_built(100, catalog), catalog)]
    assert said == (["few and many share 90 of their 100 members: one of them may be enough"] if is_told else [])


@pytest.mark.parametrize(("count", "is_told"), [(25, False), (26, True)])
def test_more_than_25_beside_each_other_are_too_many(tmp_path: Path, count: int, is_told: bool) -> None:
    outer = [_between(f"s{number}", number, number) for number in range(count)]
    inner = [declaration(f"i{number}", "{orders_count: {at_least: 0}}", within=f"s{number}") for number in range(3)]
    group = [_between(f"g{n}", n, n) + f"\n  group: next\n  priority: {n + 1}" for n in range(3)]
    group += [_between(f"x{n}", n, n) + f"\n  pack: {pack}" for n, pack in enumerate(["extended", "experimental"])]
    catalog = catalog_of(tmp_path, *outer, *inner, *group)
    said = [sentence for segment, sentence in doubts(_built(count, catalog), catalog) if not segment]
    assert len(said) == int(is_told)
    assert all(sentence.startswith(f"{count} core segments stand beside each other, more than 25") for sentence in said)


def test_who_has_no_members_is_told_why(tmp_path: Path) -> None:
    catalog = catalog_of(
        tmp_path,
        declaration("huge", "{orders_count: {at_least: 99}}"),
        declaration("mute", "{all: [{is_email_contactable: {is: true}}, {orders_count: {at_least: 1}}]}"),
        declaration("never", "{orders_count: {at_least: 3, less_than: 3}}"),
        declaration("some_one", "{orders_count: {at_most: 2}}"),
        declaration("nobody", "{orders_count: {more_than: 2}}", within="some_one"),
        declaration("first", "{orders_count: {at_least: 3}}", group="next", priority="1"),
        declaration("second", "{orders_count: {at_least: 4}}", group="next", priority="2"),
    )
    assert dict(doubts(_built(6, catalog), catalog)) == {
        "huge": "huge has no members: the rule holds for nobody now",
        "mute": "mute has no members: is_email_contactable is unknown of everybody",
        "never": "never has no members: nobody ever can be in it, as its rule asks for orders_count at least 3 and"
        " less than 3 at once",
        "nobody": "nobody has no members: nobody ever can be in it, as its rule asks for orders_count more than 2 and"
        " at most 2 at once",
        "second": "second has no members: all 2 candidates go to first, which come before it",
    }


CONTRADICTIONS = {
    "{all: [{orders_count: {at_least: 3}}, {orders_count: {at_most: 3}}]}": False,
    "{all: [{orders_count: {at_least: 3}}, {orders_count: {less_than: 3}}]}": True,
    "{all: [{orders_count: {more_than: 3}}, {orders_count: {at_most: 3}}]}": True,
    "{all: [{orders_count: {between: [1, 3]}}, {orders_count: {between: [3, 5]}}]}": False,
    "{all: [{orders_count: {between: [1, 3]}}, {orders_count: {between: [4, 5]}}]}": True,
    "{all: [{orders_count: {is: 3}}, {orders_count: {is_not: 3}}]}": True,
    "{all: [{orders_count: {is_one_of: [3, 4]}}, {orders_count: {is_none_of: [3]}}]}": False,
    "{all: [{orders_count: {is_one_of: [3, 4]}}, {orders_count: {more_than: 4}}]}": True,
    "{all: [{lifecycle_stage: {is: new}}, {lifecycle_stage: {is_one_of: [active, churned]}}]}": True,
    "{all: [{home_country: {is: DE}}, {home_country: {starts_with: D}}]}": False,
    "{all: [{home_country: {is: DE}}, {home_country: {starts_with: A}}]}": True,
    "{all: [{orders_count: {is_known: false}}, {orders_count: {at_least: 1}}]}": True,
    "{all: [{orders_count: {is_known: true}}, {orders_count: {at_least: 1}}]}": False,
    "{all: [{orders_count: {at_least: 3}}, {placed_orders_count: {less_than: 3}}]}": False,
    "{any: [{orders_count: {at_least: 3}}, {orders_count: {less_than: 3}}]}": False,
    "{all: [{last_order_date: {at_least: 2026-02-01}}, {last_order_date: {less_than: 2026-01-01}}]}": True,
    "{all: [{is_idle: {is: true}}, {all: [{is_idle: {is: false}}]}]}": True,
}


@pytest.mark.parametrize("rule", CONTRADICTIONS)
def test_comparisons_that_exclude_each_other_are_seen(tmp_path: Path, rule: str) -> None:
    found = contradiction(catalog_of(tmp_path, declaration("chosen", rule))["chosen"].rule)
    assert (found is not None) == CONTRADICTIONS[rule], found


@pytest.mark.parametrize("include_anonymous", ["false", "true"])
def test_who_moves_with_a_threshold_is_counted_against_building_the_moved_rule(
    tmp_path: Path, include_anonymous: str
) -> None:
    """Everybody who is asked, and only they: within another segment, or with anonymous people, too."""
    rule = "{all: [{orders_count: {at_least: 20, less_than: 34}}, {net_revenue_amount: {at_most: 2.5}}]}"
    even = declaration("even", "{home_country: {is: DE}}", include_anonymous="true")
    fields = {"include_anonymous": include_anonymous, "within": "even"}
    catalog = catalog_of(tmp_path / "now", even, declaration("chosen", rule, **fields))
    connection = _built(50, catalog)
    connection.execute(
        "update profiles.customer_profiles set net_revenue_amount = cast(orders_count as decimal) / 10, "
        "home_country = case when orders_count % 2 = 0 then 'DE' end, "
        "customer_kind = case when orders_count % 3 = 0 then 'anonymous' else 'buyer' end"
    )
    for segment in catalog:
        write_segment(connection, segment, AS_OF)
    now = set(members(connection, "chosen"))
    assert write_sensitivity(connection, catalog) == 6
    rows = connection.execute("select * from segments.sensitivity").fetchall()
    moved_rules = {
        ("at_least", 18): rule.replace("20", "18"),
        ("at_least", 22): rule.replace("20", "22"),
        ("less_than", 31): rule.replace("34", "31"),
        ("less_than", 37): rule.replace("34", "37"),
        ("at_most", Decimal("2.25")): rule.replace("2.5", "2.25"),
        ("at_most", Decimal("2.75")): rule.replace("2.5", "2.75"),
    }
    assert {(row[2], row[5]) for row in rows} == set(moved_rules)
    for _, _, comparison, _, _, moved, count, moved_count, entering, leaving in rows:
        moved_rule = declaration("moved", moved_rules[comparison, moved], **fields)
        write_segment(connection, catalog_of(tmp_path / "then", even, moved_rule)["moved"], AS_OF)
        then = set(members(connection, "moved"))
        assert (count, moved_count, entering, leaving) == (len(now), len(then), len(then - now), len(now - then))


SMALL = {
    "{orders_count: {at_least: 1}}": {0, 2},
    "{orders_count: {between: [2, 2]}}": {1, 3},
    "{is_wishlist_holder: {is: true}}": set(),
    "{orders_count: {is: 3}}": set(),
}


@pytest.mark.parametrize("rule", SMALL)
def test_a_small_whole_number_moves_by_one_and_never_over_the_other_end(tmp_path: Path, rule: str) -> None:
    catalog = catalog_of(tmp_path, declaration("chosen", rule))
    connection = _built(5, catalog)
    write_sensitivity(connection, catalog)
    rows = connection.execute("select moved_threshold from segments.sensitivity").fetchall()
    assert {int(moved) for (moved,) in rows} == SMALL[rule]


@pytest.mark.parametrize(("value", "is_told"), [("null", True), ("number = 3", False)])
def test_a_segment_that_reads_what_nobody_has_is_told_with_its_input(tmp_path: Path, value: str, is_told: bool) -> None:
    """One known value is enough, also where it makes nobody a member; asking whether a value is known needs none."""
    catalog = catalog_of(
        tmp_path,
        declaration("mute", "{any: [is_email_contactable: {is: false}, orders_count: {at_least: 1}]}"),
        declaration("unasked", "{is_sms_contactable: {is_known: false}}"),
    )
    said = starved(_built(6, catalog, is_email_contactable=value), catalog)
    sentence = "mute reads is_email_contactable, unknown of everybody: nothing that says so has landed in consents"
    assert said == ([("mute", sentence)] if is_told else [])
