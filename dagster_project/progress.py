"""What a person at a terminal sees of a run while it works."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import dagster as dg
from rich.console import Console

if TYPE_CHECKING:
    from dagster import DagsterEvent

_STEP_NAMES = {
    "raw": "landing to raw",
    "dbt_marts": "raw to marts",
    "dbt_profiles": "marts to profiles",
    "segments": "segments",
    "segment_summaries": "segment summaries",
    "activation__audiences": "audience files",
    "quality": "quality checks",
    "report__index": "report",
    "publish__current": "publish",
    "history__recomputed": "days of the past",
}

# What Dagster itself says of steps that have nothing to do.
_DAGSTERS_OWN = ("Skipping step ", "op '")


def progress_logger() -> dg.LoggerDefinition:
    """A Dagster logger that says which step runs, how far it is, what it found and how long it took."""

    @dg.logger(None, description="Progress for people at a terminal.")
    def progress(_context: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("segments.progress", level=logging.DEBUG)  # noqa: LOG001 (one per run, kept by nobody)
        logger.addHandler(_ProgressHandler())
        return logger

    return progress


class _ProgressHandler(logging.Handler):
    """Turns Dagster's events into one line per step."""

    def __init__(self) -> None:
        super().__init__()
        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("")
        self._started: dict[str, float] = {}
        self._done: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        event: DagsterEvent | None = meta.get("dagster_event")
        if event is None:
            if record.levelno >= logging.INFO:
                self._say(record)
        elif event.step_key:
            self._show(event, event.step_key)

    def _say(self, record: logging.LogRecord) -> None:
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        message = str(meta.get("orig_message", record.getMessage()))
        if message.startswith(_DAGSTERS_OWN):
            return
        style = "yellow" if record.levelno >= logging.WARNING else "dim"
        self._console.print(f"    {message}", style=style, markup=False, soft_wrap=True)

    def _show(self, event: DagsterEvent, step: str) -> None:
        name = _STEP_NAMES.get(step, step)
        if event.is_step_start:
            self._started[step] = time.monotonic()
            self._status.update(f"  {name} ...")
            self._status.start()
        elif event.is_step_materialization:
            self._done[step] = self._done.get(step, 0) + 1
            self._status.update(f"  {name}: {self._done[step]} tables")
        elif event.is_step_success or event.is_step_failure:
            self._status.stop()
            seconds = time.monotonic() - self._started.get(step, time.monotonic())
            mark, style = ("done", "green") if event.is_step_success else ("FAILED", "bold red")
            self._console.print(f"  {name:<20} {mark:<7} {seconds:6.1f} s", style=style)
