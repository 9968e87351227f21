"""Events of Snowplow: the enriched stream as tab-separated values, and the table that a warehouse unloads as CSV."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from dagster_project.raw.sources import SHIPPED_DIR

if TYPE_CHECKING:
    from tests.raw.landing import Landing

Row = dict[str, Any]

SHOP = "iglu:com.snowplowanalytics.snowplow.ecommerce"
SELF_DESCRIBING = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0"
CONTEXTS = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0"
PREFIX = "contexts_com_snowplowanalytics_snowplow_ecommerce_"
ACTION = "unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1"
FIELDS = list(yaml.safe_load((SHIPPED_DIR / "snowplow_tsv.yml").read_text())["columns"])

GREEN = {"id": "green", "category": "Tea", "price": 9.99, "currency": "EUR", "quantity": 2}
BLACK = {"id": "black", "category": "Tea", "price": 5.0, "currency": "EUR", "quantity": 1}
SALE = {"transaction_id": "T-1", "revenue": 24.980000000000004, "currency": "EUR", "payment_method": "card"}
# (second, event, action, contexts by name, further columns)
STORY: list[tuple[int, str, str | None, dict[str, list[Row]], Row]] = [
    (1, "page_view", None, {"page": [{"type": "Home"}]}, {}),
    (2, "page_ping", None, {}, {}),
    (3, "unstruct", "product_view", {"product": [GREEN]}, {}),
    (4, "unstruct", "add_to_cart", {"product": [GREEN, BLACK], "cart": [{"cart_id": "c1", "total_value": 20}]}, {}),
    (5, "unstruct", "checkout_step", {"checkout_step": [{"step": 1}]}, {"user_id": "u7"}),
    (6, "unstruct", "checkout_step", {"checkout_step": [{"step": 2}]}, {"user_id": "u7"}),
    (7, "unstruct", "transaction_error", {}, {"user_id": "u7"}),
    (8, "unstruct", "transaction", {"product": [GREEN, BLACK], "transaction": [SALE]}, {"user_id": "u7"}),
    (9, "transaction", None, {}, {"tr_orderid": "T-2", "tr_total": "30.5", "tr_currency": "EUR"}),
    (10, "transaction_item", None, {}, {}),
    (11, "struct", None, {}, {"se_category": "video", "se_action": "Play Trailer"}),
]
SHOWN = """
    select event_type, customer_id, page_type, product_id, category, cart_id, order_id, quantity, value_amount, currency
    from raw.events order by occurred_at
"""
EXPECTED = [
    ("page_view", None, "home", None, None, None, None, None, None, None),
    ("product_view", None, "product", "green", "Tea", None, None, None, None, None),
    ("add_to_cart", None, None, "green", "Tea", "c1", None, 2, None, None),
    ("checkout_started", "u7", "checkout", None, None, None, None, None, None, None),
    ("checkout_step", "u7", "checkout", None, None, None, None, None, None, None),
    ("payment_failed", "u7", None, None, None, None, None, None, None, None),
    ("purchase", "u7", None, "green", "Tea", None, "T-1", None, Decimal("24.98"), "EUR"),
    ("purchase", None, None, None, None, None, "T-2", None, Decimal("30.5"), "EUR"),
    ("play_trailer", None, None, None, None, None, None, None, None, None),
]


def plain(second: int, event: str, more: Row) -> Row:
    """The columns that both shapes have."""
    return {
        "app_id": "shop",
        "platform": "web",
        "collector_tstamp": f"2026-01-01 10:00:{second + 2:02}.000",
        "derived_tstamp": f"2026-01-01 10:00:{second:02}.125",
        "event": event,
        "event_id": f"c6ef3124-b53a-4b13-a233-0088f79dcb{second:02}",
        "domain_userid": "device-1",
        "domain_sessionid": "s1",
        "page_url": "https://shop.example/p",
        "mkt_medium": "cpc",
        "mkt_campaign": "spring",
        "geo_country": "DE",
        "dvce_type": "Mobile",
    } | more


def enriched(story: list[Any]) -> str:
    """Lines of the stream: 131 fields in their order, contexts and actions wrapped with their schemas."""
    lines = []
    for second, event, action, contexts, more in story:
        entities = [
            {"schema": f"{SHOP}/{name}/jsonschema/1-0-0", "data": data}
            for name, found in contexts.items()
            for data in found
        ]
        row = plain(second, event, more)
        row["contexts"] = json.dumps({"schema": CONTEXTS, "data": entities}) if entities else ""
        if action:
            described = {"schema": f"{SHOP}/snowplow_ecommerce_action/jsonschema/1-0-2", "data": {"type": action}}
            row["unstruct_event"] = json.dumps({"schema": SELF_DESCRIBING, "data": described})
        lines.append("\t".join(str(row.get(field, "")) for field in FIELDS))
    return "\n".join(lines) + "\n"


def unloaded(story: list[Any]) -> str:
    """Rows of the table: one column per context and per self-describing event."""
    rows = []
    for second, event, action, contexts, more in story:
        row = plain(second, event, more) | {f"{PREFIX}{name}_1": json.dumps(data) for name, data in contexts.items()}
        rows.append(row | ({ACTION: json.dumps({"type": action})} if action else {}))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


SHAPES = {"snowplow_tsv": enriched, "snowplow_csv": unloaded}


def test_the_fields_are_those_of_the_canonical_event_model() -> None:
    assert len(FIELDS) == 131
    places = {"event_id": 6, "domain_userid": 15, "contexts": 52, "unstruct_event": 58, "useragent": 77,
              "dvce_sent_tstamp": 119, "domain_sessionid": 123, "derived_tstamp": 124, "true_tstamp": 130}  # fmt: skip
    assert {name: FIELDS.index(name) for name in places} == places


@pytest.mark.parametrize("source", SHAPES)
def test_both_shapes_land_the_same_events(landing: Landing, source: str) -> None:
    landing.write(f"{source}/part-00000.gz", SHAPES[source](STORY))
    file = landing.load_one()
    assert (file.rows_read, file.rows_used) == (11, 9)
    assert file.skipped_by_rule == {"heartbeat": 1, "item_of_transaction": 1}
    assert landing.fetch(SHOWN) == EXPECTED
    context = "anonymous_id, session_id, device_type, channel, campaign_id, country, page_url, epoch_ms(occurred_at)"
    assert landing.fetch(f"select {context} from raw.events where order_id = 'T-1'") == [
        ("device-1", "s1", "mobile", "cpc", "spring", "DE", "https://shop.example/p", 1_767_261_608_125)
    ]


@pytest.mark.parametrize("source", SHAPES)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"event_id": ""}, "null_key"),
        ({"derived_tstamp": "soon"}, "bad_time"),
        ({"derived_tstamp": "", "collector_tstamp": ""}, "missing_value"),
        ({"tr_total": "a lot"}, "bad_number"),
    ],
)
def test_a_row_that_is_no_event_is_quarantined(landing: Landing, source: str, change: Row, reason: str) -> None:
    *_, (second, event, action, contexts, more), _, _ = STORY
    landing.write(f"{source}/e.txt", SHAPES[source]([STORY[0], (second, event, action, contexts, more | change)]))
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (1, 1)
    assert [row[1] for row in landing.quarantine()] == [reason]


def test_a_line_with_fields_lost_and_a_broken_context_are_told(landing: Landing) -> None:
    good, cut, broken = enriched(STORY[:3]).replace("page_ping", "page_view").splitlines()
    cut = cut.rsplit("\t", 1)[0]
    broken = broken.replace('"schema"', "schema", 1)
    landing.write("snowplow_tsv/e.tsv", f"{good}\n{cut}\n{broken}\n")
    landing.load_one()
    assert [row[:2] for row in landing.quarantine()] == [(2, "wrong_column_count"), (3, "broken_json")]


@pytest.mark.parametrize("source", SHAPES)
def test_an_event_delivered_twice_is_a_duplicate(landing: Landing, source: str) -> None:
    landing.write(f"{source}/e.txt", SHAPES[source]([STORY[0], STORY[0]]))
    file = landing.load_one()
    assert (file.rows_used, file.rows_duplicate) == (1, 1)
