"""What the sample's files look like: the same bytes, the contracts' columns, honest totals, known faults."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dagster_project.raw.contracts import contracts
from dagster_project.sample.writing import MARKER, write_sample

if TYPE_CHECKING:
    from tests.sample.conftest import Written
    from tests.sample.reading import Row

ROOT = Path(__file__).parents[2]


def content_of(landing_dir: Path) -> dict[str, bytes]:
    return {str(path.relative_to(landing_dir)): path.read_bytes() for path in landing_dir.rglob("*") if path.is_file()}


def latest(rows: list[Row], key: str) -> dict[str, Row]:
    return {row[key]: row for row in sorted(rows, key=lambda row: row["updated_at"])}


def test_the_same_arguments_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    write_sample(tmp_path / "here", customers=100, days=200, seed=3)
    code = (
        "import sys, pathlib; from dagster_project.sample.writing import write_sample;"
        "write_sample(pathlib.Path(sys.argv[1]), customers=100, days=200, seed=3)"
    )
    environment = os.environ | {"PYTHONHASHSEED": "99", "PYTHONPATH": str(ROOT), "TZ": "America/New_York"}
    subprocess.run([sys.executable, "-c", code, tmp_path / "there"], check=True, env=environment)  # noqa: S603  our own interpreter
    here, there = content_of(tmp_path / "here"), content_of(tmp_path / "there")
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []


def test_another_seed_gives_another_shop(tmp_path: Path) -> None:
    write_sample(tmp_path / "one", customers=100, days=60, seed=1)
    write_sample(tmp_path / "two", customers=100, days=60, seed=2)
    one, two = content_of(tmp_path / "one"), content_of(tmp_path / "two")
    assert one["products/products.csv"] != two["products/products.csv"]
    assert one["customers/customers.csv"] != two["customers/customers.csv"]


def test_the_usual_size_is_about_five_thousand_customers_twenty_thousand_orders(tmp_path: Path) -> None:
    sample = write_sample(tmp_path / "landing")
    known = sample.truth[~sample.truth["persona"].str.contains("device|anonymous_cart") | sample.truth["email"].notna()]
    assert 4500 <= len(known) <= 5500
    assert 17_000 <= sample.row_counts["orders"] <= 23_000
    assert 250_000 <= sample.row_counts["events"] <= 350_000


def test_every_file_has_the_columns_of_its_contract(written: Written) -> None:
    for name, columns in written.landed.columns.items():
        contract = contracts()[name.split("/")[0]]
        offered = {column.name for column in contract.columns} - {"order_updated_at"}  # the lines of an order land once
        assert columns <= offered, name
        if "jsonl" not in name:
            assert columns == offered, name
    assert {name.split("/")[0] for name in written.landed.columns} == set(contracts()) - {
        "erasure_requests",
        "suppressions",
    }


def test_required_values_are_there_and_listed_words_are_kept_to(written: Written) -> None:
    for table, rows in written.landed.rows.items():
        for column in contracts()[table].columns:
            values = {row[column.name] for row in rows}
            assert not column.required or None not in values, (table, column.name)
            assert column.values is None or values - {None} <= set(column.values), (table, column.name)


def test_every_format_is_written(written: Written) -> None:
    endings = {"".join(Path(name).suffixes) for name in written.landed.columns}
    assert endings == {".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet"}


def test_bad_rows_are_exactly_those_that_were_planted(written: Written) -> None:
    faults = written.sample.faults[written.sample.faults["is_bad"]]
    planted = {(row.file, row.reason): row.rows for row in faults.itertuples()}
    assert written.landed.bad == planted
    assert {reason for _, reason in planted} == {
        "bad_number",
        "bad_time",
        "unknown_status",
        "null_key",
        "negative_total",
        "wrong_column_count",
        "broken_json",
    }


@pytest.mark.parametrize(("customers", "days"), [(66, 30), (150, 365), (1000, 730)])
def test_bad_rows_stay_far_below_five_percent_of_every_file(tmp_path: Path, customers: int, days: int) -> None:
    sample = write_sample(tmp_path / "landing", customers=customers, days=days)
    bad = sample.faults[sample.faults["is_bad"]].groupby("file")["rows"].sum()
    for name, count in bad.items():
        content = (tmp_path / "landing" / str(name)).read_bytes()
        lines = len(gzip.decompress(content).splitlines()) if str(name).endswith(".gz") else len(content.splitlines())
        assert count <= 0.02 * lines, name


def test_totals_are_the_lines_less_the_order_discount(written: Written) -> None:
    lines: Counter[str] = Counter()
    for line in written.landed.rows["order_lines"]:
        lines[line["order_id"]] += line["quantity"] * line["unit_price"]
        off = (line["list_price"] - line["unit_price"]) * line["quantity"]
        assert line["discount_amount"] == off
    orders = latest(written.landed.rows["orders"], "order_id")
    assert orders.keys() == lines.keys()
    given = [order for order in orders.values() if order["total_amount"] is not None]
    assert 0.95 * len(orders) < len(given) < len(orders)
    assert [
        order["order_id"]
        for order in given
        if order["total_amount"] != lines[order["order_id"]] - order["discount_amount"] or order["total_amount"] <= 0
    ] == []


def test_nothing_happens_after_the_last_day_and_something_happens_on_it(written: Written) -> None:
    day = written.sample.last_day
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    times = {
        (table, column.name): [row[column.name] for row in rows if row[column.name] is not None]
        for table, rows in written.landed.rows.items()
        for column in contracts()[table].columns
        if column.type == "timestamp" and table != "offers"  # the end of an offer is known beforehand
    }
    assert all(max(values) < end for values in times.values() if values)
    assert max(times["events", "occurred_at"]) >= end - timedelta(days=1)


def test_changes_of_an_order_come_after_it(written: Written) -> None:
    orders = latest(written.landed.rows["orders"], "order_id")
    assert all(order["updated_at"] >= order["ordered_at"] for order in orders.values())
    cancelled = [order for order in orders.values() if order["cancelled_at"] is not None]
    assert cancelled
    assert all(order["cancelled_at"] > order["ordered_at"] for order in cancelled)
    refunds = [refund for refund in written.landed.rows["refunds"] if refund["order_id"] in orders]
    assert all(refund["refunded_at"] > orders[refund["order_id"]]["ordered_at"] for refund in refunds)


def test_the_updates_file_holds_newer_versions_and_exact_repeats(written: Written) -> None:
    by_order: dict[str, list[Row]] = {}
    for row in written.landed.rows["orders"]:
        by_order.setdefault(row["order_id"], []).append(row)
    several = [rows for rows in by_order.values() if len(rows) > 1]
    odd = written.sample.faults[~written.sample.faults["is_bad"]].set_index(["file", "reason"])["rows"]
    repeats = [rows for rows in several if rows[0] == rows[1]]
    newer = [rows for rows in several if rows[0] != rows[1]]
    assert all(len({row["updated_at"] for row in rows}) == 2 for rows in newer)
    assert len(repeats) == odd["orders/orders_updates.csv.gz", "duplicate"]
    assert len(newer) == odd["orders/orders_updates.csv.gz", "newer_version"]
    assert any(row["cancelled_at"] for rows in newer for row in rows)


def test_late_events_belong_to_a_month_of_which_other_events_came_before(written: Written) -> None:
    (late,) = [path for path in written.sample.files if "late" in path.name]
    month = late.name.removeprefix("events_late_").removesuffix(".jsonl.gz").replace("_", "-")
    lines = gzip.decompress(late.read_bytes()).decode().splitlines()
    assert all(f'"occurred_at": "{month}-' in line for line in lines if line.endswith("}"))
    events = [row for row in written.landed.rows["events"] if f"{row['occurred_at']:%Y-%m}" == month]
    assert len(events) > 5 * len(lines)
    repeated = len(written.landed.rows["events"]) - len({row["event_id"] for row in written.landed.rows["events"]})
    assert repeated == written.sample.faults.set_index(["file", "reason"])["rows"][f"events/{late.name}", "duplicate"]


def test_a_purchase_and_its_order_name_each_other(written: Written) -> None:
    orders = latest(written.landed.rows["orders"], "order_id")
    purchases = [event for event in written.landed.rows["events"] if event["order_id"] is not None]
    assert purchases
    for event in purchases:
        order = orders[event["order_id"]]
        assert event["occurred_at"] == order["ordered_at"]
        assert order["anonymous_id"] in {None, event["anonymous_id"]}


def test_the_shop_has_its_oddities(written: Written) -> None:
    orders = list(latest(written.landed.rows["orders"], "order_id").values())
    events = written.landed.rows["events"]
    emails = [order["email"] for order in orders if order["email"]]
    assert any(email != email.strip().lower() for email in emails)
    assert Counter(emails)["till@example.com"] > 5
    assert any(order["is_test"] for order in orders)
    assert any(not order["customer_id"] and not order["email"] and not order["anonymous_id"] for order in orders)
    assert any(not order["customer_id"] and not order["email"] and order["anonymous_id"] for order in orders)
    assert any(refund["order_id"] is None and refund["product_id"] for refund in written.landed.rows["refunds"])
    adds = [event for event in events if event["event_type"] == "add_to_cart"]
    assert 0.5 < sum(event["cart_id"] is not None for event in adds) / len(adds) < 0.8
    logins: dict[str, set[str]] = {}
    for event in events:
        if event["anonymous_id"] and event["customer_id"]:
            logins.setdefault(event["anonymous_id"], set()).add(event["customer_id"])
    assert any(len(people) == 2 for people in logins.values())


def test_november_sells_more_than_an_ordinary_month(written: Written) -> None:
    # Regulars buy by chance and season; growth is taken out by looking at the neighbours on both sides.
    drawn = [order for order in written.landed.rows["orders"] if not order["order_id"].startswith("O-C")]
    months = Counter(f"{order['ordered_at']:%Y-%m}" for order in drawn)
    assert months["2025-11"] > 1.1 * (months["2025-09"] + months["2026-01"]) / 2


def test_money_is_written_to_the_cent(written: Written) -> None:
    cent = Decimal("0.01")
    for row in written.landed.rows["refunds"]:
        assert row["amount"] == row["amount"].quantize(cent)


def test_the_marker_lists_every_file(written: Written) -> None:
    listed = {path.relative_to(written.landing_dir).as_posix() for path in written.sample.files}
    assert content_of(written.landing_dir).keys() - {MARKER} == listed
