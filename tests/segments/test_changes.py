"""Who would enter and leave, held against memberships that are kept as Parquet."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.errors import SegmentsError
from dagster_project.segments.changes import Change, Move, Standing, changes, try_out
from tests.segments.shops import catalog_of, declaration, shop

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.segments.catalog import Catalog

AS_OF = date(2026, 6, 30)


def _standing(folder: Path, catalog: Catalog, **members: str) -> Standing:
    """An old state: by segment the customers in it, each a letter."""
    path = folder / "memberships.parquet"
    rows = [(segment, customer) for segment, customers in members.items() for customer in customers]
    connection = duckdb.connect()
    connection.execute("create table kept (segment varchar, customer_id varchar, entered_date date)")
    if rows:
        connection.executemany("insert into kept values (?, ?, '2026-01-01')", rows)
    connection.execute(f"copy kept to '{path}' (format parquet)")
    return Standing(path, {segment.name: (segment.rule_text, segment.rule_version) for segment in catalog})


def _found(folder: Path, before: Catalog, after: Catalog, shown: int = 9, **members: str) -> dict[str, Change]:
    connection = shop(*({"customer_id": name, "orders_count": place} for place, name in enumerate("abcdef")))
    try_out(connection, after, AS_OF)
    found = changes(connection, after, AS_OF, _standing(folder, before, **members), shown)
    return {change.segment: change for change in found}


def test_an_edited_rule_lets_people_in_and_out_with_reasons(tmp_path: Path) -> None:
    before = catalog_of(tmp_path / "one", declaration("many", "{orders_count: {between: [1, 3]}}"))
    after = catalog_of(tmp_path / "two", declaration("many", "{orders_count: {between: [3, 5]}}"))
    (change,) = _found(tmp_path, before, after, many="bcd").values()
    assert change == Change(
        segment="many",
        kind="edited",
        rule_before="orders_count between 1 and 3",
        rule="orders_count between 3 and 5",
        members_before=3,
        members=3,
        contactable=None,
        entering=Move(2, (("e", "orders_count 4 between 3 and 5"), ("f", "orders_count 5 between 3 and 5"))),
        leaving=Move(2, (("b", "orders_count 1 not between 3 and 5"), ("c", "orders_count 2 not between 3 and 5"))),
    )


def test_what_is_added_removed_and_kept_is_told_apart(tmp_path: Path) -> None:
    kept = declaration("kept", "{orders_count: {at_least: 4}}")
    before = catalog_of(tmp_path / "one", kept, declaration("dropped", "{orders_count: {is: 0}}"))
    after = catalog_of(tmp_path / "two", kept, declaration("added", "{orders_count: {is: 5}}"))
    found = _found(tmp_path, before, after, kept="ef", dropped="a")
    assert {name: change.kind for name, change in found.items()} == {"added": "new", "dropped": "gone", "kept": "same"}
    assert found["kept"].is_none
    assert found["added"].entering == Move(1, (("f", "orders_count = 5"),))
    assert found["dropped"].leaving == Move(1, (("a", "the segment is no longer declared"),))
    assert (found["dropped"].members_before, found["dropped"].members, found["dropped"].rule) == (1, 0, None)


def test_of_many_only_the_first_are_named(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path / "one", declaration("many", "{orders_count: {at_least: 1}}"))
    change = _found(tmp_path, catalog, catalog, shown=2)["many"]
    assert change.kind == "same"
    assert not change.is_none
    assert change.entering.count == 5
    assert [person for person, _ in change.entering.first] == ["b", "c"]


def test_who_is_no_customer_any_more_leaves_for_that(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path / "one", declaration("many", "{orders_count: {at_least: 5}}"))
    assert _found(tmp_path, catalog, catalog, many="fz")["many"].leaving == Move(
        1, (("z", "no longer a listed customer"),)
    )


def test_a_change_around_a_segment_moves_those_inside(tmp_path: Path) -> None:
    inner = declaration("inner", "{orders_count: {at_most: 4}}", within="outer")
    before = catalog_of(tmp_path / "one", declaration("outer", "{orders_count: {at_least: 3}}"), inner)
    after = catalog_of(tmp_path / "two", declaration("outer", "{orders_count: {at_least: 4}}"), inner)
    change = _found(tmp_path, before, after, outer="def", inner="de")["outer/inner"]
    assert change.kind == "same"
    assert change.leaving == Move(1, (("d", "not in outer (orders_count 3 < 4)"),))


def test_a_column_that_the_profile_lacks_is_named(tmp_path: Path) -> None:
    connection = shop({"customer_id": "a"})
    connection.execute("alter table profiles.customer_profiles drop column orders_count")
    catalog = catalog_of(tmp_path, declaration("many", "{orders_count: {at_least: 3}}"))
    with pytest.raises(SegmentsError, match=r"many reads `orders_count`.*segments plan --with-data"):
        try_out(connection, catalog, AS_OF)


def test_no_working_table_is_left_behind(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path / "one", declaration("many", "{orders_count: {at_least: 1}}"))
    connection = shop()
    try_out(connection, catalog, AS_OF)
    changes(connection, catalog, AS_OF, _standing(tmp_path, catalog), 5)
    assert connection.execute("select table_name from duckdb_tables() where temporary").fetchall() == []
