"""What the pipeline costs beside what others would write, on one generated shop of a given size.

Writes ``benchmarks/figures/scale_<orders>.json``, and ``docs/scale.md`` from all sizes that were measured. Every row is
a process of its own, one after the other, on the same landing files. Ratios are to the by-hand SQL of the same sitting:
the machine is noisy, so nothing is compared across sittings.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import scale_page
from benchmarks.main_job import measured_on
from benchmarks.one_more_day import lay_apart
from benchmarks.scale_size import (
    BY_HAND,
    EDITED_RULE,
    FIRST,
    NOTHING_NEW,
    ON_SPARK,
    ONE_MORE_DAY,
    TIGHT,
    WHOLE,
    Figures,
    Size,
)
from dagster_project.segments.catalog import SEGMENTS_DIR
from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator

FIGURES = PROJECT_DIR / "benchmarks" / "figures"
PEERS_PYTHON = PROJECT_DIR / ".venv-peers" / "bin" / "python"
LAST_DAY = date(2026, 6, 30)
EVENTS_PER_ORDER = 10
TIGHT_LIMIT = "2GB"
# 100 million events do not get through the hand-written SQL with 6GB.
BY_HAND_LIMIT = "8GB"
# Beyond this the peers in memory do not finish on 24 GB.
PEERS_MOST_ORDERS = 1_000_000
PEERS = {
    "polars": "in_polars",
    "pandas": "in_pandas",
    "pymc-marketing, its RFM functions alone": "in_pymc_marketing",
}
# Installing compiles modules once: a machine that forbids it would compile all of them again in every run.
WITH_COMPILED_MODULES = {"PYTHONDONTWRITEBYTECODE": ""}
KEPT_FILES = (
    "landing",
    "raw.duckdb",
    "rollups.duckdb",
    "working.duckdb",
    "warehouse.duckdb",
    "published",
    "history",
    "raw_parquet",
    "spark",
)


def measured(*arguments: str, python: Path, **environment: str) -> Figures:
    """Run a module that prints one line of JSON.

    Raises:
        SystemExit: it failed; its own message has been shown.
    """
    process = subprocess.run(  # noqa: S603 (our own modules)
        [str(python), "-m", *arguments],
        cwd=PROJECT_DIR,
        env=os.environ | WITH_COMPILED_MODULES | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed")
    figures: Figures = json.loads(process.stdout.splitlines()[-1])
    return figures


def measurements(folder: Path, memory_limit: str, orders: int, *, on_spark: bool) -> Iterator[tuple[str, Figures]]:
    """What is measured, by name, one after the other; ``folder`` holds ``landing`` and gets all that is made."""
    here, landing, shop, later = Path(sys.executable), folder / "landing", folder / "shop", folder / "later"
    as_of = ("--as-of", LAST_DAY.isoformat())
    settings = {"SEGMENTS_DATA_DIR": str(shop), "SEGMENTS_MEMORY_LIMIT": memory_limit}
    lay_apart(landing, shop / "landing", LAST_DAY, later)
    imports = [str(here), "-c", "import dagster_project.runs"]
    subprocess.run(imports, cwd=PROJECT_DIR, env=os.environ | WITH_COMPILED_MODULES, check=True)  # noqa: S603 (ours)
    database = ("--database", str(folder / "by_hand.duckdb"), "--memory-limit", BY_HAND_LIMIT)
    by_hand = ("benchmarks.peers.by_hand", str(landing), *as_of, *database)
    yield BY_HAND, measured(*by_hand, python=here)
    yield WHOLE, measured(*by_hand, "--whole", python=here)
    (folder / "by_hand.duckdb").unlink()
    yield FIRST, measured("benchmarks.measured_run", python=here, **settings) | {"bytes": _bytes(shop)}
    for path in sorted(later.rglob("*.parquet")):
        path.rename(shop / "landing" / path.parent.name / f"later_{path.name}")
    for name in (ONE_MORE_DAY, NOTHING_NEW):
        yield name, measured("benchmarks.measured_run", python=here, **settings)
    rules = str(_edited_rules(folder / "rules"))
    yield EDITED_RULE, measured("benchmarks.measured_run", rules, python=here, **settings)
    shutil.rmtree(shop)
    if orders <= PEERS_MOST_ORDERS:
        yield TIGHT, _anew(folder, {"SEGMENTS_MEMORY_LIMIT": TIGHT_LIMIT})
    if on_spark:
        yield ON_SPARK, _anew(folder, {"SEGMENTS_MEMORY_LIMIT": memory_limit, "SEGMENTS_ENGINE": "spark"})
    if orders <= PEERS_MOST_ORDERS and PEERS_PYTHON.exists():
        for name, module in PEERS.items():
            yield name, measured(f"benchmarks.peers.{module}", str(landing), *as_of, python=PEERS_PYTHON)


def _edited_rules(folder: Path) -> Path:
    """The project's segments, with one threshold of one rule moved."""
    shutil.copytree(SEGMENTS_DIR, folder, dirs_exist_ok=True)
    path, rule = folder / "behavior.yml", "placed_orders_count: {at_least: 2}"
    text = path.read_text(encoding="utf-8")
    if rule not in text:
        raise SystemExit(f"{path.name}: there is no rule {rule} to edit")
    path.write_text(text.replace(rule, "placed_orders_count: {at_least: 3}"), encoding="utf-8")
    return folder


def _anew(folder: Path, settings: dict[str, str]) -> Figures:
    """A first run over all days, in a data folder of its own that is gone afterwards."""
    shop = folder / "anew"
    shutil.copytree(folder / "landing", shop / "landing", copy_function=os.link)
    figures = measured("benchmarks.measured_run", python=Path(sys.executable), SEGMENTS_DATA_DIR=str(shop), **settings)
    figures["bytes"] = _bytes(shop)
    shutil.rmtree(shop)
    return figures


def _bytes(shop: Path) -> dict[str, int]:
    """Sizes of what a run leaves in its data folder."""
    sizes = {}
    for name in KEPT_FILES:
        files = [shop / name] if (shop / name).is_file() else (shop / name).rglob("*")
        sizes[name] = sum({file.stat().st_ino: file.stat().st_size for file in files if file.is_file()}.values())
    return {name: size for name, size in sizes.items() if size}


def measured_sizes() -> list[Size]:
    """All sizes that were measured, the smallest first."""
    return sorted((Size(**json.loads(path.read_text())) for path in FIGURES.glob("scale_*.json")), key=_orders)


def _orders(size: Size) -> int:
    return size.orders


def _measure(folder: Path, chosen: argparse.Namespace) -> None:
    """Keep each figure as soon as it is known; a large size takes hours."""
    found: dict[str, Figures] = {}
    size = {
        "orders": chosen.orders,
        "events": chosen.orders * EVENTS_PER_ORDER,
        "memory_limit": chosen.memory_limit,
        "by_hand_limit": BY_HAND_LIMIT,
        "measured_on": measured_on(),
        "found": found,
    }
    FIGURES.mkdir(exist_ok=True)
    for name, figures in measurements(folder, chosen.memory_limit, chosen.orders, on_spark=chosen.on_spark):
        found[name] = figures
        (FIGURES / f"scale_{chosen.orders}.json").write_text(json.dumps(size, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Write the shop unless it is there, measure, write the figures and the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.at_scale", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--memory-limit", default="4GB")
    parser.add_argument("--on-spark", action="store_true", help="measure Spark too; needs make install-spark and Java")
    parser.add_argument("--folder", type=Path, help="keep the landing files here; unset: a temporary folder")
    parser.add_argument("--page-alone", action="store_true", help="measure nothing, write the page again")
    chosen = parser.parse_args()
    if not chosen.page_alone:
        with tempfile.TemporaryDirectory() as temporary:
            folder: Path = chosen.folder or Path(temporary)
            if not (folder / "landing").exists():
                arguments = ["benchmarks.large_shop", str(folder / "landing"), "--orders", str(chosen.orders)]
                subprocess.run([sys.executable, "-m", *arguments], cwd=PROJECT_DIR, check=True)  # noqa: S603 (ours)
            _measure(folder, chosen)
    text = scale_page.page(measured_sizes())
    scale_page.PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
