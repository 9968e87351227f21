"""A disk that runs full: a sentence, what was published stands, and the next run with room enough goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.faults.test_processes import RUN_SECONDS, published_orders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.conftest import Command

EVENTS = 60_000
MEGABYTE = 1_000_000
ROOM_ENOUGH = 600


def _mount(folder: Path, *options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(folder)], check=True)  # noqa: S603, S607


@pytest.fixture
def small_disk(published_by_command: Path, tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with a published shop on it, to which more has landed."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "data"
    folder.mkdir()
    _mount(folder, f"size={ROOM_ENOUGH}m")
    shutil.copytree(published_by_command, folder, symlinks=True, dirs_exist_ok=True)
    orders = folder / "landing" / "orders" / "more.csv"
    orders.write_text("order_id,customer_id,ordered_at,total_amount\n99,c1,2026-03-28,20.00\n")
    events = folder / "landing" / "events" / "events.csv"
    events.parent.mkdir()
    began = datetime(2026, 3, 1, tzinfo=UTC)
    with events.open("w") as file:
        file.write("event_id,occurred_at,event_type,anonymous_id\n")
        for number in range(EVENTS):
            at = began + timedelta(seconds=37 * number)
            file.write(f"e{number},{at.isoformat()},page_view,device{number * 7919 % 9973}\n")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607


@pytest.mark.parametrize("room_megabytes", [2, 24])
def test_a_full_disk_is_a_sentence_and_the_next_run_goes_on(
    command: Command, small_disk: Path, room_megabytes: int
) -> None:
    used = shutil.disk_usage(small_disk).used // MEGABYTE
    _mount(small_disk, "remount", f"size={used + room_megabytes}m")
    run = command("run")
    _, err = run.communicate(timeout=RUN_SECONDS)
    assert run.returncode == 1, err
    assert "The disk is full: free space in " in err
    assert "Traceback" not in err
    assert published_orders(small_disk) == 40
    _mount(small_disk, "remount", f"size={ROOM_ENOUGH}m")
    again = command("run")
    _, err = again.communicate(timeout=RUN_SECONDS)
    assert again.returncode == 0, err
    assert published_orders(small_disk) == 41
