"""Days of the past on the command line: which ones, and what is said of them in the end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Console

from dagster_project.errors import UsageError
from dagster_project.publish.generations import current_generation

if TYPE_CHECKING:
    from datetime import date

    from dagster_project.settings import Settings


def history(settings: Settings, first: date, last: date | None, *, rebuild: bool) -> None:
    """Build and keep these days; without a last one, those before the published day.

    Raises:
        UsageError: there is no last day, or the days are in no order.
    """
    end = last or _day_before_published(settings)
    from dagster_project.runs import run_history_job  # noqa: PLC0415 (Dagster and dbt take seconds to import)

    days = run_history_job(settings, first, end, rebuild=rebuild)
    console = Console(highlight=False)
    console.print(f"{len(days):,} days are kept, {days[0]} to {days[-1]}. Nothing was published.", style="bold")
    console.print(f"History  {settings.history_dir / 'recomputed'}", soft_wrap=True)


def _day_before_published(settings: Settings) -> date:
    standing = current_generation(settings)
    if standing is None:
        raise UsageError("Nothing was published yet, so say --to DATE.")
    return standing.as_of - timedelta(days=1)
