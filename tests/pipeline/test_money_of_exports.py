"""What shops export around an order multiplies no money: transactions, shipping lines, several refunds."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Row = dict[str, Any]

# The ledger of either order: 69.99 for goods, three parcels, tax; authorized, sold and captured; two refunds.
GOODS = (("tee", 2, "20.00"), ("mug", 1, "29.99"))
PARCELS = ("4.90", "3.00", "2.00")
TAX = "4.75"
REFUNDS = ("10.00", "5.25")
TRANSACTIONS = (("AUTHORIZATION", "84.64"), ("SALE", "84.64"), ("CAPTURE", "84.64"), *(("REFUND", r) for r in REFUNDS))


def total(amounts: Sequence[str]) -> Decimal:
    """Their sum."""
    return sum(map(Decimal, amounts), Decimal())


def bag(amount: str | Decimal) -> Row:
    """An amount as Shopify writes it."""
    return {"shopMoney": {"amount": str(amount), "currencyCode": "EUR"}}


def shopify() -> list[Row]:
    """One order of a bulk operation: transactions and parcels stand in the order, and as children of it."""
    order = "gid://shopify/Order/1"
    transactions = [
        {"id": f"gid://shopify/OrderTransaction/{at}", "kind": kind, "status": "SUCCESS", "amountSet": bag(amount)}
        for at, (kind, amount) in enumerate(TRANSACTIONS)
    ]
    parcels = [
        {"id": f"gid://shopify/ShippingLine/{at}", "title": "Parcel", "originalPriceSet": bag(amount)}
        for at, amount in enumerate(PARCELS)
    ]
    refunds = [
        {
            "id": f"gid://shopify/Refund/{at}",
            "createdAt": f"2026-06-1{at}T10:00:00Z",
            "totalRefundedSet": bag(amount),
            "transactions": {"nodes": transactions},
        }
        for at, amount in enumerate(REFUNDS)
    ]
    head = {
        "id": order,
        "name": "#1",
        "createdAt": "2026-06-01T10:00:00Z",
        "displayFinancialStatus": "PARTIALLY_REFUNDED",
        "currencyCode": "EUR",
        "subtotalPriceSet": bag("69.99"),
        "totalShippingPriceSet": bag(total(PARCELS)),
        "totalTaxSet": bag(TAX),
        "customer": {"id": "gid://shopify/Customer/7"},
        "transactions": transactions,
        "shippingLines": {"nodes": parcels},
        "refunds": refunds,
    }
    lines = [
        {
            "id": f"gid://shopify/LineItem/{at}",
            "sku": sku,
            "quantity": quantity,
            "originalUnitPriceSet": bag(price),
            "discountedUnitPriceSet": bag(price),
        }
        for at, (sku, quantity, price) in enumerate(GOODS)
    ]
    return [head, *({"__parentId": order} | child for child in [*transactions, *lines, *parcels])]


def woocommerce() -> list[Row]:
    """The same order of the REST API."""
    items = [
        {"id": at, "sku": sku, "quantity": quantity, "subtotal": str(Decimal(price) * quantity)}
        for at, (sku, quantity, price) in enumerate(GOODS)
    ]
    return [
        {
            "id": 2,
            "status": "completed",
            "currency": "EUR",
            "date_created_gmt": "2026-06-01T10:00:00",
            "date_modified_gmt": "2026-06-10T10:00:00",
            "shipping_total": str(total(PARCELS)),
            "total_tax": TAX,
            "total": "84.64",
            "customer_id": 8,
            "line_items": items,
            "shipping_lines": [{"id": at, "total": amount} for at, amount in enumerate(PARCELS)],
            "tax_lines": [{"id": 1, "tax_total": TAX}],
            "fee_lines": [],
            "coupon_lines": [],
            "transactions": [{"kind": kind, "amount": amount} for kind, amount in TRANSACTIONS],
            "refunds": [{"id": 20 + at, "total": f"-{amount}"} for at, amount in enumerate(REFUNDS)],
        }
    ]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Both exports; each was made twice, the second time with transactions and parcels in another order and place."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("exports"), {"settle_seconds": 0})
        ((order, *children), (woo,)) = shopify(), woocommerce()
        again = [order, *sorted(children, key=lambda child: "LineItem" not in child["id"])]
        woo_again = {name: value[::-1] if isinstance(value, list) else value for name, value in woo.items()}
        for name, rows in {
            "shopify_bulk/first.jsonl": [order, *children],
            "shopify_bulk/later.jsonl": again,
            "woocommerce_rest/first.json": [woo],
            "woocommerce_rest/later.json": [woo_again | {"line_items": woo["line_items"]}],
        }.items():
            file = shop.settings.landing_dir / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        shop.run(as_of="2026-06-30")
        yield shop


def test_every_total_of_an_order_is_that_of_the_ledger(shop: Shop) -> None:
    orders = shop.built("""
        select order_id, gross_amount, shipping_amount, tax_amount, refund_amount, net_revenue_amount
        from marts.fct_orders order by order_id
    """)
    captured = [Decimal(amount) for kind, amount in TRANSACTIONS if kind == "CAPTURE"]
    refunded = total([amount for kind, amount in TRANSACTIONS if kind == "REFUND"])
    assert [row[0] for row in orders] == ["#1", "2"]
    for _, goods, shipping, tax, refund, net in orders:
        assert [goods + shipping + tax] == captured
        assert (goods, shipping, refund) == (Decimal("69.99"), total(PARCELS), refunded)
        assert net == goods - refunded


def test_nothing_around_an_order_becomes_a_second_row(shop: Shop) -> None:
    counts = shop.built("""
        select (select count(*) from marts.fct_orders), (select count(*) from marts.fct_order_lines),
            (select sum(line_amount) from marts.fct_order_lines), (select count(*) from marts.fct_refunds),
            (select sum(refund_amount) from marts.fct_refunds),
            (select cast(avg(gross_amount) as decimal(18, 2)) from marts.fct_orders where is_counted)
    """)
    assert [tuple(map(Decimal, row)) for row in counts] == [
        (2, 2 * len(GOODS), 2 * Decimal("69.99"), 2 * len(REFUNDS), 2 * total(REFUNDS), Decimal("69.99"))
    ]
    assert shop.built("select * from quality.reconciliation where difference_amount <> 0") == []


def test_transactions_and_parcels_are_skipped_by_name_and_a_second_export_is_all_duplicates(shop: Shop) -> None:
    ledger = shop.built("""
        select source, rows_read, sum(rows_used), sum(rows_duplicate), sum(rows_skipped)
        from quality.load_ledger group by source, rows_read order by source
    """)
    extra = len(TRANSACTIONS) + len(PARCELS)
    goods = 1 + len(GOODS)
    assert ledger == [
        ("shopify_bulk", goods + extra, goods, goods, 2 * extra),
        ("woocommerce_rest", 1, 1, 1, 0),
    ]
