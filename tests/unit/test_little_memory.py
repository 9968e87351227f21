"""Models that do not fit into memory are spilled, and say what they say with room enough."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from dagster_project.clock import utc_now
from dagster_project.raw.loading import load_landing
from dagster_project.transform.project import build
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from pathlib import Path

ORDERS_COUNT = 400_000
CUSTOMERS_COUNT = 150_000


def _spilled(folder: Path, is_over: threading.Event, found: list[int]) -> None:
    """Note the largest size that the folder has had."""
    while not is_over.wait(0.01):
        sizes = []
        for path in folder.rglob("*"):
            try:
                sizes.append(path.stat().st_size)
            except FileNotFoundError:
                continue
        found[0] = max(found[0], sum(sizes))


def test_orders_beyond_the_memory_limit_are_spilled_and_counted_all_the_same(tmp_path: Path) -> None:
    orders = [(number, number * 7919 % CUSTOMERS_COUNT, number % 28 + 1) for number in range(ORDERS_COUNT)]
    with environment_taken_back():
        spill = tmp_path / "spill"
        shop = Shop(tmp_path / "shop", {"memory_limit": "120MB", "threads": 1, "spill_dir": spill, "pii_key": "tests"})
        path = shop.settings.landing_dir / "orders" / "rows.csv"
        path.parent.mkdir(parents=True)
        with path.open("w") as file:
            file.write("order_id,customer_id,ordered_at,total_amount\n")
            file.writelines(f"o{order},c{customer},2026-05-{day:02},10.00\n" for order, customer, day in orders)
        load_landing(shop.settings, now=utc_now())
        is_over, largest = threading.Event(), [0]
        watch = threading.Thread(target=_spilled, args=(spill, is_over, largest))
        watch.start()
        variables = {"as_of_date": "2026-06-30", "shop_time_zone": "UTC", "shop_currency": ""}
        try:
            result = build(shop.settings, select=["+fct_orders"], variables=variables, on_event=lambda _event: None)
        finally:
            is_over.set()
            watch.join()
        assert result.success, result.exception
        query = (
            "select customer_id, count(*), sum(net_revenue_amount), max(customer_order_number) from marts.fct_orders"
        )
        rows = shop.built(f"{query} group by all")
    counts = Counter(f"c{customer}" for _, customer, _ in orders)
    assert {customer: count for customer, count, _, _ in rows} == counts
    assert all(net == 10 * count and last == count for _, count, net, last in rows)
    assert largest[0] > 0, "everything fitted, so nothing was shown"
