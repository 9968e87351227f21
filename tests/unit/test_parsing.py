"""The dbt project is parsed anew only where it changed: that costs more than loading what was parsed before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project import database
from dagster_project.transform.project import run_dbt
from tests.pipeline.shop import Shop

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_disk_that_filled_up_is_no_reason_to_parse_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Shop(tmp_path, {}).settings
    told: list[str] = []
    for free in ("2000MiB", "1999MiB"):
        monkeypatch.setattr(database, "_room_to_spill", lambda _, free=free: free)
        assert run_dbt(settings, ["parse"], manifest=None, on_event=lambda event: told.append(event.info.name)).success
    assert told.count("UnableToPartialParse") == 1  # the first time nothing was there
    assert told.count("PartialParsingSkipParsing") == 1
