"""What holds for every test: it leaves the environment as it found it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.pipeline.shop import environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """Settings that a test makes for its shop are not those of the next test, whatever the order."""
    with environment_taken_back():
        yield
