"""What ``segments run`` says in the end: what became of the build, the sizes, and where things are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from dagster_project.publish.generations import current_generation
from dagster_project.publish.history import recomputed_folder

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.outcome import Outcome
    from dagster_project.settings import Settings

_console = Console(highlight=False)


def show_outcome(settings: Settings, done: Outcome) -> None:
    """Sizes of what stands, or of the day that was kept."""
    standing = current_generation(settings)
    if done.is_history_only or standing is None:
        folder = recomputed_folder(settings, done.as_of)
        _console.print(_sizes(folder / "sizes.parquet", f"As of {done.as_of}"))
        _console.print(f"{done.sentence}.", style="bold", soft_wrap=True)
        _console.print(f"History  {folder}", soft_wrap=True)
        return
    current = settings.published_dir / "current"
    sizes = current / "parquet" / "segments" / "sizes.parquet"
    _console.print(_sizes(sizes, f"Generation {standing.name}, as of {standing.as_of}"))
    _console.print(f"{done.sentence}.", style="bold", soft_wrap=True)
    _console.print(f"DuckDB   {current / 'customer_segments.duckdb'}", soft_wrap=True)
    _console.print(f"Parquet  {current / 'parquet'}", soft_wrap=True)
    _console.print(f"Report   {current / 'report' / 'index.html'}", soft_wrap=True)


def _sizes(sizes: Path, title: str) -> Table:
    import duckdb  # noqa: PLC0415 (only a closing table needs it)

    query = """
        select segment, members_count, share, net_revenue_amount, is_too_small
        from read_parquet($sizes) order by members_count desc, segment
    """
    with duckdb.connect() as connection:
        rows = connection.execute(query, {"sizes": str(sizes)}).fetchall()
    table = Table("segment", title=title)
    for name in ("members", "share", "net revenue", ""):
        table.add_column(name, justify="right")
    for segment, members, share, revenue, is_too_small in rows:
        percent = f"{share:.1%}" if share is not None else ""
        table.add_row(segment, f"{members:,}", percent, f"{revenue:,.2f}", "too small" if is_too_small else "")
    return table
