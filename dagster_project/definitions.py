"""The table of contents: all layers in flow order, what they share, and when they run."""

from __future__ import annotations

import dagster as dg

from dagster_project import jobs
from dagster_project.activation.assets import audiences
from dagster_project.history.assets import history_assets
from dagster_project.progress import progress_logger
from dagster_project.publish.assets import current
from dagster_project.quality.assets import quality_assets
from dagster_project.raw.assets import landing_specs, raw_assets
from dagster_project.report.assets import index, report_views
from dagster_project.resources import Warehouse
from dagster_project.segments.assets import segment_assets
from dagster_project.settings import load_settings
from dagster_project.transform.assets import transform_assets


@dg.definitions
def defs() -> dg.Definitions:
    """Everything that Dagster knows of the project."""
    settings = load_settings()
    layers: list[dg.AssetsDefinition | dg.AssetSpec] = [
        *landing_specs(),
        raw_assets(),
        *transform_assets(settings),
        *segment_assets(),
        audiences,
        quality_assets(),
        index,
        report_views,
        current,
        *history_assets(settings),
    ]
    return dg.Definitions(
        assets=dg.with_source_code_references(layers),
        jobs=[jobs.main_job(), jobs.plan_job(), jobs.history_job()],
        schedules=[jobs.daily_schedule()],
        sensors=[jobs.landing_sensor()],
        resources={"warehouse": Warehouse()},
        loggers={"progress": progress_logger()},
        executor=dg.in_process_executor,
    )
