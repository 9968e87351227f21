"""The one writer lock: whoever holds it is the only process that writes the databases.

The kernel frees it when its holder dies, so it is never stale.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dagster_project.clock import utc_now
from dagster_project.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_POLL_SECONDS = 0.2


@contextmanager
def writer_lock(path: Path, *, holder: str, timeout_seconds: float) -> Iterator[None]:
    """Be the only writer while the block runs.

    Args:
        path: lock file; it says who holds the lock.
        holder: name of the work, for whoever has to wait.
        timeout_seconds: how long to wait for another writer.

    Raises:
        BusyError: another process still holds the lock after the time-out.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _acquire(file.fileno(), path, timeout_seconds)
        file.truncate(0)
        since = utc_now().isoformat(timespec="seconds")
        file.write(json.dumps({"holder": holder, "pid": os.getpid(), "since": since}))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _acquire(descriptor: int, path: Path, timeout_seconds: float) -> None:
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BusyError(_busy_sentence(path)) from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _busy_sentence(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        who = f"{holder['holder']} (process {holder['pid']}) is writing since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        who = "another run is writing"
    return f"{who}: wait until it is done, or set SEGMENTS_LOCK_TIMEOUT_SECONDS to wait longer."
