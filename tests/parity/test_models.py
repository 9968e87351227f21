"""Every decision of the models holds on Spark too, and a part of them can be built alone."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from dagster_project.clock import utc_now
from dagster_project.definitions import defs
from dagster_project.errors import SegmentsError
from dagster_project.raw.loading import load_landing
from dagster_project.raw.parquet_copy import copy_raw
from dagster_project.spark import stop_session
from dagster_project.transform.outcomes import failure_sentences
from dagster_project.transform.project import parsed_manifest, run_dbt
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from pathlib import Path

ORDER = {"order_id": "o1", "customer_id": "anna", "ordered_at": "2026-06-01", "total_amount": "10"}


def test_every_decision_of_the_models_on_spark(tmp_path: Path) -> None:
    with environment_taken_back():
        settings = Shop(tmp_path, {"engine": "spark"}).settings
        load_landing(settings, now=utc_now())
        copy_raw(settings)
        variables = json.dumps({"as_of_date": "2026-06-30"})
        arguments = ["build", "--empty", "--exclude-resource-type", "test", "--vars", variables]
        result = run_dbt(settings, arguments, manifest=parsed_manifest("spark"), on_event=None)
        stop_session()
    assert list(failure_sentences(result, settings)) == []
    assert result.exception is None
    ran = [node for node in result.result.results if node.node.resource_type == "unit_test"]  # type: ignore[union-attr]
    assert len(ran) > 100


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """One order, built and published by Spark."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("small"), {"engine": "spark"})
        shop.land("orders", [ORDER])
        shop.run(as_of="2026-06-30")
    return shop


def test_a_mart_is_built_alone_from_tables_of_an_earlier_process(small_shop: Shop, tmp_path: Path) -> None:
    with environment_taken_back():
        shop = small_shop.copy(tmp_path / "shop")
        assert shop.settings.engine == "spark"
        shutil.rmtree(shop.settings.spark_tables / "marts" / "fct_orders")
        with dg.DagsterInstance.ephemeral() as instance:
            job = defs().resolve_implicit_global_asset_job_def()
            config = {"resources": {"warehouse": {"config": {"as_of_date": "2026-06-30"}}}}
            keys = [dg.AssetKey(["marts", "fct_orders"]), dg.AssetKey(["marts", "fct_customer_flags"])]
            result = job.execute_in_process(asset_selection=keys, run_config=config, instance=instance)
        assert result.success
        assert shop.built("select order_id from marts.fct_orders") == [("o1",)]
        assert len(shop.built("select flag from marts.fct_customer_flags")) > 1


def test_a_broken_parquet_file_fails_in_a_sentence_and_leaves_what_is_published(
    small_shop: Shop, tmp_path: Path
) -> None:
    with environment_taken_back():
        shop = small_shop.copy(tmp_path / "shop")
        before = shop.generation
        for file in (shop.settings.raw_parquet / "orders").iterdir():
            file.write_bytes(b"no Parquet at all")
        with pytest.raises(SegmentsError) as failure:
            shop.run(as_of="2026-06-30", rebuild=True)
        assert shop.generation == before
    assert "SEGMENTS_RAW_PARQUET_DIR" in str(failure.value)
    assert "\n\tat " not in str(failure.value)
