"""What segments are worth for predicting purchases, as the page shows it: the latest day whose outcome is complete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    import duckdb


@dataclass(frozen=True)
class Row:
    """One segment: who was in it, and which part of them bought (0 to 1) with the limits of its interval."""

    title: str
    members_count: int
    purchase_share: float
    low_share: float
    high_share: float
    lift: float | None
    revenue_lift: float | None
    is_significant: bool


@dataclass(frozen=True)
class Lift:
    """All segments that had members on the day, the highest lift first."""

    rows: tuple[Row, ...]
    day: date | None
    until: date | None
    base_share: float | None


def read_lift(connection: duckdb.DuckDBPyConnection) -> Lift:
    """The latest day of ``segments.lift``."""
    rows = connection.execute("""
        select
            dictionary.title,
            lift.members_count,
            lift.purchase_share,
            lift.low_purchase_share,
            lift.high_purchase_share,
            lift.lift,
            lift.revenue_lift,
            lift.is_significant,
            lift.as_of_date,
            lift.outcome_until_date,
            lift.base_purchase_share
        from segments.lift as lift
        inner join segments.dictionary as dictionary on lift.segment = dictionary.segment
        where lift.as_of_date = (select max(as_of_date) from segments.lift)
        order by lift.lift desc nulls last, dictionary.title
    """).fetchall()
    day, until, base = rows[0][8:] if rows else (None, None, None)
    return Lift(tuple(Row(*row[:8]) for row in rows), day, until, base)
