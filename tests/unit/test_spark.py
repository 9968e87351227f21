"""What a run on Spark needs, said before anything is read."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project import spark
from dagster_project.errors import UsageError
from dagster_project.settings import Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def everything_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda _name: sys)


def _settings(tmp_path: Path, **values: Any) -> Settings:
    return Settings(data_dir=tmp_path, **values)


def test_duckdb_needs_none_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda _name: None)
    spark.require_engine(_settings(tmp_path))


def test_an_unknown_engine_is_refused_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENTS_ENGINE", "sparc")
    with pytest.raises(UsageError, match=r"SEGMENTS_ENGINE: .*'duckdb', 'spark' or 'spark_thrift'"):
        load_settings()


@pytest.mark.parametrize(("engine", "package"), [("spark", "pyspark"), ("spark_thrift", "pyhive")])
def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, package: str) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=rf"{package} is not installed: run `make install-spark`"):
        spark.require_engine(_settings(tmp_path, engine=engine))


@pytest.mark.usefixtures("everything_is_installed")
def test_a_machine_without_java_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UsageError, match=r"needs Java 17 or later, .* apt-get install openjdk-17-jre-headless"):
        spark.require_engine(_settings(tmp_path, engine="spark"))


@pytest.mark.usefixtures("everything_is_installed")
def test_a_wrong_java_home_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    with pytest.raises(UsageError, match=r"JAVA_HOME is .*jdk, which has no bin/java"):
        spark.require_engine(_settings(tmp_path, engine="spark"))


@pytest.mark.usefixtures("everything_is_installed")
@pytest.mark.parametrize(("limit", "is_enough"), [("536MB", False), ("512MiB", True), ("1GB", True)])
def test_the_smallest_heap_of_spark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, *, is_enough: bool
) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    settings = _settings(tmp_path, engine="spark", memory_limit=limit)
    if is_enough:
        spark.require_engine(settings)
    else:
        with pytest.raises(UsageError, match="SEGMENTS_MEMORY_LIMIT is 536MB"):
            spark.require_engine(settings)


@pytest.mark.usefixtures("everything_is_installed")
def test_a_silent_thrift_server_is_named(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        settings = _settings(tmp_path, engine="spark_thrift", spark_thrift_port=port)
        with pytest.raises(UsageError, match=rf"no Thrift server answers at 127\.0\.0\.1:{port} .*SPARK_THRIFT_HOST"):
            spark.require_engine(settings)


@pytest.mark.usefixtures("everything_is_installed")
def test_a_server_that_answers_is_enough(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        spark.require_engine(_settings(tmp_path, engine="spark_thrift", spark_thrift_port=port))


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("4GB", 4 * 10**9), ("1.5GB", 15 * 10**8), ("512MiB", 512 * 2**20), ("2TiB", 2 * 2**40), ("900 kb", 900_000)],
)
def test_a_memory_limit_in_bytes(tmp_path: Path, limit: str, expected: int) -> None:
    assert _settings(tmp_path, memory_limit=limit).memory_limit_bytes == expected


def test_only_the_tables_to_be_built_are_removed(tmp_path: Path) -> None:
    settings = _settings(tmp_path, engine="spark")
    for table in ("marts/fct_orders", "marts/fct_orders__pairs", "marts/fct_refunds"):
        folder = settings.spark_tables / table
        folder.mkdir(parents=True)
        (folder / "part.parquet").touch()
    spark.remove_tables(settings, ["marts/fct_orders", "marts/never_built"])
    assert spark.built_tables(settings) == ["marts.fct_refunds"]
