"""Google Analytics 4 as BigQuery exports it: nested parameters, microseconds, items, no event id."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.raw.sources import SHIPPED_DIR

if TYPE_CHECKING:
    from tests.raw.landing import Landing

START = 1_767_258_000_000_000  # 2026-01-01 09:00:00 UTC

Row = dict[str, Any]


def parameter(key: str, **value: Any) -> Row:
    """A parameter as the export has it: one of four typed values is filled; whole numbers are text in JSON."""
    empty = dict.fromkeys(("string_value", "int_value", "float_value", "double_value"))
    return {"key": key, "value": empty | value}


def event(name: str, seconds: int, *parameters: Row, **columns: Any) -> Row:
    """A row of events_20260101."""
    session = parameter("ga_session_id", int_value="1767258000")
    where = parameter("page_location", string_value=f"https://shop.example/{name}")
    return {
        "event_date": "20260101",
        "event_timestamp": str(START + seconds * 1_000_000),
        "event_name": name,
        "event_params": [session, where, *parameters],
        "event_bundle_sequence_id": "-17",
        "user_id": None,
        "user_pseudo_id": "1234.5678",
        "device": {"category": "mobile", "operating_system": "Android"},
        "geo": {"country": "Germany", "region": "Bavaria", "city": "(not set)"},
        "collected_traffic_source": {"manual_medium": "email", "manual_campaign_name": "spring"},
        "ecommerce": None,
        "items": [],
        "batch_event_index": "1",
    } | columns


def item(sku: str, quantity: int, price: float, category: str = "Tea") -> Row:
    return {"item_id": sku, "item_name": sku.title(), "item_category": category, "price": price, "quantity": quantity}


CART = [item("green", 2, 9.99), item("black", 1, 5.0)]
EVENTS = [
    event("page_view", 0, parameter("page_location", string_value="https://ignored")),
    event("view_item", 10, items=[item("green", 1, 9.99)]),
    event("view_search_results", 15, parameter("search_term", string_value="oolong")),
    event("add_to_cart", 20, parameter("value", double_value=24.980000000000004),
          parameter("currency", string_value="EUR"), items=CART, user_id="u7"),
    event("begin_checkout", 30, items=CART, user_id="u7"),
    event("purchase", 40, parameter("currency", string_value="EUR"), parameter("value", int_value="30"), items=CART,
          user_id="u7",
          ecommerce={"transaction_id": "T-1", "purchase_revenue": 24.979999999999997, "unique_items": "2"}),
    event("scroll", 50, geo=None, device=None, collected_traffic_source=None, batch_event_index=None),
    event("scroll", 50, geo=None, device=None, collected_traffic_source=None, batch_event_index=None),
]  # fmt: skip
SHOWN = """
    select event_type, customer_id, page_type, product_id, category, search_query, order_id, quantity, value_amount,
        currency
    from raw.events order by occurred_at, event_id
"""
EXPECTED = [
    ("page_view", None, None, None, None, None, None, None, None, None),
    ("product_view", None, "product", "green", "Tea", None, None, None, None, None),
    ("search", None, "search", None, None, "oolong", None, None, None, None),
    ("add_to_cart", "u7", None, "green", "Tea", None, None, 2, Decimal("24.98"), "EUR"),
    ("checkout_started", "u7", "checkout", "green", "Tea", None, None, None, None, None),
    ("purchase", "u7", None, "green", "Tea", None, "T-1", None, Decimal("24.98"), "EUR"),
    ("scroll", None, None, None, None, None, None, None, None, None),
    ("scroll", None, None, None, None, None, None, None, None, None),
]


def lines(rows: list[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_every_event_lands_with_its_parameters_and_first_item(landing: Landing) -> None:
    landing.write("ga4_bigquery/events_20260101.jsonl.gz", lines(EVENTS))
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.warnings) == (8, 8, [])
    assert landing.fetch(SHOWN) == EXPECTED
    assert landing.fetch("select epoch_us(occurred_at) from raw.events where event_type = 'purchase'") == [
        (START + 40_000_000,)
    ]
    context = "anonymous_id, session_id, device_type, country, region, channel, campaign_id, page_url"
    assert landing.fetch(f"select {context} from raw.events where event_type = 'purchase'") == [
        ("1234.5678", "1767258000", "mobile", "Germany", "Bavaria", "email", "spring", "https://shop.example/purchase")
    ]
    assert landing.fetch("select distinct device_type, country from raw.events where event_type = 'scroll'") == [
        (None, None)
    ]


def test_parquet_of_the_same_export_lands_the_same_rows(landing: Landing) -> None:
    mapping = (SHIPPED_DIR / "ga4_bigquery.yml").read_text()
    landing.write_source(
        "ga4_parquet",
        mapping.replace("source: ga4_bigquery", "source: ga4_parquet").replace("format: jsonl", "format: parquet"),
    )
    whole = {"int_value": int, "event_timestamp": int, "quantity": int}
    rows = json.loads(json.dumps(EVENTS), object_hook=lambda found: {
        key: whole[key](value) if key in whole and value is not None else value for key, value in found.items()
    })  # fmt: skip
    folder = landing.settings.landing_dir / "ga4_parquet"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "events.parquet")
    assert landing.load_one().rows_used == 8
    assert landing.fetch(SHOWN) == EXPECTED


def test_an_export_of_the_same_day_again_is_a_duplicate(landing: Landing) -> None:
    landing.write("ga4_bigquery/intraday.jsonl", lines(EVENTS[:3]))
    landing.load()
    landing.write("ga4_bigquery/day.jsonl", lines(EVENTS))
    (day,) = [file for file in landing.load().files if file.was_loaded]
    assert (day.rows_used, day.rows_duplicate) == (5, 3)


@pytest.mark.parametrize(
    ("change", "reason", "column"),
    [
        ({"event_timestamp": "2026-01-01"}, "bad_time", "event_timestamp"),
        ({"event_timestamp": None}, "null_key", "event_id"),
        ({"event_params": "none"}, "broken_json", "event_params"),
        ({"ecommerce": {"purchase_revenue": "much"}}, "bad_number", None),
    ],
)
def test_a_row_that_is_no_event_is_quarantined(landing: Landing, change: Row, reason: str, column: str | None) -> None:
    landing.write("ga4_bigquery/e.jsonl", lines([EVENTS[0], EVENTS[1] | change]))
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (1, 1)
    ((line, code, name, _),) = landing.quarantine()
    assert (line, code) == (2, reason)
    assert name == column or column is None


def test_the_start_page_is_home(landing: Landing) -> None:
    def view(seconds: int, url: str) -> Row:
        return event("page_view", seconds, event_params=[parameter("page_location", string_value=url)])

    urls = ["https://shop.example/", "https://shop.example", "https://shop.example/?utm=x", "https://shop.example/tea"]
    landing.write("ga4_bigquery/e.jsonl", lines([view(at, url) for at, url in enumerate(urls)]))
    landing.load_one()
    assert landing.column("select page_type from raw.events order by occurred_at") == ["home", "home", "home", None]


def test_purchases_are_orders_where_the_shop_has_no_other_record(landing: Landing) -> None:
    paid = {"transaction_id": "T-1", "purchase_revenue": 24.979999999999997, "tax_value": 3.99, "shipping_value": 4}
    cart = [item("green", 2, 9.99) | {"discount": 1.0}, item("black", 1, 5.0), item("white", 1, 1.0) | {"price": None}]
    euro = parameter("currency", string_value="EUR")
    sale = event("purchase", 40, euro, ecommerce=paid, items=cart, user_id="u7")
    rows = [
        event("view_item", 10, items=cart[:1]),
        sale,
        sale | {"event_timestamp": str(START + 55_000_000)},
        event("purchase", 60, euro, ecommerce={"transaction_id": "(not set)", "purchase_revenue": 1}, items=cart),
        event("refund", 90, euro, ecommerce={"transaction_id": "T-1", "refund_value": 5.0}),
        event("refund", 95, euro, ecommerce={"transaction_id": None, "refund_value": 5.0}),
    ]
    landing.write("ga4_bigquery_orders/events_20260101.jsonl", lines(rows))
    file = landing.load_one()
    assert file.skipped_by_rule == {"no_purchase": 1, "purchase_without_number": 1}
    assert (file.rows_used, file.rows_duplicate, file.rows_quarantined) == (3, 0, 1)
    assert [row[:3] for row in landing.quarantine()] == [(6, "null_key", "refund_id")]
    bought = (
        "order_id, customer_id, anonymous_id, epoch_us(ordered_at), currency, total_amount, tax_amount, shipping_amount"
    )
    assert landing.fetch(f"select {bought} from raw.orders") == [
        ("T-1", "u7", "1234.5678", START + 40_000_000, "EUR", Decimal("24.98"), Decimal("3.99"), Decimal(4))
    ]
    line = "line_number, product_id, quantity, unit_price, list_price, discount_amount"
    assert landing.fetch(f"select {line} from raw.order_lines order by 1") == [
        (1, "green", 2, Decimal("9.99"), Decimal("10.99"), Decimal(2)),
        (2, "black", 1, Decimal(5), Decimal(5), None),
    ]
    assert landing.fetch("select product_id, name, category from raw.products order by 1") == [
        ("black", "Black", "Tea"),
        ("green", "Green", "Tea"),
        ("white", "White", "Tea"),
    ]
    assert landing.fetch("select order_id, amount, kind from raw.refunds") == [("T-1", Decimal(5), "refund")]
