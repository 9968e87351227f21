"""Time: the as-of date of a run and the end of its day.

The only module that decides what day it is. SQL gets the date handed to it and never asks.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from dagster_project.errors import SegmentsError

if TYPE_CHECKING:
    import duckdb

    from dagster_project.settings import Settings

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
            f"No order has landed yet: put files into {settings.landing_dir / 'orders'}, "
            "or write a sample shop with `segments sample`."
        )
        raise SegmentsError(message)
    yesterday = now.astimezone(settings.zone).date() - timedelta(days=1)
    return min(latest, yesterday)
