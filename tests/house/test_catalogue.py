"""The catalogue page is true: every item stands in it once, and whatever it points to exists."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.house.catalogue import Item, dangling, items

NUMBERS = range(1, 118)
# Values, clusters and personalisation are layers of their own.
MAY_BE_OPEN = {80, 81, *range(91, 104)}
BEING_BUILT = {9, 16, 28, 30, 31, 39, 40, 42, 43, 44, 46, 48, 49, 50, 51, 57, 58}
BEING_BUILT |= {65, 66, 67, 70, 74, 75, 76, 78, 79, 82, 89, 90, 106}


def test_every_number_stands_in_it_once_and_in_order() -> None:
    assert [item.number for item in items()] == list(NUMBERS)


def test_what_answers_an_item_exists() -> None:
    assert not {item.number: dangling(item) for item in items() if dangling(item)}, "correct docs/catalogue.yml"


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
    left = [item.number for item in items() if item.status == "open" and item.number not in MAY_BE_OPEN | BEING_BUILT]
    assert not left
