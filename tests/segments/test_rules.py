"""What each comparison means, at its boundary and for people of whom the answer is unknown."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.segments.compiler import predicate
from dagster_project.segments.membership import write_segment
from dagster_project.segments.rules import All, AnyOf, Comparison, Not, Rule
from tests.segments.shops import catalog_of, declaration, members, shop

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = date(2025, 6, 30)

PEOPLE: list[dict[str, Any]] = [
    {"customer_id": "two", "orders_count": 2, "net_revenue_amount": "49.90", "lifecycle_stage": "active"},
    {"customer_id": "three", "orders_count": 3, "net_revenue_amount": "50.00", "lifecycle_stage": "at_risk"},
    {"customer_id": "four", "orders_count": 4, "net_revenue_amount": "50.01", "lifecycle_stage": "churned"},
    {"customer_id": "unknown", "net_revenue_amount": None},
]
DETAILS: list[dict[str, Any]] = [
    {
        "is_one_timer": True,
        "home_country": "NO",
        "last_order_date": "2025-01-31",
        "rfm_code": "555",
        "sales_channels": "store",
    },
    {
        "is_one_timer": False,
        "home_country": "GB",
        "last_order_date": "2025-02-01",
        "rfm_code": "551",
        "sales_channels": "app,store,web",
    },
    {
        "is_one_timer": False,
        "home_country": "GBX",
        "last_order_date": "2025-02-02",
        "rfm_code": "055",
        "sales_channels": "stores,web",
    },
    {},
]


def _members_of(folder: Path, rule: str) -> set[str]:
    connection = shop(*({**person, **more} for person, more in zip(PEOPLE, DETAILS, strict=True)))
    write_segment(connection, catalog_of(folder, declaration("chosen", rule))["chosen"], AS_OF)
    return set(members(connection, "chosen"))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{orders_count: {is: 3}}", {"three"}),
        ("{orders_count: {is_not: 3}}", {"two", "four"}),
        ("{orders_count: {is_one_of: [2, 4]}}", {"two", "four"}),
        ("{orders_count: {is_none_of: [2, 4]}}", {"three"}),
        ("{orders_count: {at_least: 3}}", {"three", "four"}),
        ("{orders_count: {at_most: 3}}", {"two", "three"}),
        ("{orders_count: {more_than: 3}}", {"four"}),
        ("{orders_count: {less_than: 3}}", {"two"}),
        ("{orders_count: {between: [2, 3]}}", {"two", "three"}),
        ("{orders_count: {between: [3, 3]}}", {"three"}),
        ("{orders_count: {at_least: 3, less_than: 4}}", {"three"}),
        ("{orders_count: {at_least: -1}}", {"two", "three", "four"}),
        ("{orders_count: {is_known: true}}", {"two", "three", "four"}),
        ("{orders_count: {is_known: false}}", {"unknown"}),
        ("{net_revenue_amount: {at_least: 50}}", {"three", "four"}),
        ("{net_revenue_amount: {more_than: 50.00}}", {"four"}),
        ("{net_revenue_amount: {is: 49.9}}", {"two"}),
        ("{is_one_timer: {is: true}}", {"two"}),
        ("{is_one_timer: {is: false}}", {"three", "four"}),
        ("{is_one_timer: {is_not: true}}", {"three", "four"}),
        ("{is_one_timer: {is_known: false}}", {"unknown"}),
        ("{last_order_date: {is: 2025-02-01}}", {"three"}),
        ("{last_order_date: {less_than: 2025-02-01}}", {"two"}),
        ("{last_order_date: {at_least: 2025-02-01}}", {"three", "four"}),
        ("{last_order_date: {between: [2025-01-31, 2025-02-01]}}", {"two", "three"}),
        ("{last_order_date: {is_one_of: [2025-02-02]}}", {"four"}),
        ("{home_country: {is: NO}}", {"two"}),
        ("{home_country: {is: 'NO'}}", {"two"}),
        ("{home_country: {is: no}}", set()),
        ("{home_country: {is_not: NO}}", {"three", "four"}),
        ("{home_country: {is_one_of: [NO, GB]}}", {"two", "three"}),
        ("{home_country: {is_none_of: [NO, GB]}}", {"four"}),
        ("{home_country: {starts_with: GB}}", {"three", "four"}),
        ("{home_country: {starts_with: '%'}}", set()),
        ("{sales_channels: {includes: store}}", {"two", "three"}),
        ("{sales_channels: {includes: app}}", {"three"}),
        ("{sales_channels: {includes: 'a'}}", set()),
        ("{not: {sales_channels: {includes: store}}}", {"four"}),
        ("{home_country: {is_known: true}}", {"two", "three", "four"}),
        ("{rfm_code: {is: 555}}", {"two"}),
        ("{rfm_code: {is: 055}}", {"four"}),
        ("{lifecycle_stage: {is_one_of: [at_risk, churned]}}", {"three", "four"}),
        ("{not: {orders_count: {at_least: 3}}}", {"two"}),
        ("{not: {orders_count: {is_known: true}}}", {"unknown"}),
        ("{not: {not: {orders_count: {at_least: 3}}}}", {"three", "four"}),
        ("{all: [{orders_count: {at_least: 3}}, {home_country: {is: GB}}]}", {"three"}),
        ("{any: [{orders_count: {is: 2}}, {home_country: {is: GB}}]}", {"two", "three"}),
        ("{any: [{orders_count: {is: 2}}, {orders_count: {is_known: false}}]}", {"two", "unknown"}),
        ("{not: {any: [{orders_count: {is: 2}}, {home_country: {is: GB}}]}}", {"four"}),
        ("{not: {all: [{orders_count: {is: 2}}, {home_country: {is: GB}}]}}", {"two", "three", "four"}),
        ("{all: [{any: [{orders_count: {is: 2}}, {orders_count: {is: 4}}]}, {is_one_timer: {is: false}}]}", {"four"}),
        (
            "{any: [{all: [{orders_count: {is: 2}}, {is_one_timer: {is: true}}]}, {orders_count: {is: 4}}]}",
            {"two", "four"},
        ),
    ],
)
def test_a_rule_takes_those_for_whom_it_holds(tmp_path: Path, rule: str, expected: set[str]) -> None:
    assert _members_of(tmp_path, rule) == expected


def test_a_known_operand_can_decide_beside_an_unknown_one(tmp_path: Path) -> None:
    connection = shop(
        {"customer_id": "half_known", "orders_count": 5},
        {"customer_id": "half_known_too_few", "orders_count": 1},
    )
    rule = "{any: [{orders_count: {at_least: 3}}, {is_idle: {is: true}}]}"
    write_segment(connection, catalog_of(tmp_path, declaration("chosen", rule))["chosen"], AS_OF)
    assert members(connection, "chosen") == ["half_known"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["buyer", "guest", "lead"]),
        ({"include_anonymous": "false"}, ["buyer", "guest", "lead"]),
        ({"include_anonymous": "true"}, ["anonymous", "buyer", "guest", "lead"]),
    ],
)
def test_anonymous_people_are_members_only_where_the_segment_says_so(
    tmp_path: Path, fields: dict[str, str], expected: list[str]
) -> None:
    kinds = ["lead", "buyer", "anonymous", "guest"]
    connection = shop(*({"customer_id": kind, "customer_kind": kind, "sessions_count": 1} for kind in kinds))
    segment = catalog_of(tmp_path, declaration("visitors", "{sessions_count: {at_least: 1}}", **fields))["visitors"]
    write_segment(connection, segment, AS_OF)
    assert members(connection, "visitors") == expected


def test_within_takes_members_of_the_other_segment_and_not_leaves_them_out(tmp_path: Path) -> None:
    connection = shop(*({"customer_id": str(count), "orders_count": count} for count in range(6)))
    catalog = catalog_of(
        tmp_path,
        declaration("middle", "{all: [{within: many}, {orders_count: {at_most: 4}}]}"),
        declaration("few", "{not: {within: many}}"),
        declaration("many", "{orders_count: {at_least: 3}}"),
    )
    for segment in catalog:
        write_segment(connection, segment, AS_OF)
    assert members(connection, "middle") == ["3", "4"]
    assert members(connection, "few") == ["0", "1", "2"]


_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(deadline=None)
@given(_TEXTS)
def test_any_text_is_compared_as_it_stands(text: str) -> None:
    connection = duckdb.connect()
    query = f"select {predicate(Comparison('value', 'is', (text,)), include_anonymous=True)} from (select ? as value)"
    assert connection.execute(query, [text]).fetchall() == [(True,)]
    assert connection.execute(query, [text + "'"]).fetchall() == [(False,)]


_LEAVES = st.builds(
    Comparison,
    st.sampled_from(["one", "two"]),
    st.sampled_from(["is", "is_not", "at_least"]),
    st.tuples(st.integers(0, 2)),
) | st.builds(Comparison, st.sampled_from(["one", "two"]), st.just("is_known"), st.tuples(st.booleans()))
RULES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


def holds(rule: Rule, person: dict[str, int | None]) -> bool | None:
    """The meaning of a rule, spelled out in Python: None is unknown."""
    match rule:
        case Comparison(column, "is_known", (wanted,)):
            return (person[column] is not None) == wanted
        case Comparison(column, operator, (value,)):
            own = person[column]
            if own is None:
                return None
            return {"is": own == value, "is_not": own != value, "at_least": own >= value}[operator]  # type: ignore[operator]
        case Not(inner):
            held = holds(inner, person)
            return None if held is None else not held
        case All(rules) | AnyOf(rules):
            decisive = isinstance(rule, AnyOf)
            held_all = [holds(inner, person) for inner in rules]
            if decisive in held_all:
                return decisive
            return None if None in held_all else not decisive
    raise AssertionError(rule)


@settings(deadline=None)
@given(RULES)
def test_no_rule_is_read_otherwise_by_sql_than_by_logic(rule: Rule) -> None:
    values = [None, 0, 1, 2]
    people = [{"one": one, "two": two} for one in values for two in values]
    rows = ", ".join(f"({one}, {two})" for one in ("null", 0, 1, 2) for two in ("null", 0, 1, 2))
    query = f"select {predicate(rule, include_anonymous=True)} from (values {rows}) as people(one, two)"
    found = [held for (held,) in duckdb.connect().execute(query).fetchall()]
    assert found == [bool(holds(rule, person)) for person in people]
