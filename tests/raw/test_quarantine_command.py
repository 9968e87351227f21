from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from dagster_project.clock import utc_now
from dagster_project.lock import writer_lock
from tests.raw.landing import make_landing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.raw.conftest import Command
    from tests.raw.landing import Landing


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    landing = make_landing(tmp_path / "data")
    late = utc_now().replace(year=utc_now().year + 1, day=1).date()
    landing.write_orders("1,ann,2026-01-02,10", "2,b\x1bob,never,2", f"3,[bold]eve,{late},3", name="orders/a.csv")
    landing.write_orders(*[f"{at},c,soon,1" for at in range(30)], name="orders/b.csv")
    landing.load(utc_now())
    return landing


def test_list_counts_per_file_and_reason(command: Command) -> None:
    code, out, _ = command("quarantine", "list")
    assert code == 0
    cells = [[cell.strip() for cell in line.split("│")[1:6]] for line in out.splitlines() if "orders/" in line]
    assert cells == [
        ["orders/a.csv", "bad_time", "ordered_at", "1", "3"],
        ["orders/a.csv", "future_time", "ordered_at", "1", "4"],
        ["orders/b.csv", "bad_time", "ordered_at", "30", "2"],
    ]


def test_show_tells_a_file_and_steers_no_terminal(command: Command) -> None:
    code, out, _ = command("quarantine", "show", "orders/a.csv")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "orders/a.csv line 3: bad_time in ordered_at"
    assert lines[1].startswith("  ordered_at: 'never' is not a time")
    assert lines[2] == "  2,b\\x1bob,never,2"
    assert lines[5].startswith("  3,[bold]eve,")


def test_show_tells_a_reason_up_to_a_limit(command: Command) -> None:
    _, out, _ = command("quarantine", "show", "bad_time", "--limit", "2")
    assert [line for line in out.splitlines() if not line.startswith(" ")] == [
        "orders/a.csv line 3: bad_time in ordered_at",
        "orders/b.csv line 2: bad_time in ordered_at",
        "2 of 31 rows; --limit shows more.",
    ]
    assert command("quarantine", "show", "bad_boolean")[:2] == (0, "")


@pytest.mark.parametrize("name", ["show", "replay", "purge"])
def test_an_unknown_file_is_wrong_usage(command: Command, name: str) -> None:
    code, _, err = command("quarantine", name, "orders/c.csv")
    assert code == 2
    assert "did you mean 'orders/" in err


def test_replay_says_what_became_of_the_rows(command: Command, landing: Landing) -> None:
    code, out, _ = command("quarantine", "replay", "orders/a.csv")
    assert (code, out) == (0, "orders/a.csv: 2 quarantined rows judged again: 2 still quarantined\n")
    (landing.settings.landing_dir / "orders" / "a.csv").unlink()
    code, out, err = command("quarantine", "replay")
    assert (code, out) == (1, "orders/b.csv: 30 quarantined rows judged again: 30 still quarantined\n")
    assert err.startswith("orders/a.csv: the file is not in landing any more")


def test_purge_takes_a_file_an_age_or_nothing(command: Command, landing: Landing) -> None:
    assert command("quarantine", "purge")[0] == 2
    assert command("quarantine", "purge", "--older-than", "1")[:2] == (0, "Purged 0 quarantined rows.\n")
    assert command("quarantine", "purge", "orders/b.csv")[:2] == (0, "Purged 30 quarantined rows.\n")
    assert command("quarantine", "purge", "--older-than", "0")[:2] == (0, "Purged 2 quarantined rows.\n")
    assert command("quarantine", "list")[1] == "Nothing is quarantined.\n"
    assert command("quarantine", "replay")[1] == "Nothing is quarantined.\n"
    assert landing.violations() == []
    assert stat.S_IMODE(landing.settings.raw_path.stat().st_mode) == 0o600


@pytest.mark.parametrize("arguments", [("replay",), ("purge", "orders/b.csv")])
def test_while_another_writes_nothing_is_changed(
    command: Command, landing: Landing, arguments: tuple[str, ...]
) -> None:
    with writer_lock(landing.settings.lock_path, holder="a run", timeout_seconds=0):
        code, _, err = command("quarantine", *arguments)
    assert code == 75
    assert "a run (process" in err
    assert len(landing.quarantine()) == 32
