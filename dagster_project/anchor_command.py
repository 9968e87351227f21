"""``segments anchor``: cut points of RFM scores, made of today's buyers and kept until they are made anew.

How they are made and stored stands in ``transform/rfm_anchors.py``; here are words and a table for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from dagster_project.errors import UsageError
from dagster_project.lock import writer_lock
from dagster_project.publish.generations import current_generation

if TYPE_CHECKING:
    from dagster_project.settings import Settings
    from dagster_project.transform.rfm_anchors import Anchor

_console = Console(highlight=False)


def anchor_scores(settings: Settings) -> Anchor:
    """Store the cut points that the buyers of the current generation make, as the next version.

    Raises:
        UsageError: nothing is published, or nobody is scored.
    """
    from dagster_project.transform.rfm_anchors import calibrate  # noqa: PLC0415 (DuckDB takes a while to import)

    with writer_lock(settings.lock_path, holder="segments anchor", timeout_seconds=settings.lock_timeout_seconds):
        standing = current_generation(settings)
        if standing is None:
            raise UsageError(
                "Nothing is published, so there are no scores to make cut points of: publish once with "
                "rfm_method: relative in dbt/dbt_project.yml."
            )
        return calibrate(settings, standing.path / "parquet" / "marts" / "fct_customer_rfm.parquet", standing.as_of)


def show_anchor(settings: Settings) -> None:
    """Make cut points and print them."""
    made = anchor_scores(settings)
    points = made.cut_points
    table = Table(title=f"Version {made.version}, made of {made.customers_count:,} buyers as of {made.as_of}")
    for name in ("score", "days since last order", "orders", "net revenue"):
        table.add_column(name, justify="right")
    rows = zip(points.recency_days, points.frequency_orders, points.monetary_amounts, strict=True)
    for score, (days, orders, amount) in enumerate(rows, start=2):
        cells = (_said("at most", days), _said("at least", orders), _said("at least", amount))
        table.add_row(str(score), *cells)
    _console.print(table)
    _console.print(f"Stored   {settings.rfm_anchors_path}", soft_wrap=True)
    _console.print("A run scores by them where dbt/dbt_project.yml says rfm_method: anchored.", soft_wrap=True)


def _said(words: str, value: object) -> str:
    return "nobody" if value is None else f"{words} {value:,}"
