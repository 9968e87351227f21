"""A browser, a small shop built by the command line, and the web server of Dagster over it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, FloatRect, Locator, Page

ROOT = Path(__file__).resolve().parents[2]
_BIN = Path(sys.executable).parent
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SERVER_SECONDS = 180


@dataclass
class Visit:
    """A page in a window of its own, and what it did besides showing itself."""

    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class BuiltShop:
    """A data folder in which the command line has published once."""

    folder: Path
    environment: dict[str, str]

    @property
    def published(self) -> Path:
        return self.folder / "published" / "current"

    @property
    def report(self) -> Path:
        return self.published / "report" / "index.html"

    def parquet(self, table: str) -> str:
        schema, name = table.split(".")
        return str(self.published / "parquet" / schema / f"{name}.parquet")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium; without it the tests are skipped, in CI they fail."""
    paths = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = next((path for path in paths if path), None)
    if path is not None:
        return path
    reason = "Chromium is not installed: `apt-get install chromium`"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium with a fresh profile that talks to nobody by itself."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens addresses; whatever a page asks of another machine is noted and refused."""
    contexts = []

    def open_page(address: str, **window: Any) -> Visit:
        context = browser.new_context(**window)
        contexts.append(context)
        visited = Visit(context.new_page())
        context.route(lambda url: _is_outside(url, address), lambda route: route.abort())
        visited.page.on(
            "request",
            lambda request: visited.outside.append(request.url) if _is_outside(request.url, address) else None,
        )
        visited.page.on(
            "console", lambda message: visited.errors.append(message.text) if message.type == "error" else None
        )
        visited.page.on("pageerror", lambda error: visited.errors.append(str(error)))
        visited.page.goto(address)
        return visited

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def built_shop(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> BuiltShop:  # noqa: ARG001 (skips first)
    """A sample shop of 200 people, written, built and published by the command line."""
    folder = tmp_path_factory.mktemp("shop") / "data"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGMENTS_", "DAGSTER_"))}
    shop = BuiltShop(folder, {**kept, "SEGMENTS_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)})
    for arguments in (["sample", "--customers", "200", "--days", "400"], ["run"]):
        done = subprocess.run(  # noqa: S603 (our own command)
            [_BIN / "segments", *arguments], cwd=ROOT, env=shop.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"segments {' '.join(arguments)}: {done.stderr[-4000:]}"
    return shop


@pytest.fixture(scope="session")
def dagster_address(built_shop: BuiltShop) -> Iterator[str]:
    """The address of Dagster's web server over the small shop."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with _web_server(built_shop, port) as server:
        _wait_for(f"{address}/server_info", server)
        yield address


@contextmanager
def _web_server(shop: BuiltShop, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The server in a process group of its own, so that the end of the block ends it and its children alone."""
    environment = {
        **shop.environment,
        "DAGSTER_HOME": str(shop.folder / "dagster"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
        "PATH": f"{_BIN}{os.pathsep}{shop.environment['PATH']}",
    }
    log = shop.folder.parent / "webserver.log"
    command = [str(_BIN / "dagster-webserver"), "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 (our own command)
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield server
        finally:
            _end_group(server)


def _end_group(server: subprocess.Popen[bytes]) -> None:
    for end in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, end)
            server.wait(timeout=30)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SERVER_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the web server ended with exit code {server.returncode}"
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 (our own address)
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"the web server did not answer within {_SERVER_SECONDS} seconds")


def box(element: Locator) -> FloatRect:
    """Where an element stands in the window."""
    found = element.bounding_box()
    assert found is not None, "it is not shown"
    return found


def _is_outside(url: str, address: str) -> bool:
    """A request that leaves this page's own machine, or for a file page any request but for itself."""
    asked, own = urlsplit(url), urlsplit(address)
    if asked.scheme in {"data", "blob"}:
        return False
    return asked.path != own.path if own.scheme == "file" else asked.hostname != own.hostname
