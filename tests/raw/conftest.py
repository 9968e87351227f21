from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from dagster_project import cli
from tests.raw.landing import Landing, make_landing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return make_landing(tmp_path / "data")


@pytest.fixture
def command(landing: Landing, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs ``segments`` in this process: exit code, output, error output."""
    monkeypatch.setenv("SEGMENTS_DATA_DIR", str(landing.data_dir))
    monkeypatch.setenv("SEGMENTS_LOCK_TIMEOUT_SECONDS", "0")
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["segments", *arguments])
        code = cli._run_command()  # noqa: SLF001
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return run
