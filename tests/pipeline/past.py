"""A scratch database beside a build database: what a day of the past comes to, table by table."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.history.plan import make_plan
from dagster_project.history.scratch import open_scratch
from dagster_project.resources import Warehouse
from dagster_project.transform.assets import build_variables
from tests.pipeline.shop import kept_working

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.history.plan import Plan
    from dagster_project.history.scratch import Scratch
    from tests.pipeline.shop import Shop

# A small shop that was published on the first and on the last of three days.
ORDER = {"status": "paid", "total_amount": "50.00"}
VISIT = {"anonymous_id": "phone", "event_type": "page_view"}
FIRST, SECOND, TODAY = "2026-03-31", "2026-04-01", "2026-04-02"
# Who goes somewhere between these days: by an order of their own, by time alone, and because others bought.
MOVERS = [
    {**ORDER, "order_id": "11", "customer_id": "buys-again", "ordered_at": "2026-03-05T10:00:00Z"},
    {**ORDER, "order_id": "12", "customer_id": "grows-old", "ordered_at": "2026-01-01T10:00:00Z"},
    {**ORDER, "order_id": "13", "customer_id": "overtaken", "ordered_at": "2026-03-30T10:00:00Z"},
    {**ORDER, "order_id": "14", "customer_id": "cancels", "ordered_at": "2026-03-06T10:00:00Z", "cancelled_at": ""},
]
MOVES = [
    {**ORDER, "order_id": "15", "customer_id": "buys-again", "ordered_at": "2026-04-01T10:00:00Z"},
    *(
        {**ORDER, "order_id": f"2{number}", "customer_id": f"new-{number}", "ordered_at": "2026-04-02T10:00:00Z"}
        for number in range(5)
    ),
    {**MOVERS[3], "cancelled_at": "2026-04-01T09:00:00Z", "updated_at": "2026-04-01T09:00:00Z"},
]

Content = tuple[Any, ...]
# What is told of a build, not of a day: which events it read anew.
OF_A_BUILD = {"intermediate.int_event_days_touched", "intermediate.int_events_restated"}


def plan_of(shop: Shop) -> Plan:
    """How a day of this shop is built."""
    return make_plan(shop.settings, build_variables(Warehouse()))


@contextmanager
def scratch_of(shop: Shop, plan: Plan | None = None) -> Iterator[Scratch]:
    """A scratch database for all that has landed in this shop."""
    with open_scratch(shop.settings, plan or plan_of(shop)) as scratch:
        yield scratch


def differences(scratch: Scratch, shop: Shop, day: str) -> list[str]:
    """Tables and views whose rows or columns are not those of the kept build of that day, after building the day."""
    scratch.build(date.fromisoformat(day))
    tables = [f"{step.database}.{step.table}" for step in scratch.plan.steps if step.table not in OF_A_BUILD]
    tables += [f"{scratch.plan.database}.{seed.table}" for seed in scratch.plan.seeds]
    with duckdb.connect() as other:
        other.execute("set TimeZone = 'UTC'")
        other.execute(f"attach '{shop.settings.raw_path}' as raw (read_only)")
        other.execute(f"attach '{shop.settings.rollups_path}' as rollups (read_only)")
        # Views name their tables with the database that they were built in.
        other.execute(f"attach '{shop.kept_build(day)}' as {scratch.plan.database} (read_only)")
        other.execute(f"attach '{kept_working(shop.kept_build(day))}' as working (read_only)")
        other.execute(f"use {scratch.plan.database}")
        return [table for table in tables if _content(scratch.connection, table) != _content(other, table)]


def _content(connection: duckdb.DuckDBPyConnection, table: str) -> list[Content]:
    engine = "replace ('' as engine)" if table.endswith(".marts.dim_generation") else ""
    rows = f"select * {engine} from {table}"
    query = f"select count(*), bit_xor(hash(row)), sum(hash(row)) from ({rows}) as row"
    return connection.execute(f"describe {table}").fetchall() + connection.execute(query).fetchall()
