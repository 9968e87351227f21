"""Where Dagster keeps events: one SQLite file for all runs, over connections that are kept.

Dagster's own SQLite storages open a new engine for every statement, which compiles every statement anew; for a run of
some hundred events that took longer than its SQL.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import sqlalchemy
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUSY_SECONDS = 30


class PooledSqliteEventLogStorage(ConsolidatedSqliteEventLogStorage):
    """The consolidated SQLite event log with one engine for the life of the process."""

    @cached_property
    def _engine(self) -> sqlalchemy.Engine:
        engine = sqlalchemy.create_engine(self._conn_string, connect_args={"timeout": _BUSY_SECONDS})
        # With a write-ahead log this keeps the file whole; only a power cut may cost the last events.
        sqlalchemy.event.listen(engine, "connect", lambda raw, _: raw.execute("pragma synchronous = normal"))
        return engine

    @contextmanager
    def _connect(self) -> Iterator[sqlalchemy.Connection]:
        with self._engine.begin() as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        """Whether the table is there; a table that was seen once stays."""
        if table_name not in self._seen_tables and sqlalchemy.inspect(self._engine).has_table(table_name):
            self._seen_tables.add(table_name)
        return table_name in self._seen_tables

    @cached_property
    def _seen_tables(self) -> set[str]:
        return set()
