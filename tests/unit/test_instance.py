"""Opening the Dagster instance, alone and beside others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from dagster_project.instance import open_instance
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

OPENERS = 6


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a new data folder; the environment that opening sets is taken back."""
    for name in ("DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "")
    return Settings(data_dir=tmp_path)


def test_a_new_home_gets_the_shipped_settings_and_keeps_its_own(settings: Settings) -> None:
    with open_instance(settings) as instance:
        assert instance.get_runs() == []
        assert not instance.telemetry_enabled
    own = settings.dagster_home / "dagster.yaml"
    own.write_text(own.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    open_instance(settings).dispose()
    assert own.read_text(encoding="utf-8").endswith("# mine\n")


def test_several_open_a_new_home_at_once(settings: Settings) -> None:
    together = Barrier(OPENERS)

    def opened() -> int:
        together.wait()
        with open_instance(settings) as instance:
            return instance.get_runs_count()

    with ThreadPoolExecutor(OPENERS) as pool:
        counts = [one.result() for one in [pool.submit(opened) for _ in range(OPENERS)]]
    assert counts == [0] * OPENERS
