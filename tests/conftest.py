"""What holds for every test: it leaves the environment as it found it, and runs beside those it shares a shop with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.pipeline.shop import environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator

# Whole runs that several modules look at, the dearest first.
SHARED_SHOPS = ("complete_journey", "online_retail", "sample_shop", "published_by_command", "written")


def pytest_configure() -> None:
    """A busy machine is no failure: Hypothesis counts no milliseconds."""
    hypothesis.settings.register_profile("any_machine", deadline=None)
    hypothesis.settings.load_profile("any_machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one shop, or else of one module, go to one worker, so that nothing is built twice; dear ones first."""
    ranks = {}
    for item in items:
        names = getattr(item, "fixturenames", ())
        shop = next((name for name in SHARED_SHOPS if name in names), None)
        item.add_marker(pytest.mark.xdist_group(shop or item.nodeid.partition("::")[0]))
        ranks[item] = SHARED_SHOPS.index(shop) if shop else len(SHARED_SHOPS)
    items.sort(key=ranks.__getitem__)


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """Settings that a test makes for its shop are not those of the next test, whatever the order."""
    with environment_taken_back():
        yield
