"""What the pipeline costs beside what others would write, on one generated shop; writes ``docs/scale.md``.

Every row is a process of its own, one after the other, on the same landing files. Ratios are to the by-hand SQL of the
same sitting: the machine is noisy, so nothing is compared across sittings.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.main_job import measured_on
from dagster_project.settings import PROJECT_DIR

PAGE = PROJECT_DIR / "docs" / "scale.md"
PEERS_PYTHON = PROJECT_DIR / ".venv-peers" / "bin" / "python"
LAST_DAY = date(2026, 6, 30)
LAYERS = ("raw", "staging", "seeds", "intermediate", "marts", "profiles", "segments", "quality", "report", "publish")
SHOWN_ASSETS = 15
PEERS = {
    "polars": "in_polars",
    "pandas": "in_pandas",
    "pymc-marketing, its RFM functions alone": "in_pymc_marketing",
}

Figures = dict[str, Any]


def measured(*arguments: str, python: Path, **environment: str) -> Figures:
    """Run a module that prints one line of JSON.

    Raises:
        SystemExit: it failed; its own message has been shown.
    """
    process = subprocess.run(  # noqa: S603 (our own modules)
        [str(python), "-m", *arguments],
        cwd=PROJECT_DIR,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed")
    figures: Figures = json.loads(process.stdout.splitlines()[-1])
    return figures


def measurements(folder: Path, memory_limit: str) -> dict[str, Figures]:
    """Everything that is measured, by name; ``folder`` holds ``landing`` and gets all that is made."""
    here, landing = Path(sys.executable), folder / "landing"
    as_of = ("--as-of", LAST_DAY.isoformat())
    settings = {"SEGMENTS_DATA_DIR": str(folder), "SEGMENTS_MEMORY_LIMIT": memory_limit}
    database = ("--database", str(folder / "by_hand.duckdb"), "--memory-limit", memory_limit)
    by_hand = measured("benchmarks.peers.by_hand", str(landing), *as_of, *database, python=here)
    (folder / "by_hand.duckdb").unlink()
    found = {
        "hand-written DuckDB SQL": by_hand,
        "segments run, first": measured("benchmarks.measured_run", python=here, **settings),
        "segments run, nothing new": measured("benchmarks.measured_run", python=here, **settings),
    }
    if PEERS_PYTHON.exists():
        for name, module in PEERS.items():
            found[name] = measured(f"benchmarks.peers.{module}", str(landing), *as_of, python=PEERS_PYTHON)
    return found


def by_layer(assets: dict[str, float]) -> dict[str, float]:
    """CPU-seconds by layer, checks apart."""
    totals: Counter[str] = Counter()
    for name, seconds in assets.items():
        layer = name.split("/")[0]
        totals["checks of dbt" if name.endswith("(checks)") else layer] += seconds
    known = [layer for layer in LAYERS if layer in totals]
    return {layer: totals[layer] for layer in [*known, *sorted(set(totals) - set(known))]}


def page(found: dict[str, Figures], orders: int, memory_limit: str) -> str:
    """The page with all figures."""
    hand, run = found["hand-written DuckDB SQL"], found["segments run, first"]
    base, layers = hand["cpu_seconds"], by_layer(run["assets"])
    without = run["cpu_seconds"] - layers.get("publish", 0)
    rows = [
        f"| {name} | {figures['cpu_seconds']:.0f} | {figures['cpu_seconds'] / base:.2f} "
        f"| {figures['wall_seconds']:.0f} | {figures['peak_megabytes']:,} |"
        for name, figures in found.items()
    ]
    rows.insert(2, f"| segments run, first, without publish | {without:.0f} | {without / base:.2f} | | |")
    dearest = sorted(run["assets"].items(), key=lambda item: -item[1])[:SHOWN_ASSETS]
    phases = ", ".join(f"{phase} {seconds:.0f}" for phase, seconds in hand["phases"].items())
    return "\n".join(
        [
            "# Cost at scale",
            "",
            f"Written by `make bench`: a generated shop of {orders:,} orders and ten times as many events over 730",
            f"days, in Parquet landing files, with a memory limit of {memory_limit}. The hand-written SQL computes the",
            "same profile columns straight from the landing files, with no orchestration, no checks and nothing",
            "published; a test holds its results against the pipeline's, row for row. Of its CPU-seconds:",
            f"{phases}.",
            "",
            measured_on(),
            "",
            "| what | CPU-seconds | ratio | wall seconds | peak MB |",
            "|---|---:|---:|---:|---:|",
            *rows,
            "",
            "## Where the first run spends it",
            "",
            "| layer | CPU-seconds | share |",
            "|---|---:|---:|",
            *(f"| {layer} | {seconds:.1f} | {seconds / run['cpu_seconds']:.0%} |" for layer, seconds in layers.items()),
            "",
            f"The {SHOWN_ASSETS} dearest assets; a step that tells of its tables at its end counts for the first one:",
            "",
            "| asset | CPU-seconds |",
            "|---|---:|",
            *(f"| {name} | {seconds:.1f} |" for name, seconds in dearest),
            "",
        ]
    )


def main() -> None:
    """Write the shop unless it is there, measure, write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.at_scale", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--folder", type=Path, help="keep the landing files here; unset: a temporary folder")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = chosen.folder or Path(temporary)
        if not (folder / "landing").exists():
            arguments = ["benchmarks.large_shop", str(folder / "landing"), "--orders", str(chosen.orders)]
            subprocess.run([sys.executable, "-m", *arguments], cwd=PROJECT_DIR, check=True)  # noqa: S603 (our own module)
        text = page(measurements(folder, chosen.memory_limit), chosen.orders, chosen.memory_limit)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
