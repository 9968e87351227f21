"""The catalogue page is true: every item stands in it once, and whatever it points to exists."""

from __future__ import annotations

import duckdb
import pytest
from pydantic import ValidationError

from dagster_project.quality.catalogue import write_catalogue
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.segments.doubts import MAX_SEGMENTS_COUNT
from tests.house.catalogue import Item, dangling, items
from tests.house.generated_docs import CATALOGUE_TABLE, catalogue_table

NUMBERS = range(1, 118)
# Values, clusters and personalisation are layers of their own.
NAMED_SEGMENTS = range(24, 37)
MAY_BE_OPEN = {80, 81, *range(91, 104)}


def test_every_number_stands_in_it_once_and_in_order() -> None:
    assert [item.number for item in items()] == list(NUMBERS)


def test_what_answers_an_item_exists() -> None:
    assert not {item.number: dangling(item) for item in items() if dangling(item)}, "correct docs/catalogue.yml"


def test_the_published_table_says_of_every_item_what_answers_it_or_why_nothing_does() -> None:
    assert CATALOGUE_TABLE.read_text(encoding="utf-8") == catalogue_table(), (
        "run `python -m tests.house.generated_docs`"
    )
    with duckdb.connect() as connection:
        connection.execute("create schema quality")
        write_catalogue(connection)
        rows = connection.execute("select item_number, status, answered_by, note from quality.catalogue").fetchall()
    assert [number for number, *_ in rows] == list(NUMBERS)
    for number, status, answered_by, note in rows:
        assert (status == "open" and number in MAY_BE_OPEN) or (status == "works" and answered_by) or note


def test_a_reference_that_points_nowhere_is_found() -> None:
    item = Item(number=1, name="x", status="works", default="1", origin="seed", answers=("model:nowhere", "odd:thing"))
    assert dangling(item) == ["model:nowhere", "odd:thing"]


@pytest.mark.parametrize(
    "faulty",
    [
        {"status": "works", "default": "1", "origin": "seed"},
        {"status": "works", "answers": ["model:dim_customers"]},
        {"status": "absent"},
        {"status": "off", "answers": ["model:dim_customers"], "default": "1", "origin": "choice"},
    ],
)
def test_an_item_without_an_answer_or_an_excuse_is_refused(faulty: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="says not"):
        Item.model_validate({"number": 1, "name": "x", **faulty})


def test_no_way_of_segmenting_is_left_open() -> None:
    left = [item.number for item in items() if item.status == "open" and item.number not in MAY_BE_OPEN]
    assert not left


def test_the_named_segments_are_core_and_core_is_an_overview() -> None:
    core = [segment for segment in shipped_catalog() if segment.pack == "core"]
    named = {item.number: set(item.answers) for item in items() if item.number in NAMED_SEGMENTS}
    names = {f"segment:{segment.name}" for segment in core}
    assert [number for number, answers in named.items() if not answers & names] == []
    assert sum(segment.parent is None and segment.priority is None for segment in core) <= MAX_SEGMENTS_COUNT
