"""The page of costs follows from the kept figures, with one yardstick or with both."""

from __future__ import annotations

from dataclasses import replace

from benchmarks import scale_page, scale_size
from benchmarks.at_scale import measured_sizes
from benchmarks.scale_size import BY_HAND, FIRST, ONE_MORE_DAY, WHOLE, Size

ALONE = {"cpu_seconds": 20.0, "wall_seconds": 10.0, "peak_megabytes": 2000, "phases": {"load": 5.0, "models": 15.0}}
ALL = {"cpu_seconds": 50.0, "wall_seconds": 30.0, "peak_megabytes": 4000, "phases": {"load": 10.0, "models": 40.0}}
RUN = {
    "cpu_seconds": 200.0,
    "wall_seconds": 100.0,
    "peak_megabytes": 5000,
    "assets": {"raw/orders": 40.0, "marts/fct_orders": 120.0, "publish/current": 40.0},
}
SMALL = Size(1000, 10000, "4GB", "8GB", "today", {BY_HAND: ALONE, FIRST: RUN})


def test_the_page_is_that_of_the_figures() -> None:
    assert scale_page.PAGE.read_text(encoding="utf-8") == scale_page.page(measured_sizes())


def test_a_size_measured_beside_one_yardstick_has_its_ratio_alone() -> None:
    lines = scale_size.of_size(SMALL)
    assert "| what | CPU-seconds | ratio to some columns | wall seconds | peak MB |" in lines
    assert f"| {FIRST} | 200 | 10.00 | 100 | 5,000 |" in lines
    assert "| models | 15 | 120 | 8.0 |" in lines


def test_a_size_measured_beside_both_has_a_ratio_to_each() -> None:
    lines = scale_size.of_size(replace(SMALL, found={BY_HAND: ALONE, WHOLE: ALL, FIRST: RUN}))
    head = lines.index(
        "| what | CPU-seconds | ratio to some columns | ratio to the whole profile | wall seconds | peak MB |"
    )
    assert lines[head + 1].count("|") == lines[head].count("|")
    assert f"| {BY_HAND} | 20 | 1.00 | 0.40 | 10 | 2,000 |" in lines
    assert f"| {FIRST} | 200 | 10.00 | 4.00 | 100 | 5,000 |" in lines
    assert f"| {FIRST}, without publish | 160 | 8.00 | 3.20 | | |" in lines
    assert "| models | 40 | 120 | 3.0 |" in lines


def test_growth_is_held_against_what_the_smaller_size_cost_with_the_same_code() -> None:
    large = replace(SMALL, orders=10000, events=100000, found={BY_HAND: ALONE, FIRST: RUN | {"cpu_seconds": 1000.0}})
    large.found[FIRST] |= {"bytes": {}}
    assert f"| {FIRST} | 200 | 1,000 | 0.70 |" in scale_page.page([SMALL, large])
    earlier = replace(large, smaller={FIRST: RUN | {"cpu_seconds": 100.0}})
    assert f"| {FIRST} | 100 | 1,000 | 1.00 |" in scale_page.page([SMALL, earlier])


def test_targets_stand_beside_what_was_measured() -> None:
    found = {BY_HAND: ALONE, WHOLE: ALL, FIRST: RUN, ONE_MORE_DAY: RUN | {"cpu_seconds": 50.0}}
    told = scale_size.targets(found)
    assert f"| {FIRST}, in times the {BY_HAND} | 2.5 | 10.0 |" in told
    assert f"| {FIRST}, in times the {WHOLE} | 3 | 4.0 |" in told
    assert f"| {ONE_MORE_DAY}, of the first run | 30% | 25% |" in told
    assert not any("rule edited" in line for line in told)
