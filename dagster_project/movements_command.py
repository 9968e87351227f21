"""``segments movements``: who went from where to where between two built days, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from dagster_project.database import connection
from dagster_project.errors import UsageError
from dagster_project.publish.history import between_built_days
from dagster_project.publish.publishing import UNAMBIGUOUS_FILE
from dagster_project.published_rules import require_generation
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.segments.faults import did_you_mean
from dagster_project.segments.movements import STAYED, movements
from dagster_project.segments.moves import stage_moves

if TYPE_CHECKING:
    from datetime import date

    import duckdb

    from dagster_project.settings import Settings

_console = Console(highlight=False, markup=False, soft_wrap=True)
_NOT_LISTED = {
    "stage": "not listed",
    "rfm": "not listed",
    "group": "not listed",
    "segment": "no member",
    "transition": "",
}


def show_movements(settings: Settings, first: date, last: date, by: str, *, is_known_now: bool, shown: int) -> None:
    """Print the moves of one way of grouping people, each with its cause.

    Raises:
        UsageError: there is no such way, or a day was not built.
        SegmentsError: nothing is published yet.
    """
    generation = require_generation(settings)
    between = between_built_days(settings, first, last, is_known_now=is_known_now)
    with connection(generation.path / UNAMBIGUOUS_FILE, settings, read_only=True) as published:
        stage_moves(published, shipped_catalog(), between)
        rows = [row for row in movements(published, between) if row[1] == by]
        if not rows:
            query = "select name from temp.moves union select name from temp.stays union select 'segments'"
            names = [name for (name,) in published.execute(query).fetchall()]
            raise UsageError(f"Nobody is grouped by {by}{did_you_mean(by, names)}")
        _console.print(_table(rows, f"{by}, {first} to {last}, as known {'now' if is_known_now else 'then'}"))
        for row in [row for row in rows if row[4] != STAYED and row[0] != "transition"] if shown else []:
            _name_people(published, row, shown)


def _table(rows: list[tuple[Any, ...]], title: str) -> Table:
    table = Table("from", "to", "cause", title=title)
    table.add_column("customers", justify="right")
    for kind, _, before, after, cause, count, *_ in rows:
        table.add_row(before or _NOT_LISTED[kind], after or _NOT_LISTED[kind], cause, f"{count:,}")
    return table


def _name_people(published: duckdb.DuckDBPyConnection, row: tuple[Any, ...], shown: int) -> None:
    kind, name, before, after, cause, count, *_ = row
    people = published.execute(
        """
        select customer_id
        from temp.caused_moves
        where
            kind = $kind and name = $name and cause = $cause
            and from_value is not distinct from $before and to_value is not distinct from $after
        order by customer_id
        limit $shown
        """,
        {"kind": kind, "name": name, "cause": cause, "before": before, "after": after, "shown": shown},
    ).fetchall()
    more = f" and {count - len(people):,} more" if count > len(people) else ""
    words = f"{before or _NOT_LISTED[kind]} -> {after or _NOT_LISTED[kind]}, {cause}"
    _console.print(f"{words}: {', '.join(customer for (customer,) in people)}{more}")
