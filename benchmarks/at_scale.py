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
from benchmarks.one_more_day import lay_apart
from dagster_project.settings import PROJECT_DIR

PAGE = PROJECT_DIR / "docs" / "scale.md"
PEERS_PYTHON = PROJECT_DIR / ".venv-peers" / "bin" / "python"
LAST_DAY = date(2026, 6, 30)
LAYERS = ("raw", "staging", "seeds", "intermediate", "marts", "profiles", "segments", "quality", "report", "publish")
SHOWN_ASSETS = 15
GROWTH_SHOWN_SECONDS = 0.5
FIRST, ONE_MORE_DAY, NOTHING_NEW = "segments run, first", "segments run, one more day", "segments run, nothing new"
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
    here, landing, shop, later = Path(sys.executable), folder / "landing", folder / "shop", folder / "later"
    as_of = ("--as-of", LAST_DAY.isoformat())
    settings = {"SEGMENTS_DATA_DIR": str(shop), "SEGMENTS_MEMORY_LIMIT": memory_limit}
    lay_apart(landing, shop / "landing", LAST_DAY, later)
    database = ("--database", str(folder / "by_hand.duckdb"), "--memory-limit", memory_limit)
    by_hand = measured("benchmarks.peers.by_hand", str(landing), *as_of, *database, python=here)
    (folder / "by_hand.duckdb").unlink()
    found = {
        "hand-written DuckDB SQL": by_hand,
        FIRST: measured("benchmarks.measured_run", python=here, **settings),
    }
    for path in sorted(later.rglob("*.parquet")):
        path.rename(shop / "landing" / path.parent.name / f"later_{path.name}")
    for name in (ONE_MORE_DAY, NOTHING_NEW):
        found[name] = measured("benchmarks.measured_run", python=here, **settings)
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
    hand, run = found["hand-written DuckDB SQL"], found[FIRST]
    base, layers = hand["cpu_seconds"], by_layer(run["assets"])
    rows = [
        f"| {name} | {figures['cpu_seconds']:.0f} | {figures['cpu_seconds'] / base:.2f} "
        f"| {figures['wall_seconds']:.0f} | {figures['peak_megabytes']:,} |"
        for name, figures in found.items()
    ]
    rows.insert(2, _without_publish(found, FIRST, base))
    rows.insert(4, _without_publish(found, ONE_MORE_DAY, base))
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
            f"{phases}. The first run loads and publishes 729 of the days, the next one the last day on top.",
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
            *growth(run, found[ONE_MORE_DAY]),
        ]
    )


def _without_publish(found: dict[str, Figures], name: str, base: float) -> str:
    seconds = found[name]["cpu_seconds"] - by_layer(found[name]["assets"]).get("publish", 0)
    return f"| {name}, without publish | {seconds:.0f} | {seconds / base:.2f} | | |"


def growth(first: Figures, later: Figures) -> list[str]:
    """What one more day costs beside the first run, by layer, asset and part of publish."""
    share = later["cpu_seconds"] / first["cpu_seconds"]
    shown = sorted(
        (name for name in first["assets"] if later["assets"].get(name, 0) >= GROWTH_SHOWN_SECONDS),
        key=lambda name: -later["assets"][name],
    )
    return [
        "## What one more day costs",
        "",
        f"1/730 of the events on top of what stands: {later['cpu_seconds']:.0f} CPU-seconds, {share:.0%} of the first",
        "run. What costs about as much as in the first run grows with history, the rest with what is new.",
        "",
        *_compared("layer", by_layer(first["assets"]), by_layer(later["assets"])),
        f"Every asset of at least {GROWTH_SHOWN_SECONDS} CPU-seconds:",
        "",
        *_compared("asset", first["assets"], {name: later["assets"][name] for name in shown}),
        "Publish by its parts. The DuckDB file is written whole, because one file cannot share pages with another; of",
        f"the Parquet files {later['publish']['files_linked']:.0f} said the same and were linked,",
        f"{later['publish']['files_written']:.0f} were written.",
        "",
        *_compared(
            "part of publish",
            first["publish"],
            {name: seconds for name, seconds in later["publish"].items() if not name.startswith("files_")},
        ),
    ]


def _compared(what: str, first: dict[str, float], later: dict[str, float]) -> list[str]:
    rows = [
        f"| {name.replace('_', ' ') if what.startswith('part') else name} | {first.get(name, 0):.1f} | {seconds:.1f} "
        f"| {f'{seconds / first[name]:.0%}' if first.get(name) else ''} |"
        for name, seconds in later.items()
    ]
    return [f"| {what} | first | one more day | share |", "|---|---:|---:|---:|", *rows, ""]


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
