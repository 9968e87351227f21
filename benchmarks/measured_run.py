"""One main job in this process, with what each asset cost; run as a process of its own by the other benchmarks.

An argument is a folder of segment rules that stand in for those of the project.

CPU-seconds are of the whole process (all threads, user and system) since the last asset, check or start of a step, and
go to what the event is about. A step that tells of all its assets at its end counts for the first of them.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from dagster_project.instance import open_instance
from dagster_project.runs import run_main_job
from dagster_project.segments import catalog
from dagster_project.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster import DagsterEvent

STARTED = time.perf_counter()
MEMORY_UNIT = 1024**2 if sys.platform == "darwin" else 1024


class Meter:
    """Counts CPU-seconds by what the events of an instance are about."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.seconds: Counter[str] = Counter()
        self.publish: dict[str, float] = {}
        self._last = 0.0
        self._pass_on: Callable[..., Any] = instance.handle_new_event
        instance.handle_new_event = self._count  # type: ignore[method-assign]

    def _count(self, entry: Any, **options: Any) -> Any:
        if subject := _subject(entry.dagster_event):
            now = time.process_time()
            self.seconds[subject] += now - self._last
            self._last = now
        self.publish |= _told_by_publish(entry.dagster_event)
        return self._pass_on(entry, **options)


def _subject(event: DagsterEvent | None) -> str | None:
    if event is None:
        return None
    if event.is_step_start:
        return "start and bookkeeping"
    if event.is_step_materialization and event.asset_key:
        return event.asset_key.to_user_string()
    if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        return f"{event.asset_check_evaluation_data.asset_key.to_user_string()} (checks)"
    return None


def _told_by_publish(event: DagsterEvent | None) -> dict[str, float]:
    """What publish says of its own parts."""
    if event is None or not event.is_step_materialization:
        return {}
    metadata = event.step_materialization_data.materialization.metadata
    return {
        name.removeprefix("publish_"): float(str(value.value))
        for name, value in metadata.items()
        if name.startswith("publish_")
    }


def main() -> None:
    """Run once and print one line of JSON: CPU-seconds by asset, by part of publish and in all, wall, memory."""
    gc.set_threshold(50_000, 20, 20)
    for folder in sys.argv[1:]:
        catalog.SEGMENTS_DIR = Path(folder)
    settings = load_settings()
    with open_instance(settings) as instance:
        meter = Meter(instance)
        outcome = run_main_job(settings, as_of=None, accept=[], instance=instance)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "outcome": outcome.text,
        "publish": meter.publish,
        "assets": {name: round(seconds, 3) for name, seconds in meter.seconds.items()},
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 3),
        "wall_seconds": round(time.perf_counter() - STARTED, 3),
        "peak_megabytes": round(usage.ru_maxrss / MEMORY_UNIT),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
