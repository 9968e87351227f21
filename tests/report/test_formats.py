"""How numbers are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dagster_project.report import formats
from dagster_project.report.formats import UNKNOWN


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, UNKNOWN), (0.0, "0.0%"), (0.0001, "< 0.1%"), (0.0005, "0.1%"), (0.1234, "12.3%"), (1.0, "100.0%")],
)
def test_a_share_is_never_rounded_to_nothing(share: float | None, text: str) -> None:
    assert formats.percent(share) == text


def test_money_keeps_every_cent() -> None:
    assert formats.amount(Decimal("9007199254740993.01")) == "9,007,199,254,740,993.01"
    assert formats.amount(Decimal("-0.10")) == "-0.10"


def test_a_bar_stays_inside_its_track() -> None:
    assert [formats.width(share) for share in (None, -1, 0.5, 7)] == ["0.00%", "0.00%", "50.00%", "100.00%"]


def test_a_date_reads_the_same_everywhere() -> None:
    assert formats.long_date(date(2011, 12, 9)) == "9 December 2011"


def test_a_long_text_is_cut_and_says_so() -> None:
    assert formats.excerpt("word " * 100, 9) == "word word …"
    assert formats.excerpt("word") == "word"


@pytest.mark.parametrize("text", ["at 12:30 @ home", "3 @ 4", "@mention", "user@host", "a@@b.c"])
def test_what_is_no_address_is_left_alone(text: str) -> None:
    assert formats.without_addresses(text) == text
