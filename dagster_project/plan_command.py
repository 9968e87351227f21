"""``segments plan``: who would enter and leave each segment, before anything is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from dagster_project import published_rules
from dagster_project.database import connection
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.segments.changes import changes, try_out
from dagster_project.segments.membership import size_warnings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from dagster_project.publish.generations import Generation
    from dagster_project.segments.changes import Change, Move
    from dagster_project.settings import Settings

_console = Console(highlight=False, markup=False, soft_wrap=True)
_SHOWN_FILES = 3


def plan(settings: Settings, *, shown: int, with_data: bool) -> None:
    """Try the rules of the files on the published profile, or on one that is built from what has landed.

    Raises:
        SegmentsError: nothing is published yet, or the build failed.
    """
    if with_data:
        _build(settings)
        generation = published_rules.require_generation(settings)
        with connection(settings.warehouse_path, settings) as build:
            published_rules.attach(build, generation)
            try:
                _show_changes(build, generation, shown)
            finally:
                build.execute("detach published")
        return
    catalog = shipped_catalog()
    with published_rules.published_profile(settings) as published:
        try_out(published.connection, catalog, published.generation.as_of)
        _show_changes(published.connection, published.generation, shown)
        _show_new_files(published_rules.files_not_published(settings, published.connection))


def _build(settings: Settings) -> None:
    from dagster_project.runs import build_without_publishing  # noqa: PLC0415 (Dagster and dbt take seconds to import)

    published_rules.require_generation(settings)
    build_without_publishing(settings)


def _show_changes(state: duckdb.DuckDBPyConnection, generation: Generation, shown: int) -> None:
    catalog = shipped_catalog()
    ((as_of,),) = state.execute("select max(as_of_date) from segments.sizes").fetchall()
    found = changes(state, catalog, as_of, published_rules.standing_state(generation, state), shown)
    standing = f"generation {generation.name} of {generation.as_of}"
    _console.print(f"As of {as_of}, against {standing}. Nothing is published.", style="bold")
    moved = [change for change in found if not change.is_none]
    for change in moved:
        _show(change)
    same = len(found) - len(moved)
    _console.print(f"{same} {'segment stays as it is' if same == 1 else 'segments stay as they are'}.")
    changed = {change.segment.rpartition("/")[2] for change in moved}
    for segment, sentence in size_warnings(state, catalog):
        if segment in changed:
            _console.print(f"Warning  {sentence}")


def _show(change: Change) -> None:
    words = {"new": " (new)", "gone": " (no longer declared)", "edited": " (edited)", "same": ""}
    counted = f"{change.members_before:,} members now, {change.members:,} then"
    contactable = "" if change.contactable is None else f", {change.contactable:,} of them contactable"
    _console.print(f"\n{change.segment}{words[change.kind]}: {counted}{contactable}", style="bold")
    if change.rule:
        _console.print(f"  rule   {change.rule}")
    if change.kind == "edited":
        _console.print(f"  was    {change.rule_before}")
    _show_move("enter", change.entering)
    _show_move("leave", change.leaving)


def _show_move(word: str, move: Move) -> None:
    if not move.count:
        return
    _console.print(f"  {word}  {move.count:,}")
    for person, reason in move.first:
        _console.print(f"         {person}: {reason}")
    if move.count > len(move.first):
        _console.print(f"         and {move.count - len(move.first):,} more")


def _show_new_files(names: Sequence[str]) -> None:
    if not names:
        return
    listed = ", ".join(names[:_SHOWN_FILES]) + (" ..." if len(names) > _SHOWN_FILES else "")
    _console.print(
        f"\n{len(names)} {'file in landing is' if len(names) == 1 else 'files in landing are'} not in it ({listed}): "
        "`segments plan --with-data` loads and builds first, and publishes nothing."
    )
