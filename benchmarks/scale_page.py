"""The page ``docs/scale.md``: what each measured size cost, how cost grows, what a far larger shop costs."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import TYPE_CHECKING

from benchmarks.scale_size import (
    FIRST,
    GROWTH_SHOWN_SECONDS,
    ON_SPARK,
    ONE_MORE_DAY,
    by_layer,
    fill,
    of_size,
)
from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.scale_size import Size

PAGE = PROJECT_DIR / "docs" / "scale.md"
FAR = 1_000_000_000


def page(sizes: list[Size]) -> str:
    """The page, from the smallest size to the largest."""
    alike = [*sizes[:-2], *(replace(size, found=sizes[-1].smaller or size.found) for size in sizes[-2:-1]), sizes[-1]]
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
            *(how_cost_grows(*alike[-2:]) if len(sizes) > 1 else []),
            *far_away(alike),
        ]
    )


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


def _megabytes(limit: str) -> float:
    return float(limit.removesuffix("GB")) * 1000
