"""The five views that dashboards begin with, one SQL file each in ``views/``; they are published with their tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_FILES = Path(__file__).parent / "views"
VIEWS = {
    "customer_success": "One row per lifecycle stage: who needs care, and what they are worth.",
    "marketing": "One row per segment: whom to talk to, about what, and how many of them can be reached.",
    "ecommerce_overview": "One row per calendar month: visits, carts and orders of the site.",
    "store_overview": "One row: the shop as of the as-of date.",
    "sales": "One row per calendar month with an order or a refund: what was sold, given back and kept.",
}


def write_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the views ``report.<name>`` over tables of the same database."""
    connection.execute("create schema if not exists report")
    for name in VIEWS:
        query = (_FILES / f"{name}.sql").read_text(encoding="utf-8")
        connection.execute(f"create or replace view report.{name} as {query}")
