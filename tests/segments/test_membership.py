"""Who is in which segment since when, how large segments are, and what is said about their size."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from dagster_project.errors import SegmentsError
from dagster_project.segments.entries import ExpectedShare
from dagster_project.segments.membership import (
    size_warnings,
    write_dictionary,
    write_memberships,
    write_segment,
    write_sizes,
)
from dagster_project.segments.size_warnings import SegmentSize, SizeRules, too_small, unexpected_share
from tests.segments.shops import catalog_of, declaration, entered, members, shop

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.segments.catalog import Catalog

AS_OF = date(2025, 6, 30)
YESTERDAY = AS_OF - timedelta(days=1)
LONG_AGO = date(2025, 1, 15)
RULE = "{orders_count: {at_least: 3}}"


def _kept(folder: Path, day: date, *rows: tuple[str, str, date]) -> str:
    """Parquet of the memberships of a day, as history keeps it."""
    path = folder / "history" / "known" / f"as_of_date={day}" / "generation=1" / "memberships.parquet"
    path.parent.mkdir(parents=True)
    connection = duckdb.connect()
    connection.execute("create table kept (segment varchar, customer_id varchar, entered_date date)")
    if rows:
        connection.executemany("insert into kept values (?, ?, ?)", rows)
    connection.execute(f"copy kept to '{path}' (format parquet)")
    return str(path)


def _buyers(**orders: int) -> duckdb.DuckDBPyConnection:
    return shop(*({"customer_id": name, "orders_count": count} for name, count in orders.items()))


def _build(connection: duckdb.DuckDBPyConnection, catalog: Catalog, previous: str | None = None, **rules: Any) -> None:
    for segment in catalog:
        write_segment(connection, segment, AS_OF, previous)
    write_memberships(connection, catalog)
    write_sizes(connection, catalog, AS_OF, previous, **rules)


def test_a_segment_holds_its_members_sorted_and_says_how_many(tmp_path: Path) -> None:
    connection = _buyers(mia=3, ann=7, zoe=2, bob=3)
    catalog = catalog_of(tmp_path, declaration("regulars", RULE))
    assert write_segment(connection, catalog["regulars"], AS_OF) == 3
    assert members(connection, "regulars") == ["ann", "bob", "mia"]
    columns = connection.execute("select column_name, column_type from (describe segments.regulars)").fetchall()
    assert columns == [("customer_id", "VARCHAR"), ("entered_date", "DATE")]


def test_a_rebuild_replaces_members(tmp_path: Path) -> None:
    connection = _buyers(ann=3, bob=3)
    segment = catalog_of(tmp_path, declaration("regulars", RULE))["regulars"]
    write_segment(connection, segment, AS_OF)
    connection.execute("update profiles.customer_profiles set orders_count = 1 where customer_id = 'ann'")
    assert write_segment(connection, segment, AS_OF) == 1
    assert members(connection, "regulars") == ["bob"]


def test_a_segment_may_have_nobody(tmp_path: Path) -> None:
    connection = shop()
    assert write_segment(connection, catalog_of(tmp_path, declaration("regulars", RULE))["regulars"], AS_OF) == 0


def test_members_of_yesterday_keep_their_date_and_others_enter_today(tmp_path: Path) -> None:
    connection = _buyers(ann=3, bob=3)
    previous = _kept(tmp_path, YESTERDAY, ("regulars", "ann", LONG_AGO), ("others", "bob", LONG_AGO))
    segment = catalog_of(tmp_path / "packs", declaration("regulars", RULE))["regulars"]
    write_segment(connection, segment, AS_OF, previous)
    assert entered(connection, "regulars") == {"ann": LONG_AGO, "bob": AS_OF}


@pytest.mark.parametrize("day", [AS_OF - timedelta(days=2), AS_OF, AS_OF + timedelta(days=1)])
def test_only_the_day_before_counts_as_yesterday(tmp_path: Path, day: date) -> None:
    connection = _buyers(ann=3)
    previous = _kept(tmp_path, day, ("regulars", "ann", LONG_AGO))
    _build(connection, catalog_of(tmp_path / "packs", declaration("regulars", RULE)), previous)
    assert entered(connection, "regulars") == {"ann": AS_OF}
    assert connection.execute("select entered_count, left_count from segments.sizes").fetchall() == [(None, None)]


def test_without_yesterday_everybody_enters_today(tmp_path: Path) -> None:
    connection = _buyers(ann=3)
    write_segment(connection, catalog_of(tmp_path, declaration("regulars", RULE))["regulars"], AS_OF, None)
    assert entered(connection, "regulars") == {"ann": AS_OF}


def test_a_merged_customer_is_still_the_one_of_yesterday(tmp_path: Path) -> None:
    connection = _buyers(ann=3)
    connection.execute("create schema marts")
    connection.execute(
        "create table marts.dim_customer_aliases (customer_id varchar, merged_into varchar, merged_date date)"
    )
    connection.execute("insert into marts.dim_customer_aliases values ('ann_as_guest', 'ann', '2025-06-30')")
    previous = _kept(
        tmp_path, YESTERDAY, ("regulars", "ann_as_guest", LONG_AGO), ("regulars", "ann", LONG_AGO + timedelta(days=9))
    )
    _build(connection, catalog_of(tmp_path / "packs", declaration("regulars", RULE)), previous)
    assert entered(connection, "regulars") == {"ann": LONG_AGO}
    assert connection.execute("select entered_count, left_count from segments.sizes").fetchall() == [(0, 0)]


def test_memberships_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    connection = _buyers(ann=3)
    path = tmp_path / "as_of_date=2025-06-29" / "memberships.parquet"
    path.parent.mkdir()
    path.write_bytes(b"no parquet")
    segment = catalog_of(tmp_path / "packs", declaration("regulars", RULE))["regulars"]
    with pytest.raises(SegmentsError, match="cannot be read as memberships of the day before 2025-06-30"):
        write_segment(connection, segment, AS_OF, str(path))


def test_a_segment_whose_outer_segment_is_not_built_says_what_to_build(tmp_path: Path) -> None:
    connection = _buyers(ann=3)
    catalog = catalog_of(tmp_path, declaration("outer", RULE), declaration("inner", "{within: outer}"))
    expected = r"segment inner cannot be built \(.*outer.*\); build profiles.customer_profiles and segments.outer first"
    with pytest.raises(SegmentsError, match=expected):
        write_segment(connection, catalog["inner"], AS_OF)


def test_memberships_list_every_segment_sorted(tmp_path: Path) -> None:
    connection = _buyers(ann=3, bob=1)
    catalog = catalog_of(
        tmp_path,
        declaration("regulars", RULE),
        declaration("everybody", "{orders_count: {at_least: 0}}"),
        declaration("nobody", "{orders_count: {at_least: 99}}"),
    )
    _build(connection, catalog)
    assert connection.execute("select * from segments.memberships").fetchall() == [
        ("everybody", "ann", AS_OF),
        ("everybody", "bob", AS_OF),
        ("regulars", "ann", AS_OF),
    ]


def test_a_segment_that_is_no_longer_declared_is_dropped(tmp_path: Path) -> None:
    connection = _buyers(ann=3)
    _build(connection, catalog_of(tmp_path, declaration("regulars", RULE), declaration("old_ones", RULE)))
    _build(connection, catalog_of(tmp_path, declaration("regulars", RULE)))
    tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'segments' order by 1")
    assert [name for (name,) in tables.fetchall()] == ["memberships", "regulars", "sizes"]


def test_no_working_table_is_left_behind(tmp_path: Path) -> None:
    connection = _buyers(ann=3)
    previous = _kept(tmp_path, YESTERDAY)
    _build(connection, catalog_of(tmp_path / "packs", declaration("regulars", RULE)), previous)
    assert connection.execute("select table_name from duckdb_tables() where temporary").fetchall() == []


def test_the_dictionary_says_what_each_segment_means(tmp_path: Path) -> None:
    connection = shop()
    fields = {"title": "Our regulars", "group": "value", "owner": "crm"}
    catalog = catalog_of(tmp_path, declaration("regulars", RULE, **fields), declaration("a_few", RULE))
    assert write_dictionary(connection, catalog) == 2
    assert connection.execute("select * from segments.dictionary").fetchall()[1] == (
        "regulars",
        "Our regulars",
        "Somebody.",
        "orders_count at least 3",
        "crm",
        "Testing.",
        "value",
        "regulars",
        None,
        catalog["regulars"].rule_version,
        "core",
        None,
    )
    columns = connection.execute("select column_name from (describe segments.dictionary)").fetchall()
    assert [name for (name,) in columns] == [
        *("segment", "title", "description", "rule", "owner", "purpose", "group", "path", "consent"),
        *("rule_version", "pack", "priority"),
    ]


def _sizes(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    rows = connection.execute("select * from segments.sizes")
    names = [column[0] for column in rows.description or []]
    return {row[1]: dict(zip(names, row, strict=True)) for row in rows.fetchall()}


def test_sizes_count_members_money_and_change(tmp_path: Path) -> None:
    connection = shop(
        {"customer_id": "ann", "orders_count": 3, "net_revenue_amount": "10.10"},
        {"customer_id": "bob", "orders_count": 4, "net_revenue_amount": "20.20"},
        {"customer_id": "cat", "orders_count": 1, "net_revenue_amount": "99"},
        {"customer_id": "dan", "customer_kind": "lead", "orders_count": 0},
        {"customer_id": "eve", "customer_kind": "anonymous", "orders_count": 5},
    )
    previous = _kept(
        tmp_path,
        YESTERDAY,
        *(("regulars", name, LONG_AGO) for name in ("ann", "cat", "gone")),
        ("old", "ann", LONG_AGO),
    )
    catalog = catalog_of(
        tmp_path / "packs",
        declaration("regulars", RULE, include_anonymous="true"),
        declaration("nobody", "{orders_count: {at_least: 99}}"),
    )
    _build(connection, catalog, previous)
    assert _sizes(connection) == {
        "nobody": {
            "as_of_date": AS_OF,
            "segment": "nobody",
            "members_count": 0,
            "anonymous_members_count": 0,
            "contactable_count": None,
            "net_revenue_amount": Decimal("0.00"),
            "share": 0.0,
            "is_too_small": True,
            "is_reporting_only": False,
            "entered_count": 0,
            "left_count": 0,
        },
        "regulars": {
            "as_of_date": AS_OF,
            "segment": "regulars",
            "members_count": 3,
            "anonymous_members_count": 1,
            "contactable_count": None,
            "net_revenue_amount": Decimal("30.30"),
            "share": 0.5,
            "is_too_small": True,
            "is_reporting_only": True,
            "entered_count": 2,
            "left_count": 2,
        },
    }


def test_contactable_are_those_who_allow_mail_once_anybody_was_asked(tmp_path: Path) -> None:
    people: list[dict[str, Any]] = [
        {"customer_id": "both", "orders_count": 3, "is_email_contactable": True, "is_sms_contactable": True},
        {"customer_id": "text", "orders_count": 3, "is_email_contactable": False, "is_sms_contactable": True},
        {"customer_id": "ads", "orders_count": 3, "is_email_contactable": False, "is_sms_contactable": False},
    ]
    connection = shop(*people)
    nobody = declaration("nobody", "{orders_count: {at_least: 99}}")
    _build(connection, catalog_of(tmp_path, declaration("regulars", RULE), nobody))
    assert {name: row["contactable_count"] for name, row in _sizes(connection).items()} == {"regulars": 1, "nobody": 0}


def test_columns_of_sizes_have_the_promised_types(tmp_path: Path) -> None:
    connection = _buyers(ann=3)
    _build(connection, catalog_of(tmp_path, declaration("regulars", RULE)))
    columns = connection.execute("select column_name, column_type from (describe segments.sizes)").fetchall()
    assert columns == [
        ("as_of_date", "DATE"),
        ("segment", "VARCHAR"),
        ("members_count", "BIGINT"),
        ("anonymous_members_count", "BIGINT"),
        ("contactable_count", "BIGINT"),
        ("net_revenue_amount", "DECIMAL(18,2)"),
        ("share", "DOUBLE"),
        ("is_too_small", "BOOLEAN"),
        ("is_reporting_only", "BOOLEAN"),
        ("entered_count", "BIGINT"),
        ("left_count", "BIGINT"),
    ]


def test_there_is_no_share_of_nobody(tmp_path: Path) -> None:
    connection = shop({"customer_id": "eve", "customer_kind": "anonymous", "orders_count": 5})
    _build(connection, catalog_of(tmp_path, declaration("regulars", RULE, include_anonymous="true")))
    row = _sizes(connection)["regulars"]
    assert (row["members_count"], row["anonymous_members_count"], row["share"]) == (1, 1, None)


@pytest.mark.parametrize(
    ("members_count", "others_count", "rules", "is_too_small"),
    [
        (99, 0, SizeRules(), True),
        (100, 0, SizeRules(), False),
        (100, 9_900, SizeRules(), False),
        (100, 9_901, SizeRules(), True),
        (101, 9_999, SizeRules(), False),
        (2, 98, SizeRules(min_members_count=2, min_known_share_bp=200), False),
        (2, 99, SizeRules(min_members_count=2, min_known_share_bp=200), True),
        (0, 0, SizeRules(min_members_count=0, min_known_share_bp=0), False),
    ],
)
def test_a_segment_is_too_small_below_either_limit(
    tmp_path: Path, members_count: int, others_count: int, rules: SizeRules, is_too_small: bool
) -> None:
    connection = shop()
    connection.execute(
        """
        insert into profiles.customer_profiles by name
        select cast(i as varchar) as customer_id, 'buyer' as customer_kind, 0 as net_revenue_amount,
            case when i < $members then 3 else 1 end as orders_count
        from range($people) as numbers(i)
        """,
        {"members": members_count, "people": members_count + others_count},
    )
    _build(connection, catalog_of(tmp_path, declaration("regulars", RULE)), rules=rules)
    assert _sizes(connection)["regulars"]["is_too_small"] is is_too_small


@pytest.mark.parametrize(("members_count", "is_reporting_only"), [(0, False), (1, True), (29, True), (30, False)])
def test_1_to_29_members_are_for_reports_only(tmp_path: Path, members_count: int, is_reporting_only: bool) -> None:
    connection = _buyers(**{f"c{number}": 3 for number in range(members_count)})
    _build(connection, catalog_of(tmp_path, declaration("regulars", RULE)))
    assert _sizes(connection)["regulars"]["is_reporting_only"] is is_reporting_only


def test_anonymous_visitors_do_not_make_other_segments_too_small(tmp_path: Path) -> None:
    connection = _buyers(ann=3, bob=3)
    connection.execute("""
        insert into profiles.customer_profiles by name
        select 'v' || i as customer_id, 'anonymous' as customer_kind, 0 as net_revenue_amount
        from range(1000) as numbers(i)
    """)
    limits = SizeRules(min_members_count=2, min_known_share_bp=5_000)
    _build(connection, catalog_of(tmp_path, declaration("regulars", RULE)), rules=limits)
    assert _sizes(connection)["regulars"]["is_too_small"] is False


TOO_SMALL = {
    (12, True): "trend_setters has 12 members, fewer than 100: too small to act on",
    (1, True): "trend_setters has 1 member, fewer than 100: too small to act on",
    (1500, True): "trend_setters has 1,500 members, fewer than 1 % of known customers: too small to act on",
    (100, False): None,
}


@pytest.mark.parametrize(("count", "is_too_small"), TOO_SMALL)
def test_what_is_said_of_a_small_segment(count: int, is_too_small: bool) -> None:
    size = SegmentSize("trend_setters", count, 0.0, is_too_small)
    assert too_small(size, SizeRules()) == TOO_SMALL[count, is_too_small]


SHARES = {
    0.42: "champions are 42 % of known customers, expected at most 30 %",
    0.4256: "champions are 42.6 % of known customers, expected at most 30 %",
    0.3: None,
    0.30001: "champions are 30.001 % of known customers, expected at most 30 %",
    0.05: None,
    0.04: "champions are 4 % of known customers, expected at least 5 %",
    0.0: "champions are 0 % of known customers, expected at least 5 %",
    None: None,
}


@pytest.mark.parametrize("share", SHARES)
def test_what_is_said_of_an_unexpected_share(share: float | None) -> None:
    expected = ExpectedShare(at_least=0.05, at_most=0.3)
    assert unexpected_share(SegmentSize("champions", 5, share, is_too_small=False), expected) == SHARES[share]


def test_warnings_name_the_segment_and_come_from_the_built_sizes(tmp_path: Path) -> None:
    connection = _buyers(ann=3, bob=3, cat=1)
    catalog = catalog_of(
        tmp_path,
        declaration("regulars", RULE, expected_share="{at_most: 0.5}"),
        declaration("as_expected", RULE, expected_share="{at_most: 0.7}"),
    )
    _build(connection, catalog, rules=SizeRules(min_members_count=1))
    assert size_warnings(connection, catalog) == [
        ("regulars", "regulars are 66.7 % of known customers, expected at most 50 %")
    ]
    _build(connection, catalog)
    assert [segment for segment, _ in size_warnings(connection, catalog)] == ["as_expected", "regulars", "regulars"]
