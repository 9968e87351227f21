"""What WooCommerce serves lands as it was served, by whatever sign the shop says that a page follows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dagster_project.errors import SegmentsError
from dagster_project.fetch.shops import ShopKind
from tests.fetch.test_pages import FIVE
from tests.fetch.woo_shop import order

if TYPE_CHECKING:
    from tests.fetch.conftest import Bench

pytestmark = pytest.mark.parametrize("bench", [ShopKind.WOOCOMMERCE], indirect=True)


def test_orders_land_as_they_were_served(bench: Bench) -> None:
    bench.shop.orders = [order(1, total="0.10", billing={"city": "Zürich", "note": "a\u2028b\ud800"})]
    bench.fetch()
    (text,) = (bench.folder / "000001-orders.jsonl").read_text(encoding="ascii").splitlines()
    assert json.loads(text) == bench.shop.orders[0]


def test_refunds_land_with_their_dates(bench: Bench) -> None:
    bench.shop.orders = [order(1), order(2)]
    bench.shop.give_back(2, 91, "5.00", "2026-03-02T08:00:00")
    bench.shop.give_back(2, 92, "1.50", "2026-03-09T08:00:00")
    bench.fetch()
    lines = (bench.folder / "000001-orders.jsonl").read_text(encoding="ascii").splitlines()
    landed = [json.loads(text)["refunds"] for text in lines]
    assert landed == [
        [],
        [
            {"id": 91, "reason": "", "total": "-5.00", "date_created_gmt": "2026-03-02T08:00:00"},
            {"id": 92, "reason": "", "total": "-1.50", "date_created_gmt": "2026-03-09T08:00:00"},
        ],
    ]
    assert [asked.path.split("v3/")[1] for asked in bench.http.asked] == ["orders", "orders/2/refunds"]


@pytest.mark.parametrize(
    ("has_link", "has_totals"), [(True, True), (True, False), (False, True)], ids=["both", "link", "totals"]
)
def test_either_header_is_enough_to_go_on(bench: Bench, *, has_link: bool, has_totals: bool) -> None:
    bench.shop.has_link, bench.shop.has_totals = has_link, has_totals
    bench.fetch()
    assert bench.orders() == FIVE
    assert [asked.query["page"] for asked in bench.http.asked] == ["1", "2", "3"]


@pytest.mark.parametrize("count", [4, 5])
def test_without_any_header_a_full_page_is_followed(bench: Bench, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr("dagster_project.fetch.woocommerce.ROWS_OF_A_PAGE", 2)
    bench.shop.has_link = bench.shop.has_totals = False
    bench.shop.orders = bench.shop.orders[:count]
    bench.fetch()
    assert bench.orders() == FIVE[:count]
    assert len(bench.http.asked) == 3


def test_the_address_in_the_link_header_is_not_asked(bench: Bench) -> None:
    """The shop names a host that does not exist; a proxy in front of it makes that common."""
    bench.fetch()
    assert {asked.path for asked in bench.http.asked} == {"/wp-json/wc/v3/orders"}


def test_an_order_removed_meanwhile_hides_no_other(bench: Bench) -> None:
    bench.http.before[2] = lambda: bench.shop.remove(1)
    bench.fetch()
    assert bench.orders() == FIVE, "order 3 moved to the page that was read already"


def test_a_shop_that_loses_orders_for_ever_ends(bench: Bench) -> None:
    bench.shop.orders = [order(number) for number in range(40)]
    for at in range(2, 40, 2):
        bench.http.before[at] = lambda at=at: bench.shop.remove(at)
    with pytest.raises(SegmentsError, match=r"loses orders while they are read, 5 times"):
        bench.fetch()
    assert bench.files() == []


def test_what_changed_in_the_second_of_the_last_fetch_is_asked_for(bench: Bench) -> None:
    """The shop leaves out the moment that it is given."""
    bench.fetch()
    bench.fetch()
    assert "modified_after" not in bench.http.asked[2].query
    assert bench.http.asked[3].query["modified_after"] == "2026-03-01T09:54:59"


def test_a_shop_whose_clock_is_slow_loses_nothing(bench: Bench) -> None:
    """What changes after the fetch began is served again, by the clock of the shop."""
    bench.http.date = "Sun, 01 Mar 2026 10:02:00 GMT"
    bench.fetch()
    bench.change(1, "2026-03-01T10:03")
    bench.fetch()
    assert bench.orders("000002-orders.jsonl") == [("1", "2026-03-01T10:03")]
    assert bench.http.asked[3].query["modified_after"] == "2026-03-01T09:51:59"
