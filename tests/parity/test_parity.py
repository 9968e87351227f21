"""Both engines build the same, row for row."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.parity.comparing import Comparison

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline.shop import Shop

# CI has an hour: there the sample shop, and the worlds of test_growing, stand for all shops.
_IS_CI = pytest.mark.skipif(os.environ.get("CI") == "true", reason="takes five minutes: make test-spark by hand")
SHOPS = ["sample_on_spark", pytest.param("online_retail_on_spark", marks=_IS_CI)]

# Tables that must not be empty: a comparison of nothing with nothing would pass.
_FILLED = (
    "intermediate.int_stream_slots_summed",
    "marts.fct_orders",
    "marts.fct_refunds",
    "marts.fct_customer_rfm",
    "marts.fct_customer_lifecycle",
    "profiles.customer_profiles",
)


def _comparison(shop: Shop) -> Comparison:
    return Comparison(shop.kept_build("duckdb"), shop.settings.spark_tables)


@pytest.mark.parametrize("shop_name", SHOPS)
def test_every_table_is_the_same_on_both_engines(shop_name: str, request: pytest.FixtureRequest) -> None:
    comparison = _comparison(request.getfixturevalue(shop_name))
    differences = [sentence for table in comparison.tables() for sentence in comparison.differences(table)]
    assert not differences, "\n".join(differences)
    empty = [table for table in _FILLED if comparison.rows_count(table) == 0]
    assert shop_name == "online_retail_on_spark" or not empty
    assert len(comparison.tables()) > 60


@pytest.mark.parametrize("shop_name", SHOPS)
def test_spark_publishes_nothing_new_after_duckdb(shop_name: str, request: pytest.FixtureRequest) -> None:
    shop: Shop = request.getfixturevalue(shop_name)
    assert len(list((shop.settings.published_dir / "generations").iterdir())) == 1
    assert shop.built("select engine from marts.dim_generation") == [("spark",)]
    assert shop.published("select engine from marts.dim_generation") == [("duckdb",)]


def test_one_changed_amount_is_found(sample_on_spark: Shop, tmp_path: Path) -> None:
    shutil.copytree(sample_on_spark.settings.spark_tables, tmp_path / "spark")
    folder = tmp_path / "spark" / "marts" / "fct_orders"
    ((order_id,),) = duckdb.execute(f"select min(order_id) from read_parquet('{folder}/*.parquet')").fetchall()
    duckdb.execute(
        f"copy (select * replace (cast(net_revenue_amount + case when order_id = '{order_id}' then 0.01 else 0 end "
        f"as decimal(18, 2)) as net_revenue_amount) from read_parquet('{folder}/*.parquet')) "
        f"to '{tmp_path}/changed.parquet' (format parquet)"
    )
    for file in folder.iterdir():
        file.unlink()
    (tmp_path / "changed.parquet").replace(folder / "part.parquet")
    comparison = Comparison(sample_on_spark.kept_build("duckdb"), tmp_path / "spark")
    (sentence,) = comparison.differences("marts.fct_orders")
    assert "1 rows differ in net_revenue_amount" in sentence
    assert order_id in sentence
    assert list(comparison.differences("marts.fct_refunds")) == []


def test_a_table_that_spark_did_not_build_is_found(sample_on_spark: Shop, tmp_path: Path) -> None:
    comparison = Comparison(sample_on_spark.kept_build("duckdb"), tmp_path)
    assert list(comparison.differences("marts.fct_orders")) == ["marts.fct_orders: Spark did not build it"]
