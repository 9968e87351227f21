"""Which segments an edited file touches, and what is remembered of those that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.segments.made_of import forget, groups_among, remember, touched, versions
from tests.segments.shops import catalog_of, declaration

if TYPE_CHECKING:
    from pathlib import Path

ENTRIES = {
    "regulars": declaration("regulars", "{orders_count: {at_least: 3}}"),
    "rich_regulars": declaration("rich_regulars", "{net_revenue_amount: {at_least: 70}}", within="regulars"),
    "first": declaration("first", "{orders_count: {at_least: 9}}", group="turn", priority="1"),
    "second": declaration("second", "{orders_count: {at_least: 2}}", group="turn", priority="2"),
    "others": declaration("others", "{not: {within: regulars}}"),
}


def _versions(folder: Path, /, history: str = "", **edited: str | None) -> dict[str, str]:
    entries = [entry for entry in {**ENTRIES, **edited}.values() if entry]
    return versions(catalog_of(folder, *entries), history)


@pytest.mark.parametrize(
    ("name", "entry", "names"),
    [
        ("regulars", declaration("regulars", "{orders_count: {at_least: 4}}"), {"regulars", "rich_regulars", "others"}),
        ("regulars", ENTRIES["regulars"].replace("Somebody.", "Whoever came thrice."), set()),
        ("regulars", declaration("regulars", "{orders_count: {at_least: 3}}", consent="sms"), {"regulars"}),
        ("first", ENTRIES["first"].replace("9", "8"), {"first", "second", "group turn"}),
        ("second", ENTRIES["second"].replace("at_least: 2", "at_least: 3"), {"second", "group turn"}),
        ("first", ENTRIES["first"].replace("priority: 1", "priority: 3"), {"first", "second", "group turn"}),
        ("first", None, {"first", "second", "group turn"}),
        ("others", None, {"others"}),
        ("newest", declaration("newest", "{orders_count: {at_least: 1}}"), {"newest"}),
    ],
)
def test_an_edit_touches_what_stands_on_it(tmp_path: Path, name: str, entry: str | None, names: set[str]) -> None:
    with duckdb.connect() as build:
        remember(build, "summaries", _versions(tmp_path / "before"))
        wanted = _versions(tmp_path / "after", **{name: entry})
        assert touched(build, "summaries", wanted) == names
        assert groups_among(names) == ({"turn"} if "group turn" in names else set())


def test_another_past_touches_everything(tmp_path: Path) -> None:
    with duckdb.connect() as build:
        remember(build, "members", _versions(tmp_path / "before"))
        wanted = _versions(tmp_path / "after", history="one more day")
        assert touched(build, "members", wanted) == {*wanted}


def test_nothing_counts_as_made_unless_it_is_remembered(tmp_path: Path) -> None:
    wanted = _versions(tmp_path)
    with duckdb.connect() as build:
        assert touched(build, "members", wanted) == {*wanted}
        remember(build, "members", wanted)
        remember(build, "summaries", wanted)
        forget(build, "members", ["first"])
        forget(build, "summaries")
        assert touched(build, "members", wanted) == {"first"}
        assert touched(build, "summaries", wanted) == {*wanted}
