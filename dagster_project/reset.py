"""Starting over: everything that was made of landing files goes, the landing files themselves are not touched.

Used when the sample shop leaves: its people must not stay behind in the databases, the history or what is published.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from dagster_project.errors import UsageError
from dagster_project.raw.database import open_raw

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.settings import Settings


def forget_everything_loaded(settings: Settings) -> list[Path]:
    """Remove the databases, the history, what is published, audience files and the report; return what was there."""
    files = settings.databases
    logs = [path.with_name(f"{path.name}.wal") for path in files]
    made = ("audiences", "report")
    folders = [settings.history_dir, settings.published_dir, *(settings.data_dir / name for name in made)]
    gone = [path for path in (*files, *logs, *folders) if path.exists()]
    for path in gone:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return gone


def refuse_beside_own_data(settings: Settings) -> None:
    """Keep the sample shop out of a data folder in which own files were loaded.

    Raises:
        UsageError: own files were loaded; the message names one and the way out.
    """
    if not settings.raw_path.exists():
        return
    with open_raw(settings, read_only=True) as raw:
        files = raw.execute("select file from raw.load_ledger order by file limit 1").fetchall()
    if files:
        raise UsageError(
            f"{settings.data_dir} holds data of your own ({files[0][0]} was loaded): the sample shop must not be mixed "
            "with it. Set SEGMENTS_DATA_DIR to another folder."
        )
