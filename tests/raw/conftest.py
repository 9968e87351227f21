from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.raw.landing import Landing, make_landing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return make_landing(tmp_path / "data")
