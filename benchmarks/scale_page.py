"""The page ``docs/scale.md``: what each measured size cost, how cost grows, what a far larger shop costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import log
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = PROJECT_DIR / "docs" / "scale.md"
HAND_PHASES = {"load": ("raw",), "models": ("staging", "seeds", "intermediate", "marts", "profiles")}
LAYERS = ("raw", "staging", "seeds", "intermediate", "marts", "profiles", "segments", "quality", "report", "publish")
SHOWN_ASSETS = 15
GROWTH_SHOWN_SECONDS = 0.5
BY_HAND = "hand-written DuckDB SQL"
WHOLE = "hand-written DuckDB SQL, the whole profile"
FIRST, ONE_MORE_DAY, NOTHING_NEW = "segments run, first", "segments run, one more day", "segments run, nothing new"
EDITED_RULE = "segments run, one rule edited"
TIGHT = "segments run, first, SEGMENTS_MEMORY_LIMIT=2GB"
ON_SPARK = "segments run, first, SEGMENTS_ENGINE=spark"
RATIOS = {BY_HAND: "ratio to some columns", WHOLE: "ratio to the whole profile"}
FAR = 1_000_000_000

Figures = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """What was measured on a shop of one size, by name of the row."""

    orders: int
    events: int
    memory_limit: str
    by_hand_limit: str
    measured_on: str
    found: dict[str, Figures]
    note: str = ""

    @property
    def is_told_by_asset(self) -> bool:
        """Whether the costs of single assets are known; a run in several processes has none."""
        return len(self.found[FIRST]["assets"]) > 1


def page(sizes: list[Size]) -> str:
    """The page, from the smallest size to the largest."""
    return "\n".join(
        [
            "# Cost at scale",
            "",
            *fill(
                "Written by `make bench` from generated shops, in Parquet landing files, with ten events to an "
                "order over 730 days. The first run loads and publishes 729 of the days, the next one the last day on "
                "top. Two yardsticks compute `customer_profiles` straight from landing files, with no orchestration, "
                "no checks and nothing published: the hand-written SQL gives the columns that polars and pandas give "
                "too, the whole profile gives all of them. Tests hold both against the pipeline's, row for row."
            ),
            "",
            *(line for size in sizes for line in of_size(size)),
            *(how_cost_grows(sizes[-2], sizes[-1]) if len(sizes) > 1 else []),
            *far_away(sizes),
        ]
    )


def of_size(size: Size) -> list[str]:
    """Everything about one size."""
    yardsticks = {head: size.found[name]["cpu_seconds"] for name, head in RATIOS.items() if name in size.found}
    rows = [
        f"| {name} | {_ratios(figures['cpu_seconds'], yardsticks)} "
        f"| {figures['wall_seconds']:,.0f} | {figures['peak_megabytes']:,} |"
        for name, figures in size.found.items()
    ]
    rows += [_without_publish(size.found, name, yardsticks) for name in (FIRST, ONE_MORE_DAY) if name in size.found]
    phases = ", ".join(f"{phase} {seconds:.0f}" for phase, seconds in size.found[BY_HAND]["phases"].items())
    return [
        f"## {size.orders:,} orders, {size.events:,} events",
        "",
        size.measured_on,
        f"Memory limit {size.memory_limit}; of the hand-written SQL {size.by_hand_limit}. Its CPU-seconds: {phases}.",
        *fill(size.note),
        "",
        f"| what | CPU-seconds | {' | '.join(yardsticks)} | wall seconds | peak MB |",
        f"|---|---:|{'---:|' * len(yardsticks)}---:|---:|",
        *rows,
        "",
        *(by_part(size) if size.is_told_by_asset else ()),
    ]


def by_part(size: Size) -> list[str]:
    """Where the runs of one size spend their time."""
    run = size.found[FIRST]
    layers = by_layer(run["assets"])
    dearest = sorted(run["assets"].items(), key=lambda item: -item[1])[:SHOWN_ASSETS]
    return [
        *like_for_like(size.found, layers),
        "### Where the first run spends it",
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
        *(growth(run, size.found[ONE_MORE_DAY]) if ONE_MORE_DAY in size.found else ()),
    ]


def by_layer(assets: dict[str, float]) -> dict[str, float]:
    """CPU-seconds by layer, checks apart."""
    totals: Counter[str] = Counter()
    for name, seconds in assets.items():
        layer = name.split("/")[0]
        totals["checks of dbt" if name.endswith("(checks)") else layer] += seconds
    known = [layer for layer in LAYERS if layer in totals]
    return {layer: totals[layer] for layer in [*known, *sorted(set(totals) - set(known))]}


def like_for_like(found: dict[str, Figures], layers: dict[str, float]) -> list[str]:
    """The first run beside the hand-written SQL that does most, phase by phase, and what only the run does."""
    name = WHOLE if WHOLE in found else BY_HAND
    by_hand: dict[str, float] = found[name]["phases"]
    rows, rest = [], dict(layers)
    for phase, parts in HAND_PHASES.items():
        seconds = sum(rest.pop(layer, 0) for layer in parts)
        rows.append(f"| {phase} | {by_hand[phase]:,.0f} | {seconds:,.0f} | {seconds / by_hand[phase]:.1f} |")
    return [
        *fill(
            f"Phase by phase, beside the {name}. It reads the columns it needs where they lie; loading here judges "
            "every row, keeps a copy with its hash and line, and counts rows a second time. The models do more too: "
            "identity, several currencies, late and changed facts, "
            + ("reports and tables of single facts." if name == WHOLE else "and many more columns.")
        ),
        "",
        "| phase | by hand | first run | ratio |",
        "|---|---:|---:|---:|",
        *rows,
        f"| segments, checks, publishing and the rest, not done by hand | | {sum(rest.values()):,.0f} | |",
        "",
    ]


def _without_publish(found: dict[str, Figures], name: str, yardsticks: dict[str, float]) -> str:
    seconds = found[name]["cpu_seconds"] - by_layer(found[name]["assets"]).get("publish", 0)
    return f"| {name}, without publish | {_ratios(seconds, yardsticks)} | | |"


def _ratios(seconds: float, yardsticks: dict[str, float]) -> str:
    """Cells of a cost and its ratio to each yardstick."""
    return " | ".join([f"{seconds:,.0f}", *(f"{seconds / base:.2f}" for base in yardsticks.values())])


def growth(first: Figures, later: Figures) -> list[str]:
    """What one more day costs beside the first run, by layer, asset and part of publish."""
    share = later["cpu_seconds"] / first["cpu_seconds"]
    shown = sorted(
        (name for name in first["assets"] if later["assets"].get(name, 0) >= GROWTH_SHOWN_SECONDS),
        key=lambda name: -later["assets"][name],
    )
    return [
        "### What one more day costs",
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


def how_cost_grows(small: Size, large: Size) -> list[str]:
    """Cost exponents between two sizes: 1 is as the events grow."""
    rows = []
    for name in _measured_at((FIRST, ONE_MORE_DAY), small, large):
        cheap, dear = (size.found[name]["cpu_seconds"] for size in (small, large))
        rows.append(f"| {name} | {cheap:,.0f} | {dear:,.0f} | {exponent(cheap, dear, small, large):.2f} |")
    layers = [by_layer(size.found[FIRST]["assets"]) for size in (small, large) if size.is_told_by_asset]
    rows += [
        f"| {layer} | {layers[0][layer]:,.1f} | {dear:,.1f} | {exponent(layers[0][layer], dear, small, large):.2f} |"
        for layer, dear in (layers[1].items() if len(layers) > 1 else ())
        if layers[0].get(layer, 0) > GROWTH_SHOWN_SECONDS
    ]
    return [
        "## How cost grows",
        "",
        f"CPU-seconds from {small.events:,} to {large.events:,} events, and the exponent: 1 is cost in proportion.",
        "",
        f"| what | {small.events:,} | {large.events:,} | exponent |",
        "|---|---:|---:|---:|",
        *rows,
        "",
    ]


def _measured_at(names: Iterable[str], *sizes: Size) -> list[str]:
    return [name for name in names if all(name in size.found for size in sizes)]


def exponent(cheap: float, dear: float, small: Size, large: Size) -> float:
    """By which power of its size the cost of a shop grew."""
    return log(dear / cheap) / log(large.events / small.events)


def far_away(sizes: list[Size]) -> list[str]:
    """What a billion events would cost, from the largest size measured."""
    largest = sizes[-1]
    times = FAR / largest.events
    first = largest.found[FIRST]
    cores = first["cpu_seconds"] / first["wall_seconds"]
    powers = {name: max(1.0, _measured_power(name, sizes)) for name in _measured_at((FIRST, ONE_MORE_DAY), largest)}
    hours = {name: largest.found[name]["cpu_seconds"] * times**power / 3600 for name, power in powers.items()}
    grown = " and ".join(f"{power:.2f} ({name.removeprefix('segments run, ')})" for name, power in powers.items())
    above = first["peak_megabytes"] - _megabytes(largest.memory_limit)
    return [
        f"## What {FAR:,} events would cost",
        "",
        *fill(
            f"Computed, not measured: the figures of {largest.events:,} events, {times:,.0f} times as large, "
            f"CPU-seconds to the power of {grown}. A million events cost "
            f"{first['cpu_seconds'] * 1e6 / largest.events:.1f} CPU-seconds in the first run, which kept "
            f"{cores:.1f} cores busy."
        ),
        "",
        "| what | computed |",
        "|---|---:|",
        *(f"| {name}: CPU-hours | {needed:.1f} |" for name, needed in hours.items()),
        *(f"| {name}: hours on this machine | {needed / cores:.1f} |" for name, needed in hours.items()),
        *(f"| {name}, GB | {size * times / 1e9:,.0f} |" for name, size in first["bytes"].items()),
        "",
        *fill(
            "Memory does not grow so: `SEGMENTS_MEMORY_LIMIT` is kept by spilling and by hash buckets; here "
            f"the process took {above:,.0f} MB beside it. Leave as much room for what is spilled as the build "
            "database takes; `SEGMENTS_SPILL_LIMIT` limits it. More cores shorten what DuckDB does; starting, "
            "publishing and the report gain least from them."
        ),
        "",
        *_on_spark([size for size in sizes if ON_SPARK in size.found]),
    ]


def _on_spark(sizes: list[Size]) -> list[str]:
    if not sizes:
        return []
    size = sizes[-1]
    duckdb, spark = (size.found[name]["wall_seconds"] for name in (FIRST, ON_SPARK))
    hours = spark * FAR / size.events / 3600
    return [
        *fill(
            f"On Spark in one process the first run of {size.events:,} events took {spark / duckdb:.1f} times "
            f"as long as on DuckDB, {spark * 1e6 / size.events:.0f} s per million events on the same cores: "
            f"{hours:.0f} hours for a billion. Loading, segments, checks and publishing stay in the process of "
            "the pipeline and are in that figure; only what dbt builds is shared out, so executors shorten "
            "only that part. See [spark.md](spark.md)."
        ),
        "",
    ]


def _measured_power(name: str, sizes: list[Size]) -> float:
    if len(sizes) == 1 or not _measured_at((name,), *sizes[-2:]):
        return 1.0
    small, large = sizes[-2:]
    return exponent(small.found[name]["cpu_seconds"], large.found[name]["cpu_seconds"], small, large)


def fill(text: str) -> list[str]:
    """Lines of a paragraph."""
    return wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def _megabytes(limit: str) -> float:
    return float(limit.removesuffix("GB")) * 1000
