"""An event that lands late restates the days that it touches, and nothing else; a run that breaks off does no harm."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.pipeline.growing import break_off, build, land_and_load, rollups_content
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENING, MORNING = date(2026, 6, 1), date(2026, 6, 2)


def _event(event_id: str, at: str, device: str = "phone", kind: str = "page_view", **more: str) -> dict[str, Any]:
    return {"event_id": event_id, "occurred_at": f"2026-06-{at}Z", "event_type": kind, "anonymous_id": device, **more}


FIRST = [
    _event("e1", "01T23:30:00"),
    _event("e2", "02T00:25:00"),
    _event("e3", "02T12:00:00"),
    _event("e4", "01T23:30:00", "laptop"),
    _event("e5", "03T09:00:00", "laptop"),
]
# Between two visits of the phone over midnight; another version of it happened to somebody else, two days later.
BRIDGE = [_event("e6", "01T23:55:00", kind="login", customer_id="anna")]
MOVED = [_event("e6", "03T09:20:00", "laptop", kind="login", customer_id="bert")]
PLACES = {("d:phone", EVENING), ("d:laptop", date(2026, 6, 3))}


class Late:
    """The shop after each landing."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.landed = 0

    def land(self, events: list[dict[str, Any]]) -> None:
        """One more file of events."""
        land_and_load(self.shop, {"events": events}, self.landed)
        self.landed += 1

    def build(self) -> dict[str, Any]:
        """The rollups, as a run makes them."""
        return build(self.shop.settings)

    def touched(self) -> set[tuple[Any, ...]]:
        """Streams and days that the last build made anew."""
        return set(self.shop.built("select stream_key, event_date from intermediate.int_event_days_touched"))

    def visits(self) -> set[tuple[Any, ...]]:
        """Device and number of events of each session."""
        with duckdb.connect(str(self.shop.settings.rollups_path), read_only=True) as kept:
            query = "select device_key, events_count from intermediate.int_device_sessions_rolled_up"
            return set(kept.execute(query).fetchall())

    def is_as_made_whole(self) -> bool:
        """Whether the rollups are what they are after being thrown away."""
        grown = rollups_content(self.shop.settings)
        self.shop.settings.rollups_path.unlink()
        assert "rollup_buckets_count" in self.build()
        return rollups_content(self.shop.settings) == grown


@pytest.fixture
def late(tmp_path: Path) -> Iterator[Late]:
    with environment_taken_back():
        late = Late(Shop(tmp_path, {"pii_key": "tests"}))
        late.land(FIRST)
        late.build()
        yield late


def test_a_late_event_joins_two_visits_over_midnight_and_touches_its_own_day_alone(late: Late) -> None:
    assert late.visits() == {("d:phone", 1), ("d:laptop", 1)}
    late.land(BRIDGE)
    assert "rollups_cover_until" in late.build()
    assert late.touched() == {("d:phone", EVENING)}
    assert late.visits() == {("d:phone", 3), ("d:phone", 1), ("d:laptop", 1)}
    late.land(MOVED)
    late.build()
    assert late.touched() == PLACES
    late.land([*FIRST, *BRIDGE])
    late.build()
    assert late.touched() == set()
    assert late.is_as_made_whole()


def test_what_a_broken_run_had_made_is_made_anew(late: Late) -> None:
    late.land(BRIDGE)
    break_off(late.shop.settings, ("+int_stream_slots_summed",))
    late.land(MOVED)
    break_off(late.shop.settings, ("+int_device_sessions_rolled_up",))
    late.build()
    assert late.touched() == PLACES
    assert late.is_as_made_whole()


def test_rollups_that_missed_a_landing_are_told_from_those_made_whole(late: Late) -> None:
    late.land(BRIDGE)
    build(late.shop.settings, rollups_cover_until="2100-01-01 00:00:00")
    assert not late.is_as_made_whole()
