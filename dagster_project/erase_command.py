"""``segments erase``: people taken out of everything, after a person has seen what they are known by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.console import Console

from dagster_project.clock import utc_now
from dagster_project.errors import UsageError

if TYPE_CHECKING:
    from dagster_project.settings import Settings

_console = Console(highlight=False, markup=False, soft_wrap=True)


def erase(settings: Settings, customer_id: str | None, email: str | None, *, is_asked: bool) -> None:
    """Erase one person, or with neither id nor address everybody whose request has landed.

    Raises:
        UsageError: nobody is known by what was given.
        SegmentsError: a step failed; doing it again goes on from there.
    """
    from dagster_project import erasure  # noqa: PLC0415 (DuckDB is slow to import)
    from dagster_project.runs import run_main_job  # noqa: PLC0415 (Dagster and dbt take seconds to import)

    is_one = bool(customer_id or email)
    who = [(customer_id, email)] if is_one else erasure.requested(settings)
    values = {value for person in who for value in erasure.known_values(settings, *person)}
    if is_one and not erasure.is_known(settings, values):
        raise UsageError("Nobody who landed is known by that. Nothing was changed.")
    _show(values)
    if is_asked:
        typer.confirm("Erase them for good, with all their orders?", abort=True)
    erasure.erase(
        settings,
        values,
        now=utc_now(),
        log=_console.print,
        rebuild=lambda as_of, accept: run_main_job(settings, as_of=as_of, accept=accept),
    )
    _console.print("Erased. `segments publish` lists what is published.", style="bold")


def _show(values: set[tuple[str, str]]) -> None:
    _console.print(f"Known by {len(values):,} values:" if values else "No open request; what came back is taken out.")
    for kind, value in sorted(values):
        _console.print(f"  {kind:<13} {value.encode('unicode_escape').decode()}")
