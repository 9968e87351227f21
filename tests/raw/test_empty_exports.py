"""An export that is suddenly empty is loaded as what it is, and keeps the run from publishing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.quality.checks import checks
from dagster_project.quality.tables import write_load_tables
from tests.raw.landing import NOW, ORDERS_HEADER

if TYPE_CHECKING:
    from tests.raw.landing import Landing

FULL = 1000


def _export(first: int, rows: int) -> str:
    return ORDERS_HEADER + "".join(f"{number},anna,2026-01-02,5\n" for number in range(first, first + rows))


def _told(landing: Landing) -> list[str]:
    (check,) = (check for check in checks() if check.name == "no_export_is_suddenly_empty")
    assert check.severity == "error"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{landing.settings.raw_path}' as raw (read_only)")
        write_load_tables(connection)
        return list(check.find(connection))


@pytest.mark.parametrize("empty", ["", ORDERS_HEADER, "\n\n"])
def test_an_empty_file_after_thousands_is_told_until_rows_land_again(landing: Landing, empty: str) -> None:
    landing.write("orders/1.csv", _export(0, FULL))
    landing.load()
    assert _told(landing) == []
    landing.write("orders/2.csv", empty)
    file = landing.load(NOW + timedelta(days=1)).files[-1]
    assert (file.rows_read, file.rows_used, len(file.warnings)) == (0, 0, 1)
    sentence = "orders/2.csv has no rows, and loads of its folder had 1,000: let the export land, or accept that"
    assert _told(landing) == [f"{sentence} it is empty"]
    landing.write("orders/3.csv", _export(FULL, 1))
    landing.load(NOW + timedelta(days=2))
    assert _told(landing) == []


def test_a_folder_with_few_rows_may_have_none(landing: Landing) -> None:
    landing.write("orders/1.csv", _export(0, FULL - 1))
    landing.load()
    landing.write("orders/2.csv", ORDERS_HEADER)
    landing.load(NOW + timedelta(days=1))
    assert _told(landing) == []


def test_one_full_export_long_ago_is_no_habit_and_an_empty_part_beside_a_full_one_is_no_load(landing: Landing) -> None:
    for day, rows in enumerate((5 * FULL, 1, 1)):
        landing.write(f"orders/{day}.csv", _export(day * 10_000, rows))
        landing.load(NOW + timedelta(days=day))
    landing.write("orders/3.csv", ORDERS_HEADER)
    landing.load(NOW + timedelta(days=3))
    assert _told(landing) == []
    landing.write("refunds/1.csv", "refund_id,order_id,refunded_at,amount\n")
    landing.write("refunds/0.csv", "refund_id,order_id,refunded_at,amount\n1,0,2026-01-03,1\n")
    landing.load(NOW + timedelta(days=4))
    assert _told(landing) == []
