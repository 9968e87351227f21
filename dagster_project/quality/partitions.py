"""Every way of dividing all customers into parts adds up to all of them, and to all of their net revenue.

Rows are added to ``quality.reconciliation``; what the source's own totals are is told in ``tables.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from dagster_project.segments.catalog import Catalog

_ALL = """
    select
        (select count(*) from marts.dim_customers) as customers_count,
        (select coalesce(sum(net_revenue_amount), 0) from marts.fct_orders) as net_revenue_amount
"""
_RFM = """
    select sum(customers_count) as customers_count, sum(net_revenue_amount) as net_revenue_amount
    from (
        select customers_count, net_revenue_amount from marts.rpt_rfm_distribution
        union all
        select count(*), coalesce(sum(net_revenue_amount), 0)
        from profiles.customer_profiles
        where rfm_segment is null
    )
"""
_STAGES = """
    select sum(stages.customers_count) as customers_count, sum(revenue.net_revenue_amount) as net_revenue_amount
    from marts.rpt_lifecycle_counts as stages
    left join (
        select lifecycle_stage, sum(net_revenue_amount) as net_revenue_amount
        from profiles.customer_profiles
        group by lifecycle_stage
    ) as revenue on stages.lifecycle_stage = revenue.lifecycle_stage
"""
_GROUP = """
    select
        (select coalesce(sum(members_count), 0) from segments.sizes where list_contains($segments, segment))
        + count(*) as customers_count,
        (select coalesce(sum(net_revenue_amount), 0) from segments.sizes where list_contains($segments, segment))
        + coalesce(sum(net_revenue_amount), 0) as net_revenue_amount
    from profiles.customer_profiles as people
    anti join (select customer_id from segments.memberships where list_contains($segments, segment)) as members
        on people.customer_id = members.customer_id
"""
_FORGET = "delete from quality.reconciliation where regexp_matches(measure, '^(customers|net revenue) over ')"
_ADD = """
    insert into quality.reconciliation
    select
        unnest(['customers over ' || $name, 'net revenue over ' || $name]) as measure,
        unnest([whole.customers_count, whole.net_revenue_amount]::decimal(18, 2)[]) as source_amount,
        unnest([parts.customers_count, parts.net_revenue_amount]::decimal(18, 2)[]) as built_amount,
        source_amount - built_amount as difference_amount
    from ({whole}) as whole
    cross join ({parts}) as parts
"""


def add_partitions(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    """Two rows per partition: RFM groups with the unscored, stages, and each exclusive group of segments with its rest.

    A group of segments that share a member, or leave somebody out of their sizes, does not add up. Rows of an earlier
    look are replaced.
    """
    connection.execute(
        "delete from quality.reconciliation where regexp_matches(measure, '^(customers|net revenue) over ')"
    )
    _add(connection, "RFM groups and the unscored", _RFM)
    _add(connection, "stages of the lifecycle", _STAGES)
    groups = sorted({str(segment.group) for segment in catalog if segment.priority})
    for group in groups:
        inside = [segment.name for segment in catalog if segment.priority and segment.group == group]
        _add(connection, f"segments of {group} and the rest", _GROUP, segments=inside)


def _add(connection: duckdb.DuckDBPyConnection, name: str, parts: str, **values: list[str]) -> None:
    connection.execute(_ADD.replace("{whole}", _ALL).replace("{parts}", parts), {"name": name, **values})
