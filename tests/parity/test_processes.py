"""Spark outside the process of the pipeline: workers of their own, and a Thrift server that can go away."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.errors import SegmentsError
from dagster_project.sample.writing import write_sample
from dagster_project.transform.project import parsed_manifest, run_dbt
from tests.parity.comparing import Comparison
from tests.parity.thrift_server import ThriftServer, spark_home
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.spark_cluster

SEGMENTS = Path(sys.executable).with_name("segments")
RUN_SECONDS = 1200
# Tables that must not be empty: a comparison of nothing with nothing would pass.
FILLED = ("intermediate.int_carts_summed", "marts.fct_orders", "marts.fct_refunds", "profiles.customer_profiles")


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A small sample shop, published by DuckDB."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("duckdb") / "shop", {"pii_key": "a key for tests", "memory_limit": "2GB"})
        write_sample(shop.settings.landing_dir, customers=300, days=400)
        shop.run()
        shop.keep_build("duckdb")
    return shop


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThriftServer]:
    """A Thrift server; those tests that kill one start their own."""
    started = ThriftServer(tmp_path_factory.mktemp("server"))
    try:
        started.wait_until_it_answers()
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def on_thrift(on_duckdb: Shop, server: ThriftServer, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The same shop, built again by the server, in folders in which a killed run had left tables."""
    shop = on_duckdb.copy(tmp_path_factory.mktemp("thrift") / "shop")
    _use_thrift(shop, server)
    with environment_taken_back():
        for table, content in {"marts/fct_orders": "no Parquet at all", "seeds/flags": "nor this"}.items():
            folder = shop.settings.spark_tables / table
            folder.mkdir(parents=True)
            (folder / "part-00000.snappy.parquet").write_text(content)
        shop.run()
    return shop


def _use_thrift(shop: Shop, server: ThriftServer) -> None:
    shop.set("engine", "spark_thrift")
    shop.set("spark_thrift_port", server.port)
    shop.set("threads", 3)


def _start(shop: Shop, **variables: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SEGMENTS_", "DAGSTER_"))}
    return subprocess.Popen(  # noqa: S603 (our own command)
        [str(SEGMENTS), "run"],
        env={**clean, **shop.environment, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _assert_same(shop: Shop) -> None:
    with environment_taken_back():
        comparison = Comparison(shop.kept_build("duckdb"), shop.settings.spark_tables)
        tables = comparison.tables()
        differences = [sentence for table in tables for sentence in comparison.differences(table)]
        assert not differences, "\n".join(differences)
        assert [table for table in FILLED if comparison.rows_count(table) == 0] == []
        assert len(tables) > 60


def test_two_executor_processes_build_the_same_as_duckdb(on_duckdb: Shop, tmp_path: Path) -> None:
    # Workers of this kind write below SPARK_HOME: give them one that is not the installed package.
    home = tmp_path / "spark_home"
    home.mkdir()
    for entry in spark_home().iterdir():
        if entry.name != "work":
            (home / entry.name).symlink_to(entry)
    shop = on_duckdb.copy(tmp_path / "shop")
    shop.set("engine", "spark")
    shop.set("spark_master", "local-cluster[2,1,1024]")
    run = _start(shop, SPARK_HOME=str(home))
    said, complained = run.communicate(timeout=RUN_SECONDS)
    assert run.returncode == 0, complained
    assert "Unchanged" in said
    executors = sorted(path.parent.name for path in home.glob("work/app-*/*/stderr"))
    assert executors == ["0", "1"]
    assert (shop.folder / "spark").stat().st_mode & 0o077 == 0
    _assert_same(shop)


def test_a_thrift_server_builds_the_same_as_duckdb(on_thrift: Shop) -> None:
    _assert_same(on_thrift)
    with environment_taken_back():
        assert len(list((on_thrift.settings.published_dir / "generations").iterdir())) == 1
        assert on_thrift.built("select engine from marts.dim_generation") == [("spark",)]


def test_a_second_build_replaces_the_tables_of_the_server(on_thrift: Shop) -> None:
    with environment_taken_back():
        before = _files(on_thrift)
        outcome = on_thrift.run(rebuild=True)
        assert outcome.sentence.startswith("Unchanged")
        assert len(list((on_thrift.settings.published_dir / "generations").iterdir())) == 1
        after = _files(on_thrift)
    assert {file.parent for file in before} == {file.parent for file in after}
    assert before.isdisjoint(after)
    _assert_same(on_thrift)


def _files(shop: Shop) -> set[Path]:
    return set(shop.settings.spark_tables.glob("*/*/*.parquet"))


@pytest.mark.parametrize("bad", ["cast('x' as int)", "cast(2147483647 as int) + cast(1 as int)", "1 / 0"])
def test_what_cannot_be_computed_raises_although_the_server_gives_null(on_thrift: Shop, bad: str) -> None:
    with environment_taken_back():
        arguments = ["show", "--inline", f"select {bad} as answer"]
        result = run_dbt(on_thrift.settings, arguments, manifest=parsed_manifest("spark_thrift"), on_event=None)
    assert not result.success


def test_tables_of_another_shop_on_the_server_are_left_alone(
    on_duckdb: Shop, on_thrift: Shop, server: ThriftServer, tmp_path: Path
) -> None:
    other = on_duckdb.copy(tmp_path / "other")
    _use_thrift(other, server)
    with environment_taken_back():
        before = _files(on_thrift)
        with pytest.raises(SegmentsError) as failure:
            other.run()
        assert _files(on_thrift) == before
        sentence = str(failure.value)
        assert "SEGMENTS_SPARK_DIR" in sentence
        assert str(on_thrift.settings.spark_tables / "raw") in sentence
        assert str(other.settings.spark_tables / "raw") in sentence


def test_a_server_that_dies_leaves_what_is_published(on_duckdb: Shop, tmp_path: Path) -> None:
    server = ThriftServer(tmp_path / "server")
    try:
        server.wait_until_it_answers()
        shop = on_duckdb.copy(tmp_path / "shop")
        _use_thrift(shop, server)
        with environment_taken_back():
            before, spark_tables = shop.generation, shop.settings.spark_tables
        run = _start(shop)
        while run.poll() is None and not list(spark_tables.glob("intermediate/*/*.parquet")):
            time.sleep(0.2)
        server.kill()
        _, complained = run.communicate(timeout=RUN_SECONDS)
    finally:
        server.stop()
    assert run.returncode == 1
    assert f"The Thrift server at 127.0.0.1:{server.port} went away" in complained
    assert "\n\tat " not in complained
    with environment_taken_back():
        assert shop.generation == before
        published = shop.settings.published_dir / "current" / "customer_segments.duckdb"
        with duckdb.connect(str(published), read_only=True) as connection:
            assert connection.execute("select count(*) > 0 from segments.memberships").fetchall() == [(True,)]
