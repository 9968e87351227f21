"""Every cent of hand-made shops: what is revenue, what is taken back, on which day, and in which currency."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.errors import SegmentsError, UsageError
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One order of each awkward kind; every export holds every row twice, as some shops do."""
    with environment_taken_back():
        yield awkward_shop(tmp_path_factory.mktemp("awkward"))


def awkward_shop(folder: Path) -> Shop:
    """The shop, built."""
    shop = Shop(folder, {"max_bad_share": 0.5})
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


def test_both_views_of_revenue_hold_the_same_money(awkward: Shop) -> None:
    days = awkward.built("""
        select revenue_date::varchar, sold_amount, not_valid_amount, refund_amount, return_amount, chargeback_amount,
            net_by_order_date_amount, net_by_event_date_amount
        from marts.rpt_revenue_by_day order by revenue_date
    """)
    assert days == [
        ("2026-06-01", *cents("769.98", "200.00", "0", "0", "0", "459.99", "769.98")),
        ("2026-06-10", *cents("0", "0", "144.99", "25.00", "100.00", "0", "-269.99")),
        ("2026-06-11", *cents("0", "0", "40.00", "0", "0", "0", "-40.00")),
    ]


def test_only_an_order_refunded_by_more_than_it_was_worth_is_reported(awkward: Shop) -> None:
    said = awkward.built(
        "select is_passed, message from quality.check_results where check_name = 'refund_exceeds_order'"
    )
    assert said == [(False, "order over-refunded was worth 100.00 and 120.00 went back")]


def test_a_negative_order_and_a_test_order_are_no_orders(awkward: Shop) -> None:
    assert not {"from-a-till", "test"} & set(money(awkward, "status"))
    assert awkward.raw("select distinct reason_code from raw.quarantine") == [("negative_total",)]


LAST_MOMENTS = ("2026-06-29T23:59:59.999999Z", "2026-06-30T23:59:59.999999Z")
NEXT_MOMENT = "2026-07-01T00:00:00Z"


def test_what_takes_money_back_is_seen_from_its_day_on(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop()
    orders, refunds = [order("later", on="2026-07-02")], []
    for at, moment in enumerate((*LAST_MOMENTS, NEXT_MOMENT)):
        orders += [order(f"{what}-{at}") for what in ("refund", "part", "chargeback")]
        orders.append(order(f"cancellation-{at}", status="cancelled", cancelled_at=moment))
        refunds += [
            refund(f"r{at}", f"refund-{at}", "100.00", moment),
            refund(f"p{at}", f"part-{at}", "40.00", moment),
            refund(f"c{at}", f"chargeback-{at}", "100.00", moment, kind="chargeback"),
        ]
    shop.land("orders", orders)
    shop.land("refunds", refunds)
    shop.run(as_of="2026-06-30")
    left = {"refund": "0", "part": "60.00", "chargeback": "0", "cancellation": "0"}
    whole = dict.fromkeys(left, "100.00")
    for at, expected in enumerate((left, left, whole)):
        built = {what: money(shop, "net_revenue_amount")[f"{what}-{at}"] for what in expected}
        assert built == {what: cents(amount) for what, amount in expected.items()}
        stages = {what: shop.profile(f"of-{what}-{at}")["lifecycle_stage"] for what in expected}
        assert stages == {what: "new" if Decimal(amount) else "lead" for what, amount in expected.items()}
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
    said = shop.built("select is_passed from quality.check_results where check_name = 'refund_exceeds_order'")
    assert said == [(True,)]
    assert_reconciled(shop)


def test_orders_loaded_before_the_currency_was_decided_wait_for_their_rates(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop()
    orders = [order("dollars", currency="USD"), order("more-dollars", currency="USD", on="2026-06-30")]
    orders += [order("corrected", currency="GBP", updated_at="2026-06-02")]
    orders += [
        order("corrected", currency="EUR", updated_at="2026-06-03"),
        order("test", currency="GBP", is_test="true"),
    ]
    shop.land("orders", orders)
    with pytest.raises(UsageError, match="EUR, GBP, USD") as undecided:
        shop.run(as_of="2026-06-30")
    assert undecided.value.exit_code == 2
    shop.set("shop_currency", "EUR")
    with pytest.raises(SegmentsError, match=r"have no rate .*: 2 in USD, the first 'dollars' of 2026-06-01\. Put"):
        shop.run(as_of="2026-06-30")
    days = ("2026-06-01", "2026-06-30")
    shop.land("fx_rates", [{"currency": "USD", "rate_date": day, "rate": "0.5"} for day in days])
    shop.run(as_of="2026-06-30")
    assert {order_id: net for order_id, (net,) in money(shop, "net_revenue_amount").items()} == {
        "corrected": Decimal("100.00"),
        "dollars": Decimal("50.00"),
        "more-dollars": Decimal("50.00"),
    }


def test_a_return_of_a_product_finds_its_sale_with_and_without_a_quantity(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop()
    products = {"said": "1", "unsaid": "", "zero": "0"}
    orders, lines, refunds = [], [], []
    for product, quantity in products.items():
        for at in (1, 2):
            orders.append(order(f"{product}-{at}", None, on=f"2026-06-0{at}", customer_id="ann"))
            lines.append(line(f"{product}-{at}", 1, product, "10.00"))
        returned = {"customer_id": "ann", "product_id": product, "quantity": quantity}
        refunds += [refund(f"{product}-r{day}", "", "10.00", f"2026-06-0{day}", **returned) for day in (5, 6, 7)]
    shop.land("orders", orders)
    shop.land("order_lines", lines)
    shop.land("refunds", refunds)
    shop.run(as_of="2026-06-30")
    rows = shop.built("select refund_id, order_id, matched_by, unmatched_amount from marts.fct_refunds")
    built = {refund_id: tuple(found) for refund_id, *found in rows}
    for product in products:
        assert built[f"{product}-r5"] == (f"{product}-2", "product", Decimal(0))
        assert built[f"{product}-r6"] == (f"{product}-1", "product", Decimal(0))
        assert built[f"{product}-r7"] == (None, None, Decimal(10))
    assert_reconciled(shop)


TILL = """
source: {name}
description: A till of its own.
format: csv
time_zone: {zone}
currency: {currency}
shop: {name}
columns: {{number: true, customer: false, address: false, at: true, total: true}}
tables:
  orders:
    columns: {{order_id: number, customer_id: customer, email: address, ordered_at: at, total_amount: total}}
"""


USD = {"2026-06-01": "0.8", "2026-06-02": "0.9"}


def test_two_shops_in_two_zones_and_currencies_stand_in_one_warehouse(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(shop_currency="EUR", shop_time_zone="Europe/Berlin")
    (shop.folder / "sources").mkdir(parents=True)
    for name, zone, currency in (("york", "America/New_York", "USD"), ("osaka", "Asia/Tokyo", "JPY")):
        text = TILL.format(name=name, zone=zone, currency=currency)
        (shop.folder / "sources" / f"{name}.yml").write_text(text)
    shop.land(
        "york",
        [
            {
                "number": "1",
                "customer": "7",
                "address": "ann@example.com",
                "at": "2026-06-01 17:59:59",
                "total": "10.00",
            },
            {"number": "2", "customer": "7", "address": "", "at": "2026-06-01 18:00:00", "total": "20.00"},
        ],
    )
    shop.land(
        "osaka",
        [
            {
                "number": "1",
                "customer": "7",
                "address": "Ann@Example.com",
                "at": "2026-06-02 06:59:59",
                "total": "1000",
            },
            {"number": "2", "customer": "8", "address": "", "at": "2026-06-02 07:00:00", "total": "2000"},
        ],
    )
    shop.land("fx_rates", [{"currency": "USD", "rate_date": day, "rate": rate} for day, rate in USD.items()])
    shop.land("fx_rates", [{"currency": "JPY", "rate_date": "2026-06-01", "rate": "0.006"}], "yen")
    shop.run(as_of="2026-06-30")
    rows = shop.built("""
        select order_id, shop_id, customer_id, order_date::varchar, original_currency, net_revenue_amount
        from marts.fct_orders order by order_id
    """)
    assert rows == [
        ("osaka:1", "osaka", "osaka:7", "2026-06-01", "JPY", Decimal("6.00")),
        ("osaka:2", "osaka", "osaka:8", "2026-06-02", "JPY", Decimal("12.00")),
        ("york:1", "york", "osaka:7", "2026-06-01", "USD", Decimal("8.00")),
        ("york:2", "york", "osaka:7", "2026-06-02", "USD", Decimal("18.00")),
    ]
    assert shop.profile("osaka:7")["net_revenue_amount"] == Decimal("32.00")
    assert shop.built("select shop_customer_id, customer_id from marts.dim_shop_customers order by 1") == [
        ("osaka:7", "osaka:7"),
        ("osaka:8", "osaka:8"),
        ("york:7", "osaka:7"),
    ]
    assert_reconciled(shop)
