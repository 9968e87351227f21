"""However the same facts land and are built, all at once, file by file or day by day, they say the same.

Two hundred random worlds stand for two hundred seeds: no two of them share a device. Their files are shuffled, late,
repeated, split and hold several versions of an event.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.pipeline.growing import (
    EVERYTHING,
    build,
    built_content,
    land_and_load,
    rollups_content,
)
from tests.pipeline.landings import at_once, day_by_day, facts, shuffled
from tests.pipeline.shop import ROOT, Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.pipeline.fuzzed import Rows
    from tests.pipeline.growing import Content

SEEDS = range(200)
LANDINGS = 5
SETTINGS = {
    "pii_key": "a key for tests",
    "shop_currency": "EUR",
    "shop_time_zone": "Europe/Berlin",
    "max_bad_share": 0.5,
}
PROCESSES = (("UTC", 1), ("America/New_York", 2), ("Asia/Kolkata", 8))

Whole = tuple["Shop", "Content", "Content"]
ALL_FACTS = facts(SEEDS, random.Random(1))  # noqa: S311 (a game, no secret)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the shops of this module lie."""
    with environment_taken_back():
        yield tmp_path_factory.mktemp("increments")


@pytest.fixture(scope="module")
def whole(folder: Path) -> Whole:
    """Everything landed and built at once, and what it says."""
    shop = Shop(folder / "whole", SETTINGS)
    (rows,) = at_once(ALL_FACTS)
    land_and_load(shop, rows, 0)
    assert "rollup_buckets_count" in build(shop.settings, EVERYTHING)
    return shop, rollups_content(shop.settings), built_content(shop.settings)


def _grow(shop: Shop, landings: list[Rows]) -> None:
    for number, rows in enumerate(landings):
        land_and_load(shop, rows, number)
        told = build(shop.settings)
        assert ("rollups_cover_until" in told) == (number > 0)


def _assert_says_the_same(shop: Shop, whole: Whole) -> None:
    build(shop.settings, EVERYTHING)
    _, rollups, built = whole
    assert rollups_content(shop.settings) == rollups
    assert built_content(shop.settings) == built


def test_the_worlds_hold_what_they_are_for(whole: Whole) -> None:
    shop, rollups, built = whole
    assert len(rollups) == 7
    assert len(built) > 25
    empty = {table for table, content in (rollups | built).items() if content.startswith("0 ")}
    assert not empty & {"marts.fct_sessions", "marts.fct_carts", "profiles.customer_profiles", *rollups}
    with duckdb.connect(str(shop.settings.rollups_path), read_only=True) as kept:
        ((sessions, across, versions),) = kept.execute("""
            select count(*), count(*) filter (where session_date < last_date),
                (select count(*) from intermediate.int_event_versions_chosen)
            from intermediate.int_device_sessions_rolled_up
        """).fetchall()
    assert sessions > 1000
    assert across > 50
    assert versions > 300


@pytest.mark.parametrize("seed", [2, 3])
def test_after_every_landing_the_rollups_are_what_they_are_made_as_a_whole(
    folder: Path, whole: Whole, seed: int
) -> None:
    shop = Shop(folder / f"shuffled_{seed}", SETTINGS)
    kept = folder / f"incremental_{seed}.duckdb"
    for number, rows in enumerate(shuffled(ALL_FACTS, LANDINGS, random.Random(seed))):  # noqa: S311
        land_and_load(shop, rows, number)
        told = build(shop.settings)
        assert ("rollups_cover_until" in told) == (number > 0)
        grown = rollups_content(shop.settings)
        shop.settings.rollups_path.rename(kept)
        build(shop.settings, rollup_buckets_count=number + 1)
        assert rollups_content(shop.settings) == grown
        shutil.move(kept, shop.settings.rollups_path)
    _assert_says_the_same(shop, whole)


def test_day_by_day_says_the_same(folder: Path, whole: Whole) -> None:
    shop = Shop(folder / "day_by_day", SETTINGS)
    landings = day_by_day(ALL_FACTS)
    assert len(landings) > 10
    _grow(shop, landings)
    _assert_says_the_same(shop, whole)


def test_each_landing_built_by_a_process_of_another_zone_and_other_threads_says_the_same(
    folder: Path, whole: Whole
) -> None:
    shop = Shop(folder / "processes", SETTINGS)
    script = [sys.executable, "-m", "tests.pipeline.growing"]
    for number, rows in enumerate(shuffled(ALL_FACTS, len(PROCESSES), random.Random(4))):  # noqa: S311
        land_and_load(shop, rows, number)
        zone, threads = PROCESSES[number]
        environment = {**os.environ, **shop.environment, "TZ": zone, "SEGMENTS_THREADS": str(threads)}
        command = [*script, "everything"] if number == len(PROCESSES) - 1 else script
        run = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
        assert run.returncode == 0, run.stdout + run.stderr
        assert ("rollups_cover_until" in json.loads(run.stdout.splitlines()[-1])) == (number > 0)
    _, rollups, built = whole
    assert rollups_content(shop.settings) == rollups
    assert built_content(shop.settings) == built
