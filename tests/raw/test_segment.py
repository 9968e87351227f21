"""Calls of Segment and RudderStack: clocks that are wrong, people who are named later, ids that are merged."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.raw.landing import Landing

Row = dict[str, Any]


def call(kind: str, number: int, **more: Any) -> Row:
    """A call as it lies in a destination: the device's clock is an hour slow, and the source corrected it."""
    return {
        "messageId": f"m{number}",
        "type": kind,
        "anonymousId": "device-1",
        "userId": None,
        "originalTimestamp": f"2026-01-01T09:00:{number:02}.000Z",
        "sentAt": "2026-01-01T09:01:00.000Z",
        "receivedAt": "2026-01-01T10:01:00.000Z",
        "timestamp": f"2026-01-01T10:00:{number:02}.000Z",
        "context": {"page": {"url": "https://shop.example/p"}, "campaign": {"medium": "cpc", "name": "spring"},
                    "device": {"type": "ios"}, "sessionId": 77},
        "integrations": {"All": True},
    } | more  # fmt: skip


def track(event: str, number: int, properties: Row | None = None, **more: Any) -> Row:
    return call("track", number, event=event, properties=properties or {}, **more)


CALLS = [
    call("page", 1, name="Home", properties={"url": "https://shop.example/", "title": "Tea"}),
    track("Product Viewed", 2, {"product_id": "green", "category": "Tea", "price": 9.99}),
    track("Products Searched", 3, {"query": "oolong"}),
    track("Product Added", 4, {"cart_id": "c1", "product_id": "green", "quantity": 2}),
    call("identify", 5, userId="u7", traits={"email": "Ann@example.com", "phone": "+49170", "firstName": "Ann"}),
    track("Order Completed", 6, {"order_id": "T-1", "revenue": 24.980000000000004, "currency": "EUR",
          "products": [{"product_id": "green"}, {"product_id": "black"}]}, userId="u7"),
    call("alias", 7, userId="u7", previousId="device-0"),
    call("group", 8, userId="u7", groupId="g1", traits={"name": "Acme"}),
    call("identify", 9, traits={"email": "bob@example.com"}),
    track("Wheel Spun", 10, {"prize": "none"}),
]  # fmt: skip


def lines(rows: list[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_calls_are_events_of_their_device_and_session(landing: Landing) -> None:
    landing.write("segment/calls.jsonl", lines(CALLS))
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.skipped_by_rule, file.warnings) == (10, 9, {"group": 1}, [])
    shown = "event_id, event_type, customer_id, email, page_type, product_id, search_query, order_id, value_amount"
    assert landing.fetch(f"select {shown} from raw.events order by occurred_at") == [
        ("m1", "page_view", None, None, "home", None, None, None, None),
        ("m2", "product_view", None, None, "product", "green", None, None, None),
        ("m3", "search", None, None, "search", None, "oolong", None, None),
        ("m4", "add_to_cart", None, None, None, "green", None, None, None),
        ("m6", "purchase", "u7", None, None, "green", None, "T-1", Decimal("24.98")),
        ("m9", "identify", None, "bob@example.com", None, None, None, None, None),
        ("m10", "wheel_spun", None, None, None, None, None, None, None),
    ]
    assert landing.fetch(
        "select anonymous_id, session_id, cart_id, quantity, device_type, channel, campaign_id, page_url "
        "from raw.events where event_id = 'm4'"
    ) == [("device-1", "77", "c1", 2, "ios", "cpc", "spring", "https://shop.example/p")]


def test_identify_and_alias_say_who_is_who(landing: Landing) -> None:
    landing.write("segment/calls.jsonl", lines(CALLS))
    landing.load_one()
    assert landing.fetch("select customer_id, identifier_type, identifier from raw.identities order by all") == [
        ("u7", "anonymous_id", "device-0"),
        ("u7", "anonymous_id", "device-1"),
        ("u7", "email", "Ann@example.com"),
        ("u7", "phone", "+49170"),
    ]


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        ({}, "2026-01-01 10:00:02"),
        ({"timestamp": None}, "2026-01-01 10:00:02"),
        ({"timestamp": None, "sentAt": None}, "2026-01-01 09:00:02"),
        ({"timestamp": None, "originalTimestamp": None}, "2026-01-01 10:01:00"),
        ({"timestamp": "2026-01-01T12:00:00+02:00"}, "2026-01-01 10:00:00"),
    ],
)
def test_the_clock_of_the_device_is_corrected(landing: Landing, clocks: Row, expected: str) -> None:
    landing.write("segment/calls.jsonl", lines([CALLS[1] | clocks]))
    landing.load_one()
    clock = "strftime(timezone('UTC', occurred_at), '%Y-%m-%d %H:%M:%S')"
    assert landing.column(f"select {clock} from raw.events") == [expected]


def test_a_call_sent_twice_is_a_duplicate(landing: Landing) -> None:
    landing.write("segment/calls.jsonl", lines([CALLS[1], CALLS[1], CALLS[4], CALLS[4]]))
    file = landing.load_one()
    assert (file.rows_used, file.rows_duplicate) == (2, 2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"messageId": None}, "null_key"),
        ({"timestamp": "yesterday"}, "bad_time"),
        ({"properties": "none"}, "broken_json"),
        ({"properties": {"revenue": "a lot"}}, "bad_number"),
        ({"type": "screech"}, "unmapped"),
        (dict.fromkeys(("timestamp", "originalTimestamp", "receivedAt")), "missing_value"),
    ],
)
def test_what_is_no_call_is_quarantined(landing: Landing, change: Row, reason: str) -> None:
    landing.write("segment/calls.jsonl", lines([CALLS[2], CALLS[1] | change]))
    landing.load_one()
    assert [row[:2] for row in landing.quarantine()] == [(2, reason)]
    assert landing.column("select event_id from raw.events") == ["m3"]


def test_an_alias_without_both_ids_says_nothing(landing: Landing) -> None:
    landing.write("segment/calls.jsonl", lines([CALLS[6] | {"previousId": None}, CALLS[6]]))
    assert landing.load_one().skipped_by_rule == {"alias_of_nobody": 1}
