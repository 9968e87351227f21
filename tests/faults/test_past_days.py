"""Building the past dies, or finds another at work."""

from __future__ import annotations

import json
import signal
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import duckdb

from tests.faults.test_processes import RUN_SECONDS, published_orders, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.conftest import Command

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 12)
FILES = {"memberships.parquet", "sizes.parquet", "customers.parquet", "rules.parquet", "definitions.parquet"}
FILES |= {"about.json"}


def whole_days(data: Path) -> list[date]:
    """Days that readers find, each looked at: all its files are there and can be read."""
    days = []
    for folder in sorted((data / "history" / "recomputed").glob("as_of_date=*")):
        assert {path.name for path in folder.iterdir()} == FILES
        assert json.loads((folder / "about.json").read_text(encoding="utf-8"))["made_of"]
        (row,) = duckdb.execute(f"select distinct as_of_date from '{folder}/sizes.parquet'").fetchall()
        assert folder.name == f"as_of_date={row[0]}"
        days.append(row[0])
    return days


def test_a_killed_range_leaves_whole_days_and_goes_on_where_it_stopped(command: Command, landed: Path) -> None:
    assert command("run").wait(timeout=RUN_SECONDS) == 0
    orders = published_orders(landed)
    killed = command("history", "--from", str(FIRST), "--to", str(LAST))
    deadline = time.monotonic() + RUN_SECONDS
    while not any((landed / "history" / "recomputed").glob("as_of_date=*")):
        assert killed.poll() is None, killed.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait(timeout=RUN_SECONDS)
    before = whole_days(landed)
    assert 1 <= len(before) < 12
    kept = {path: path.stat().st_mtime_ns for path in (landed / "history/recomputed").glob("as_of_date=*/*.parquet")}
    # As if it had been killed between the two renames, and in the middle of a removal.
    (landed / "history/recomputed/.as_of_date=2026-03-01.old").mkdir()
    (landed / "history/recomputed/.as_of_date=2026-03-09.draft").mkdir(exist_ok=True)

    again = command("history", "--from", str(FIRST), "--to", str(LAST))
    out, err = again.communicate(timeout=RUN_SECONDS)
    assert again.returncode == 0, err
    assert "12 days are kept" in out
    assert f"{FIRST} made of the same before" in err
    assert whole_days(landed) == [FIRST + timedelta(days=number) for number in range(12)]
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert not list((landed / "history/recomputed").glob(".*"))
    assert published_orders(landed) == orders


def test_the_past_is_not_built_while_another_writes(command: Command, landed: Path) -> None:
    first = command("run")
    wait_for(landed / ".lock", "pid")
    second = command("history", "--from", str(FIRST), "--to", str(LAST), lock_timeout_seconds="0")
    _, said = second.communicate(timeout=RUN_SECONDS)
    assert (second.returncode, first.wait(timeout=RUN_SECONDS)) == (75, 0)
    assert f"(process {first.pid}) is writing since" in said
    assert not (landed / "history" / "recomputed").exists()


def test_without_a_published_day_the_last_one_has_to_be_said(command: Command, landed: Path) -> None:
    run = command("history", "--from", str(FIRST))
    _, said = run.communicate(timeout=RUN_SECONDS)
    assert run.returncode == 2, landed
    assert "say --to DATE" in said
