"""Two runs at once, and runs that die."""

from __future__ import annotations

import shutil
import signal
import time
from typing import TYPE_CHECKING

import duckdb
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.conftest import Command

RUN_SECONDS = 240


def published_orders(data: Path) -> int | None:
    """Orders of the generation that stands; none where nothing was published."""
    file = data / "published" / "current" / "customer_segments.duckdb"
    if not file.exists():
        return None
    with duckdb.connect(str(file.resolve()), read_only=True) as reader:
        ((count,),) = reader.execute("select count(*) from marts.fct_orders").fetchall()
        return int(count)


def wait_for(path: Path, text: str) -> None:
    """Until a file holds a text."""
    deadline = time.monotonic() + RUN_SECONDS
    while not (path.exists() and text in path.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline, f"{path} never said {text!r}"
        time.sleep(0.05)


def test_of_two_runs_at_once_one_works_and_the_other_says_who_is_writing(command: Command, landed: Path) -> None:
    runs = [command("run", lock_timeout_seconds="0") for _ in range(2)]
    said = [run.communicate(timeout=RUN_SECONDS) for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 75], said
    winner = next(at for at, run in enumerate(runs) if run.returncode == 0)
    assert "champions" in said[winner][0]
    assert f"(process {runs[winner].pid}) is writing since" in said[1 - winner][1]
    assert published_orders(landed) == 40


def test_a_second_run_waits_for_the_first(command: Command, landed: Path) -> None:
    first = command("run")
    wait_for(landed / ".lock", "pid")
    second = command("run", lock_timeout_seconds=str(RUN_SECONDS))
    _, first_err = first.communicate(timeout=RUN_SECONDS)
    out, second_err = second.communicate(timeout=RUN_SECONDS)
    assert (first.returncode, second.returncode) == (0, 0), first_err + second_err
    assert "Unchanged: the current generation was made of the same." in out


@pytest.mark.parametrize("seconds", [2.0, 6.0, 9.0])
def test_a_killed_run_leaves_the_old_generation_or_the_new_one(
    command: Command, published_by_command: Path, tmp_path: Path, seconds: float
) -> None:
    landed = shutil.copytree(published_by_command, tmp_path / "data", symlinks=True)
    (landed / "landing" / "orders" / "more.csv").write_text(
        "order_id,customer_id,ordered_at,total_amount\n99,c1,2026-03-28,20.00\n"
    )
    doomed = command("run")
    time.sleep(seconds)
    doomed.send_signal(signal.SIGKILL)
    doomed.communicate(timeout=RUN_SECONDS)
    assert published_orders(landed) in {40, 41}
    again = command("run")
    _, err = again.communicate(timeout=RUN_SECONDS)
    assert again.returncode == 0, err
    assert published_orders(landed) == 41


def test_a_wrong_setting_is_a_sentence_and_exit_code_2(command: Command) -> None:
    run = command("run", shop_time_zone="Europe/Lundon")
    _, err = run.communicate(timeout=RUN_SECONDS)
    assert run.returncode == 2
    assert "SEGMENTS_SHOP_TIME_ZONE: 'Europe/Lundon' is not an IANA time zone" in err
    assert "Traceback" not in err
    typo = command("run", shop_timezone="UTC")
    _, err = typo.communicate(timeout=RUN_SECONDS)
    assert typo.returncode == 2
    assert "SEGMENTS_SHOP_TIMEZONE is not a setting" in err


def test_an_unknown_check_cannot_be_accepted(command: Command, landed: Path) -> None:
    run = command("run", "--accept", "conservation")
    _, err = run.communicate(timeout=RUN_SECONDS)
    assert run.returncode == 2, landed
    assert "no such blocking check" in err
    assert "conservation_law" in err
