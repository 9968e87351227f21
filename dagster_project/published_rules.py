"""Asking the published generation by the rules that stand in the files now; nothing of it is changed.

What is asked is decided by ``plan_command.py`` and ``why_command.py``.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.database import connection
from dagster_project.errors import SegmentsError
from dagster_project.publish.generations import current_generation
from dagster_project.publish.publishing import UNAMBIGUOUS_FILE
from dagster_project.raw.ledger import files_not_in
from dagster_project.segments.changes import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from dagster_project.publish.generations import Generation
    from dagster_project.settings import Settings


@dataclass(frozen=True)
class Published:
    """The current generation, and a connection that has it attached as ``published``, its profile in place."""

    generation: Generation
    connection: duckdb.DuckDBPyConnection

    @property
    def standing(self) -> Standing:
        """Memberships and rules of the generation."""
        return standing_state(self.generation, self.connection)


def require_generation(settings: Settings) -> Generation:
    """The generation that stands.

    Raises:
        SegmentsError: nothing was published yet.
    """
    generation = current_generation(settings)
    if generation is None:
        raise SegmentsError("Nothing is published yet: `segments run` builds and publishes the first generation.")
    return generation


@contextmanager
def published_profile(settings: Settings) -> Iterator[Published]:
    """The published profile in a database of its own in memory, where segments can be tried out.

    Raises:
        SegmentsError: nothing was published yet.
    """
    generation = require_generation(settings)
    with connection(Path(":memory:"), settings) as scratch:
        attach(scratch, generation)
        scratch.execute("create schema profiles")
        scratch.execute("create view profiles.customer_profiles as from published.profiles.customer_profiles")
        yield Published(generation, scratch)


def attach(scratch: duckdb.DuckDBPyConnection, generation: Generation) -> None:
    """Attach the published file, read-only, as ``published``."""
    path = str(generation.path / UNAMBIGUOUS_FILE).replace("'", "''")
    scratch.execute(f"attach '{path}' as published (read_only)")


def standing_state(generation: Generation, attached: duckdb.DuckDBPyConnection) -> Standing:
    """What changes are held against: memberships and rules of the generation."""
    rows = attached.execute("select segment, rule, rule_version from published.segments.dictionary").fetchall()
    memberships = generation.path / "parquet" / "segments" / "memberships.parquet"
    return Standing(memberships, {name: (rule, version) for name, rule, version in rows})


def files_not_published(settings: Settings, attached: duckdb.DuckDBPyConnection) -> list[str]:
    """Landing files whose content the published generation does not know."""
    rows = attached.execute("select split_part(file, '/', 1), sha256 from published.quality.load_ledger").fetchall()
    return files_not_in(set(rows), settings)
