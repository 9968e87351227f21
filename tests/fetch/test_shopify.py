"""What Shopify serves lands as the lines of a bulk export: complete, each child naming its parent."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.errors import SegmentsError
from dagster_project.fetch.shops import ShopKind
from tests.fetch.http_shop import Answer
from tests.fetch.shopify_shop import customer, line, order, refund

if TYPE_CHECKING:
    from tests.fetch.conftest import Bench

pytestmark = pytest.mark.parametrize("bench", [ShopKind.SHOPIFY], indirect=True)
THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {
        "cost": {
            "requestedQueryCost": 300,
            "actualQueryCost": None,
            "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 100, "restoreRate": 100},
        }
    },
}


def _lines(bench: Bench) -> list[dict[str, Any]]:
    (path,) = sorted(bench.folder.glob("*.jsonl"))
    return [json.loads(text) for text in path.read_text(encoding="ascii").splitlines()]


def _children(lines: list[dict[str, Any]], kind: str) -> list[tuple[str, str]]:
    return [
        (one["id"].split("/")[-1], one["__parentId"].split("/")[-1]) for one in lines if one.get("__typename") == kind
    ]


def test_orders_refunds_and_their_lines_name_their_parent(bench: Bench) -> None:
    lines = [line(11, quantity=2), line(12, price="4.95")]
    bench.shop.orders = [order(1, lineItems=lines, refunds=[refund(8, lines[1]), refund(9)]), order(2)]
    bench.fetch()
    landed = _lines(bench)
    assert [one["id"] for one in landed if "__parentId" not in one] == [
        "gid://shopify/Order/1",
        "gid://shopify/Order/2",
    ]
    assert _children(landed, "LineItem") == [("11", "1"), ("12", "1"), ("20", "2"), ("21", "2")]
    assert _children(landed, "Refund") == [("8", "1")]
    assert _children(landed, "RefundLineItem") == [("80", "8")]
    assert [one["id"] for one in landed[0]["refunds"]] == ["gid://shopify/Refund/9"], "it names no lines"
    amounts = [
        one["discountedUnitPriceSet"]["shopMoney"]["amount"] for one in landed if "quantity" in one and "sku" in one
    ]
    assert [Decimal(amount) for amount in amounts] == [Decimal(10), Decimal("4.95"), Decimal(10), Decimal(10)]


def test_a_long_order_is_read_to_its_last_line(bench: Bench) -> None:
    many = [line(100 + at) for at in range(7)]
    bench.shop.orders = [order(1, lineItems=many, refunds=[refund(8, *many)])]
    bench.fetch()
    landed = _lines(bench)
    assert _children(landed, "LineItem") == [(str(100 + at), "1") for at in range(7)]
    assert _children(landed, "RefundLineItem") == [(f"8{at}", "8") for at in range(7)]
    assert len(bench.http.asked) == 1 + 3 + 3


def test_customers_land_in_files_of_their_own(bench: Bench) -> None:
    bench.shop.customers = [customer(7), customer(8, defaultPhoneNumber=None), customer(9, "2026-03-01T09:00:00Z")]
    bench.fetch(streams=("orders", "customers"))
    assert bench.files() == ["000001-orders.jsonl", "000002-customers.jsonl"]
    assert [number for number, _ in bench.orders("000002-customers.jsonl")] == ["7", "8", "9"]
    lines = [json.loads(text) for text in (bench.folder / "000002-customers.jsonl").read_text().splitlines()]
    assert [one["phone"] for one in lines] == ["+4915112345678", None, "+4915112345678"]
    bench.shop.customers.append(customer(10, "2026-03-01T09:30:00Z"))
    bench.add(6, "2026-03-02T08:00")
    bench.fetch(streams=("orders", "customers"))
    assert bench.orders("000003-orders.jsonl") == [("6", "2026-03-02T08:00")]
    assert [number for number, _ in bench.orders("000004-customers.jsonl")] == ["10"]


def test_orders_that_landed_stay_where_customers_may_not_be_read(bench: Bench) -> None:
    denied = {"message": "Access denied for customers field.", "extensions": {"code": "ACCESS_DENIED"}}
    bench.http.before[4] = lambda: bench.http.faults.append(Answer.of({"data": None, "errors": [denied]}))
    with pytest.raises(SegmentsError, match=r"Access denied for customers field"):
        bench.fetch(streams=("orders", "customers"))
    assert bench.files() == ["000001-orders.jsonl"]
    bench.fetch(streams=("orders", "customers"))
    assert len(bench.orders()) == 5


def test_lines_served_for_ever_end(bench: Bench) -> None:
    bench.shop.orders = [order(1, lineItems=[line(at) for at in range(9)])]
    real = bench.http.answer

    def stuck(asked: Any) -> Answer:
        if asked.body["operationName"] == "MoreLineItems":
            asked.body["variables"]["after"] = "2"
        return real(asked)

    bench.http.answer = stuck
    with pytest.raises(SegmentsError, match="again and again"):
        bench.fetch()
    assert bench.files() == []


def test_a_throttled_question_waits_until_the_bucket_holds_it(bench: Bench) -> None:
    bench.http.faults.append(Answer.of(THROTTLED))
    settings = bench.settings.model_copy(update={"fetch_longest_wait_seconds": 10})
    start = time.monotonic()
    bench.fetch(settings=settings)
    assert time.monotonic() - start >= 2, "200 points are lacking and 100 come back per second"
    assert len(bench.orders()) == 5


def test_a_question_throttled_for_ever_ends(bench: Bench) -> None:
    bench.http.before[2] = lambda: bench.http.faults.extend([Answer.of(THROTTLED)] * 4)
    with pytest.raises(SegmentsError, match=r"gave up after 4 tries: the shop is busy"):
        bench.fetch()
    assert bench.files() == []


def test_a_field_that_may_not_be_read_is_told_at_once(bench: Bench) -> None:
    denied = {"message": "Access denied for customer field.", "extensions": {"code": "ACCESS_DENIED"}}
    bench.http.faults.append(Answer.of({"data": {"orders": None}, "errors": [denied]}))
    with pytest.raises(SegmentsError, match=r"Access denied for customer field"):
        bench.fetch()
    assert len(bench.http.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"data": None},
        {"data": {"orders": None}},
        {"data": {"orders": {"nodes": []}}},
        {"data": {"orders": {"nodes": None, "pageInfo": {"hasNextPage": False, "endCursor": None}}}},
        {"data": {"orders": {"nodes": [], "pageInfo": {"endCursor": "x"}}}},
        {"data": {"orders": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}}},
    ],
    ids=["no data", "no orders", "no end", "no rows", "half an end", "a next page without a cursor"],
)
def test_half_an_answer_is_not_taken_for_the_last_page(bench: Bench, body: dict[str, Any]) -> None:
    bench.http.before[2] = lambda: bench.http.faults.append(Answer.of(body))
    bench.fetch()
    assert len(bench.orders()) == 5


def test_a_question_that_the_shop_does_not_know_is_told(bench: Bench) -> None:
    """The engine behind the shop judges every field that is asked, so the question fits the documented types."""
    real = bench.http.answer

    def misread(asked: Any) -> Answer:
        asked.body["query"] = asked.body["query"].replace("displayFinancialStatus", "financialStatus")
        return real(asked)

    bench.http.answer = misread
    with pytest.raises(SegmentsError, match=r"refuses the question: Cannot query field 'financialStatus'"):
        bench.fetch()
