"""What every peer does as a process: load its library, count its own seconds, print one line of JSON."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()
# Linux counts resident memory in kilobytes, macOS in bytes.
MEMORY_UNIT = 1024**2 if sys.platform == "darwin" else 1024


class Library:
    """A library that is imported when it is first used: peers can be looked at where theirs is not installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)

    def load(self) -> None:
        """Import it now, so that no phase pays for it."""
        import_module(self._name)


def cpu_seconds() -> float:
    """Seconds of CPU that this process has used, in user and system mode, over all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peer_arguments(name: str, *, with_database: bool = False) -> argparse.Namespace:
    """The arguments of a peer: folder and as_of, with a database also its own."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.peers.{name}")
    parser.add_argument("folder", type=Path, help="landing files, as benchmarks.large_shop writes them")
    parser.add_argument("--as-of", type=date.fromisoformat, required=True, help="last day that is seen")
    if with_database:
        parser.add_argument("--database", type=Path, required=True, help="file to make")
        parser.add_argument("--threads", type=int, default=2)
        parser.add_argument("--memory-limit", default="4GB")
        parser.add_argument("--whole", action="store_true", help="all columns of the profile")
    return parser.parse_args()


def report(costs: dict[str, float]) -> str:
    """One line of JSON: CPU-seconds by phase and in all, wall seconds, peak megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEMORY_UNIT
    figures = {
        "phases": {phase: round(seconds, 3) for phase, seconds in costs.items()},
        "cpu_seconds": round(cpu_seconds(), 3),
        "wall_seconds": round(time.perf_counter() - STARTED, 3),
        "peak_megabytes": round(peak),
    }
    return json.dumps(figures) + "\n"
