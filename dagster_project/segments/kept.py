"""What is kept of a day: the queries that a build answers, and the files in which a past day answers them.

Where the files lie is decided by whoever calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Query and order. Columns may be added and files too: who reads several days reads by name, and takes what an older
# day lacks for null.
_ASKED = {
    "memberships": ("select segment, customer_id, entered_date from segments.memberships", "segment, customer_id"),
    "sizes": ("select * from segments.sizes", "segment"),
    "rules": ("select segment, rule_version from segments.dictionary", "segment"),
    "definitions": ("select name, version from segments.definitions", "name"),
    "customers": (
        """
        select
            customer_id, customer_kind, lifecycle_stage, rfm_segment, customer_ids_count, known_traits_count,
            orders_count, net_revenue_amount, recency_score, frequency_score, monetary_score, columns('^is_'),
            first_seen_date, last_activity_date, last_order_date, stage_entered_date
        from profiles.customer_profiles
        """,
        "customer_id",
    ),
}
KEPT = {name: f"{query} order by {order}" for name, (query, order) in _ASKED.items()}


def relation(folder: Path | None, name: str) -> str:
    """What to select from: the files of a past day, or the build at hand where there is no folder."""
    if folder is None:
        return f"({_ASKED[name][0]})"
    path = str(folder / f"{name}.parquet").replace("'", "''")
    return f"read_parquet('{path}', hive_partitioning = false)"
