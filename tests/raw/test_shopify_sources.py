"""Exports of Shopify in their real shape, against sums that are computed from the same rows without the mapping."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dagster_project.raw.sources import SHIPPED_DIR

if TYPE_CHECKING:
    from tests.raw.landing import Landing

ORDER_HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,"
    "Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,"
    "Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,"
    "Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,"
    "Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,"
    "Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,"
    "Payment Terms Name,Next Payment Due At,Payment References"
)


def first(name: str, subtotal: str, **more: str) -> dict[str, str]:
    """The first row of an order; keyword names are column names with underscores for blanks."""
    row = {
        "Name": name, "Financial Status": "paid", "Currency": "EUR", "Subtotal": subtotal, "Shipping": "4.90",
        "Taxes": "0.00", "Discount Amount": "0.00", "Created at": "2025-10-07 09:50:26 +0200",
        "Refunded Amount": "0.00", "Source": "web",
    }  # fmt: skip
    return row | {key.replace("_", " "): value for key, value in more.items()}


def line(name: str, quantity: int, sku: str, price: str, discount: str = "0.00") -> dict[str, str]:
    return {
        "Name": name, "Lineitem quantity": str(quantity), "Lineitem name": f"The {sku}", "Lineitem sku": sku,
        "Lineitem price": price, "Lineitem discount": discount, "Vendor": "Acme",
    }  # fmt: skip


ORDERS = [
    first("#1001", "67.45", Email="Anna@Example.com", Shipping_Zip="'75008", Discount_Code="HELLO",
          Discount_Amount="7.50", Shipping_Country="FR") | line("#1001", 2, "TEE", "19.99"),
    line("#1001", 3, "MUG", "10.00", "5.00") | {"Lineitem compare at price": "12.00"},
    line("#1001", 1, "", "9.97"),
    first("#1002", "30.00", Financial_Status="partially_refunded", Refunded_Amount="10.00", Email="ben@example.com")
    | line("#1002", 3, "MUG", "10.00"),
    first("#1003", "10.00", Financial_Status="voided", Cancelled_at="2025-10-09 08:00:00 +0200")
    | line("#1003", 1, "MUG", "10.00"),
    first("#1004", "19.99", Financial_Status="refunded", Refunded_Amount="24.89", Payment_Method="gift_card",
          Cancelled_at="2025-10-20 12:00:00 +0200") | line("#1004", 1, "TEE", "19.99"),
]  # fmt: skip


def as_csv(header: str, rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header.split(","), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_an_order_of_three_lines_is_one_order_counted_once(landing: Landing) -> None:
    landing.write("shopify_orders_csv/orders_export_1.csv", as_csv(ORDER_HEADER, ORDERS))
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.tables) == (6, 6, {"orders": 4, "order_lines": 6, "refunds": 2})
    assert landing.fetch("select count(*), sum(total_amount) from raw.orders") == [
        (4, sum(Decimal(row["Subtotal"]) for row in ORDERS if row.get("Subtotal")))
    ]
    assert landing.fetch(
        "select email, status, currency, discount_amount, shipping_amount, coupon_code, shipping_postal_code, "
        "shipping_country, sales_channel, is_gift_card_payment, ordered_at::varchar from raw.orders order by order_id"
    )[0] == (
        "Anna@Example.com", "paid", "EUR", Decimal("7.5"), Decimal("4.9"), "HELLO", "75008", "FR", "web", None,
        "2025-10-07 07:50:26+00",
    )  # fmt: skip


def test_lines_less_order_discount_are_the_subtotal_to_the_cent(landing: Landing) -> None:
    landing.write("shopify_orders_csv/orders_export_1.csv", as_csv(ORDER_HEADER, ORDERS))
    landing.load_one()
    paid = sum(
        Decimal(row["Lineitem quantity"]) * Decimal(row["Lineitem price"]) - Decimal(row["Lineitem discount"])
        for row in ORDERS
    )
    assert landing.fetch("select round(sum(quantity * unit_price), 2) from raw.order_lines") == [(paid,)]
    assert landing.fetch(
        "select line_number, product_id, quantity::int, unit_price, list_price, discount_amount "
        "from raw.order_lines where order_id = '#1001' order by 1"
    ) == [
        (1, "TEE", 2, Decimal("19.99"), Decimal("19.99"), Decimal(0)),
        (2, "MUG", 3, Decimal("8.3333"), Decimal(12), Decimal(5)),
        (3, "The", 1, Decimal("9.97"), Decimal("9.97"), Decimal(0)),
    ]
    by_order = dict(
        landing.fetch(
            "select order_id, round(sum(quantity * unit_price), 2) - any_value(orders.discount_amount) "
            "from raw.order_lines join raw.orders using (order_id) group by order_id"
        )
    )
    assert by_order == {row["Name"]: Decimal(row["Subtotal"]) for row in ORDERS if row.get("Subtotal")}


def test_refunds_land_dated_by_the_cancellation_or_the_order(landing: Landing) -> None:
    landing.write("shopify_orders_csv/orders_export_1.csv", as_csv(ORDER_HEADER, ORDERS))
    landing.load_one()
    assert landing.fetch("select order_id, amount, refunded_at::date::varchar from raw.refunds order by 1") == [
        ("#1002", Decimal(10), "2025-10-07"),
        ("#1004", Decimal("24.89"), "2025-10-20"),
    ]
    assert landing.fetch(
        "select order_id, status from raw.orders where cancelled_at is not null order by order_id"
    ) == [("#1003", "voided"), ("#1004", "refunded")]


def test_a_later_export_gives_a_newer_version_and_nothing_twice(landing: Landing) -> None:
    paid = first("#1", "10.00", Financial_Status="pending") | line("#1", 1, "MUG", "10.00")
    landing.write("shopify_orders_csv/a.csv", as_csv(ORDER_HEADER, [paid]))
    later = paid | {"Financial Status": "paid", "Paid at": "2025-10-08 10:00:00 +0200"}
    landing.write("shopify_orders_csv/b.csv", as_csv(ORDER_HEADER, [later]))
    landing.load()
    assert landing.column("select status from raw.orders order by updated_at") == ["pending", "paid"]
    assert landing.fetch("select count(*) from raw.order_lines") == [(1,)]


def test_a_bad_order_column_takes_the_whole_order_and_an_unknown_status_is_told(landing: Landing) -> None:
    rows = [
        *ORDERS,
        first("#9", "ten") | line("#9", 1, "MUG", "10.00"),
        line("#9", 1, "TEE", "1.00"),
        first("#10", "10.00", Financial_Status="dreaming") | line("#10", 1, "MUG", "10.00"),
    ]
    landing.write("shopify_orders_csv/orders_export_1.csv", as_csv(ORDER_HEADER, rows))
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (6, 3)
    assert [(row[0], row[1]) for row in landing.quarantine()] == [
        (8, "bad_number"),
        (9, "bad_number"),
        (10, "unknown_status"),
    ]


def test_two_shops_with_equal_order_names_are_kept_apart(landing: Landing) -> None:
    shipped = (SHIPPED_DIR / "shopify_orders_csv.yml").read_text()
    for shop in ("paris", "berlin"):
        copy = shipped.replace("source: shopify_orders_csv", f"source: shopify_{shop}\nshop: {shop}")
        landing.write_source(f"shopify_{shop}", copy)
        landing.write(f"shopify_{shop}/orders.csv", as_csv(ORDER_HEADER, ORDERS))
    landing.load()
    assert landing.fetch(
        "select shop_id, count(distinct order_id), sum(total_amount) from raw.orders group by 1 order by 1"
    ) == [
        ("berlin", 4, Decimal("127.44")),
        ("paris", 4, Decimal("127.44")),
    ]
    assert landing.column("select order_id from raw.orders where order_id like '%#1001' order by 1") == [
        "berlin:#1001",
        "paris:#1001",
    ]
    assert landing.fetch("select count(*) from raw.order_lines join raw.orders using (order_id)") == [(12,)]


def test_customers_of_both_forms_of_the_export(landing: Landing) -> None:
    landing.write(
        "shopify_customers_csv/customers_export.csv",
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,"
        "Default Address Address1,Default Address Address2,Default Address City,Default Address Province Code,"
        "Default Address Country Code,Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,"
        "Total Spent,Total Orders,Note,Tax Exempt,Tags\r\n"
        "'9013808660771,Zoë,Müller,zoe@example.com,no,Zoë Ltd,1 Rue X,,Paris,IDF,FR,'75008,'+33612345678,,no,"
        '97.98,2,"a note, with comma",no,"VIP, early"\r\n',
    )
    landing.write(
        "shopify_customers_csv/older.csv",
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Company,Address1,Address2,City,Province,"
        "Province Code,Country,Country Code,Zip,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Tags,Note,"
        "Tax Exempt\r\n'77,Ben,Day,ben@example.com,yes,,,,Leeds,,ENG,United Kingdom,GB,LS1,,no,0.00,0,,,no\r\n",
    )
    landing.load()
    assert landing.fetch(
        "select customer_id, first_name, email, phone, country, region, city, postal_code from raw.customers order by 1"
    ) == [
        ("77", "Ben", "ben@example.com", None, "GB", "ENG", "Leeds", "LS1"),
        ("9013808660771", "Zoë", "zoe@example.com", "+33612345678", "FR", "IDF", "Paris", "75008"),
    ]


def test_a_product_is_a_variant_under_the_name_that_order_lines_show(landing: Landing) -> None:
    header = (
        "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
        "Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,"
        "Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,"
        "Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,"
        "Image Alt Text,Gift Card,SEO Title,SEO Description,Variant Image,Variant Weight Unit,Cost per item,Status"
    )
    tee = {"Handle": "crew-tee", "Option1 Value": "Black", "Variant Price": "9.99"}
    rows = [
        tee | {"Title": "Crew Tee", "Type": "Shirts", "Tags": "summer, cotton", "Gift Card": "false",
               "Option2 Value": "S", "Variant SKU": "TEE-S", "Variant Compare At Price": "12.00"},
        tee | {"Option2 Value": "M", "Variant SKU": "TEE-M"},
        {"Handle": "crew-tee", "Image Src": "https://example.com/2.jpg", "Image Position": "2"},
        tee | {"Option2 Value": "L"},
        {"Handle": "card", "Title": "Gift Card", "Product Category": "Gift Cards", "Gift Card": "true",
         "Option1 Value": "Default Title", "Variant Price": "25.00"},
    ]  # fmt: skip
    landing.write("shopify_products_csv/products_export.csv", as_csv(header, rows))
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.skipped_by_rule) == (5, 4, {"image": 1})
    assert landing.fetch(
        "select product_id, name, category, list_price, is_gift_card, tags from raw.products order by source_line"
    ) == [
        ("TEE-S", "Crew Tee - Black / S", "Shirts", Decimal(12), False, "summer|cotton"),
        ("TEE-M", "Crew Tee - Black / M", "Shirts", Decimal("9.99"), False, "summer|cotton"),
        ("Crew Tee - Black / L", "Crew Tee - Black / L", "Shirts", Decimal("9.99"), False, "summer|cotton"),
        ("Gift Card", "Gift Card", "Gift Cards", Decimal(25), True, None),
    ]


def money(amount: str) -> dict[str, Any]:
    """A MoneyBag whose presentment currency must not be taken for the shop's."""
    return {
        "shopMoney": {"amount": amount, "currencyCode": "EUR"},
        "presentmentMoney": {"amount": str(2 * Decimal(amount)), "currencyCode": "USD"},
    }


def bulk_order(number: int, subtotal: str, **more: Any) -> dict[str, Any]:
    row = {
        "id": f"gid://shopify/Order/{number}", "name": f"#{number}", "email": f"{number}@example.com", "phone": None,
        "createdAt": "2026-02-01T10:00:00Z", "updatedAt": "2026-02-03T10:00:00Z", "cancelledAt": None, "test": False,
        "displayFinancialStatus": "PAID", "currencyCode": "EUR", "subtotalPriceSet": money(subtotal),
        "totalDiscountsSet": money("1.00"), "totalShippingPriceSet": money("4.90"), "totalTaxSet": money("0.00"),
        "discountCodes": ["HELLO"], "sourceName": "web", "customer": {"id": "gid://shopify/Customer/7"},
        "shippingAddress": {"countryCodeV2": "DE", "city": "Ulm"}, "refunds": [],
    }  # fmt: skip
    return row | more


def bulk_line(number: int, order: int, quantity: int, original: str, paid: str) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{number}", "name": f"Thing {number}",
        "sku": f"T{number}" if number % 2 else None, "quantity": quantity,
        "originalUnitPriceSet": money(original), "discountedUnitPriceSet": money(paid),
        "variant": {"id": "gid://shopify/ProductVariant/1", "compareAtPrice": None},
        "__parentId": f"gid://shopify/Order/{order}",
    }  # fmt: skip


BULK: list[dict[str, Any]] = [
    {"id": "gid://shopify/Customer/7", "email": "anna@example.com", "firstName": "Anna",
     "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-02T00:00:00Z",
     "defaultAddress": {"countryCodeV2": "DE", "city": "Ulm", "zip": "89073"}},
    bulk_order(1, "29.00"),
    bulk_line(11, 1, 2, "10.00", "9.50"),
    bulk_line(12, 1, 1, "6.00", "6.00"),
    bulk_line(13, 1, 1, "5.00", "5.00"),
    bulk_order(2, "20.00", displayFinancialStatus="PARTIALLY_REFUNDED", refunds=[
        {"id": "gid://shopify/Refund/91", "createdAt": "2026-02-10T10:00:00Z", "totalRefundedSet": money("5.25")},
        {"id": "gid://shopify/Refund/92", "createdAt": "2026-02-11T10:00:00Z", "totalRefundedSet": money("0.00")}]),
    bulk_line(21, 2, 2, "10.50", "10.50"),
    {"id": "gid://shopify/RefundLineItem/55", "quantity": 1, "subtotalSet": money("9.50"),
     "lineItem": {"id": "gid://shopify/LineItem/11", "sku": "T11"}, "__parentId": "gid://shopify/Refund/93"},
    {"id": "gid://shopify/Refund/93", "createdAt": "2026-02-12T10:00:00Z", "totalRefundedSet": money("12.00"),
     "__parentId": "gid://shopify/Order/1"},
    bulk_order(3, "5.00", test=True, cancelledAt="2026-02-02T00:00:00Z", displayFinancialStatus="VOIDED"),
    {"id": "gid://shopify/ShippingLine/1", "title": "Standard", "__parentId": "gid://shopify/Order/1"},
]  # fmt: skip


def test_bulk_lines_find_their_orders_and_amounts_are_the_shops(landing: Landing) -> None:
    landing.write("shopify_bulk/bulk-1.jsonl", "".join(json.dumps(row) + "\n" for row in BULK))
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.rows_quarantined) == (11, 9, 0)
    assert file.skipped_by_rule == {"other_object": 1, "refund_header": 1}
    assert file.tables == {"customers": 1, "orders": 3, "order_lines": 4, "refunds": 2}
    assert landing.fetch(
        "select order_id, customer_id, status, total_amount, is_test, cancelled_at is not null, coupon_code, currency "
        "from raw.orders order by 1"
    ) == [
        ("#1", "7", "paid", Decimal(29), False, False, "HELLO", "EUR"),
        ("#2", "7", "partially_refunded", Decimal(20), False, False, "HELLO", "EUR"),
        ("#3", "7", "voided", Decimal(5), True, True, "HELLO", "EUR"),
    ]
    assert landing.fetch(
        "select order_id, line_number, product_id, quantity::int, unit_price, list_price, discount_amount "
        "from raw.order_lines order by 1, 2"
    ) == [
        ("#1", 1, "T11", 2, Decimal("9.5"), Decimal(10), Decimal(1)),
        ("#1", 2, "Thing 12", 1, Decimal(6), Decimal(6), Decimal(0)),
        ("#1", 3, "T13", 1, Decimal(5), Decimal(5), Decimal(0)),
        ("#2", 1, "T21", 2, Decimal("10.5"), Decimal("10.5"), Decimal(0)),
    ]
    # Lines less the discount of the order are its subtotal.
    assert landing.fetch(
        "select order_id, sum(quantity * unit_price) - any_value(orders.discount_amount) = any_value(total_amount) "
        "from raw.orders join raw.order_lines using (order_id) group by 1 order by 1"
    ) == [("#1", True), ("#2", True)]


def test_bulk_refunds_land_from_the_list_and_from_their_lines(landing: Landing) -> None:
    landing.write("shopify_bulk/bulk-1.jsonl", "".join(json.dumps(row) + "\n" for row in BULK))
    landing.load_one()
    assert landing.fetch(
        "select refund_id, order_id, product_id, quantity::int, amount, refunded_at::date::varchar "
        "from raw.refunds order by 1"
    ) == [
        ("55", "#1", "T11", 1, Decimal("9.5"), "2026-02-12"),
        ("91", "#2", None, None, Decimal("5.25"), "2026-02-10"),
    ]
    assert landing.fetch("select customer_id, email, country, postal_code from raw.customers") == [
        ("7", "anna@example.com", "DE", "89073")
    ]


def test_a_bulk_line_without_its_order_is_quarantined(landing: Landing) -> None:
    landing.write(
        "shopify_bulk/bulk-1.jsonl",
        "".join(json.dumps(row) + "\n" for row in [*BULK, bulk_line(31, 9, 1, "1.00", "1.00")]),
    )
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (9, 1)
    assert [row[:3] for row in landing.quarantine()] == [(12, "null_key", "order_id")]
