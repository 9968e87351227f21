"""What the main job costs: CPU-seconds and peak memory of whole commands, as processes of their own.

Writes ``docs/benchmarks.md``. Machines differ and are noisy; compare rows of one table, not tables of two days.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    import resource

SEGMENTS = Path(sys.executable).with_name("segments")
ONLINE_RETAIL = (PROJECT_DIR / "../shared/data/online_retail/online_retail.csv.gz").resolve()
PAGE = PROJECT_DIR / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Cost:
    """CPU-seconds (user and system), wall seconds and peak resident memory of one command."""

    cpu_seconds: float
    wall_seconds: float
    peak_megabytes: float


def measure(*arguments: str, data_dir: Path, zone: str = "UTC") -> Cost:
    """Run ``segments`` once and say what it cost.

    Raises:
        SystemExit: the command failed; its own message has been shown.
    """
    environment = os.environ | {"SEGMENTS_DATA_DIR": str(data_dir), "SEGMENTS_SHOP_TIME_ZONE": zone}
    began = datetime.now(tz=UTC)
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [str(SEGMENTS), *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"segments {' '.join(arguments)} failed in {data_dir}")
    return _cost(usage, (datetime.now(tz=UTC) - began).total_seconds())


def _cost(usage: resource.struct_rusage, wall_seconds: float) -> Cost:
    return Cost(usage.ru_utime + usage.ru_stime, wall_seconds, usage.ru_maxrss / 1024)


def measurements(folder: Path) -> dict[str, Cost]:
    """All commands that are measured, by what they do."""
    shop = folder / "sample"
    found = {
        "write the sample shop (5,000 customers, 20,000 orders, 300,000 events)": measure("sample", data_dir=shop),
        "first run on the sample shop": measure("run", data_dir=shop),
        "second run, nothing new": measure("run", data_dir=shop),
    }
    if ONLINE_RETAIL.exists():
        retail = folder / "retail"
        (retail / "landing" / "online_retail").mkdir(parents=True)
        shutil.copy(ONLINE_RETAIL, retail / "landing" / "online_retail")
        found["first run on UCI Online Retail (541,909 lines of CSV)"] = measure(
            "run", data_dir=retail, zone="Europe/London"
        )
    return found


def measured_on() -> str:
    """Date, machine and versions of a measurement."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("dagster", "dbt-core", "dbt-duckdb", "duckdb"))
    return (
        f"{datetime.now(tz=UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {packages}."
    )


def page(found: dict[str, Cost]) -> str:
    """The page with all figures; ratios are to the first run on the sample shop."""
    base = found["first run on the sample shop"].cpu_seconds
    rows = [
        f"| {name} | {cost.cpu_seconds:.1f} | {cost.cpu_seconds / base:.2f} "
        f"| {cost.wall_seconds:.1f} | {cost.peak_megabytes:.0f} |"
        for name, cost in found.items()
    ]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench`. Whole commands in processes of their own, imports included.",
            "",
            measured_on(),
            "",
            "| what | CPU-seconds | ratio | wall seconds | peak MB |",
            "|---|---:|---:|---:|---:|",
            *rows,
            "",
        ]
    )


def main() -> None:
    """Measure and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        text = page(measurements(Path(folder)))
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
