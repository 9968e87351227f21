"""What one size of shop costs, as a part of the page on scale."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

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
    # What the next smaller size cost with the same code, where that is not what stands beside it.
    smaller: dict[str, Figures] = field(default_factory=dict)

    @property
    def is_told_by_asset(self) -> bool:
        """Whether the costs of single assets are known; a run in several processes has none."""
        return len(self.found[FIRST]["assets"]) > 1


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
        *targets(size.found),
        *(by_part(size) if size.is_told_by_asset else ()),
    ]


def targets(found: dict[str, Figures]) -> list[str]:
    """What the project wants to reach, beside what was measured."""
    cost = {name: figures["cpu_seconds"] for name, figures in found.items()}
    wanted = (
        (f"{FIRST}, in times the {BY_HAND}", "2.5", FIRST, BY_HAND, 1, ""),
        (f"{FIRST}, in times the {WHOLE}", "3", FIRST, WHOLE, 1, ""),
        (f"{ONE_MORE_DAY}, of the first run", "30%", ONE_MORE_DAY, FIRST, 100, "%"),
    )
    rows = [
        f"| {what} | {most} | {times * cost[name] / cost[base]:.{0 if unit else 1}f}{unit} |"
        for what, most, name, base, times, unit in wanted
        if name in cost and base in cost
    ]
    if EDITED_RULE in cost:
        rows.append(f"| {EDITED_RULE}, CPU-seconds | 15 | {cost[EDITED_RULE]:.0f} |")
    return ["| target | at most | measured |", "|---|---:|---:|", *rows, ""]


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
        *fill(
            "Publish by its parts. The DuckDB file is a copy of the warehouse, whole, because one file cannot share "
            f"pages with another; of the Parquet files {later['publish']['files_linked']:.0f} said the same and were "
            f"linked, {later['publish']['files_written']:.0f} were written."
        ),
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


def fill(text: str) -> list[str]:
    """Lines of a paragraph."""
    return wrap(text, 120, break_long_words=False, break_on_hyphens=False)
