"""When an engine gives up, a person reads what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.advice import explained, is_short_of_resources, unexpected
from dagster_project.database import connection
from dagster_project.errors import SegmentsError
from dagster_project.settings import Settings
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from pathlib import Path

# Does not fit into 20 MB, nor into 1 MB beside them.
TOO_MUCH = "create table sorted as select md5(range::varchar) as word from range(2000000) order by word"


def test_what_does_not_fit_names_memory_and_spill(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, memory_limit="20MB", spill_limit="1MB", threads=1)
    with pytest.raises(duckdb.Error) as failure, connection(tmp_path / "build.duckdb", settings) as build:
        build.execute(TOO_MUCH)
    said = explained(str(failure.value), settings)
    assert "SEGMENTS_MEMORY_LIMIT (now 20MB)" in said
    assert "SEGMENTS_SPILL_LIMIT (now 1MB)" in said
    assert "SET memory_limit" not in said, "a setting of the engine is no setting of ours"
    assert is_short_of_resources(str(failure.value))


def test_with_room_to_spill_the_same_fits_and_the_room_is_empty_after(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, memory_limit="60MB", spill_dir=tmp_path / "elsewhere", threads=1)
    with connection(tmp_path / "build.duckdb", settings) as build:
        build.execute(TOO_MUCH)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("engine", "message", "advice"),
    [
        ("spark", "java.lang.OutOfMemoryError: Java heap space", "SEGMENTS_MEMORY_LIMIT"),
        ("duckdb", "IO Error: Could not write file: No space left on device", "SEGMENTS_SPILL_DIR"),
        ("spark", "[PATH_NOT_FOUND] Path does not exist", "SEGMENTS_RAW_PARQUET_DIR"),
        ("spark", "[Errno 111] Connection refused", "The process of Spark ended"),
        ("spark_thrift", "TTransportException: TSocket read 0 bytes", "127.0.0.1:10000 went away"),
    ],
)
def test_advice_names_the_setting(tmp_path: Path, engine: str, message: str, advice: str) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "engine": engine})
    assert advice in explained(message, settings)


def test_a_stack_trace_is_left_out_and_a_plain_fault_stays_as_it_is(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert explained("Bad cast\n\tat org.apache.spark.X(Y.scala:1)\n\tat Z", settings) == "Bad cast"
    assert explained("Binder Error: no column x", settings) == "Binder Error: no column x"
    assert not is_short_of_resources("Binder Error: no column x")


def test_a_run_with_too_little_memory_says_so_once_and_publishes_nothing(tmp_path: Path) -> None:
    rows = [
        {"order_id": f"o{number}", "customer_id": f"c{number}", "ordered_at": "2026-03-01", "total_amount": "20.00"}
        for number in range(50_000)
    ]
    with environment_taken_back():
        shop = Shop(tmp_path / "shop", {"memory_limit": "8MB", "threads": 1})
        shop.land("orders", rows)
        with pytest.raises(SegmentsError) as failure:
            shop.run()
        assert str(failure.value).count("SEGMENTS_MEMORY_LIMIT (now 8MB)") == 1
        assert shop.generation is None


def test_an_error_that_leads_back_to_itself_is_told_all_the_same(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    first, second = ValueError("first"), ValueError("second")
    first.__context__, second.__context__ = second, first
    assert f"The trace: {tmp_path / 'last_error.txt'}" in unexpected(first, settings)
    second.__context__ = OSError("[Errno 28] No space left on device")
    (tmp_path / "last_error.txt").unlink()
    assert "The disk is full" in unexpected(first, settings)
    assert not (tmp_path / "last_error.txt").exists()


def test_a_data_folder_that_cannot_be_written_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = unexpected(PermissionError("no"), Settings(data_dir=tmp_path / "file" / "data"))
    assert said.startswith(f"{tmp_path / 'file' / 'data'} cannot be written (Not a directory): no\n")
    assert "Let SEGMENTS_DATA_DIR be" in said
