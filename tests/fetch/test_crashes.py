"""A fetch that breaks off anywhere: the next one loses nothing, doubles nothing, and needs no help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.fetch import fetching, files, state
from dagster_project.fetch.shops import ShopKind
from tests.fetch import woo_shop
from tests.fetch.test_pages import FIVE

if TYPE_CHECKING:
    from tests.fetch.conftest import Bench


class Crash(BaseException):
    """What no code catches."""


def _crash(*_args: Any, **_kwargs: Any) -> None:
    raise Crash


def _two_versions(bench: Bench) -> None:
    """Served so that a fetch makes two files: an order changes after it was read, and pages begin again."""
    bench.http.before[2] = lambda: bench.change(1, "2026-03-01T11:00")
    if bench.kind is ShopKind.WOOCOMMERCE:
        bench.http.before[3] = lambda: bench.shop.remove(5)


BOTH = {
    ShopKind.SHOPIFY: sorted([*FIVE, ("1", "2026-03-01T11:00")]),
    ShopKind.WOOCOMMERCE: sorted([*FIVE[:4], ("1", "2026-03-01T11:00")]),
}


@pytest.mark.parametrize(
    ("module", "step"),
    [(files, "make_durable"), (files, "make_folder_durable"), (fetching, "write_state"), (state, "make_durable")],
)
def test_broken_off_before_it_is_remembered_all_is_fetched_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, module: Any, step: str
) -> None:
    _two_versions(bench)
    with monkeypatch.context() as patch:
        patch.setattr(module, step, _crash)
        with pytest.raises(Crash):
            bench.fetch()
    assert [name for name in bench.files() if not name.startswith(".")] == []
    bench.http.before.clear()
    bench.fetch()
    assert len(set(bench.orders())) == len(bench.orders()) == len(bench.shop.orders)
    assert bench.files() == ["000001-orders.jsonl"]


@pytest.mark.parametrize("renamed", [0, 1, 2])
def test_broken_off_after_it_is_remembered_it_is_finished(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, renamed: int
) -> None:
    _two_versions(bench)
    real = fetching.reveal

    def reveal_some(folder: Any, names: tuple[str, ...]) -> None:
        real(folder, names[:renamed])
        if names:
            _crash()

    with monkeypatch.context() as patch:
        patch.setattr(fetching, "reveal", reveal_some)
        with pytest.raises(Crash):
            bench.fetch()
    assert len([name for name in bench.files() if not name.startswith(".")]) == renamed
    assert bench.fetch().files == ()
    assert bench.files() == ["000001-orders.jsonl", "000002-orders.jsonl"]
    assert sorted(bench.orders()) == BOTH[bench.kind]


def test_a_file_that_is_there_is_never_written_again(bench: Bench) -> None:
    bench.fetch()
    bench.state_path.unlink()
    bench.fetch()
    assert bench.files() == ["000001-orders.jsonl", "000002-orders.jsonl"]
    assert bench.orders("000001-orders.jsonl") == bench.orders("000002-orders.jsonl") == FIVE


def test_files_that_left_give_their_number_to_nobody(bench: Bench) -> None:
    bench.fetch()
    (bench.folder / "000001-orders.jsonl").unlink()
    bench.add(6, "2026-03-02T08:00")
    bench.fetch()
    assert bench.files() == ["000002-orders.jsonl"]


def test_what_lands_is_its_owners_alone(bench: Bench) -> None:
    bench.fetch()
    made = [bench.folder / "000001-orders.jsonl", bench.state_path]
    assert [path.stat().st_mode & 0o077 for path in made] == [0, 0]


@pytest.mark.parametrize("bench", [ShopKind.WOOCOMMERCE], indirect=True)
def test_a_killed_command_leaves_nothing_and_is_run_again(bench: Bench) -> None:
    is_killed, is_asked = threading.Event(), threading.Event()

    def wait_for_the_kill() -> None:
        is_asked.set()
        is_killed.wait(20)

    bench.http.before[2] = wait_for_the_kill
    start = "from dagster_project.cli import main; main()"
    command = [sys.executable, "-c", start, "fetch", "woocommerce", "--into", "test_shop"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEGMENTS_")} | {
        "SEGMENTS_DATA_DIR": str(bench.data_dir),
        "SEGMENTS_WOOCOMMERCE_URL": bench.http.url,
        "SEGMENTS_WOOCOMMERCE_KEY": woo_shop.KEY,
        "SEGMENTS_WOOCOMMERCE_SECRET": woo_shop.SECRET,
    }
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    try:
        assert is_asked.wait(60)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
    finally:
        process.kill()
        is_killed.set()
    assert bench.files() == [".000001-orders.jsonl.part"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603
    assert "5 rows served, 5 of them new" in done.stdout
    assert bench.orders() == FIVE
    assert bench.files() == ["000001-orders.jsonl"]
