"""Running the main job from this process, as the UI would: same job, same instance, same records."""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from dagster import DagsterResourceFunctionError

from dagster_project.definitions import defs
from dagster_project.errors import SegmentsError
from dagster_project.jobs import MAIN_JOB

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from dagster_project.settings import Settings

_SHIPPED_INSTANCE = Path(__file__).parent / "dagster.yaml"


def prepare_instance(settings: Settings) -> Path:
    """Create ``DAGSTER_HOME`` with the shipped instance settings, telemetry off."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(_SHIPPED_INSTANCE, home / "dagster.yaml")
    os.environ |= {"DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    return home


def run_main_job(settings: Settings, *, as_of: date | None, accept: Sequence[str]) -> None:
    """Load, build, check and publish once.

    Raises:
        SegmentsError: a step failed; the message is that of the step, the exit code that of its error.
    """
    prepare_instance(settings)
    warnings.simplefilter("ignore", dg.BetaWarning)
    job = defs().resolve_job_def(MAIN_JOB)
    warehouse = {"as_of_date": as_of.isoformat() if as_of else None, "accept": list(accept)}
    config = {"loggers": {"progress": {}}, "resources": {"warehouse": {"config": warehouse}}}
    with dg.DagsterInstance.get() as instance:
        try:
            job.execute_in_process(run_config=config, instance=instance)
        except DagsterResourceFunctionError as error:
            raise (error.__cause__ if isinstance(error.__cause__, SegmentsError) else error) from None
        except dg.Failure as error:
            raise SegmentsError(error.description or "a step failed") from error
