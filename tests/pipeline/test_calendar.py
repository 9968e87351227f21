"""Local days at their edges: long and short days, leap days, years; and orders of the same instant.

What day an instant has is asked of Python's own time zones, which share nothing with the engine.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from dagster_project.transform.project import build
from tests.builders import Landing, an_order
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 7, 3, 6, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# A day of 25 hours, one of 23, a last day of the year fourteen hours before UTC, a leap day ten hours behind it.
EDGES = {
    "Europe/Berlin": date(2025, 10, 26),
    "America/New_York": date(2026, 3, 8),
    "Pacific/Kiritimati": date(2025, 12, 31),
    "Pacific/Honolulu": date(2024, 2, 29),
}
HOURS = {"Europe/Berlin": 25, "America/New_York": 23, "Pacific/Kiritimati": 24, "Pacific/Honolulu": 24}
LATEST = "America/New_York"
# As text "till-10" stands before "till-9"; the import came last and happened first.
TWINS = ("till-9", "till-10", "web-1")
IMPORTED = "zz-imported"


def _midnight(zone: str, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _instants() -> list[datetime]:
    """The first and last microsecond of every day of interest and of its neighbours, in every zone."""
    return [
        _midnight(zone, day + timedelta(days=shift)) + step
        for zone in EDGES
        for day in EDGES.values()
        for shift in (0, 1)
        for step in (-MICROSECOND, timedelta())
    ]


INSTANTS = {f"{at:03}": instant for at, instant in enumerate(_instants())}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One order at each of these instants, built for the day of interest of each zone."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("calendar"), {"pii_key": "a key for tests"})
        rows = [an_order(f"c{name}", on=instant.isoformat(), order_id=name) for name, instant in INSTANTS.items()]
        rows += [an_order("twin", on="2023-05-05T10:00:00Z", order_id=order) for order in TWINS]
        random.Random(5).shuffle(rows)  # noqa: S311 (a test wants the same shop every time)
        Landing().add(rows).load(shop.settings, now=NOW)
        Landing().add(an_order("twin", on="2023-05-04", order_id=IMPORTED)).write(
            shop.settings.landing_dir, name="imported"
        )
        Landing().load(shop.settings, now=NOW)
        for zone, day in EDGES.items():
            _build(shop, zone, day)
        yield shop


def _build(shop: Shop, zone: str, day: date) -> None:
    variables = {"as_of_date": day.isoformat(), "shop_time_zone": zone, "shop_currency": ""}
    select = ["+fct_orders", "+dim_dates", "+fct_customer_rfm"]
    result = build(shop.settings, select=select, variables=variables, on_event=lambda _event: None)
    assert result.success, result.exception
    shop.keep_build(_name(zone))


def _name(zone: str) -> str:
    return zone.partition("/")[2]


@pytest.mark.parametrize("zone", EDGES)
def test_an_order_has_the_local_day_of_the_shop_and_is_seen_until_that_day_ends(shop: Shop, zone: str) -> None:
    days = {name: instant.astimezone(ZoneInfo(zone)).date() for name, instant in INSTANTS.items()}
    expected = {name: day for name, day in days.items() if day <= EDGES[zone]}
    query = "select order_id, order_date from marts.fct_orders where customer_id <> 'twin'"
    assert dict(shop.built(query, _name(zone))) == expected
    last = _midnight(zone, EDGES[zone] + timedelta(days=1))
    assert last - _midnight(zone, EDGES[zone]) == timedelta(hours=HOURS[zone])
    edge = {INSTANTS[name] for name in expected}
    assert last - MICROSECOND in edge
    assert last not in edge


@pytest.mark.parametrize("zone", EDGES)
def test_silence_is_counted_in_local_days(shop: Shop, zone: str) -> None:
    query = "select customer_id, days_since_last_order from marts.fct_customer_rfm where customer_id <> 'twin'"
    days = {f"c{name}": instant.astimezone(ZoneInfo(zone)).date() for name, instant in INSTANTS.items()}
    assert dict(shop.built(query, _name(zone))) == {
        customer: (EDGES[zone] - day).days for customer, day in days.items() if day <= EDGES[zone]
    }


def test_the_calendar_has_every_day_once_and_weeks_begin_on_monday_across_the_year(shop: Shop) -> None:
    columns = "calendar_date, calendar_year, calendar_month, iso_weekday, days_before_as_of, week_start_date"
    rows = shop.built(f"select {columns} from marts.dim_dates order by 1", _name(LATEST))
    days = [row[0] for row in rows]
    assert (days[0], days[-1]) == (date(2023, 5, 4), EDGES[LATEST])
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))
    assert {date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1)} <= set(days)
    for day, *found in rows:
        year, week, weekday = day.isocalendar()
        monday = date.fromisocalendar(year, week, 1)
        assert found == [day.year, day.month, weekday, (EDGES[LATEST] - day).days, monday]


def test_orders_of_one_instant_are_numbered_by_their_id_and_an_import_by_when_it_happened(shop: Shop) -> None:
    query = "select order_id, customer_order_number from marts.fct_orders where customer_id = 'twin'"
    expected = {order: number for number, order in enumerate((IMPORTED, *sorted(TWINS)), start=1)}
    for zone in EDGES:
        assert dict(shop.built(query, _name(zone))) == expected
