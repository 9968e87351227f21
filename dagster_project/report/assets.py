"""The report as an asset: one self-contained page about the build."""

from pathlib import Path

import dagster as dg

from dagster_project.report.page import render_page
from dagster_project.resources import WRITER_POOL, Warehouse
from dagster_project.settings import Settings


def report_path(settings: Settings) -> Path:
    """Where the page lies until it is published."""
    return settings.data_dir / "report" / "index.html"


@dg.asset(
    key=["report", "index"],
    group_name="report",
    kinds={"html"},
    deps=[
        dg.AssetKey(["segments", "sizes"]),
        dg.AssetKey(["segments", "dictionary"]),
        dg.AssetKey(["marts", "rpt_rfm_distribution"]),
        dg.AssetKey(["marts", "rpt_lifecycle_counts"]),
        dg.AssetKey(["quality", "check_results"]),
        dg.AssetKey(["quality", "reconciliation"]),
    ],
    pool=WRITER_POOL,
)
def index(warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """One page for people: sizes, groups, stages, and what the checks found."""
    path = report_path(warehouse.settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with warehouse.connect() as connection:
        path.write_text(render_page(connection), encoding="utf-8")
    return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(str(path)), "bytes": path.stat().st_size})
