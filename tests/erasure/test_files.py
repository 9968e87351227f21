"""Rows of erased people go from files of every format, and what stays is read as before."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.raw.erasing import erase_from_files, erase_from_tables, rewrite_database
from dagster_project.raw.loading import open_raw
from dagster_project.raw.replaying import replay
from dagster_project.raw.tombstones import bury
from tests.raw.landing import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.raw.landing import Landing

ROWS = [
    ("1", "ann-1234567", "2026-01-02", "10"),
    ("2", "bob-1234567", "2026-01-03", "20"),
    ("3", "ann-1234567", "2026-01-04", "30"),
    ("4", "bob-1234567", "never", "40"),
    ("5", "ann-1234567", "never", "50"),
]
NAMES = ("order_id", "customer_id", "ordered_at", "total_amount")


def erased(landing: Landing, *values: tuple[str, str]) -> None:
    with open_raw(landing.settings) as raw:
        key = landing.settings.pseudonym_key
        bury(raw, key, values, NOW)
        landed = erase_from_files(raw, landing.settings, NOW, lambda _: None)
        erase_from_tables(raw, key, landed)
    rewrite_database(landing.settings)
    assert landing.violations() == []


def plain(path: Path) -> bytes:
    content = path.read_bytes()
    if path.name.endswith(".gz"):
        return gzip.decompress(content)
    return pa.input_stream(path, compression="zstd").read() if path.name.endswith(".zst") else content


def land(landing: Landing, name: str) -> Path:
    records = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    if ".parquet" in name:
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(records), sink, row_group_size=2, compression="zstd")
        return landing.write(f"orders/{name}", sink.getvalue().to_pybytes())
    lines = (
        [json.dumps(record) for record in records] if ".jsonl" in name else [",".join(row) for row in (NAMES, *ROWS)]
    )
    return landing.write(f"orders/{name}", "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("name", ["o.csv", "o.csv.gz", "o.jsonl", "o.jsonl.zst", "o.parquet"])
def test_her_rows_go_and_his_stay(landing: Landing, name: str) -> None:
    path = land(landing, name)
    landing.load()
    erased(landing, ("customer_id", "ann-1234567"))
    if name == "o.parquet":
        left = pq.read_table(path)
        assert left.column("order_id").to_pylist() == ["2", "4"]
        assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"
    else:
        assert b"ann-1234567" not in plain(path)
        assert plain(path).count(b"bob-1234567") == 2
    assert landing.column("select order_id from raw.orders") == ["2"]
    assert [row[1:3] for row in landing.quarantine()] == [("bad_time", "ordered_at")]
    assert b"ann-1234567" not in landing.settings.raw_path.read_bytes()
    again = landing.load_one()
    assert not again.was_loaded
    told: list[tuple[Any, ...]] = landing.fetch(
        "select rows_read, rows_used, rows_quarantined, rows_duplicate, rows_skipped from raw.load_ledger"
    )
    assert told == [(2, 1, 1, 0, 0)]
    # Lines keep their meaning: the refused row that stays is found again.
    (done,) = replay(landing.settings, now=NOW)
    assert done.counts.rows_quarantined == 1


def test_tables_that_can_name_nobody_are_in_nobodys_way(landing: Landing) -> None:
    land(landing, "o.csv")
    rates = landing.write("fx_rates/r.csv", "currency,rate_date,rate\nUSD,2026-01-01,0.9\n")
    landing.load()
    before = rates.read_bytes()
    erased(landing, ("customer_id", "ann-1234567"))
    assert rates.read_bytes() == before
    landing.write("fx_rates/s.csv", "currency,rate_date,rate\nUSD,2026-01-02,0.8\n")
    landing.load()
    assert landing.column("select count(*) from raw.fx_rates") == [2]
    assert landing.column("select order_id from raw.orders") == ["2"]


def test_a_file_that_comes_again_brings_nobody_back(landing: Landing) -> None:
    before = land(landing, "o.csv").read_bytes()
    landing.load()
    erased(landing, ("customer_id", "ann-1234567"))
    landing.write("orders/old.csv", before)
    again = landing.load().files[1]
    assert (again.rows_read, again.rows_used, again.rows_duplicate, again.rows_skipped) == (5, 0, 1, 3)
    assert again.skipped_by_rule == {"erased": 3}
    assert landing.column("select order_id from raw.orders") == ["2"]
    erased(landing)
    assert b"ann-1234567" not in (landing.settings.landing_dir / "orders/old.csv").read_bytes()
    assert not any(file.was_loaded for file in landing.load().files)


def test_rows_of_a_file_that_is_gone_are_skipped_from_now_on(landing: Landing) -> None:
    land(landing, "o.csv").unlink()
    land(landing, "o.csv")
    landing.load()
    (landing.settings.landing_dir / "orders/o.csv").unlink()
    erased(landing, ("customer_id", "ann-1234567"))
    ((by_rule, used, refused),) = landing.fetch(
        "select skipped_by_rule, rows_used, rows_quarantined from raw.load_ledger"
    )
    assert (json.loads(by_rule), used, refused) == ({"erased": 3}, 1, 1)


def test_a_row_of_several_lines_goes_whole(landing: Landing) -> None:
    header = "order_id,customer_id,ordered_at,total_amount,note\r\n"
    hers, his = '1,ann,2026-01-02,10,"two\r\nlines of ann@x.example"\r\n', '2,bob,2026-01-02,10,"his\r\nown"\r\n'
    path = landing.write("orders/o.csv", header + hers + his)
    landing.load()
    erased(landing, ("email", "ann@x.example"))
    assert path.read_bytes() == (header + "\r\n\r\n" + his).encode()
    assert landing.fetch("select order_id, source_line from raw.orders") == [("2", 4)]


def test_twice_erased_is_once_erased(landing: Landing) -> None:
    path = land(landing, "o.csv.gz")
    landing.load()
    erased(landing, ("customer_id", "ann-1234567"))
    once = path.read_bytes()
    erased(landing, ("customer_id", "ann-1234567"))
    assert path.read_bytes() == once
    assert landing.column("select rows_erased from raw.erasures") == [3]
