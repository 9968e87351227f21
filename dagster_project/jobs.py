"""Named pieces of work: the daily job, its schedule, the sensor that starts it when files land; days of the past."""

from __future__ import annotations

import hashlib

import dagster as dg

from dagster_project.settings import load_settings

MAIN_JOB = "segments_run"
HISTORY_JOB = "segments_history"
PLAN_JOB = "segments_plan"
# What looks at finished segments, and what leaves the house.
AFTER_SEGMENTS = ("activation", "quality", "report", "publish")


def main_job() -> dg.UnresolvedAssetJobDefinition:
    """Everything once: landing to published."""
    return dg.define_asset_job(
        MAIN_JOB,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups("landing", "history"),
        description="Load what landed, build and check every model and segment, and publish one generation.",
        executor_def=dg.in_process_executor,
    )


def plan_job() -> dg.UnresolvedAssetJobDefinition:
    """Everything up to the segments: what a plan is made of."""
    return dg.define_asset_job(
        PLAN_JOB,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups("landing", "history", *AFTER_SEGMENTS),
        description="Load what landed and build every model and segment; nothing leaves the build.",
        executor_def=dg.in_process_executor,
    )


def history_job() -> dg.UnresolvedAssetJobDefinition:
    """Days of the past from all that has landed; nothing is published."""
    return dg.define_asset_job(
        HISTORY_JOB,
        selection=dg.AssetSelection.groups("raw", "history"),
        description="Load what landed, then build the days that were asked for and keep them as history.",
        executor_def=dg.in_process_executor,
    )


def daily_schedule() -> dg.ScheduleDefinition:
    """Every night, after the shop's day has ended."""
    return dg.ScheduleDefinition(
        name="every_night",
        job_name=MAIN_JOB,
        cron_schedule="30 2 * * *",
        execution_timezone=load_settings().shop_time_zone,
    )


def landing_sensor() -> dg.SensorDefinition:
    """Starts a run when the files in landing are not those of the last look."""

    @dg.sensor(name="files_landed", job_name=MAIN_JOB, minimum_interval_seconds=60)
    def files_landed(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        state = _landing_state()
        if state == context.cursor:
            return dg.SkipReason("Nothing new in landing.")
        context.update_cursor(state)
        return dg.RunRequest(run_key=state)

    return files_landed


def _landing_state() -> str:
    folder = load_settings().landing_dir
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    lines = [f"{path.relative_to(folder)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
