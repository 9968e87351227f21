from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks.large_shop import write_large_shop
from dagster_project.raw.judging import known_statuses
from tests.raw.landing import make_landing

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = 400
END = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    write_large_shop(folder / "landing", orders=ORDERS)
    return folder


def table(data_dir: Path, name: str) -> pa.Table:
    return pq.read_table(data_dir / "landing" / name)


def contents(folder: Path) -> dict[str, pa.Table]:
    return {str(path.relative_to(folder)): pq.read_table(path) for path in sorted(folder.rglob("*.parquet"))}


def test_the_same_seed_writes_the_same_rows(data_dir: Path, tmp_path: Path) -> None:
    write_large_shop(tmp_path / "again", orders=ORDERS)
    write_large_shop(tmp_path / "other", orders=ORDERS, seed=2)
    first, again, other = (
        contents(folder) for folder in (data_dir / "landing", tmp_path / "again", tmp_path / "other")
    )
    assert list(first) == list(again)
    assert all(first[name].equals(again[name]) for name in first)
    assert not first["products/products.parquet"].equals(other["products/products.parquet"])
    assert not first["events/events_2026_06.parquet"].equals(other["events/events_2026_06.parquet"])


@pytest.mark.parametrize("name", ["orders", "events", "refunds", "products", "customers"])
def test_keys_are_unique(data_dir: Path, name: str) -> None:
    keys = table(data_dir, name).column(f"{name[:-1]}_id")
    assert pc.count_distinct(keys, mode="all").as_py() == len(keys)


def test_counts_are_as_asked(data_dir: Path) -> None:
    counts = {name: len(table(data_dir, name)) for name in ("orders", "events", "order_lines", "refunds", "products")}
    assert counts["orders"] == ORDERS
    assert counts["events"] == 10 * ORDERS
    assert counts["products"] == 2000
    assert 1.8 < counts["order_lines"] / ORDERS < 2.2
    assert 0.01 < counts["refunds"] / ORDERS < 0.08


def test_what_is_asked_for_is_written(tmp_path: Path) -> None:
    write_large_shop(tmp_path / "landing", orders=50, events_per_order=3, days=60, last_day=date(2025, 2, 28))
    times = table(tmp_path, "orders").column("ordered_at")
    assert len(table(tmp_path, "events")) == 150
    assert pc.max(times).as_py() < datetime(2025, 3, 1, tzinfo=UTC)
    assert pc.min(times).as_py() >= datetime(2025, 3, 1, tzinfo=UTC) - timedelta(days=60)
    write_large_shop(tmp_path / "silent" / "landing", orders=1, events_per_order=0)
    assert len(table(tmp_path / "silent", "orders")) == 1
    assert not (tmp_path / "silent" / "landing" / "events").exists()
    with pytest.raises(ValueError, match="needs orders"):
        write_large_shop(tmp_path / "none", orders=0)


def test_every_row_is_loaded(data_dir: Path) -> None:
    report = make_landing(data_dir).load(END)
    assert {file.rows_quarantined + file.rows_duplicate + file.rows_skipped for file in report.files} == {0}
    assert {file.rows_read == file.rows_used for file in report.files} == {True}
    assert report.rows_added["events"] == 10 * ORDERS
    assert report.warnings == []


def test_files_are_named_by_their_month(data_dir: Path) -> None:
    for path in (data_dir / "landing" / "orders").iterdir():
        months = {f"orders_{time.as_py():%Y_%m}" for time in pq.read_table(path).column("ordered_at")}
        assert months == {path.stem}


def test_orders_are_worth_their_lines(data_dir: Path) -> None:
    lines, orders = table(data_dir, "order_lines").to_pandas(), table(data_dir, "orders").to_pandas()
    sums = (lines["quantity"] * lines["unit_price"]).groupby(lines["order_id"]).sum()
    stated = orders.set_index("order_id").dropna(subset=["total_amount", "discount_amount"])
    assert len(stated) > ORDERS / 2
    assert (sums[stated.index] - stated["discount_amount"] == stated["total_amount"]).all()


def test_statuses_are_known_and_the_cancelled_say_when(data_dir: Path) -> None:
    orders = table(data_dir, "orders")
    assert set(orders.column("status").drop_null().to_pylist()) <= set(known_statuses())
    is_cancelled = pc.fill_null(pc.equal(orders.column("status"), "cancelled"), fill_value=False)
    assert pc.all(pc.equal(is_cancelled, pc.is_valid(orders.column("cancelled_at")))).as_py()
    assert pc.sum(is_cancelled).as_py() > 0


def test_purchases_are_the_orders_of_their_devices(data_dir: Path) -> None:
    events, orders = table(data_dir, "events").to_pandas(), table(data_dir, "orders").to_pandas()
    bought = events[events["event_type"] == "purchase"].merge(
        orders, on="order_id", how="left", suffixes=("", "_order")
    )
    assert len(bought) > ORDERS / 3
    assert (bought["occurred_at"] == bought["ordered_at"]).all()
    assert (bought["anonymous_id"] == bought["anonymous_id_order"]).all()


def test_most_events_know_a_device_only_and_nothing_happens_later(data_dir: Path) -> None:
    events = table(data_dir, "events").to_pandas()
    assert events["customer_id"].isna().mean() > 0.7
    assert set(events.loc[events["event_type"].isin(["login", "signup"]), "customer_id"].isna()) == {False}
    assert events["occurred_at"].max() < END
    assert events["anonymous_id"].nunique() > 1.2 * ORDERS


def test_a_few_buy_most(data_dir: Path) -> None:
    counts = table(data_dir, "orders").to_pandas()["customer_id"].value_counts()
    assert (counts == 1).mean() > 0.4
    assert counts.iloc[0] >= 8
