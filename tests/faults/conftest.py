"""The command line as a process of its own, on a small shop."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
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


def start(folder: Path, *arguments: str, **settings: str) -> subprocess.Popen[str]:
    """Start ``segments`` with arguments and settings, on a data folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SEGMENTS_", "DAGSTER_"))}
    own = {f"SEGMENTS_{name.upper()}": value for name, value in settings.items()}
    return subprocess.Popen(  # noqa: S603 (our own command)
        [str(SEGMENTS), *arguments],
        env={**clean, "SEGMENTS_DATA_DIR": str(folder), **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Starts ``segments`` on the data folder of this test."""
    return partial(start, tmp_path / "data")


def land_forty_orders(data: Path) -> Path:
    """Let forty orders land in a data folder."""
    folder = data / "landing" / "orders"
    folder.mkdir(parents=True)
    rows = [f"{number},c{number % 7},2026-03-{number % 28 + 1:02d},20.00" for number in range(40)]
    (folder / "orders.csv").write_text("\n".join(["order_id,customer_id,ordered_at,total_amount", *rows, ""]))
    return data


@pytest.fixture
def landed(tmp_path: Path) -> Path:
    """The data folder of this test, in which forty orders have landed."""
    return land_forty_orders(tmp_path / "data")


@pytest.fixture(scope="session")
def published_by_command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose forty orders were published, for tests that begin after the first run. Not to be changed."""
    data = land_forty_orders(tmp_path_factory.mktemp("published") / "data")
    run = start(data, "run")
    _, err = run.communicate(timeout=400)
    assert run.returncode == 0, err
    return data
