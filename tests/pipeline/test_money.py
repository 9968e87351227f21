"""Every cent of hand-made shops: what is revenue, what is taken back, on which day, and in which currency."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.errors import SegmentsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.shop import Shop

Row = dict[str, Any]


def order(order_id: str, total: str | None = "100.00", on: str = "2026-06-01", **columns: str) -> Row:
    """An order of a customer who is named like it."""
    noon = on if "T" in on else f"{on}T12:00:00Z"
    row = {"order_id": order_id, "customer_id": f"of-{order_id}", "ordered_at": noon, "total_amount": total or ""}
    return row | columns


def line(order_id: str, number: int, product: str, price: str, quantity: int = 1) -> Row:
    """A line of an order."""
    row: Row = {"order_id": order_id, "line_number": number, "product_id": product}
    return row | {"quantity": quantity, "unit_price": price}


def refund(refund_id: str, order_id: str, amount: str, on: str = "2026-06-10", **columns: str) -> Row:
    """A refund of an order."""
    noon = on if "T" in on else f"{on}T12:00:00Z"
    return {"refund_id": refund_id, "order_id": order_id, "amount": amount, "refunded_at": noon} | columns


def money(shop: Shop, columns: str) -> dict[str, tuple[Any, ...]]:
    """Columns of every order, by its id."""
    rows = shop.built(f"select order_id, {columns} from marts.fct_orders order by order_id")
    return {row[0]: row[1:] for row in rows}


def cents(*amounts: str) -> tuple[Decimal, ...]:
    """Amounts of money."""
    return tuple(map(Decimal, amounts))


def assert_reconciled(shop: Shop) -> None:
    """What raw says is what was built, to the cent."""
    assert shop.built("select * from quality.reconciliation where difference_amount <> 0") == []


AWKWARD = [
    order("plain"),
    order("in-parts"),
    order("free", "0.00"),
    order("all-discounted", "0.00", discount_amount="100.00", coupon_code="ALL"),
    order("gift-card-bought", None),
    order("gift-card-and-tea", None),
    order("paid-by-gift-card", is_gift_card_payment="true"),
    order("exchanged"),
    order("exchange", "0.00"),
    order("from-a-till", "-100.00"),
    order("test", is_test="true"),
    order("draft", status="draft"),
    order("failed", status="Failed"),
    order("failed-then-paid", status="paid"),
    order("charged-back"),
    order("over-refunded"),
    order("three-lines", None, shipping_amount="9.90", tax_amount="4.75", discount_amount="5.00"),
]
AWKWARD_LINES = [
    line("gift-card-bought", 1, "voucher", "50.00"),
    line("gift-card-and-tea", 1, "voucher", "50.00"),
    line("gift-card-and-tea", 2, "tea", "12.50", 2),
    line("three-lines", 1, "tea", "10.00"),
    line("three-lines", 2, "tea", "10.00"),
    line("three-lines", 3, "pot", "14.99", 2),
]
AWKWARD_REFUNDS = [
    refund("r1", "in-parts", "30.00", line_number="1"),
    refund("r2", "in-parts", "30.00", line_number="2"),
    refund("r3", "charged-back", "100.00", kind="chargeback"),
    refund("r4", "over-refunded", "60.00"),
    refund("r5", "over-refunded", "60.00", on="2026-06-11"),
    refund("r6", "gift-card-and-tea", "75.00", kind="return"),
    refund("r7", "three-lines", "10.00"),
    refund("r8", "three-lines", "14.99"),
]


@pytest.fixture
def awkward(new_shop: Callable[..., Shop]) -> Shop:
    """One order of each awkward kind; every export holds every row twice, as some shops do."""
    shop = new_shop(max_bad_share=0.5)
    shop.land("products", [{"product_id": "voucher", "is_gift_card": "true"}, {"product_id": "tea"}])
    for name in ("first", "again"):
        shop.land("orders", AWKWARD + AWKWARD[:3], name)
        shop.land("order_lines", AWKWARD_LINES * 2, name)
        shop.land("refunds", AWKWARD_REFUNDS * 2, name)
    shop.run(as_of="2026-06-30")
    return shop


def test_what_is_revenue_and_what_is_not(awkward: Shop) -> None:
    built = money(awkward, "gross_amount, refund_amount, excess_refund_amount, gift_card_amount, net_revenue_amount")
    assert built == {
        "all-discounted": cents("100.00", "0", "0", "0", "0"),
        "charged-back": cents("100.00", "100.00", "0", "0", "0"),
        "draft": cents("100.00", "0", "0", "0", "0"),
        "exchange": cents("0", "0", "0", "0", "0"),
        "exchanged": cents("100.00", "0", "0", "0", "100.00"),
        "failed": cents("100.00", "0", "0", "0", "0"),
        "failed-then-paid": cents("100.00", "0", "0", "0", "100.00"),
        "free": cents("0", "0", "0", "0", "0"),
        "gift-card-and-tea": cents("75.00", "25.00", "50.00", "50.00", "0"),
        "gift-card-bought": cents("50.00", "0", "0", "50.00", "0"),
        "in-parts": cents("100.00", "60.00", "0", "0", "40.00"),
        "over-refunded": cents("100.00", "100.00", "20.00", "0", "0"),
        "paid-by-gift-card": cents("100.00", "0", "0", "0", "100.00"),
        "plain": cents("100.00", "0", "0", "0", "100.00"),
        "three-lines": cents("49.98", "24.99", "0", "0", "19.99"),
    }
    counted = {order_id for order_id, (is_counted,) in money(awkward, "is_counted").items() if is_counted}
    assert counted == {order_id for order_id, row in built.items() if row[-1] > 0}


def test_the_totals_of_lines_shipping_and_refunds_do_not_multiply(awkward: Shop) -> None:
    assert money(awkward, "shipping_amount, tax_amount")["three-lines"] == cents("9.90", "4.75")
    assert awkward.built("select count(*), sum(line_amount) from marts.fct_order_lines") == [(6, Decimal("174.98"))]
    assert awkward.built("select count(*), sum(refund_amount) from marts.fct_refunds") == [(8, Decimal("379.99"))]
    assert_reconciled(awkward)


def test_a_negative_order_and_a_test_order_are_no_orders(awkward: Shop) -> None:
    assert not {"from-a-till", "test"} & set(money(awkward, "status"))
    assert awkward.raw("select distinct reason_code from raw.quarantine") == [("negative_total",)]


@pytest.mark.parametrize("what", ["refund", "partial", "cancellation", "chargeback"])
@pytest.mark.parametrize(("happened", "is_seen"), [("2026-06-29", True), ("2026-06-30", True), ("2026-07-01", False)])
def test_what_takes_money_back_is_seen_from_its_day_on(
    new_shop: Callable[..., Shop], what: str, happened: str, *, is_seen: bool
) -> None:
    shop = new_shop()
    moment = f"{happened}T{'00:00:00' if happened > '2026-06-30' else '23:59:59.999999'}Z"
    cancelled = {"status": "cancelled", "cancelled_at": moment} if what == "cancellation" else {}
    shop.land("orders", [order("o1", **cancelled), order("later", on="2026-07-02")])
    if what != "cancellation":
        amount = "40.00" if what == "partial" else "100.00"
        shop.land("refunds", [refund("r1", "o1", amount, moment, kind="chargeback" if what == "chargeback" else "")])
    shop.run(as_of="2026-06-30")
    left = {"partial": "60.00"}.get(what, "0") if is_seen else "100.00"
    assert money(shop, "net_revenue_amount")["o1"] == cents(left)
    stage = shop.profile("of-o1")["lifecycle_stage"]
    assert stage == ("new" if Decimal(left) else "lead")
    assert_reconciled(shop)


RATES = [
    {"currency": "USD", "rate_date": "2026-06-01", "rate": "0.8330"},
    {"currency": "USD", "rate_date": "2026-06-05", "rate": "0.90"},
    {"currency": "jpy", "rate_date": "2026-06-01", "rate": "0.00618"},
]


def test_foreign_money_goes_by_the_rate_of_the_order_and_is_never_summed_as_it_is(
    new_shop: Callable[..., Shop],
) -> None:
    shop = new_shop(shop_currency="EUR", max_bad_share=0.5)
    shop.land("fx_rates", RATES)
    shop.land(
        "orders",
        [
            order("dollars", currency="usd"),
            order("dollars-refunded", currency="USD"),
            order("on-a-sunday", currency="USD", on="2026-06-12"),
            order("too-long-after", currency="USD", on="2026-06-13"),
            order("yen", "1000", currency="JPY"),
            order("pounds", currency="GBP"),
            order("no-currency", currency="x" * 3),
            order("euros", currency="EUR"),
            order("unsaid"),
        ],
    )
    parts = [refund(f"r{at}", "dollars-refunded", amount) for at, amount in enumerate(("33.33", "33.33", "33.34"))]
    shop.land("refunds", [*parts, refund("r9", "dollars", "10.00")])
    shop.run(as_of="2026-06-30")
    columns = "original_currency, original_product_amount, fx_rate, gross_amount, refund_amount, net_revenue_amount"
    assert money(shop, columns) == {
        "dollars": ("USD", *cents("100", "0.833", "83.30", "8.33", "74.97")),
        "dollars-refunded": ("USD", *cents("100", "0.833", "83.30", "83.30", "0")),
        "on-a-sunday": ("USD", *cents("100", "0.9", "90.00", "0", "90.00")),
        "yen": ("JPY", *cents("1000", "0.00618", "6.18", "0", "6.18")),
        "euros": ("EUR", *cents("100", "1", "100.00", "0", "100.00")),
        "unsaid": ("EUR", *cents("100", "1", "100.00", "0", "100.00")),
    }
    assert shop.raw("select reason_code, count(*) from raw.quarantine group by all order by all") == [
        ("bad_currency", 1),
        ("no_fx_rate", 2),
    ]
    assert shop.built("select distinct currency from marts.fct_orders") == [("EUR",)]
    assert shop.built("select sum(refund_amount) from marts.fct_refunds") == [cents("91.63")]
    assert_reconciled(shop)


def test_orders_loaded_before_the_currency_was_decided_wait_for_their_rates(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop()
    shop.land("orders", [order("dollars", currency="USD"), order("plain", currency="USD", on="2026-06-30")])
    shop.run(as_of="2026-06-30")
    assert shop.built("select sum(net_revenue_amount), max(currency) from marts.fct_orders") == [
        (Decimal("200.00"), "USD")
    ]
    shop.set("shop_currency", "EUR")
    with pytest.raises(SegmentsError, match=r"2 in USD, the first 'dollars' of 2026-06-01.*fx_rates"):
        shop.run(as_of="2026-06-30")
    shop.land(
        "fx_rates", [{"currency": "USD", "rate_date": day, "rate": "0.5"} for day in ("2026-06-01", "2026-06-30")]
    )
    shop.run(as_of="2026-06-30")
    assert shop.built("select sum(net_revenue_amount), max(currency) from marts.fct_orders") == [
        (Decimal("100.00"), "EUR")
    ]


@pytest.mark.parametrize("quantity", ["", "0", "1"])
def test_a_return_of_a_product_finds_its_sale_with_and_without_a_quantity(
    new_shop: Callable[..., Shop], quantity: str
) -> None:
    shop = new_shop()
    ann = {"customer_id": "ann"}
    shop.land("orders", [order("o1", None, **ann), order("o2", None, on="2026-06-02", **ann)])
    shop.land("order_lines", [line("o1", 1, "tea", "10.00"), line("o2", 1, "tea", "10.00")])
    returned = {"customer_id": "ann", "product_id": "tea", "quantity": quantity}
    shop.land("refunds", [refund(f"r{day}", "", "10.00", f"2026-06-{day}", **returned) for day in ("05", "06", "07")])
    shop.run(as_of="2026-06-30")
    assert shop.built("select refund_id, order_id, matched_by, unmatched_amount from marts.fct_refunds order by 1") == [
        ("r05", "o2", "product", Decimal(0)),
        ("r06", "o1", "product", Decimal(0)),
        ("r07", None, None, Decimal(10)),
    ]
    assert_reconciled(shop)
