"""What of the rollups stands: they are made anew as a whole whenever something else than new files has happened."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from dagster_project.raw.loading import load_landing
from dagster_project.transform.engines import make_room
from dagster_project.transform.project import manifest_json
from dagster_project.transform.rollups import forget_rollups, restated
from tests.builders import Landing, an_event, an_order
from tests.pipeline.growing import build, tables, variables
from tests.pipeline.landings import FIRST_LOAD
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COVERED = "2026-08-29 00:00:00.000000"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose rollups stand."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("built"), {"pii_key": "tests"})
        _land(shop, "first", hours=0)
        assert build(shop.settings) == {"rollup_buckets_count": 1}
        yield shop


@pytest.fixture
def shop(built: Shop, tmp_path: Path) -> Shop:
    """The same shop, to be changed."""
    return built.copy(tmp_path / "shop")


def _land(shop: Shop, name: str, *, hours: int) -> None:
    visit = an_event(event_id=name, on="2026-06-01", device="phone")
    Landing().add(an_order("anna", on="2026-06-01"), visit).write(shop.settings.landing_dir, name=name)
    load_landing(shop.settings, now=FIRST_LOAD + timedelta(hours=hours))


def _told(shop: Shop, manifest: Any = None, **changed: Any) -> dict[str, Any]:
    """What a whole run tells dbt; with another manifest what it would tell dbt of that."""
    settings, told = shop.settings, variables(shop.settings) | changed
    if manifest is None:
        return make_room(settings, tables(), told, is_whole=True)
    return restated(settings, tables(), told, manifest)


def _raw(shop: Shop, statement: str) -> None:
    with duckdb.connect(str(shop.settings.raw_path)) as raw:
        raw.execute(statement)


def test_another_day_and_another_currency_leave_the_rollups(shop: Shop) -> None:
    assert _told(shop, as_of_date="2026-05-01", shop_currency="USD") == {"rollups_cover_until": COVERED}


def test_a_later_file_is_taken_in(shop: Shop) -> None:
    _land(shop, "second", hours=1)
    assert _told(shop) == {"rollups_cover_until": COVERED}


@pytest.mark.parametrize("changed", [{"shop_time_zone": "Asia/Tokyo"}, {"session_gap_minutes": 20}], ids=str)
def test_another_zone_or_another_silence_makes_them_anew(shop: Shop, changed: dict[str, Any]) -> None:
    assert _told(shop, **changed) == {"rollup_buckets_count": 1}
    with duckdb.connect(str(shop.settings.rollups_path)) as kept:
        assert kept.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]


def test_another_threshold_of_a_flag_leaves_them(shop: Shop) -> None:
    assert _told(shop, lapsed_buyer_days=7) == {"rollups_cover_until": COVERED}


@pytest.mark.parametrize("part", ["model.segments.stg_web__events", "model.segments.int_stream_slots_sessionized"])
def test_other_code_of_a_model_before_them_makes_them_anew(shop: Shop, part: str) -> None:
    manifest: Any = copy.deepcopy(dict(manifest_json("duckdb")))
    manifest["nodes"][part]["raw_code"] += "\n-- other"
    assert "rollups_cover_until" not in _told(shop, manifest)


def test_other_code_behind_them_leaves_them(shop: Shop) -> None:
    manifest: Any = copy.deepcopy(dict(manifest_json("duckdb")))
    manifest["nodes"]["model.segments.int_sessions_seen"]["raw_code"] += "\n-- other"
    assert _told(shop, manifest) == {"rollups_cover_until": COVERED}


@pytest.mark.parametrize(
    "statement",
    [
        "delete from events",
        "update load_ledger set replayed_at = loaded_at + interval 1 day",
        "insert into events select * replace (loaded_at - interval 1 hour as loaded_at) from events",
        "update events set loaded_at = loaded_at - interval 1 second",
    ],
    ids=["erased", "replayed", "a clock that went back", "restored from a backup"],
)
def test_raw_rows_that_are_not_new_files_make_them_anew(shop: Shop, statement: str) -> None:
    _raw(shop, statement)
    assert "rollups_cover_until" not in _told(shop)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"no database"),
        lambda path: duckdb.connect(str(path)).execute("drop table main.covered"),
    ],
    ids=["lost", "broken", "half made"],
)
def test_rollups_that_are_lost_broken_or_half_made_are_made_anew(shop: Shop, harm: Callable[[Path], object]) -> None:
    harm(shop.settings.rollups_path)
    assert "rollups_cover_until" not in _told(shop)
    assert shop.settings.rollups_path.stat().st_mode & 0o077 == 0
    build(shop.settings)
    assert _told(shop) == {"rollups_cover_until": COVERED}


def test_a_part_of_a_build_throws_nothing_away(shop: Shop) -> None:
    manifest = manifest_json("duckdb")
    told = variables(shop.settings) | {"session_gap_minutes": 20}
    before = shop.settings.rollups_path.read_bytes()
    assert restated(shop.settings, ["marts/fct_orders"], told, manifest) == {}
    assert "rollup_buckets_count" in restated(shop.settings, ["intermediate/int_stream_slots_summed"], told, manifest)
    assert shop.settings.rollups_path.read_bytes() == before


def test_more_events_than_fit_into_memory_are_made_in_parts(shop: Shop) -> None:
    copies = "select events.* replace (i::varchar as event_id) from events, range(400_000) as more (i)"
    _raw(shop, f"insert into events {copies}")
    forget_rollups(shop.settings)
    shop.set("memory_limit", "40MB")
    assert _told(shop) == {"rollup_buckets_count": 3}
