"""What holds for every test: it leaves the environment as it found it, and runs beside those it shares a shop with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from tests.pipeline.shop import environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator

# Modules that look at the same shops; two workers would build these twice.
TOGETHER = {
    f"tests/{module}.py": modules
    for modules in (
        (
            "pipeline/test_complete_journey",
            "pipeline/test_planted_people",
            "pipeline/test_reference",
            "pipeline/test_lift",
            "pipeline/test_past_of_data_sets",
            "pipeline/test_views",
            "pipeline/test_journey",
            "pipeline/test_thresholds",
        ),
        ("pipeline/test_history", "pipeline/test_movements"),
        ("faults/test_older_clients", "faults/test_processes"),
        ("sample/test_files", "sample/test_truth"),
    )
    for module in modules
}


class TogetherScheduling(LoadFileScheduling):
    """A module goes to one worker whole, and so do those that share a shop."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return " ".join(TOGETHER.get(file, (file,)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> TogetherScheduling:
    """Of several workers."""
    return TogetherScheduling(config, log)  # type: ignore[arg-type]


def pytest_configure() -> None:
    """A busy machine is no failure: Hypothesis counts no milliseconds. In CI the same examples come each time."""
    hypothesis.settings.register_profile("any_machine", deadline=None, derandomize=os.environ.get("CI") == "true")
    hypothesis.settings.load_profile("any_machine")


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """Settings that a test makes for its shop are not those of the next test, whatever the order."""
    with environment_taken_back():
        yield
