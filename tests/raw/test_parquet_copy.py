"""The Parquet copy of raw tables that Spark reads."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.errors import SegmentsError
from dagster_project.raw.contracts import contracts
from dagster_project.raw.loading import load_landing
from dagster_project.raw.parquet_copy import copy_raw
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
FIRST = "order_id,customer_id,ordered_at,total_amount\no1,anna,2026-06-01T10:00:00+02:00,10.50\n"
SECOND = "order_id,customer_id,ordered_at,total_amount\no2,finn,2026-06-02T10:00:00.123456Z,20\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


def _land(settings: Settings, name: str, text: str) -> None:
    path = settings.landing_dir / "orders" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    load_landing(settings, now=NOW)


def _rows(settings: Settings, table: str = "orders") -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        query = (
            f"select order_id, total_amount, ordered_at from read_parquet('{settings.raw_parquet}/{table}/*.parquet')"
        )
        return connection.execute(f"{query} order by order_id").fetchall()


def test_rows_come_over_with_their_types_and_the_copy_follows(settings: Settings) -> None:
    _land(settings, "first.csv", FIRST)
    copy_raw(settings)
    (row,) = _rows(settings)
    assert row[0] == "o1"
    assert str(row[1]) == "10.5000" or float(str(row[1])) == 10.5
    assert row[2] == datetime(2026, 6, 1, 8, tzinfo=UTC)
    _land(settings, "second.csv", SECOND)
    copy_raw(settings)
    assert [row[0] for row in _rows(settings)] == ["o1", "o2"]
    assert _rows(settings)[1][2] == datetime(2026, 6, 2, 10, 0, 0, 123456, tzinfo=UTC)


def test_a_database_of_an_older_version_gains_the_new_columns_and_so_does_its_copy(settings: Settings) -> None:
    _land(settings, "first.csv", FIRST)
    copy_raw(settings)
    with duckdb.connect(str(settings.raw_path)) as connection:
        connection.execute("alter table raw.orders drop column referral_code")
    stale = set((settings.raw_parquet / "orders").iterdir())
    for path in stale:  # as the older version wrote them
        path.rename(path.with_name(f"older_{path.name}"))
    with_code = SECOND.replace("total_amount", "total_amount,referral_code").replace("Z,20", "Z,20,r1")
    _land(settings, "second.csv", with_code)
    copy_raw(settings)
    codes = f"select order_id, referral_code from read_parquet('{settings.raw_parquet}/orders/*.parquet') order by 1"
    assert duckdb.execute(codes).fetchall() == [("o1", None), ("o2", "r1")]


def test_times_are_instants_in_microseconds(settings: Settings) -> None:
    _land(settings, "first.csv", FIRST)
    copy_raw(settings)
    kinds = duckdb.execute(
        f"select distinct logical_type from parquet_schema('{settings.raw_parquet}/orders/*.parquet') "
        "where name = 'ordered_at'"
    ).fetchall()
    assert len(kinds) == 1
    assert "isAdjustedToUTC=1" in kinds[0][0]
    assert "MICROS" in kinds[0][0]


def test_every_table_has_its_columns_even_without_a_row(settings: Settings) -> None:
    _land(settings, "first.csv", FIRST)
    copy_raw(settings)
    for name, contract in contracts().items():
        described = duckdb.execute(f"describe select * from read_parquet('{settings.raw_parquet}/{name}/*.parquet')")
        columns = [row[0] for row in described.fetchall()]
        assert {column.name for column in contract.columns} <= set(columns)


def test_a_lost_file_is_written_again_and_a_foreign_one_removed(settings: Settings) -> None:
    _land(settings, "first.csv", FIRST)
    copy_raw(settings)
    folder = settings.raw_parquet / "orders"
    before = {path.name for path in folder.iterdir()}
    next(path for path in folder.iterdir() if path.name != "columns.parquet").unlink()
    (folder / "foreign.parquet").write_bytes(b"nothing")
    copy_raw(settings)
    assert {path.name for path in folder.iterdir()} == before
    assert len(_rows(settings)) == 1


def test_nothing_but_the_key_is_written_twice(settings: Settings) -> None:
    _land(settings, "first.csv", FIRST)
    assert copy_raw(settings) > 1
    assert copy_raw(settings) == 1


def test_the_files_are_the_owners_alone(settings: Settings) -> None:
    _land(settings, "first.csv", FIRST)
    copy_raw(settings)
    for path in settings.raw_parquet.glob("*/*.parquet"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_folder_that_cannot_be_written_is_named(settings: Settings, tmp_path: Path) -> None:
    _land(settings, "first.csv", FIRST)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    elsewhere = settings.model_copy(update={"raw_parquet_dir": tmp_path / "file"})
    with pytest.raises(SegmentsError, match="SEGMENTS_RAW_PARQUET_DIR"):
        copy_raw(elsewhere)
