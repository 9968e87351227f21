"""Every row that a shop serves lands once, whatever the pages do meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project.errors import SegmentsError
from dagster_project.fetch.shops import ShopKind

if TYPE_CHECKING:
    from tests.fetch.conftest import Bench
    from tests.fetch.http_shop import Answer

FIVE = [(str(number), f"2026-03-01T10:0{number}") for number in range(1, 6)]


def test_all_pages_land_in_one_file(bench: Bench) -> None:
    done = bench.fetch()
    assert bench.orders() == FIVE
    assert bench.files() == ["000001-orders.jsonl"]
    assert (done.rows_served, done.rows_landed) == (5, 5)
    assert [path.name for path in done.files] == bench.files()


def test_nothing_is_asked_after_the_last_page(bench: Bench) -> None:
    bench.fetch()
    assert len(bench.http.asked) == 3


def test_a_shop_without_orders_lands_nothing(bench: Bench) -> None:
    bench.shop.orders = []
    assert bench.fetch().files == ()
    assert bench.files() == []
    bench.add(1)
    bench.fetch()
    assert bench.orders() == [("1", "2026-03-01T10:00")]


def test_a_row_that_changes_between_pages_lands_in_both_versions(bench: Bench) -> None:
    bench.http.before[2] = lambda: bench.change(1, "2026-03-01T11:00")
    if bench.kind is ShopKind.WOOCOMMERCE:  # by number: what was read early stays on its page, the next fetch sees it
        bench.fetch()
        assert bench.orders() == FIVE
    bench.fetch()
    assert sorted(bench.orders()) == sorted([*FIVE, ("1", "2026-03-01T11:00")])
    assert bench.orders("000002-orders.jsonl") == [("1", "2026-03-01T11:00")]


def test_a_row_that_is_served_twice_lands_once(bench: Bench) -> None:
    bench.fetch()
    bench.change(1, "2026-03-01T10:05")  # two at the very end of the last fetch
    bench.fetch()
    bench.fetch()
    assert bench.orders() == [*FIVE, ("1", "2026-03-01T10:05")]


def test_an_order_placed_meanwhile_is_not_lost(bench: Bench) -> None:
    bench.http.before[2] = lambda: bench.add(9, "2026-03-01T10:09")
    bench.fetch()
    bench.fetch()
    assert sorted(bench.orders()) == [*FIVE, ("9", "2026-03-01T10:09")]


def test_the_next_fetch_asks_for_what_has_changed_since(bench: Bench) -> None:
    bench.fetch()
    before = len(bench.http.asked)
    bench.add(6, "2026-03-02T08:00")
    bench.add(7, "2026-03-02T09:00")
    assert bench.fetch().rows_landed == 2
    bench.add(8, "2026-03-02T09:01")
    done = bench.fetch()
    assert (done.rows_served, done.rows_landed) == (2, 1)
    assert bench.files() == ["000001-orders.jsonl", "000002-orders.jsonl", "000003-orders.jsonl"]
    assert bench.orders("000003-orders.jsonl") == [("8", "2026-03-02T09:01")]
    asked = str(bench.http.asked[before].query or bench.http.asked[before].body["variables"])
    assert "2026-03-01T09:5" in asked


def test_a_fetch_without_news_makes_no_file(bench: Bench) -> None:
    bench.fetch()
    assert bench.fetch().files == ()
    assert bench.files() == ["000001-orders.jsonl"]


def test_the_same_page_for_ever_ends(bench: Bench) -> None:
    frozen = bench.http.answer
    first: list[Answer] = []

    def keep(answer: Answer) -> Answer:
        first.append(answer)
        return answer

    bench.http.answer = lambda asked: first[0] if first else keep(frozen(asked))
    with pytest.raises(SegmentsError, match="same pages again and again"):
        bench.fetch()
    assert len(bench.http.asked) < 8
    assert bench.files() == []


def test_two_fetches_of_a_changing_shop_end_with_what_one_of_the_still_shop_has(bench: Bench) -> None:
    """Whatever moved while it was read: the newest version of each order has landed."""
    bench.shop.page_size = 1
    for at in range(2, 5):
        bench.http.before[at] = lambda at=at: bench.change(6 - at, f"2026-03-01T12:0{at}")
    bench.fetch()
    bench.fetch()
    newest = dict(sorted(bench.orders(), key=lambda one: one[1]))
    name = "updatedAt" if bench.kind is ShopKind.SHOPIFY else "date_modified_gmt"
    assert newest == {str(one["id"]).split("/")[-1]: one[name][:16] for one in bench.shop.orders}
