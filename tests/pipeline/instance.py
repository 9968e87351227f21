"""What Dagster writes of a run in tests: kept in memory, over one connection."""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.event_log.in_memory import InMemoryEventLogStorage

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy


@contextmanager
def instance_in_memory() -> Iterator[dg.DagsterInstance]:
    """An instance for one run. Dagster's own opens a connection for each of some thousand statements."""
    with dg.DagsterInstance.ephemeral() as instance:
        events = instance.event_log_storage
        assert isinstance(events, InMemoryEventLogStorage)
        lock, kept = RLock(), events._held_conn  # noqa: SLF001 (one connection has no public name)

        @contextmanager
        def connect() -> Iterator[sqlalchemy.Connection]:
            with lock, kept.begin():
                yield kept

        events._connect = connect  # noqa: SLF001
        yield instance
