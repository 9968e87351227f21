"""The Dagster instance that the command line, the UI and its schedules share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from dagster_project.lock import writer_lock

if TYPE_CHECKING:
    from dagster_project.settings import Settings

_SHIPPED_INSTANCE = Path(__file__).parent / "dagster.yaml"
_CREATION_SECONDS = 60


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Open the instance of ``DAGSTER_HOME``, telemetry off; a new home gets the shipped settings and empty storages.

    One process at a time: Dagster's SQLite storages fail when two processes create their tables at once.

    Raises:
        BusyError: another process has been creating the storages for a minute.
    """
    home = settings.dagster_home
    os.environ |= {"DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    with writer_lock(home / ".opening", holder="a command that opens DAGSTER_HOME", timeout_seconds=_CREATION_SECONDS):
        if not (home / "dagster.yaml").exists():
            shutil.copyfile(_SHIPPED_INSTANCE, home / "dagster.yaml")
        return dg.DagsterInstance.get()
