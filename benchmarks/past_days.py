"""What a year of days of the past costs: ``segments history`` over 365 days of the sample shop, as whole commands.

Writes ``docs/past_days.md``. Machines differ and are noisy; CPU-seconds are what to look at, imports included.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.main_job import measure, measured_on
from dagster_project.publish.generations import current_generation
from dagster_project.settings import PROJECT_DIR, Settings

if TYPE_CHECKING:
    from benchmarks.main_job import Cost

PAGE = PROJECT_DIR / "docs" / "past_days.md"
DAYS = 365


def measurements(shop: Path) -> dict[str, tuple[int, Cost]]:
    """Days and cost by what was done: one day, the whole year, and the year again."""
    measure("sample", data_dir=shop)
    measure("run", data_dir=shop)
    standing = current_generation(Settings(data_dir=shop))  # type: ignore[call-arg]
    if standing is None:
        raise SystemExit(f"nothing was published in {shop}")
    first, last = (str(standing.as_of - timedelta(days=days)) for days in (DAYS, 1))
    return {
        "the last day alone": (1, measure("history", "--from", last, data_dir=shop)),
        "the whole year": (DAYS, measure("history", "--from", first, data_dir=shop)),
        "the year again, made of the same": (DAYS, measure("history", "--from", first, data_dir=shop)),
        "the next run, which reads the year": (1, measure("run", data_dir=shop)),
    }


def page(found: dict[str, tuple[int, Cost]]) -> str:
    """The page with all figures."""
    rows = [
        f"| {name} | {days} | {cost.cpu_seconds:.1f} | {cost.cpu_seconds / days:.2f} "
        f"| {cost.wall_seconds:.0f} | {cost.peak_megabytes:.0f} |"
        for name, (days, cost) in found.items()
    ]
    return "\n".join(
        [
            "# Days of the past: what they cost",
            "",
            "Written by `python -m benchmarks.past_days` on the sample shop (5,000 customers, 730 days of events).",
            "Whole commands in processes of their own, imports included. How it works: [history.md](history.md).",
            "",
            measured_on(),
            "",
            "| what | days | CPU-seconds | a day | wall seconds | peak MB |",
            "|---|---:|---:|---:|---:|---:|",
            *rows,
            "",
        ]
    )


def main() -> None:
    """Measure and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        text = page(measurements(Path(folder) / "shop"))
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
