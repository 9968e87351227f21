"""Days of the past, one after the other in one process: built in the scratch database and kept, never published.

Which days, and who asked for them, is not decided here.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster_project.history.plan import make_plan
from dagster_project.history.scratch import Scratch, open_scratch
from dagster_project.publish.history import (
    file_sha256,
    is_made_of,
    memberships_of_day_before,
    recomputed_folder,
    remove_left_behind,
    write_recomputed,
)
from dagster_project.segments.definitions import write_definitions
from dagster_project.segments.membership import write_dictionary, write_memberships, write_segments, write_sizes
from dagster_project.transform.project import manifest_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from dagster_project.segments.catalog import Catalog
    from dagster_project.settings import Settings


@dataclass(frozen=True)
class Day:
    """A day that is kept, and what it took: nothing, where it was made of the same before."""

    as_of: date
    folder: Path
    is_built: bool
    cpu_seconds: float


def recompute(
    settings: Settings,
    days: Sequence[date],
    *,
    variables: Mapping[str, Any],
    facts_sha256: str,
    catalog: Catalog,
    rebuild: bool = False,
) -> Iterator[Day]:
    """Build and keep these days in their order; a day that was made of the same before is left as it is.

    Args:
        settings: of this process, which holds the writer lock.
        days: complete days, the earliest first, so that each finds who was a member on the day before.
        variables: what the models of a build are told, the as-of date aside.
        facts_sha256: hash of what every day is built from.
        catalog: the declared segments.
        rebuild: build also what was made of the same.
    """
    remove_left_behind(settings)
    with ExitStack() as stack:
        scratch: Scratch | None = None
        for day in days:
            started = time.process_time()
            before = memberships_of_day_before(settings, day)
            made_of = _made_of(facts_sha256, day, before)
            is_built = rebuild or not is_made_of(settings, day, made_of)
            if is_built:
                if scratch is None:
                    scratch = stack.enter_context(open_scratch(settings, make_plan(settings, variables)))
                    write_definitions(scratch.connection, catalog, manifest_json("duckdb"), variables)
                scratch.build(day)
                write_day_of_segments(scratch, catalog, day, before)
                write_recomputed(scratch.connection, settings, day, made_of)
            yield Day(day, recomputed_folder(settings, day), is_built, time.process_time() - started)


def write_day_of_segments(scratch: Scratch, catalog: Catalog, day: date, before: Path | None) -> None:
    """Every segment of the day that the scratch database holds, and the summaries that are kept."""
    previous = str(before) if before else None
    list(write_segments(scratch.connection, catalog, day, previous))
    write_memberships(scratch.connection, catalog)
    write_dictionary(scratch.connection, catalog)
    write_sizes(scratch.connection, catalog, day, previous)


def _made_of(facts_sha256: str, day: date, before: Path | None) -> str:
    previous = file_sha256(before) if before else "nobody"
    return hashlib.sha256(f"{facts_sha256} {day} {previous}".encode()).hexdigest()
