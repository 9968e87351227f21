"""Stored cut points of the RFM method ``anchored``: made of one day's buyers by command, used until they are made anew.

Each calibration is a version that is never changed; a run takes the latest that fits the scale of its map.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.errors import UsageError
from dagster_project.transform.rfm_choice import CutPoints, read_choice

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.settings import Settings
    from dagster_project.transform.rfm_choice import RfmChoice

_COLUMNS = (
    "version",
    "as_of_date",
    "top_score",
    "customers_count",
    "rfm_score",
    "recency_max_days",
    "frequency_min_count",
    "monetary_min_amount",
)

_COUNT = "select count(*) from read_parquet($scored)"
# The worst value that still gets a score or a better one, when buyers are compared with each other.
_CUT_POINTS = """
    select
        wanted.rfm_score,
        max(days_since_last_order) filter (1 + $top * (recency_rank - 1) // scored_customers_count >= rfm_score),
        min(orders_count) filter (1 + $top * (frequency_rank - 1) // scored_customers_count >= rfm_score),
        min(net_revenue_amount) filter (1 + $top * (monetary_rank - 1) // scored_customers_count >= rfm_score)
    from range(2, $top + 1) as wanted (rfm_score)
    cross join read_parquet($scored)
    group by wanted.rfm_score
    order by wanted.rfm_score
"""


@dataclass(frozen=True)
class Anchor:
    """One calibration: the day and the number of buyers it was made of, and its cut points."""

    version: int
    as_of: date
    top_score: int
    customers_count: int
    cut_points: CutPoints

    @property
    def variable(self) -> dict[str, Any]:
        """The dbt var that tells the models."""
        amounts = [None if amount is None else str(amount) for amount in self.cut_points.monetary_amounts]
        return {
            "version": self.version,
            "as_of_date": self.as_of.isoformat(),
            "customers_count": self.customers_count,
            "recency_days": list(self.cut_points.recency_days),
            "frequency_orders": list(self.cut_points.frequency_orders),
            "monetary_amounts": amounts,
        }


def rfm_variables(settings: Settings) -> dict[str, Any]:
    """The dbt vars of the shop's RFM choice, with the stored cut points where the method needs them.

    Raises:
        UsageError: the choice is wrong, or its cut points were never made.
    """
    choice = read_choice()
    anchor = {"rfm_anchor": require_anchor(settings, choice).variable} if choice.method == "anchored" else {}
    return {**choice.variables, **anchor}


def cut_points_in_use(settings: Settings, choice: RfmChoice) -> CutPoints | None:
    """The cut points that the choice scores by; none where buyers are compared with each other."""
    return require_anchor(settings, choice).cut_points if choice.method == "anchored" else choice.fixed


def require_anchor(settings: Settings, choice: RfmChoice) -> Anchor:
    """The latest calibration for the scale of the chosen map.

    Raises:
        UsageError: there is none; names the command that makes one.
    """
    fitting = [anchor for anchor in read_anchors(settings.rfm_anchors_path) if anchor.top_score == choice.top_score]
    if not fitting:
        message = (
            f"dbt/dbt_project.yml: rfm_method is anchored, and no cut points for scores 1 to {choice.top_score} are "
            "stored: `segments anchor` makes them of the buyers of the current generation (where nothing is published "
            "yet, publish once with rfm_method: relative)."
        )
        raise UsageError(message)
    return fitting[-1]


def read_anchors(path: Path) -> list[Anchor]:
    """All calibrations, the oldest first."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    versions = dict.fromkeys(int(row["version"]) for row in rows)
    return [_anchor([row for row in rows if int(row["version"]) == version]) for version in versions]


def calibrate(settings: Settings, scored: Path, as_of: date) -> Anchor:
    """Make cut points of the published scores of all buyers and store them as the next version.

    Args:
        settings: of this process.
        scored: ``fct_customer_rfm.parquet`` of a generation.
        as_of: its day.

    Raises:
        UsageError: the choice is wrong, or nobody is scored.
    """
    choice, stored = read_choice(), read_anchors(settings.rfm_anchors_path)
    values = {"top": choice.top_score, "scored": str(scored)}
    with duckdb.connect() as connection:
        ((count,),) = connection.execute(_COUNT, {"scored": str(scored)}).fetchall()
        rows = connection.execute(_CUT_POINTS, values).fetchall()
    if not count:
        raise UsageError(f"Nobody had bought by {as_of}: there is nobody to make cut points of.")
    floor = int(choice.variables["rfm_min_orders_for_top_frequency"])
    orders = _with_floor([row[2] for row in rows], floor)
    cut_points = CutPoints(tuple(row[1] for row in rows), orders, tuple(row[3] for row in rows))
    version = 1 + max((anchor.version for anchor in stored), default=0)
    anchor = Anchor(version, as_of, choice.top_score, count, cut_points)
    _write(settings.rfm_anchors_path, [*stored, anchor])
    return anchor


def _with_floor(orders: list[int | None], floor: int) -> tuple[int | None, ...]:
    """Who reached the top with fewer orders than the floor stayed one short of it."""
    *lower, top = orders
    return (*lower, None if top is None else max(top, floor))


def _anchor(rows: list[dict[str, str]]) -> Anchor:
    first = rows[0]
    cut_points = CutPoints(
        tuple(int(row["recency_max_days"]) if row["recency_max_days"] else None for row in rows),
        tuple(int(row["frequency_min_count"]) if row["frequency_min_count"] else None for row in rows),
        tuple(Decimal(row["monetary_min_amount"]) if row["monetary_min_amount"] else None for row in rows),
    )
    as_of = date.fromisoformat(first["as_of_date"])
    return Anchor(int(first["version"]), as_of, int(first["top_score"]), int(first["customers_count"]), cut_points)


def _write(path: Path, anchors: list[Anchor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for anchor in anchors:
            about = (anchor.version, anchor.as_of, anchor.top_score, anchor.customers_count)
            points = anchor.cut_points
            for score, row in enumerate(
                zip(points.recency_days, points.frequency_orders, points.monetary_amounts, strict=True), start=2
            ):
                writer.writerow([*about, score, *row])
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
