"""The command: exit codes, what is said, and that secrets lie nowhere."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project import cli
from tests.fetch import shopify_shop, woo_shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fetch.conftest import Bench


@dataclass(frozen=True)
class Done:
    """How the command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    def run_command(*arguments: str, **settings: str) -> Done:
        given = {
            "data_dir": str(bench.data_dir),
            "shopify_url": bench.http.url,
            "shopify_token": shopify_shop.TOKEN,
            "woocommerce_url": bench.http.url,
            "woocommerce_key": woo_shop.KEY,
            "woocommerce_secret": woo_shop.SECRET,
        }
        for name, value in (given | settings).items():
            monkeypatch.setenv(f"SEGMENTS_{name.upper()}", value)
        monkeypatch.setattr(sys, "argv", ["segments", "fetch", bench.kind, "--into", "test_shop", *arguments])
        code = cli._run_command()  # noqa: SLF001 (what the command does, without the end of this process)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run_command


def test_the_command_says_what_landed(bench: Bench, run: Callable[..., Done]) -> None:
    done = run("--since", "2026-03-02", shop_time_zone="Asia/Tokyo")
    assert (done.code, done.err) == (0, "")
    assert "0 rows served" in done.out
    bench.add(6, "2026-03-01T15:00")  # the day has begun in Tokyo
    done = run("--since", "2026-03-02", shop_time_zone="Asia/Tokyo")
    assert "1 rows served, 1 of them new" in done.out
    assert str(bench.folder / "000001-orders.jsonl") in done.out


def test_a_refused_secret_is_exit_1_and_lies_nowhere(bench: Bench, run: Callable[..., Done]) -> None:
    bench.shop.token = bench.shop.key = "renewed"  # noqa: S105 (no secret of any shop)
    done = run()
    assert done.code == 1
    assert "(401)" in done.err
    written = [path.read_text(encoding="utf-8") for path in bench.data_dir.rglob("*") if path.is_file()]
    for secret in (shopify_shop.TOKEN, woo_shop.KEY, woo_shop.SECRET):
        assert secret not in "".join([done.out, done.err, *written])


def test_a_missing_setting_is_exit_2_and_named(bench: Bench, run: Callable[..., Done]) -> None:
    done = run(shopify_token="", woocommerce_secret="")
    assert done.code == 2
    assert f"Set SEGMENTS_{bench.kind.upper()}_URL" in done.err
    assert bench.http.asked == []


def test_a_missing_mapping_is_exit_2_and_named(bench: Bench, run: Callable[..., Done]) -> None:
    done = run("--into", "tset_shop")
    assert done.code == 2
    assert "no source mapping 'tset_shop'" in done.err
    assert bench.http.asked == []


def test_nobody_but_the_shop_is_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses: list[Any] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        addresses.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    bench.fetch()
    assert {f"http://{host}:{port}" for host, port in addresses} == {bench.http.url}
