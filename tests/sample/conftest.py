"""One sample shop of a usual size of history, written once, and what its files say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from dagster_project.sample.writing import Sample, write_sample
from tests.sample.reading import Landed, read_landing

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Written:
    """A sample, the folder it stands in, and the folder read back."""

    landing_dir: Path
    sample: Sample
    landed: Landed


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    landing_dir = tmp_path_factory.mktemp("sample") / "landing"
    sample = write_sample(landing_dir, customers=1000, seed=11)
    return Written(landing_dir, sample, read_landing(landing_dir))
