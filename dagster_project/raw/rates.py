"""Exchange rates as loading and quality ask for them: which days have one, and which orders were left without.

How amounts are converted stands in ``models/``; both sides take ``fx_lookback_days`` from ``dbt/dbt_project.yml``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from dagster_project.errors import SegmentsError
from dagster_project.yaml_files import project_vars

if TYPE_CHECKING:
    import duckdb

SHOWN_CURRENCIES = 5


@cache
def lookback_days() -> int:
    """How old the rate of a day may be."""
    return int(project_vars()["fx_lookback_days"])


def rated_day(currency: str, day: str) -> str:
    """SQL of the one text that names a currency on a day."""
    return f"{currency} || ' ' || {day}::varchar"


def local_day(instant: str, zone: str) -> str:
    """SQL of the day of an instant in a zone."""
    return f"({instant} at time zone '{zone}')::date"


def rated_days() -> str:
    """SQL that gives every currency and day with a rate, as one text each."""
    day = "(rate_date + offset_days::integer)::date"
    days = f"(select rate_date, currency, unnest(range({lookback_days() + 1})) as offset_days from raw.fx_rates)"
    return f"select {rated_day('currency', day)} from {days}"


def require_rates(raw: duckdb.DuckDBPyConnection, shop_currency: str | None, zone: str) -> None:
    """Refuse to build while an order that was loaded in another currency has no rate: its money would be unknown.

    Loading quarantines such orders; this finds those that were loaded under another ``SHOP_CURRENCY``, or without one.

    Raises:
        SegmentsError: names currencies, first order and the fix.
    """
    if shop_currency is None:
        return
    rows = raw.execute(
        f"""
        with standing as (
            select * from raw.orders
            qualify row_number() over (partition by order_id order by updated_at desc nulls last, content_md5 desc) = 1
        )
        select currency, count(*), min(ordered_at)::date, arg_min(order_id, (ordered_at, order_id))
        from standing
        where
            not coalesce(is_test, false)
            and currency <> $currency
            and {rated_day("currency", local_day("ordered_at", zone))} not in ({rated_days()})
        group by currency
        order by currency
        limit {SHOWN_CURRENCIES}
        """,
        {"currency": shop_currency},
    ).fetchall()
    if rows:
        found = "; ".join(f"{count:,} in {code}, the first {order!r} of {day}" for code, count, day, order in rows)
        raise SegmentsError(
            f"Orders were loaded in another currency than {shop_currency} and have no rate within "
            f"{lookback_days()} days before them: {found}. Put their rates into data/landing/fx_rates/ and run again."
        )
