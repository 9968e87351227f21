"""Messages and profiles of Klaviyo: opens by machines, consent per channel, profiles beside the shop's accounts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.raw.landing import Landing

Row = dict[str, Any]


def happened(metric: str, number: int, properties: Row | None = None, *, person: str = "01ANN") -> Row:
    """An answer to GET /api/events/<id>?include=metric,profile."""
    relations = {
        "metric": {"data": {"type": "metric", "id": f"M{metric}"}},
        "profile": {"data": {"type": "profile", "id": person}},
    }
    return {
        "data": {
            "type": "event",
            "id": f"e{number}",
            "attributes": {
                "timestamp": 1_767_261_600 + number,
                "event_properties": {"$message": "01SPRING", "Campaign Name": "Spring"} | (properties or {}),
                "datetime": f"2026-01-01T10:00:{number:02}+00:00",
                "uuid": f"u{number}",
            },
            "relationships": relations,
        },
        "included": [
            {"type": "metric", "id": f"M{metric}", "attributes": {"name": metric, "integration": None}},
            {"type": "profile", "id": person, "attributes": {"email": f"{person.lower()}@example.com"}},
        ],
        "links": {"self": "https://a.klaviyo.com/api/events/"},
    }


EVENTS = [
    happened("Received Email", 1),
    happened("Opened Email", 2, {"Apple Privacy Open": True, "Client Name": "Apple Mail"}),
    happened("Opened Email", 3, {"machine_open": False}),
    happened("Opened Email", 4),
    happened("Clicked Email", 5, {"URL": "https://shop.example"}),
    happened("Bounced Email", 6, person="01BOB"),
    happened("Unsubscribed from Email Marketing", 7),
    happened("Received SMS", 8, {"$message": "01TEXT", "$flow": "FWELCOME"}),
    happened("Placed Order", 9),
    happened("Marked Email as Spam", 10, {"$message": None}),
]


def profile(person: str, subscriptions: Row | None = None, **attributes: Any) -> Row:
    """An element of the list that GET /api/profiles/ answers with."""
    plain = {
        "email": f"{person.lower()}@example.com",
        "phone_number": None,
        "external_id": None,
        "first_name": "Ann",
        "last_name": None,
        "organization": None,
        "title": None,
        "created": "2025-12-01T08:00:00+00:00",
        "updated": "2026-01-01T08:00:00+00:00",
        "location": {"city": "Ulm", "country": "Germany", "region": "BW", "zip": "89073"},
        "properties": {},
    }
    return {
        "type": "profile",
        "id": person,
        "attributes": plain | attributes | {"subscriptions": subscriptions or {}},
        "relationships": {},
        "links": {},
    }


def marketing(consent: str, decided: str | None, updated: str | None = None) -> Row:
    return {"marketing": {"consent": consent, "consent_timestamp": decided, "last_updated": updated, "suppression": []}}


def lines(rows: list[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_messages_are_told_apart_by_person_and_opens_by_who_opened(landing: Landing) -> None:
    landing.write("klaviyo_events/events.jsonl", lines(EVENTS))
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.skipped_by_rule, file.warnings) == (10, 9, {"no_message": 1}, [])
    shown = "message_id, customer_id, channel, message_event, campaign_id, is_machine_open, epoch(occurred_at)::bigint"
    assert landing.fetch(f"select {shown} from raw.messages order by occurred_at") == [
        ("01SPRING|01ANN", "klaviyo:01ANN", "email", "delivered", "01SPRING", None, 1_767_261_601),
        ("01SPRING|01ANN", "klaviyo:01ANN", "email", "opened", "01SPRING", True, 1_767_261_602),
        ("01SPRING|01ANN", "klaviyo:01ANN", "email", "opened", "01SPRING", False, 1_767_261_603),
        ("01SPRING|01ANN", "klaviyo:01ANN", "email", "opened", "01SPRING", False, 1_767_261_604),
        ("01SPRING|01ANN", "klaviyo:01ANN", "email", "clicked", "01SPRING", None, 1_767_261_605),
        ("01SPRING|01BOB", "klaviyo:01BOB", "email", "bounced", "01SPRING", None, 1_767_261_606),
        ("01SPRING|01ANN", "klaviyo:01ANN", "email", "unsubscribed", "01SPRING", None, 1_767_261_607),
        ("01TEXT|01ANN", "klaviyo:01ANN", "sms", "delivered", "FWELCOME", None, 1_767_261_608),
        ("e10|01ANN", "klaviyo:01ANN", "email", "complained", None, None, 1_767_261_610),
    ]
    assert landing.column("select distinct email from raw.messages order by 1") == [
        "01ann@example.com",
        "01bob@example.com",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"included": []}, "unmapped"),
        ({"included": "none"}, "broken_json"),
        ({"data": {"id": "e1", "attributes": {"datetime": "soon"}}}, "bad_time"),
        ({"data": {"id": "e1", "attributes": {}}}, "null_key"),
    ],
)
def test_what_is_no_event_is_quarantined(landing: Landing, change: Row, reason: str) -> None:
    landing.write("klaviyo_events/events.jsonl", lines([EVENTS[4], EVENTS[0] | change]))
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (1, 1)
    assert [row[:2] for row in landing.quarantine()] == [(2, reason)]


def test_an_event_fetched_twice_is_a_duplicate_and_a_second_open_is_not(landing: Landing) -> None:
    landing.write("klaviyo_events/events.jsonl", lines([EVENTS[2], EVENTS[2], EVENTS[3]]))
    file = landing.load_one()
    assert (file.rows_used, file.rows_duplicate) == (2, 1)


def test_profiles_are_accounts_of_their_own_that_name_the_shops(landing: Landing) -> None:
    landing.write("klaviyo_profiles/p.jsonl", lines([profile("01ANN", external_id="7"), profile("01BOB", email=None)]))
    assert landing.load_one().rows_used == 2
    shown = "customer_id, email, first_name, country, region, city, postal_code"
    assert landing.fetch(f"select {shown} from raw.customers order by 1") == [
        ("klaviyo:01ANN", "01ann@example.com", "Ann", "Germany", "BW", "Ulm", "89073"),
        ("klaviyo:01BOB", None, "Ann", "Germany", "BW", "Ulm", "89073"),
    ]
    assert landing.fetch("select customer_id, identifier_type, identifier from raw.identities") == [
        ("7", "customer_id", "klaviyo:01ANN")
    ]


def test_consent_is_known_per_channel_and_only_where_somebody_decided(landing: Landing) -> None:
    given, changed = "2025-12-01T08:00:00+00:00", "2025-12-24T08:00:00+00:00"
    rows = [
        profile("01ANN", {"email": marketing("SUBSCRIBED", given), "sms": marketing("UNSUBSCRIBED", given, changed)}),
        profile("01BOB", {"email": marketing("NEVER_SUBSCRIBED", None)}),
        profile("01EVA", {"email": marketing("UNSUBSCRIBED", None)}),
        profile("01DAN"),
    ]
    landing.write("klaviyo_profiles/p.jsonl", lines(rows))
    assert landing.load_one().rows_used == 4
    shown = "customer_id, channel, purpose, status, strftime(timezone('UTC', changed_at), '%Y-%m-%d')"
    assert landing.fetch(f"select {shown} from raw.consents order by 1, 2") == [
        ("klaviyo:01ANN", "email", "marketing", "granted", "2025-12-01"),
        ("klaviyo:01ANN", "sms", "marketing", "withdrawn", "2025-12-24"),
        ("klaviyo:01EVA", "email", "marketing", "withdrawn", "2026-01-01"),
    ]


def test_a_profile_that_changed_is_a_new_version(landing: Landing) -> None:
    landing.write("klaviyo_profiles/a.jsonl", lines([profile("01ANN"), profile("01BOB")]))
    landing.load()
    later = profile("01ANN", first_name="Anna", updated="2026-02-01T08:00:00+00:00")
    landing.write("klaviyo_profiles/b.jsonl", lines([later, profile("01BOB")]))
    (second,) = [file for file in landing.load().files if file.was_loaded]
    assert (second.rows_used, second.rows_duplicate) == (1, 1)
    newest = "select first_name from raw.customers where customer_id = 'klaviyo:01ANN' order by updated_at desc limit 1"
    assert landing.column(newest) == ["Anna"]
