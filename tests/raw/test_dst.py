from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dagster_project.raw.dst import ClockChange, clock_changes
from tests.raw.landing import make_landing

if TYPE_CHECKING:
    from pathlib import Path

SPRING = ClockChange("dst_gap", datetime(2026, 3, 29, 2), datetime(2026, 3, 29, 3))  # noqa: DTZ001
AUTUMN = ClockChange("dst_overlap", datetime(2026, 10, 25, 2), datetime(2026, 10, 25, 3))  # noqa: DTZ001


def test_clock_changes_are_found_in_local_time() -> None:
    year = list(clock_changes("Europe/Berlin", datetime(2026, 1, 1), datetime(2026, 12, 31)))  # noqa: DTZ001
    assert year == [SPRING, AUTUMN]


def test_a_half_hour_change_is_half_an_hour_long() -> None:
    year = list(clock_changes("Australia/Lord_Howe", datetime(2026, 1, 1), datetime(2026, 12, 31)))  # noqa: DTZ001
    assert [(change.kind, str(change.end - change.start)) for change in year] == [
        ("dst_overlap", "0:30:00"),
        ("dst_gap", "0:30:00"),
    ]


def test_times_in_gap_and_overlap_are_loaded_and_counted(tmp_path: Path) -> None:
    landing = make_landing(tmp_path, shop_time_zone="Europe/Berlin")
    times = ["2026-03-29 01:59:59", "2026-03-29 02:00", "2026-03-29 02:59:59", "2026-03-29 03:00",
             "2025-10-26T02:30:00",
             "2025-10-26T02:30:00+01:00", "2025-10-26T03:00:00"]  # fmt: skip
    landing.write_orders(*[f"{at},ann,{text},1" for at, text in enumerate(times)])
    file = landing.load_one()
    assert file.rows_used == len(times)
    assert [warning.split(" naive")[0] for warning in file.warnings] == ["dst_gap: 2", "dst_overlap: 1"]
    moments = "select epoch(ordered_at)::bigint from raw.orders where order_id in ('1', '4') order by order_id"
    assert landing.column(moments) == [1774747800 - 1800, 1761442200]


def test_a_zone_without_clock_changes_has_no_warnings(tmp_path: Path) -> None:
    landing = make_landing(tmp_path, shop_time_zone="Asia/Tokyo")
    landing.write_orders("1,ann,2026-03-29 02:30,1")
    assert landing.load_one().warnings == []
