"""Java, the extra [spark] and one run on each engine: what the comparisons look at."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from dagster_project.sample.writing import write_sample
from tests.pipeline.shop import Shop, environment_taken_back, online_retail_shop


def _lacking() -> str | None:
    if find_spec("pyspark") is None or find_spec("pyhive") is None:
        return "the extra [spark] is not installed: make install-spark"
    if shutil.which("java") is None:
        return "there is no java: apt-get install openjdk-17-jre-headless"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Spark; where it cannot run it is skipped, in CI it fails."""
    lacking = _lacking()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            if item.get_closest_marker("spark_cluster") is None:
                item.add_marker(pytest.mark.spark)
            if lacking and os.environ.get("CI") != "true":
                item.add_marker(pytest.mark.skip(reason=lacking))


@pytest.fixture(scope="session", autouse=True)
def _spark_is_here() -> None:
    if lacking := _lacking():
        pytest.fail(lacking)


def on_both_engines(shop: Shop, folder: Path, as_of: str | None = None) -> Shop:
    """Run a shop on DuckDB, and a copy of it on Spark; gives the copy, which holds the tables of both."""
    shop.run(as_of)
    twin = shop.copy(folder)
    twin.keep_build("duckdb")
    twin.set("engine", "spark")
    twin.run(as_of)
    return twin


@pytest.fixture(scope="session")
def sample_on_spark(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The sample shop, published by DuckDB and then built again by Spark."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("sample"), {"pii_key": "a key for tests"})
        write_sample(shop.settings.landing_dir)
        return on_both_engines(shop, shop.folder / "twin")


@pytest.fixture(scope="session")
def online_retail_on_spark(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """UCI Online Retail on 30 June 2011, published by DuckDB and then built again by Spark."""
    with environment_taken_back():
        shop = online_retail_shop(tmp_path_factory.mktemp("online_retail"))
        return on_both_engines(shop, shop.folder / "twin", as_of="2011-06-30")
