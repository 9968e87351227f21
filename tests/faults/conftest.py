"""The command line as a process of its own, on a small shop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., subprocess.Popen[str]]

SEGMENTS = Path(sys.executable).with_name("segments")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is slow and belongs to its own leg."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Starts ``segments`` with arguments and settings, on a data folder of this test."""

    def start(*arguments: str, **settings: str) -> subprocess.Popen[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SEGMENTS_", "DAGSTER_"))}
        own = {f"SEGMENTS_{name.upper()}": value for name, value in settings.items()}
        return subprocess.Popen(  # noqa: S603 (our own command)
            [str(SEGMENTS), *arguments],
            env={**clean, "SEGMENTS_DATA_DIR": str(tmp_path / "data"), **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture
def landed(tmp_path: Path) -> Path:
    """A data folder in which forty orders have landed."""
    folder = tmp_path / "data" / "landing" / "orders"
    folder.mkdir(parents=True)
    rows = [f"{number},c{number % 7},2026-03-{number % 28 + 1:02d},20.00" for number in range(40)]
    (folder / "orders.csv").write_text("\n".join(["order_id,customer_id,ordered_at,total_amount", *rows, ""]))
    return tmp_path / "data"
