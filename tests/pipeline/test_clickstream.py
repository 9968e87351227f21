"""Sessions of a real clickstream: the models find, from times alone, the sessions that its own tool had found."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
import yaml

from dagster_project.clock import utc_now
from dagster_project.database import open_build
from dagster_project.raw.loading import load_landing
from dagster_project.raw.sources import SHIPPED_DIR
from dagster_project.transform.project import build
from tests.pipeline.shop import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pipeline.shop import Shop

CLICKS = (ROOT / "../shared/data/web_events/ecom.csv.gz").resolve()
pytestmark = pytest.mark.skipif(not CLICKS.exists(), reason=f"the data set is not there: {CLICKS}")

Visits = set[frozenset[str]]


def land_clicks(shop: Shop, source: str) -> None:
    """The clickstream lies in landing as a file of this source."""
    folder: Path = shop.settings.landing_dir / source
    folder.mkdir(parents=True)
    (folder / CLICKS.name).symlink_to(CLICKS)


def write_mapping_without_sessions(shop: Shop) -> None:
    """A user's own mapping: the shipped one, except that it does not read the tool's session id."""
    mapping = yaml.safe_load((SHIPPED_DIR / "clickstream.yml").read_text())
    mapping["source"] = "timed_clicks"
    del mapping["columns"]["session_id"]
    del mapping["tables"]["events"]["columns"]["session_id"]
    folder = shop.settings.data_dir / "sources"
    folder.mkdir(parents=True)
    (folder / "timed_clicks.yml").write_text(yaml.safe_dump(mapping, sort_keys=False))


def visits_found(shop: Shop) -> Visits:
    """Load, build the session models, and give the events of each session."""
    settings = shop.settings
    assert sum(file.rows_used for file in load_landing(settings, now=utc_now()).files) == 31_106
    variables = {"as_of_date": "2024-06-29", "shop_time_zone": "UTC", "shop_currency": ""}
    result = build(
        settings, select=["+int_stream_slots_sessionized"], variables=variables, on_event=lambda _event: None
    )
    assert result.success, result.exception
    with open_build(settings) as connection:
        connection.execute(f"attach '{settings.rollups_path}' as rollups (read_only)")
        rows = connection.execute(
            "select session_key, event_id from intermediate.int_events_restated "
            "join rollups.intermediate.int_stream_slots_sessionized using (stream_key, slot_number, event_date)"
        ).fetchall()
    return as_visits(rows)


def as_visits(rows: list[tuple[str, str]]) -> Visits:
    """The events of each session, without its name."""
    grouped: dict[str, set[str]] = defaultdict(set)
    for session, event in rows:
        assert event not in grouped[session]
        grouped[session].add(event)
    return {frozenset(events) for events in grouped.values()}


def test_times_alone_give_the_sessions_of_the_tool(new_shop: Callable[..., Shop]) -> None:
    timed, given = new_shop("timed"), new_shop("given")
    write_mapping_without_sessions(timed)
    land_clicks(timed, "timed_clicks")
    land_clicks(given, "clickstream")
    found = visits_found(timed)
    assert timed.raw("select count(*) from raw.events where session_id is not null") == [(0,)]
    assert visits_found(given) == found
    told = as_visits(given.raw("select session_id, event_id from raw.events"))
    assert found == told
    assert len(told) == 3605
