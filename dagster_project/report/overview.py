"""The head of the page: which build it describes, and the figures of the whole shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.report.formats import share_of

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    import duckdb


@dataclass(frozen=True)
class Build:
    """What was built: the last day it sees, and how to read its times and amounts."""

    as_of: date
    time_zone: str
    currency: str | None
    engine: str
    anonymous_count: int
    unlisted_count: int


@dataclass(frozen=True)
class People:
    """Known customers by kind; ``repeat_buyers_count`` have two counted orders or more."""

    buyers_count: int
    guests_count: int
    leads_count: int
    repeat_buyers_count: int

    @property
    def known_count(self) -> int:
        """Everybody but anonymous visitors."""
        return self.buyers_count + self.guests_count + self.leads_count

    @property
    def repeat_share(self) -> float | None:
        """Share of buyers who ordered more than once."""
        return share_of(self.repeat_buyers_count, self.buyers_count)


@dataclass(frozen=True)
class Sales:
    """Orders placed and counted by the as-of date, and their money."""

    placed_count: int
    counted_count: int
    net_revenue_amount: Decimal
    refund_amount: Decimal
    average_order_amount: Decimal | None
    first_date: date | None
    last_date: date | None


def read_build(connection: duckdb.DuckDBPyConnection) -> Build:
    """The one row of ``marts.dim_generation``."""
    (row,) = connection.execute("""
        select as_of_date, shop_time_zone, shop_currency, engine, listed_anonymous_count, unlisted_anonymous_count
        from marts.dim_generation
    """).fetchall()
    return Build(*row)


def read_people(connection: duckdb.DuckDBPyConnection) -> People:
    """Count known customers, and among buyers those who came back."""
    (row,) = connection.execute("""
        with counted as (
            select customer_id, count(*) as orders_count
            from marts.fct_orders
            where is_counted
            group by customer_id
        )
        select
            count(*) filter (where customers.customer_kind = 'buyer'),
            count(*) filter (where customers.customer_kind = 'guest'),
            count(*) filter (where customers.customer_kind = 'lead'),
            count(*) filter (where customers.customer_kind = 'buyer' and counted.orders_count >= 2)
        from marts.dim_customers as customers
        left join counted on customers.customer_id = counted.customer_id
    """).fetchall()
    return People(*row)


def read_sales(connection: duckdb.DuckDBPyConnection) -> Sales:
    """Sum up ``marts.fct_orders``; refunds are those of valid orders, as in the reconciliation.

    An order that is not counted has no net revenue, so the average is over counted orders.
    """
    (row,) = connection.execute("""
        select
            count(*),
            count(*) filter (where is_counted),
            cast(coalesce(sum(net_revenue_amount), 0) as decimal(18, 2)),
            cast(coalesce(sum(refund_amount) filter (where is_valid), 0) as decimal(18, 2)),
            cast(sum(net_revenue_amount) / nullif(count(*) filter (where is_counted), 0) as decimal(18, 2)),
            min(order_date),
            max(order_date)
        from marts.fct_orders
    """).fetchall()
    return Sales(*row)
