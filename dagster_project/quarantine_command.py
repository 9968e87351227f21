"""``segments quarantine``: rows that were refused, listed, shown, judged again and purged.

What each of these means stands in ``raw.quarantine`` and ``raw.replaying``; here are words and tables for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from dagster_project.clock import utc_now
from dagster_project.lock import writer_lock
from dagster_project.settings import Settings, load_settings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

app = typer.Typer(
    help="Look at refused rows, and let them in when what refused them was corrected.", no_args_is_help=True
)
_console = Console(highlight=False, markup=False, soft_wrap=True)
_SHOWN_CHARACTERS = 1000
# What could steer a terminal is shown and not sent.
_SHOWN_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160)) if code not in {9, 10}}


@app.command(name="list")
def list_() -> None:
    """Count the quarantined rows per file, reason and column."""
    from dagster_project.raw.database import open_raw  # noqa: PLC0415 (DuckDB is slow to import)
    from dagster_project.raw.quarantine import piles  # noqa: PLC0415

    with open_raw(load_settings(), read_only=True) as raw:
        found = piles(raw)
    if not found:
        _console.print("Nothing is quarantined.")
        return
    table = Table()
    for name in ("file", "reason", "column"):
        table.add_column(name, overflow="fold")
    for name in ("rows", "first line", "loaded"):
        table.add_column(name, justify="right")
    for pile in found:
        loaded = f"{pile.loaded_at:%Y-%m-%d}"
        rows, line = f"{pile.rows_count:,}", str(pile.first_line)
        table.add_row(_shown(pile.file), pile.reason, _shown(pile.column or ""), rows, line, loaded)
    _console.print(table)


@app.command()
def show(
    what: Annotated[str, typer.Argument(help="A file as `list` names it, or a reason code.")],
    limit: Annotated[int, typer.Option(min=1, help="Rows to show at most.")] = 20,
) -> None:
    """Show quarantined rows: file, line, reason, column, message and text. The text may be personal data."""
    from dagster_project.raw.database import open_raw  # noqa: PLC0415
    from dagster_project.raw.quarantine import refused_rows  # noqa: PLC0415

    with open_raw(load_settings(), read_only=True) as raw:
        rows, count = refused_rows(raw, what, limit)
    for row in rows:
        column = f" in {row.column}" if row.column else ""
        _console.print(_shown(f"{row.file} line {row.line}: {row.reason}{column}"), style="bold")
        _console.print(_shown(f"  {row.message}"))
        cut = f"... ({len(row.raw_text):,} characters)" if len(row.raw_text) > _SHOWN_CHARACTERS else ""
        _console.print(_shown(f"  {row.raw_text[:_SHOWN_CHARACTERS]}{cut}"), style="dim")
    if count > len(rows):
        _console.print(f"{len(rows):,} of {count:,} rows; --limit shows more.")


@app.command()
def replay(
    file: Annotated[str | None, typer.Argument(help="A file as `list` names it.", show_default="every file")] = None,
) -> None:
    """Judge quarantined rows again, by what mappings and contracts say now; good ones enter raw."""
    from dagster_project.raw.replaying import replay as judge_again  # noqa: PLC0415

    settings = load_settings()
    with _only_writer(settings, "segments quarantine replay"):
        done = judge_again(settings, now=utc_now(), file=file, log=lambda sentence: _console.print(_shown(sentence)))
    if not done:
        _console.print("Nothing is quarantined.")
    elif any(item.counts.rows_used for item in done):
        _console.print("`segments run` builds and publishes with them.")


@app.command()
def purge(
    file: Annotated[str | None, typer.Argument(help="A file as `list` names it.", show_default="every file")] = None,
    older_than: Annotated[int | None, typer.Option(min=0, help="Only rows loaded more than so many days ago.")] = None,
) -> None:
    """Remove quarantined rows for good; the ledger goes on counting them as quarantined."""
    from dagster_project.raw.database import open_raw  # noqa: PLC0415
    from dagster_project.raw.quarantine import purge as remove  # noqa: PLC0415

    settings = load_settings()
    with _only_writer(settings, "segments quarantine purge"), open_raw(settings) as raw:
        count = remove(raw, now=utc_now(), file=file, older_than_days=older_than)
    _console.print(f"Purged {count:,} quarantined {'row' if count == 1 else 'rows'}.")


def _only_writer(settings: Settings, holder: str) -> AbstractContextManager[None]:
    return writer_lock(settings.lock_path, holder=holder, timeout_seconds=settings.lock_timeout_seconds)


def _shown(text: str) -> str:
    return text.translate(_SHOWN_CONTROLS)
