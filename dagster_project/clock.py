"""Time: the as-of date of a run and the end of its day.

The only module that decides what day it is. SQL gets the date handed to it and never asks.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from dagster_project.errors import SegmentsError, UsageError

if TYPE_CHECKING:
    import duckdb

    from dagster_project.settings import Settings

# Days of the past can be built from this one on.
FIRST_DAY = date(2000, 1, 1)

_LATEST_FACT = """
    select cast(max(instant at time zone $zone) as date)
    from (
        select max(ordered_at) as instant from raw.orders
        union all
        select max(occurred_at) as instant from raw.events
    ) as facts
"""


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(tz=UTC)


def default_as_of(raw: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> date:
    """The last complete day that has facts: the latest local date with an order or event, and at most yesterday.

    Raises:
        SegmentsError: nothing has landed yet.
    """
    latest: date | None
    ((latest,),) = raw.execute(_LATEST_FACT, {"zone": settings.shop_time_zone}).fetchall()
    if latest is None:
        message = (
            f"No order and no event has landed yet: put files into {settings.landing_dir / 'orders'}, "
            "or write a sample shop with `segments sample`."
        )
        raise SegmentsError(message)
    return min(latest, last_complete_day(settings, now))


def last_complete_day(settings: Settings, now: datetime) -> date:
    """Yesterday by the clock, in the shop's zone."""
    return now.astimezone(settings.zone).date() - timedelta(days=1)


def require_complete(day: date, settings: Settings, now: datetime) -> date:
    """The day itself, if it has ended.

    Raises:
        UsageError: the day has not ended yet in the shop's zone; a generation of it would stand before all later ones.
    """
    latest = last_complete_day(settings, now)
    if day > latest:
        raise UsageError(f"{day} has not ended yet in {settings.shop_time_zone}: the last complete day is {latest}.")
    return day
