"""Requests that landed are told until they are done, and a command that was killed is simply given again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project import erasure
from dagster_project.clock import utc_now
from dagster_project.lock import writer_lock
from dagster_project.quality.checks import checks
from dagster_project.raw.loading import open_raw

if TYPE_CHECKING:
    from tests.raw.conftest import Command
    from tests.raw.landing import Landing

HEADER = "order_id,customer_id,email,ordered_at,total_amount\n"


@pytest.fixture
def shop(landing: Landing) -> Landing:
    landing.write(
        "orders/o.csv",
        HEADER + "1,ann,ann@shop.example,2026-01-02,10\n2,bob,,2026-01-02,20\n3,eve,eve@shop.example,2026-01-02,5\n",
    )
    landing.write(
        "erasure_requests/r.csv", "customer_id,email,requested_at\n,Ann@shop.example,2026-01-05\nbob,,2026-01-05\n"
    )
    landing.load()
    return landing


def findings(landing: Landing) -> tuple[str, ...]:
    (check,) = [check for check in checks() if check.name == "erasure_requests_are_done"]
    assert check.severity == "warn"
    with open_raw(landing.settings, read_only=True) as raw:
        return tuple(check.find(raw))


def test_requests_are_told_until_they_are_done(shop: Landing, command: Command) -> None:
    assert findings(shop) == ("2 people asked to be erased: segments erase --requested",)
    code, out, err = command("erase", "--requested", "--yes")
    assert (code, err) == (0, "")
    assert "ann@shop.example" in out
    assert findings(shop) == ()
    assert shop.column("select order_id from raw.orders") == ["3"]
    left = b"".join(path.read_bytes() for path in shop.settings.landing_dir.rglob("*.csv"))
    assert b"3,eve,eve@shop.example" in left
    assert b"ann" not in left.lower()
    assert b"bob" not in left
    assert shop.violations() == []


def test_who_says_no_keeps_everything(shop: Landing, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shop.settings.raw_path.read_bytes()
    monkeypatch.setattr("typer.confirm", lambda *_, **__: (_ for _ in ()).throw(SystemExit(1)))
    code, _, _ = command("erase", "--customer-id", "ann")
    assert code == 1
    assert shop.settings.raw_path.read_bytes() == before


def test_a_command_that_was_killed_is_given_again(
    shop: Landing, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    now, hers = utc_now(), {("customer_id", "ann")}
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "erase_from_tables", killed)
        with pytest.raises(KeyboardInterrupt):
            erasure.erase(shop.settings, hers, now=now, log=lambda _: None, rebuild=lambda **_: None)
    assert "an erasure is not finished: segments erase --requested" in findings(shop)
    shop.load()
    assert command("erase", "--customer-id", "ann", "--yes")[0] == 0
    assert shop.column("select order_id from raw.orders order by 1") == ["2", "3"]
    assert shop.violations() == []


def test_what_cannot_be_told_is_named_by_file(shop: Landing, command: Command) -> None:
    note = shop.settings.data_dir / "notes.txt"
    note.write_text("call ANN@shop.example")
    code, _, err = command("erase", "--email", "ann@shop.example", "--yes")
    assert code == 1
    assert str(note) in err
    note.unlink()
    assert command("erase", "--email", "ann@shop.example", "--yes")[0] == 0


def test_one_writer_at_a_time(shop: Landing, command: Command) -> None:
    with writer_lock(shop.settings.lock_path, holder="a run", timeout_seconds=0):
        assert command("erase", "--customer-id", "ann", "--yes")[0] == 75
