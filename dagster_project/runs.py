"""Running a job from this process, as the UI would: same job, same instance, same records."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb
from dagster._core.errors import DagsterAssetCheckFailedError
from dagster._core.execution.plan import active
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from dagster_project.advice import explained
from dagster_project.clock import FIRST_DAY, require_complete, utc_now
from dagster_project.definitions import defs
from dagster_project.errors import SegmentsError, UsageError
from dagster_project.instance import open_instance
from dagster_project.jobs import AFTER_SEGMENTS, HISTORY_JOB, MAIN_JOB, PLAN_JOB
from dagster_project.outcome import HISTORY_ONLY, Outcome
from dagster_project.publish.generations import current_generation
from dagster_project.quality.checks import checks
from dagster_project.resources import Warehouse
from dagster_project.settings import PROJECT_DIR, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


PUBLISH_STEP = "publish__current"


def run_main_job(
    settings: Settings,
    *,
    as_of: date | None,
    accept: Sequence[str],
    rebuild: bool = False,
    instance: dg.DagsterInstance | None = None,
) -> Outcome:
    """Load, build, check and publish once; say what became of the build: published, unchanged, or kept as history.

    Args:
        settings: of this process.
        as_of: last day that the run sees; none: the last complete day with facts.
        accept: blocking checks that may fail this time.
        rebuild: build and check everything although nothing has changed since the current generation.
        instance: where runs and events are kept; none: ``DAGSTER_HOME``, so that the UI shows them.

    Raises:
        SegmentsError: a step failed; the message is that of the step, the exit code that of its error.
    """
    _require_known(accept)
    standing = current_generation(settings)
    if as_of and standing and as_of < standing.as_of:
        run_history_job(settings, as_of, as_of, rebuild=rebuild, instance=instance)
        return Outcome(text=f"{HISTORY_ONLY}: generation {standing.name} is of {standing.as_of}", as_of=as_of)
    warehouse = {"as_of_date": as_of.isoformat() if as_of else None, "accept": list(accept), "rebuild": rebuild}
    look = Warehouse.model_validate(warehouse)
    is_partial = look.only_segments_changed()
    selected = _without(look.segments_as_built()) if is_partial else None
    result = _execute(MAIN_JOB, settings, {**warehouse, "segments_only": is_partial}, instance, selected=selected)
    for published in result.asset_materializations_for_node(PUBLISH_STEP):
        as_of_date = date.fromisoformat(str(published.metadata["as_of_date"].value))
        return Outcome(text=str(published.metadata["outcome"].value), as_of=as_of_date)
    standing = current_generation(settings)
    if standing is None:
        raise SegmentsError("Nothing was published, and nothing says why: look at the run in `segments dev`.")
    return Outcome(text="unchanged: the current generation was made of the same", as_of=standing.as_of)


def build_without_publishing(settings: Settings, instance: dg.DagsterInstance | None = None) -> None:
    """Load what landed and build everything up to the segments, for a look at what a run would publish.

    Raises:
        SegmentsError: a step failed.
    """
    _execute(PLAN_JOB, settings, {}, instance)


def run_history_job(
    settings: Settings,
    first: date,
    last: date,
    *,
    rebuild: bool = False,
    instance: dg.DagsterInstance | None = None,
) -> list[date]:
    """Load what landed, build these days of the past and keep them; nothing is published. Gives the days.

    Args:
        settings: of this process.
        first: first day.
        last: last day, itself included.
        rebuild: build also days that were made of the same before.
        instance: as for ``run_main_job``.

    Raises:
        UsageError: the days are in no order, or the last has not ended.
        SegmentsError: a step failed.
    """
    if first < FIRST_DAY:
        raise UsageError(f"{first} is before {FIRST_DAY}, the first day that can be built.")
    if first > last:
        raise UsageError(f"{first} is after {last}, the last day to build: days stand in their order.")
    require_complete(last, settings, utc_now())
    tags = {ASSET_PARTITION_RANGE_START_TAG: first.isoformat(), ASSET_PARTITION_RANGE_END_TAG: last.isoformat()}
    _execute(HISTORY_JOB, settings, {"rebuild": rebuild}, instance, tags=tags)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _execute(
    job: str,
    settings: Settings,
    warehouse: Mapping[str, Any],
    instance: dg.DagsterInstance | None,
    *,
    tags: Mapping[str, str] | None = None,
    selected: dg.AssetSelection | None = None,
) -> dg.ExecuteInProcessResult:
    """Run a job, all of it or some of its assets only."""
    warnings.simplefilter("ignore", dg.BetaWarning)
    # A run with nothing to build skips its steps, and Dagster warns of every check that those would have made.
    logging.getLogger(active.__name__).setLevel(logging.ERROR)
    config = {"loggers": {"progress": {}}, "resources": {"warehouse": {"config": dict(warehouse)}}}
    definitions = defs()
    chosen = selected.resolve(definitions.resolve_asset_graph()) if selected else None
    try:
        return definitions.resolve_job_def(job).execute_in_process(
            run_config=config,
            instance=instance or open_instance(settings),
            tags=tags,
            asset_selection=sorted(chosen) if chosen else None,
        )
    except dg.Failure as error:
        raise SegmentsError(error.description or "a step failed") from error
    except dg.DagsterError as error:
        raise _as_sentence(error, settings) from error


def _without(segments: Iterable[str]) -> dg.AssetSelection:
    """Segments and what follows them, without those that stand as they are."""
    standing = dg.AssetSelection.assets(*(["segments", name] for name in sorted(segments)))
    return dg.AssetSelection.groups("segments", *AFTER_SEGMENTS) - standing


def open_ui(settings: Settings, port: int) -> None:
    """Become ``dagster dev`` on 127.0.0.1 with the instance of the command line."""
    open_instance(settings).dispose()
    os.chdir(PROJECT_DIR)
    arguments = ["dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    os.execv(Path(sys.executable).with_name("dagster"), arguments)  # noqa: S606 (no shell; the process is replaced)


def _require_known(accept: Sequence[str]) -> None:
    blocking = [check.name for check in checks() if check.severity == "error"]
    for name in accept:
        if name not in blocking:
            raise UsageError(f"--accept {name}: there is no such blocking check. There are: {', '.join(blocking)}.")


def _as_sentence(error: dg.DagsterError, settings: Settings) -> SegmentsError:
    cause = error.__cause__
    if isinstance(cause, SegmentsError):
        return cause
    found = explained(str(cause), settings) if isinstance(cause, duckdb.Error | OSError) else str(error)
    if isinstance(error, DagsterAssetCheckFailedError):
        names = found.rpartition(":")[2].strip()
        found = (
            f"Not published: {names} found what stands above. To publish all the same: segments run --accept {names}"
        )
    return SegmentsError(f"{found}\nWhat was published is unchanged.")
