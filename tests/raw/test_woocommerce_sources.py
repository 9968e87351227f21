"""Exports of WooCommerce in their real shape, against sums that are computed from the same rows without the mapping."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.raw.landing import Landing


def item(number: int, quantity: int, subtotal: str, total: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "name": f"Thing {number}", "product_id": number, "variation_id": 0, "quantity": quantity,
        "tax_class": "", "subtotal": subtotal, "subtotal_tax": "0.00", "total": total, "total_tax": "0.00",
        "taxes": [], "meta_data": [], "sku": "", "price": float(Decimal(total) / quantity),
    } | more  # fmt: skip


def order(number: int, total: str, items: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": number, "parent_id": 0, "number": str(number), "order_key": f"wc_order_{number}",
        "created_via": "checkout", "version": "9.1.2", "status": "completed", "currency": "EUR",
        "date_created": "2026-03-22T17:28:02", "date_created_gmt": "2026-03-22T16:28:02",
        "date_modified": "2026-03-25T10:00:00", "date_modified_gmt": "2026-03-25T09:00:00", "discount_total": "0.00",
        "discount_tax": "0.00", "shipping_total": "10.00", "shipping_tax": "0.00", "cart_tax": "1.35", "total": total,
        "total_tax": "1.35", "prices_include_tax": False, "customer_id": 26, "customer_note": "",
        "billing": {"first_name": "John", "last_name": "Doe", "city": "Ulm", "state": "", "postcode": "89073",
                    "country": "DE", "email": "john.doe@example.com", "phone": "(555) 555-5555"},
        "shipping": {"first_name": "John", "city": "Ulm", "postcode": "89073", "country": "DE"},
        "payment_method": "bacs", "date_paid_gmt": "2026-03-22T16:28:08",
        "meta_data": [{"id": 1, "key": "a", "value": {}}],
        "line_items": items, "tax_lines": [], "shipping_lines": [{"id": 317, "total": "10.00"}], "fee_lines": [],
        "coupon_lines": [], "refunds": [], "_links": {"self": [{"href": "https://example.com"}]},
    } | more  # fmt: skip


ORDERS = [
    order(727, "40.35", [item(93, 2, "20.00", "18.00", sku="TEE"), item(22, 1, "12.00", "11.00", variation_id=23),
                         item(5, 3, "0.00", "0.00")],
          discount_total="3.00", coupon_lines=[{"id": 1, "code": "hello", "discount": "3.00"}]),
    order(728, "26.84", [item(93, 1, "10.00", "10.00", sku="TEE")], customer_id=0, status="processing",
          fee_lines=[{"id": 3, "name": "Wrap", "total": "2.99"}, {"id": 4, "name": "Card", "total": "2.50"}],
          refunds=[{"id": 801, "reason": "", "total": "-4.50"}, {"id": 802, "reason": "late", "total": "-1.00"}]),
    order(729, "21.35", [item(7, 1, "10.00", "10.00")], status="on-hold"),
    order(730, "21.35", [item(7, 1, "10.00", "10.00")], status="cancelled"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["lines", "array", "pages"])
def test_orders_of_the_api_land_with_their_lines_and_refunds(landing: Landing, form: str) -> None:
    texts = {
        "lines": "".join(json.dumps(row) + "\n" for row in ORDERS),
        "array": json.dumps(ORDERS, indent=2),
        "pages": f"{json.dumps(ORDERS[:3])}\n{json.dumps(ORDERS[3:])}\n",
    }
    landing.write("woocommerce_rest/orders.json", texts[form])
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.rows_quarantined) == (4, 4, 0)
    assert file.tables == {"orders": 4, "order_lines": 6, "products": 4, "refunds": 2}
    assert landing.fetch(
        "select order_id, customer_id, status, total_amount, discount_amount, shipping_amount, tax_amount, "
        "coupon_code, cancelled_at is not null, ordered_at::varchar from raw.orders order by 1"
    ) == [
        ("727", "26", "completed", Decimal(29), Decimal(3), Decimal(10), Decimal("1.35"), "hello", False,
         "2026-03-22 16:28:02+00"),
        ("728", None, "processing", Decimal(10), Decimal(0), Decimal(10), Decimal("1.35"), None, False,
         "2026-03-22 16:28:02+00"),
        ("729", "26", "on_hold", Decimal(10), Decimal(0), Decimal(10), Decimal("1.35"), None, False,
         "2026-03-22 16:28:02+00"),
        ("730", "26", "cancelled", Decimal(10), Decimal(0), Decimal(10), Decimal("1.35"), None, True,
         "2026-03-22 16:28:02+00"),
    ]  # fmt: skip
    assert landing.fetch(
        "select refund_id, order_id, amount, refunded_at::date::varchar from raw.refunds order by 1"
    ) == [
        ("801", "728", Decimal("4.5"), "2026-03-25"),
        ("802", "728", Decimal(1), "2026-03-25"),
    ]


def test_the_money_of_the_api_adds_up_to_the_cent(landing: Landing) -> None:
    landing.write("woocommerce_rest/orders.json", json.dumps(ORDERS))
    landing.load_one()
    expected = {
        str(row["id"]): (sum(Decimal(part["total"]) for part in row["line_items"]),
                         sum(Decimal(part["subtotal"]) for part in row["line_items"]))
        for row in ORDERS
    }  # fmt: skip
    rows = landing.fetch(
        "select order_id, any_value(total_amount), sum(quantity * unit_price) from raw.orders "
        "join raw.order_lines using (order_id) group by order_id"
    )
    assert {name: (total, lines) for name, total, lines in rows} == expected
    assert landing.fetch(
        "select line_number, product_id, quantity::int, unit_price from raw.order_lines "
        "where order_id = '727' order by 1"
    ) == [(1, "TEE", 2, Decimal(10)), (2, "23", 1, Decimal(12)), (3, "5", 3, Decimal(0))]


def test_one_bad_line_quarantines_its_order_alone(landing: Landing) -> None:
    bad = order(731, "1.00", [item(1, 1, "1.00", "1.00"), item(2, 1, "1.00", "1.00") | {"quantity": "two"}])
    unknown = order(732, "21.35", [item(7, 1, "10.00", "10.00")], status="dreaming")
    landing.write("woocommerce_rest/orders.json", json.dumps([*ORDERS, bad, unknown]))
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (4, 2)
    assert [row[:3] for row in landing.quarantine()] == [
        (5, "bad_number", "json(item, 'quantity')"),
        (6, "unknown_status", "status"),
    ]
    assert landing.fetch("select count(*) from raw.order_lines where order_id in ('731', '732')") == [(0,)]


CSV_HEADER = (
    "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing),Company (Billing),"
    "Address 1&2 (Billing),City (Billing),State Code (Billing),Postcode (Billing),Country Code (Billing),"
    "Email (Billing),Phone (Billing),First Name (Shipping),Last Name (Shipping),Address 1&2 (Shipping),City (Shipping),"
    "State Code (Shipping),Postcode (Shipping),Country Code (Shipping),Payment Method Title,Cart Discount Amount,"
    "Order Subtotal Amount,Shipping Method Title,Order Shipping Amount,Order Refund Amount,Order Total Amount,"
    "Order Total Tax Amount,SKU,Item #,Item Name,Quantity,Item Cost,Coupon Code,Discount Amount,Discount Amount Tax"
)
FIRST = {
    "Order Number": "88", "Order Status": "Completed", "Order Date": "2026-01-15 10:30",
    "Email (Billing)": "a@example.com",
    "Country Code (Shipping)": "GB", "Cart Discount Amount": "2.00", "Order Subtotal Amount": "32.00",
    "Order Shipping Amount": "5.00", "Order Refund Amount": "7.50", "Order Total Amount": "35.00",
    "Order Total Tax Amount": "0.00", "Coupon Code": "tea", "SKU": "TEE", "Item #": "1", "Item Name": "Tee",
    "Quantity": "2", "Item Cost": "10.00",
}  # fmt: skip
SECOND = {"Order Number": "88", "SKU": "", "Item #": "2", "Item Name": "Mug", "Quantity": "1", "Item Cost": "12.00"}
HELD = FIRST | {"Order Number": "89", "Order Status": "On hold", "Order Refund Amount": "0.00"}


@pytest.mark.parametrize("repeats", [False, True])
def test_the_csv_export_lands_the_same_with_order_columns_once_or_on_every_row(landing: Landing, repeats: bool) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_HEADER.split(","))
    writer.writeheader()
    writer.writerows([FIRST, FIRST | SECOND if repeats else SECOND, HELD])
    landing.write("woocommerce_csv/orders.csv", text.getvalue())
    file = landing.load_one()
    assert (file.rows_read, file.rows_used) == (3, 3)
    assert file.tables == {"orders": 2, "order_lines": 3, "refunds": 1}
    assert landing.fetch(
        "select order_id, email, status, total_amount, discount_amount, shipping_amount, coupon_code, shipping_country "
        "from raw.orders order by 1"
    ) == [
        ("88", "a@example.com", "completed", Decimal(30), Decimal(2), Decimal(5), "tea", "GB"),
        ("89", "a@example.com", "on_hold", Decimal(30), Decimal(2), Decimal(5), "tea", "GB"),
    ]
    assert landing.fetch("select line_number, product_id, quantity * unit_price from raw.order_lines order by all") == [
        (1, "TEE", Decimal(20)), (1, "TEE", Decimal(20)), (2, "Mug", Decimal(12)),
    ]  # fmt: skip
    assert landing.fetch("select refund_id, order_id, amount from raw.refunds") == [("88-refund", "88", Decimal("7.5"))]
