"""The ``segments`` command. It starts what Dagster could start as well, and adds no logic of its own."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from datetime import datetime  # noqa: TC003 (typer reads it at run time)
from pathlib import Path  # noqa: TC003 (as above)
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from dagster_project import anchor_command, erase_command, history_command, quarantine_command
from dagster_project.advice import unexpected
from dagster_project.errors import SegmentsError, UsageError
from dagster_project.fetch.shops import ShopKind  # noqa: TC001 (typer reads it at run time)
from dagster_project.lock import writer_lock
from dagster_project.publish.generations import current_generation, generations, switch_to
from dagster_project.reset import forget_everything_loaded, refuse_beside_own_data
from dagster_project.run_command import show_outcome
from dagster_project.settings import Settings, load_settings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

app = typer.Typer(
    help="From raw orders and events to published customer segments.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(quarantine_command.app, name="quarantine")
_console = Console(highlight=False)


@app.command()
def sample(
    customers: Annotated[int, typer.Option(min=20, help="People to invent.")] = 5000,
    days: Annotated[int, typer.Option(min=400, help="Days of history.")] = 730,
    seed: Annotated[int, typer.Option(help="The same seed writes the same files.")] = 7,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the sample shop instead.")] = False,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing when files have landed already.")] = False,
) -> None:
    """Write a sample shop into landing, or remove it again."""
    from dagster_project.sample.writing import (  # noqa: PLC0415 (a second to import)
        remove_sample,
        sample_is_present,
        write_sample,
    )

    settings = load_settings()
    if if_empty and settings.landing_dir.exists() and any(settings.landing_dir.rglob("*")):
        return
    with _only_writer(settings, "segments sample"):
        is_present = sample_is_present(settings.landing_dir)
        if remove:
            removed = remove_sample(settings.landing_dir)
            made = forget_everything_loaded(settings) if is_present else []
            _console.print(
                f"Removed {len(removed)} files of the sample shop from {settings.landing_dir}"
                + (" and everything that was made of them" if made else ""),
                soft_wrap=True,
            )
            return
        if not is_present:
            refuse_beside_own_data(settings)
        written = write_sample(settings.landing_dir, customers=customers, days=days, seed=seed)
    _console.print(f"Wrote {len(written.files)} files of a sample shop into {settings.landing_dir}", soft_wrap=True)


@app.command()
def fetch(
    shop: Annotated[ShopKind, typer.Argument(help="Whose API to ask; address and secrets are settings.")],
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Fetch what changed since this day.",
            show_default="where the last fetch ended; the first fetches all",
        ),
    ] = None,
    into: Annotated[
        str | None, typer.Option(help="Source mapping that shall read it.", show_default="that of the shop's API")
    ] = None,
) -> None:
    """Ask a shop's API for what has changed, and write it into landing; needs `make install-api`."""
    from dagster_project.fetch.fetching import fetch_from  # noqa: PLC0415 (the sample shop takes a second to import)

    settings = load_settings()
    with Console(stderr=True, highlight=False).status(f"{shop} ...") as status:
        start = since.replace(tzinfo=settings.zone) if since else None
        done = fetch_from(shop, settings, since=start, into=into, log=status.update)
    _console.print(f"{done.rows_served:,} rows served, {done.rows_landed:,} of them new")
    for path in done.files:
        _console.print(f"Landed   {path}", soft_wrap=True)


@app.command()
def run(
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Build this day from this day's facts.", show_default="latest full day"
        ),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="Publish although this blocking check failed; recorded in publish.json. Repeatable."),
    ] = None,
    *,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build and check everything although nothing has changed.")
    ] = False,
) -> None:
    """Load, build, check and publish once; with nothing new since the last time there is nothing to build."""
    settings = load_settings()
    from dagster_project.runs import run_main_job  # noqa: PLC0415 (Dagster and dbt take seconds to import)

    done = run_main_job(settings, as_of=as_of.date() if as_of else None, accept=accept or [], rebuild=rebuild)
    show_outcome(settings, done)


@app.command()
def history(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.", show_default="day before the published one"),
    ] = None,
    *,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build also days made of the same before.")] = False,
) -> None:
    """Build days of the past from all that has landed by now and keep them; nothing is published."""
    history_command.history(load_settings(), first.date(), last.date() if last else None, rebuild=rebuild)


@app.command()
def movements(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Earlier day; it must be built.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Later day; it must be built.")],
    by: Annotated[
        str, typer.Option(help="lifecycle_stage, rfm_segment, an exclusive group of segments, or a segment.")
    ] = "lifecycle_stage",
    show: Annotated[int, typer.Option(min=0, help="People to name per move and cause.")] = 0,
    *,
    known_now: Annotated[
        bool, typer.Option("--known-now", help="Both days as they are known now, not as they were known then.")
    ] = False,
) -> None:
    """Show who went from where to where between two built days, and why: each move has one cause."""
    from dagster_project.movements_command import show_movements  # noqa: PLC0415 (DuckDB takes a while to import)

    show_movements(load_settings(), first.date(), last.date(), by, is_known_now=known_now, shown=show)


@app.command()
def similar(
    segment: Annotated[str, typer.Argument(help="A segment.")],
    share: Annotated[float, typer.Option(min=0.0001, max=1.0, help="Share of those who are no members.")] = 0.01,
    write: Annotated[Path | None, typer.Option(help="Write the list as CSV instead.", show_default=False)] = None,
) -> None:
    """List who is most like the members of a segment and is none, by all numbers of the profile."""
    from dagster_project.similar_command import show_similar  # noqa: PLC0415 (NumPy takes a while to import)

    show_similar(load_settings(), segment, share, write)


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="A segment, or a published table such as marts.fct_orders.")],
    write: Annotated[Path, typer.Option(help="File to write: .csv, .xlsx or .parquet.", show_default=False)],
    column: Annotated[list[str] | None, typer.Option(help="A column; all if none.", show_default=False)] = None,
) -> None:
    """Write the members of a segment with their profile, or a published table, as CSV, spreadsheet or Parquet."""
    from dagster_project.export_command import export as write_export  # noqa: PLC0415 (for this command alone)

    write_export(load_settings(), name, write, column or [])


@app.command()
def plan(
    show: Annotated[int, typer.Option(min=0, help="People to name per segment, with their reasons.")] = 5,
    *,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Load and build what has landed first, still without publishing.")
    ] = False,
) -> None:
    """Show who would enter and leave each segment by the rules as they stand, and why; nothing is published."""
    from dagster_project.plan_command import plan as show_plan  # noqa: PLC0415 (DuckDB takes a while to import)

    show_plan(load_settings(), shown=show, with_data=with_data)


@app.command()
def why(
    customer: Annotated[str, typer.Argument(help="customer_id, or the shop's own id.", show_default=False)],
    segment: Annotated[str | None, typer.Argument(help="A segment.", show_default="all of the customer's")] = None,
) -> None:
    """Say why somebody is in a segment, or why not: the operands that decided, with their thresholds."""
    from dagster_project.why_command import why as tell_why  # noqa: PLC0415 (DuckDB takes a while to import)

    tell_why(load_settings(), customer, segment)


@app.command()
def publish(
    to: Annotated[str | None, typer.Option(help="Go back (or forward) to this generation.")] = None,
) -> None:
    """Show the published generations, or switch to one of them."""
    settings = load_settings()
    if to is not None:
        with _only_writer(settings, "segments publish"):
            generation = switch_to(settings, to)
        _console.print(f"{settings.published_dir / 'current'} is now generation {generation.name}")
        return
    standing = current_generation(settings)
    table = Table("generation", "as of", "")
    for generation in generations(settings):
        is_current = standing is not None and generation.name == standing.name
        table.add_row(generation.name, str(generation.as_of), "current" if is_current else "")
    _console.print(table)


@app.command()
def anchor() -> None:
    """Make cut points of RFM scores from the buyers of the current generation, for rfm_method: anchored."""
    anchor_command.show_anchor(load_settings())


@app.command()
def erase(
    customer_id: Annotated[str | None, typer.Option(help="The person who has this id in the shop.")] = None,
    email: Annotated[str | None, typer.Option(help="The person to whom this address belongs.")] = None,
    *,
    requested: Annotated[
        bool, typer.Option("--requested", help="Everybody whose request has landed, and whoever came back.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person from landing, raw, history and everything published; only keyed hashes stay."""
    if bool(customer_id) + bool(email) + requested != 1:
        raise UsageError("Say who: one of --customer-id ID, --email ADDRESS and --requested.")
    erase_command.erase(load_settings(), customer_id, email, is_asked=not yes)


@app.command()
def dev(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Open the Dagster UI on 127.0.0.1, with the runs that the command line made."""
    settings = load_settings()
    from dagster_project.runs import open_ui  # noqa: PLC0415 (Dagster and dbt take seconds to import)

    open_ui(settings, port)


@app.command()
def doctor(
    file: Annotated[
        Path | None, typer.Argument(help="Look at this file instead, which nobody mapped yet.", show_default=False)
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write a first mapping of it, for example data/sources/my_till.yml.")
    ] = None,
) -> None:
    """Look whether machine, settings, landing, raw and what is published are sound; or what a foreign file is like."""
    settings = load_settings()
    from dagster_project.doctor import examine  # noqa: PLC0415 (DuckDB takes a while to import)
    from dagster_project.doctor_command import show_file, show_health  # noqa: PLC0415

    if file is not None:
        show_file(settings, file, write)
        return
    if write is not None:
        raise UsageError("--write needs the file to map: segments doctor FILE --write data/sources/<name>.yml")
    with _only_writer(settings, "segments doctor"):
        raise typer.Exit(show_health(examine(settings)))


def main() -> None:
    """Run the command; every expected error is a sentence and an exit code."""
    # Imports and parsing make millions of objects that stay. Collecting them less often, and not freeing them one by
    # one when the process ends, saves some CPU-seconds of a run.
    gc.set_threshold(50_000, 20, 20)
    exit_codes: list[int] = []
    atexit.register(_end_at_once, exit_codes)  # the first to be registered is the last to be called
    exit_codes.append(_run_command())
    sys.exit(exit_codes[0])


def _run_command() -> int:
    try:
        app(standalone_mode=True)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except SegmentsError as error:
        Console(stderr=True, highlight=False).print(str(error), style="bold red", markup=False, soft_wrap=True)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (whatever it is, a person gets a sentence and the trace lies in a file)
        Console(stderr=True, highlight=False).print(
            unexpected(error, load_settings()), style="bold red", markup=False, soft_wrap=True
        )
        return SegmentsError.exit_code
    return 0


def _end_at_once(exit_codes: list[int]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_codes[0] if exit_codes else SegmentsError.exit_code)


def _only_writer(settings: Settings, holder: str) -> AbstractContextManager[None]:
    return writer_lock(settings.lock_path, holder=holder, timeout_seconds=settings.lock_timeout_seconds)
