"""``segments similar``: who is like the members of a segment and is none, on the screen or as a list."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from rich.console import Console

from dagster_project.asked_file import asked_file, require_writable
from dagster_project.errors import UsageError
from dagster_project.published_rules import published_profile
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.segments.changes import readable_columns, require_columns
from dagster_project.segments.definitions import with_references
from dagster_project.segments.faults import did_you_mean
from dagster_project.segments.membership import write_segment
from dagster_project.segments.similar import similar

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.settings import Settings

_SHOWN = 20
_console = Console(highlight=False, markup=False, soft_wrap=True)


def show_similar(settings: Settings, name: str, share: float, path: Path | None) -> None:
    """List the people nearest to the members of a segment of the published generation.

    Raises:
        UsageError: there is no such segment, or the list cannot be written.
        SegmentsError: nothing is published yet.
    """
    catalog = shipped_catalog()
    if name not in catalog.names:
        raise UsageError(f"There is no segment {name}{did_you_mean(name, catalog.names)}")
    if path is not None:
        require_writable(path, [".csv"])
    needed = {segment.name for segment in with_references(catalog, catalog[name])}
    with published_profile(settings) as published:
        require_columns([catalog[each] for each in needed], readable_columns(published.connection))
        for segment in catalog:
            if segment.name in needed:
                write_segment(published.connection, segment, published.generation.as_of)
        found = similar(published.connection, catalog[name], share)
    _console.print(f"{len(found):,} people are most like {name} and are not in it.", style="bold")
    if path is None:
        for person in found[:_SHOWN]:
            _console.print(f"{person.rank:>6}  {person.customer_id}  {person.distance:.3f}")
        return
    with asked_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("similar_rank", "customer_id", "distance"))
        writer.writerows((person.rank, person.customer_id, f"{person.distance:.6f}") for person in found)
    _console.print(f"List     {path}")
