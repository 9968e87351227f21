"""Lays a generated shop apart: what was known before a day, and what landed with that day."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

TIMES = {
    "orders": "ordered_at",
    "refunds": "refunded_at",
    "events": "occurred_at",
    "identities": "seen_at",
    "customers": "registered_at",
}


def lay_apart(landing: Path, before: Path, day: date, later: Path) -> int:
    """Write the landing files of a shop as two, up to the day before and from the day on; gives the rows of the second.

    A file without a row of the day is linked; lines go with their order, and what has no time was known before.
    """
    rows_count = 0
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for path in sorted(landing.rglob("*.parquet")):
            table = path.parent.name
            is_late = f"coalesce({_is_late(landing, table, day)}, false)"
            targets = [folder / table / path.name for folder in (before, later)]
            ((late,),) = connection.execute(f"select count(*) from '{path}' where {is_late}").fetchall()
            targets[0].parent.mkdir(parents=True, exist_ok=True)
            if not late:
                os.link(path, targets[0])
                continue
            targets[1].parent.mkdir(parents=True, exist_ok=True)
            for target, condition in zip(targets, (f"not {is_late}", is_late), strict=True):
                connection.execute(f"copy (select * from '{path}' where {condition}) to '{target}' (format parquet)")
            rows_count += late
    return rows_count


def _is_late(landing: Path, table: str, day: date) -> str:
    if table == "order_lines":
        return (
            f"order_id in (select order_id from '{landing}/orders/*.parquet' where {_is_late(landing, 'orders', day)})"
        )
    return f"{TIMES[table]} >= timestamptz '{day} 00:00:00+00'" if table in TIMES else "false"
