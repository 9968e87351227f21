"""Whole runs of the pipeline that several tests look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project.sample.writing import write_sample
from tests.pipeline.shop import COMPLETE_JOURNEY, ONLINE_RETAIL, Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dagster_project.sample.writing import Sample


@pytest.fixture
def new_shop(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Makes empty shops that live as long as the test."""
    with environment_taken_back():
        yield lambda name="shop", **settings: Shop(tmp_path / name, settings)


@pytest.fixture(scope="session")
def sample_shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Sample]:
    """The sample shop in its default size, built for a day of the past and then for its last day."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("sample"), {"pii_key": "a key for tests"})
        sample = write_sample(shop.settings.landing_dir)
        shop.run(as_of="2025-11-15")
        shop.keep_build("2025-11-15")
        shop.run()
        shop.keep_build("2026-06-30")
    return shop, sample


@pytest.fixture(scope="session")
def online_retail(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """UCI Online Retail, built for 30 June 2011 and for its last day."""
    if not ONLINE_RETAIL.exists():
        pytest.skip(f"the data set is not there: {ONLINE_RETAIL}")
    with environment_taken_back():
        settings = {"shop_time_zone": "Europe/London", "pii_key": "a key for tests"}
        shop = Shop(tmp_path_factory.mktemp("online_retail"), settings)
        folder = shop.settings.landing_dir / "online_retail"
        folder.mkdir(parents=True)
        (folder / ONLINE_RETAIL.name).symlink_to(ONLINE_RETAIL)
        shop.run(as_of="2011-06-30")
        shop.keep_build("2011-06-30")
        shop.run()
        shop.keep_build("2011-12-09")
    return shop


@pytest.fixture(scope="session")
def complete_journey(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The Complete Journey, built for its last day."""
    if not COMPLETE_JOURNEY.exists():
        pytest.skip(f"the data set is not there: {COMPLETE_JOURNEY}")
    with environment_taken_back():
        settings = {"shop_time_zone": "America/New_York", "pii_key": "a key for tests"}
        shop = Shop(tmp_path_factory.mktemp("complete_journey"), settings)
        for path in sorted(COMPLETE_JOURNEY.glob("*.parquet")):
            folder = shop.settings.landing_dir / f"complete_journey_{path.stem}"
            folder.mkdir(parents=True)
            (folder / path.name).symlink_to(path)
        shop.run(as_of="2017-12-31")
        shop.keep_build("2017-12-31")
    return shop
