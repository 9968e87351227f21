"""The report as assets: one self-contained page about the build, and the views that dashboards begin with."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from dagster_project.report.page import render_page
from dagster_project.report.views import VIEWS, write_views
from dagster_project.resources import Warehouse
from dagster_project.settings import Settings

_READS = [
    ["marts", "dim_generation"],
    ["marts", "dim_customers"],
    ["marts", "dim_flags"],
    ["marts", "fct_orders"],
    ["marts", "fct_sessions"],
    ["marts", "fct_carts"],
    ["marts", "fct_customer_flags"],
    ["marts", "rpt_rfm_distribution"],
    ["marts", "rpt_lifecycle_counts"],
    ["segments", "sizes"],
    ["segments", "dictionary"],
    ["segments", "lift"],
    ["quality", "load_ledger"],
    ["quality", "quarantine_summary"],
    ["quality", "check_results"],
    ["quality", "reconciliation"],
]


def report_path(settings: Settings) -> Path:
    """Where the page lies until it is published."""
    return settings.data_dir / "report" / "index.html"


@dg.asset(
    key=["report", "index"],
    group_name="report",
    kinds={"html"},
    deps=[dg.AssetKey(key) for key in _READS],
)
def index(warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """One page for people: sizes, groups, stages, and what the checks found."""
    path = report_path(warehouse.settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with warehouse.connect() as connection:
        path.write_text(render_page(connection), encoding="utf-8")
    return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(str(path)), "bytes": path.stat().st_size})


_VIEWS_READ = [
    ["marts", "dim_generation"],
    ["marts", "dim_dates"],
    ["marts", "fct_orders"],
    ["marts", "fct_sessions"],
    ["marts", "fct_carts"],
    ["marts", "rpt_lifecycle_counts"],
    ["marts", "rpt_revenue_by_day"],
    ["marts", "rpt_retained_revenue"],
    ["profiles", "customer_profiles"],
    ["segments", "sizes"],
    ["segments", "dictionary"],
]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["report", name],
            description=description,
            group_name="report",
            kinds={"duckdb"},
            deps=[dg.AssetKey(key) for key in _VIEWS_READ],
        )
        for name, description in VIEWS.items()
    ],
)
def report_views(warehouse: Warehouse) -> Iterator[dg.MaterializeResult[None]]:
    """Views for BI tools; they cost nothing until they are read."""
    with warehouse.connect() as connection:
        write_views(connection)
    for name in VIEWS:
        yield dg.MaterializeResult(asset_key=["report", name])
