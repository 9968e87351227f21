"""What is kept of a day: the queries that a build answers, and the files in which a past day answers them.

Where the files lie is decided by whoever calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Columns may be added and files too: who reads several days reads by name, and takes what an older day lacks for null.
KEPT = {
    "memberships": "select segment, customer_id, entered_date from segments.memberships order by all",
    "sizes": "select * from segments.sizes order by segment",
    "rules": "select segment, rule_version from segments.dictionary order by segment",
    "definitions": "select name, version from segments.definitions order by name",
    "customers": """
        select
            customer_id, customer_kind, lifecycle_stage, rfm_segment, customer_ids_count, orders_count,
            net_revenue_amount, recency_score, frequency_score, monetary_score, columns('^is_'), first_seen_date,
            last_activity_date, last_order_date, stage_entered_date
        from profiles.customer_profiles
        order by customer_id
    """,
}


def relation(folder: Path | None, name: str) -> str:
    """What to select from: the files of a past day, or the build at hand where there is no folder."""
    if folder is None:
        return f"({KEPT[name]})"
    path = str(folder / f"{name}.parquet").replace("'", "''")
    return f"read_parquet('{path}', hive_partitioning = false)"
