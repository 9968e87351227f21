"""What memberships of the past were worth: who bought in the 90 days after, beside everybody known.

Memberships are those of kept days, which saw nothing later than their own end; what came after is looked at only in the
outcome. Which days are kept, and where, is decided by whoever calls.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.segments.kept import relation
from dagster_project.segments.previous import aliases_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

OUTCOME_DAYS = 90
# Of each month one day is looked at, and of a year each month: more would cost more than they say.
MONTHS_COUNT = 12
# 95 % of a normal distribution lie within so many standard deviations on both sides.
Z_SCORE = 1.959963984540054
_SQL = Path(__file__).parent / "sql" / "lift.sql"
_TABLE = """
    create or replace table segments.lift (
        segment varchar, members_count bigint, buyers_count bigint, base_customers_count bigint,
        base_buyers_count bigint, net_revenue_amount decimal(18, 2), base_net_revenue_amount decimal(18, 2),
        purchase_share double, low_purchase_share double, high_purchase_share double, base_purchase_share double,
        lift double, revenue_lift double, is_significant boolean, as_of_date date, outcome_until_date date
    )
"""


def write_lift(connection: duckdb.DuckDBPyConnection, as_of: date, kept: Mapping[date, Path]) -> int:
    """Write ``segments.lift`` and return its rows: one per looked-at day and segment that had members on it.

    Args:
        connection: to a build with the orders of all people.
        as_of: last day of the build, and of the latest outcome.
        kept: folder of each kept day.
    """
    connection.execute(_TABLE)
    for day in lift_days(kept, as_of):
        query = (
            _SQL.read_text(encoding="utf-8")
            .replace("{customers}", relation(kept[day], "customers"))
            .replace("{memberships}", relation(kept[day], "memberships"))
            .replace("{aliases}", aliases_query(connection))
        )
        until = day + timedelta(days=OUTCOME_DAYS)
        connection.execute(f"insert into segments.lift {query}", {"day": day, "until": until, "z": Z_SCORE})
    ((count,),) = connection.execute("select count(*) from segments.lift").fetchall()
    return int(count)


def lift_days(kept: Mapping[date, Path], as_of: date) -> list[date]:
    """The latest kept day of each month whose outcome is complete, of the latest months, in the order of days."""
    complete = sorted(day for day in kept if day + timedelta(days=OUTCOME_DAYS) <= as_of)
    latest = {(day.year, day.month): day for day in complete}
    return sorted(latest.values())[-MONTHS_COUNT:]
