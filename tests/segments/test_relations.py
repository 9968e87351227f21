"""Segments inside segments and exclusive groups: who is a member, who only a candidate, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.errors import UsageError
from dagster_project.segments.candidates import write_candidates
from dagster_project.segments.catalog import load_catalog, profile_columns, sensitive_columns, shipped_catalog
from dagster_project.segments.membership import write_dictionary, write_memberships, write_segment, write_sizes
from tests.segments.shops import catalog_of, declaration, file_of, members, shop

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from dagster_project.segments.catalog import Catalog

AS_OF = date(2026, 6, 30)
RULE = "{orders_count: {at_least: 3}}"


def _built(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    for segment in catalog:
        write_segment(connection, segment, AS_OF)


def _refused(folder: Path, *entries: str) -> str:
    with pytest.raises(UsageError) as raised:
        catalog_of(folder, *entries)
    return str(raised.value).replace(f"{folder}/", "")


def test_a_child_holds_members_of_its_parent_only(tmp_path: Path) -> None:
    connection = shop(*({"customer_id": str(count), "orders_count": count} for count in range(8)))
    catalog = catalog_of(
        tmp_path,
        declaration("fans", "{orders_count: {at_most: 5}}", within="many"),
        declaration("few", "{not: {orders_count: {is: 4}}}", within="fans"),
        declaration("many", RULE),
    )
    _built(connection, catalog)
    assert (members(connection, "fans"), members(connection, "few")) == (["3", "4", "5"], ["3", "5"])
    assert [segment.path for segment in catalog] == ["many", "many/fans", "many/fans/few"]
    assert catalog["few"].rule_text == "within fans and not (orders_count is 4)"


def test_a_child_means_the_same_as_a_rule_that_names_the_parent(tmp_path: Path) -> None:
    many = declaration("many", RULE)
    nested = catalog_of(tmp_path, many, declaration("idle", "{is_idle: {is: true}}", within="many"))
    spelt = catalog_of(tmp_path, many, declaration("idle", "{all: [{within: many}, {is_idle: {is: true}}]}"))
    assert nested["idle"].predicate == spelt["idle"].predicate
    assert nested["idle"].rule_version == spelt["idle"].rule_version


def test_a_child_is_too_small_by_the_measure_of_all(tmp_path: Path) -> None:
    connection = shop()
    connection.execute("""
        insert into profiles.customer_profiles by name
        select 'p' || number as customer_id, 'buyer' as customer_kind, number as orders_count, 0 as net_revenue_amount
        from range(300) as numbers(number)
    """)
    catalog = catalog_of(
        tmp_path,
        declaration("outer", "{orders_count: {less_than: 200}}"),
        declaration("inner", "{orders_count: {less_than: 99}}", within="outer"),
    )
    _built(connection, catalog)
    write_memberships(connection, catalog)
    write_sizes(connection, catalog, AS_OF)
    query = "select segment, members_count, is_too_small from segments.sizes order by segment"
    assert connection.execute(query).fetchall() == [("inner", 99, True), ("outer", 200, False)]


def test_an_unknown_parent_is_refused_with_its_line(tmp_path: Path) -> None:
    entries = [declaration("many", RULE), declaration("fans", RULE, within="mann")]
    assert _refused(tmp_path, *entries) == (
        "pack.yml:13: segment fans: `within: mann` is not a segment; did you mean many?"
    )


def test_a_circle_of_parents_is_refused(tmp_path: Path) -> None:
    entries = [declaration("one", RULE, within="two"), declaration("two", RULE, within="one")]
    assert "segments refer to each other in a circle (" in _refused(tmp_path, *entries)


GROUP = {
    "first": "{orders_count: {at_least: 6}}",
    "second": "{orders_count: {at_least: 4}}",
    "third": "{orders_count: {at_least: 2}}",
}


def _group(**rules: str) -> list[str]:
    """An exclusive group, declared in another order than that of its priorities."""
    entries = [
        declaration(name, rule, group="next", priority=str(10 * place))
        for place, (name, rule) in enumerate(rules.items(), start=1)
    ]
    return entries[::-1]


def test_of_a_group_the_first_by_priority_wins(tmp_path: Path) -> None:
    connection = shop(*({"customer_id": str(count), "orders_count": count} for count in range(8)))
    catalog = catalog_of(tmp_path, *_group(**GROUP))
    _built(connection, catalog)
    assert {name: members(connection, name) for name in GROUP} == {
        "first": ["6", "7"],
        "second": ["4", "5"],
        "third": ["2", "3"],
    }
    assert catalog["third"].rule_text == "orders_count at least 2, unless in first or second"


def test_losers_are_kept_with_who_won(tmp_path: Path) -> None:
    connection = shop(*({"customer_id": str(count), "orders_count": count} for count in (3, 5, 7)))
    catalog = catalog_of(tmp_path, *_group(**GROUP), declaration("apart", RULE, group="other"))
    assert write_candidates(connection, catalog) == 6
    rows = connection.execute("select * from segments.candidates order by customer_id, priority").fetchall()
    assert rows == [
        ("third", "3", "next", "third", 30, True),
        ("second", "5", "next", "second", 20, True),
        ("third", "5", "next", "second", 30, False),
        ("first", "7", "next", "first", 10, True),
        ("second", "7", "next", "first", 20, False),
        ("third", "7", "next", "first", 30, False),
    ]


def test_without_exclusive_groups_there_are_no_candidates(tmp_path: Path) -> None:
    connection = shop({"customer_id": "ann", "orders_count": 3})
    assert write_candidates(connection, catalog_of(tmp_path, declaration("many", RULE, group="value"))) == 0
    columns = connection.execute("select column_name, column_type from (describe segments.candidates)").fetchall()
    assert columns == [
        *((name, "VARCHAR") for name in ("segment", "customer_id", "group", "won_by")),
        ("priority", "INTEGER"),
        ("is_winner", "BOOLEAN"),
    ]


@settings(max_examples=25, deadline=None)
@given(limits=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=4))
def test_a_person_is_in_one_segment_of_a_group_at_most(
    tmp_path_factory: pytest.TempPathFactory, limits: list[tuple[int, int]]
) -> None:
    rules = {
        f"s{place}": f"{{any: [{{orders_count: {{at_least: {orders}}}}}, {{sessions_count: {{is: {sessions}}}}}]}}"
        for place, (orders, sessions) in enumerate(limits)
    }
    values = [None, 0, 1, 2, 3, 4]
    people = [(f"{orders}/{sessions}", orders, sessions) for orders in values for sessions in values]
    connection = shop(*({"customer_id": name, "orders_count": o, "sessions_count": s} for name, o, s in people))
    catalog = catalog_of(tmp_path_factory.mktemp("group"), *_group(**rules))
    _built(connection, catalog)
    write_candidates(connection, catalog)
    write_memberships(connection, catalog)

    expected = {}
    for name, orders, sessions in people:
        held = [place for place, (o, s) in enumerate(limits) if (orders is not None and orders >= o) or sessions == s]
        if held:
            expected[name] = f"s{held[0]}"
    found = connection.execute("select customer_id, segment from segments.memberships").fetchall()
    assert len(found) == len(expected)
    assert dict(found) == expected
    won = connection.execute("select customer_id, segment from segments.candidates where is_winner").fetchall()
    assert dict(won) == expected


WRONG_GROUPS = {
    "no group": (
        [declaration("one", RULE, priority="1")],
        "pack.yml:2: segment one: `priority` decides inside a group; name the `group` as well",
    ),
    "twice": (
        [declaration(name, RULE, group="next", priority="2") for name in ("one", "two")],
        "pack.yml:10: segment two: priority 2 of group next is that of one already; change one",
    ),
    "missing": (
        [declaration("one", RULE, group="next", priority="2"), declaration("two", RULE, group="next")],
        "pack.yml:10: segment two: group next is exclusive, as others in it have a `priority`; give this one its own",
    ),
    "zero": (
        [declaration("one", RULE, group="next", priority="0")],
        "pack.yml:8: segment one: `priority` must be a whole number from 1 (first) to 1000, not 0",
    ),
    "word": (
        [declaration("one", RULE, group="next", priority="first")],
        "pack.yml:8: segment one: `priority` must be a whole number from 1 (first) to 1000, not first",
    ),
    "consent": (
        [declaration("one", RULE, consent="mail")],
        "pack.yml:7: segment one: `consent` must be one of email, sms, ads, profiling, not mail",
    ),
    "parents": (
        [declaration("one", RULE, within="[a, b]")],
        "pack.yml:7: segment one: `within` must be one text, not a list",
    ),
}


@pytest.mark.parametrize("case", WRONG_GROUPS)
def test_a_wrong_group_is_named_with_its_fix(tmp_path: Path, case: str) -> None:
    entries, expected = WRONG_GROUPS[case]
    assert _refused(tmp_path, *entries) == expected


def test_a_segment_inside_one_that_comes_after_it_is_a_circle(tmp_path: Path) -> None:
    entries = [
        declaration("one", RULE, group="next", priority="1", within="two"),
        declaration("two", RULE, group="next", priority="2"),
    ]
    said = _refused(tmp_path, *entries)
    assert "one within two after one" in said or "two after one within two" in said
    assert said.endswith("take one `within` out or change a `priority`")


CONSENTED = [
    {"customer_id": "both", "is_email_contactable": True, "is_sms_contactable": True, "is_profiling_allowed": True},
    {"customer_id": "text", "is_email_contactable": False, "is_sms_contactable": True, "is_profiling_allowed": False},
    {"customer_id": "mute", "is_email_contactable": False, "is_sms_contactable": False},
    {"customer_id": "ads", "is_email_contactable": False, "is_sms_contactable": False, "is_ads_contactable": True},
]


def test_members_are_counted_as_contactable_by_the_consent_that_the_segment_rests_on(tmp_path: Path) -> None:
    connection = shop(*({"orders_count": 3, **person} for person in CONSENTED))
    names = ("email", "sms", "ads", "profiling")
    catalog = catalog_of(
        tmp_path, *(declaration(f"by_{name}", RULE, consent=name) for name in names), declaration("by_any", RULE)
    )
    _built(connection, catalog)
    write_memberships(connection, catalog)
    write_sizes(connection, catalog, AS_OF)
    rows = connection.execute("select segment, members_count, contactable_count from segments.sizes").fetchall()
    assert sorted(rows) == [
        ("by_ads", 4, 1),
        ("by_any", 4, 1),
        ("by_email", 4, 1),
        ("by_profiling", 1, 1),
        ("by_sms", 4, 2),
    ]


SENSITIVE = """\
models:
  - name: customer_profiles
    columns:
      - {name: orders_count, data_type: bigint}
      - {name: ethnicity, data_type: string}
      - {name: shoe_size, data_type: bigint, config: {meta: {is_sensitive: true}}}
      - {name: is_profiling_allowed, data_type: boolean}
"""


@pytest.mark.parametrize("rule", ["{ethnicity: {is: a}}", "{not: {any: [{ethnicity: {is: a}}]}}"])
def test_a_sensitive_column_needs_consent_to_its_purpose(tmp_path: Path, rule: str) -> None:
    (tmp_path / "profiles.yml").write_text(SENSITIVE, encoding="utf-8")
    columns = profile_columns(tmp_path / "profiles.yml")
    sensitive = sensitive_columns(tmp_path / "profiles.yml")
    assert sensitive == {"ethnicity": "ethnicity", "shoe_size": None}
    folder = tmp_path / "packs"
    folder.mkdir()
    allowed = {"consent": "profiling", "consent_purpose": "ethnicity"}
    for fields, hint in (
        ({}, "`consent: profiling`"),
        ({"consent": "email", "consent_purpose": "ethnicity"}, "`consent: profiling`"),
        ({"consent": "profiling"}, "`consent_purpose: ethnicity`"),
        ({"consent": "profiling", "consent_purpose": "newsletter"}, "`consent_purpose: ethnicity`"),
        (allowed, ""),
    ):
        (folder / "pack.yml").write_text(file_of(declaration("chosen", rule, **fields)), encoding="utf-8")
        if hint:
            with pytest.raises(UsageError, match=f"pack.yml:2: segment chosen: `ethnicity` is sensitive, .*{hint}"):
                load_catalog(folder, columns, sensitive=sensitive)
        else:
            chosen = load_catalog(folder, columns, sensitive=sensitive)["chosen"]
            assert chosen.rule_text.startswith("is_profiling_allowed is true and ")


def test_a_column_tagged_by_hand_needs_consent_to_profiling(tmp_path: Path) -> None:
    columns = {"shoe_size": "bigint", "is_profiling_allowed": "boolean"}
    for fields in ({}, {"consent": "profiling"}):
        entry = declaration("chosen", "{shoe_size: {at_least: 40}}", **fields)
        (tmp_path / "pack.yml").write_text(file_of(entry), encoding="utf-8")
        if fields:
            assert load_catalog(tmp_path, columns, sensitive={"shoe_size": None}).names == ("chosen",)
        else:
            with pytest.raises(UsageError, match="`shoe_size` is sensitive"):
                load_catalog(tmp_path, columns, sensitive={"shoe_size": None})


def test_what_is_not_sensitive_needs_no_consent(tmp_path: Path) -> None:
    (tmp_path / "pack.yml").write_text(file_of(declaration("many", RULE)), encoding="utf-8")
    assert load_catalog(tmp_path, {"orders_count": "bigint"}, sensitive={"ethnicity": None}).names == ("many",)


def test_columns_of_special_categories_are_tagged() -> None:
    words = (
        "race",
        "ethnic",
        "religio",
        "politic",
        "health",
        "sexual",
        "disab",
        "pregnan",
        "life_stage",
        "union_member",
    )
    untagged = [name for name in profile_columns() if any(word in name for word in words)]
    assert set(untagged) <= set(sensitive_columns()), "config: {meta: {is_sensitive: true}} is missing"


def test_the_dictionary_says_path_consent_and_priority(tmp_path: Path) -> None:
    connection = shop()
    fields = {"within": "outer", "group": "next", "priority": "7", "consent": "sms"}
    write_dictionary(connection, catalog_of(tmp_path, declaration("outer", RULE), declaration("inner", RULE, **fields)))
    query = "select segment, path, consent, priority from segments.dictionary order by segment"
    assert connection.execute(query).fetchall() == [("inner", "outer/inner", "sms", 7), ("outer", "outer", None, None)]


def test_the_shipped_segments_nest_and_exclude_each_other() -> None:
    catalog = shipped_catalog()
    assert catalog["vips_to_win_back"].path == "high_spenders/vip_customers_at_risk/vips_to_win_back"
    assert catalog["newcomers_to_welcome"].rivals == ("vips_to_win_back", "fresh_cart_abandoners")
