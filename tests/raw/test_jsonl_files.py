from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.raw.landing import Landing

GOOD = '{"order_id": "1", "ordered_at": "2026-01-02", "total_amount": 10.10}'


@pytest.mark.parametrize(
    ("line", "reason", "part"),
    [
        ('{"order_id": "2", ', "broken_json", "Expecting"),
        ("null", "broken_json", "the line is no JSON object"),
        ('[{"order_id": "2"}]', "broken_json", "the line is no JSON object"),
        ('"text"', "broken_json", "the line is no JSON object"),
        ('{"order_id": NaN}', "broken_json", "NaN is no JSON value"),
        ('{"order_id": "2", "order_id": "3"}', "broken_json", "the key 'order_id' stands twice"),
        ('{"order_id": "2", "Order_ID": "3"}', "broken_json", "the key 'order_id' stands twice"),
        ('{"order_id": ' + "[" * 100_000 + "]" * 100_000 + "}", "broken_json", "nested too deeply"),
        ('{"order_id": "a\\u0000b"}', "control_char", "NUL"),
        ('{"order_id": "\\ud800"}', "invalid_encoding", "surrogate"),
        ('{"order_id": "' + "x" * 2_000_001 + '"}', "line_too_long", "2,000,000"),
    ],
)
def test_a_line_that_is_no_object_is_quarantined_with_its_text(
    landing: Landing, line: str, reason: str, part: str
) -> None:
    landing.write("orders/orders.jsonl", f"{GOOD}\n{line}\n\n{GOOD.replace('1', '9', 1)}\n")
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.rows_quarantined) == (3, 2, 1)
    ((number, code, _, message),) = landing.quarantine()
    assert (number, code) == (2, reason)
    assert part in message
    (raw,) = landing.column("select raw_text from raw.quarantine")
    assert raw[:1000] == line[:1000]


def test_bytes_that_are_no_utf8_are_quarantined(landing: Landing) -> None:
    landing.write("orders/orders.jsonl", GOOD.encode() + b'\n{"order_id": "\xff"}\n')
    landing.load_one()
    assert landing.quarantine() == [(2, "invalid_encoding", None, "byte 0xff is not utf-8")]


def test_values_keep_their_digits_and_nested_values_stay_json(landing: Landing) -> None:
    event = {"event_id": 7, "occurred_at": "2026-01-02T03:04:05Z", "event_type": "page_view", "value_amount": 1}
    properties = {"n": 1, "f": 2.5, "s": "ä", "b": True, "l": [None]}
    line = json.dumps(event | {"properties": properties, "seen": False, "who": None}).replace('": 1,', '": 1.1000,', 1)
    landing.write("events/e.jsonl", line + "\n")
    landing.load_one()
    ((event_id, value, kept, extra),) = landing.fetch(
        "select event_id, value_amount::varchar, properties, extra from raw.events",
    )
    assert (event_id, value, json.loads(kept), json.loads(extra)) == ("7", "1.1000", properties, {"seen": "false"})


def test_a_large_id_keeps_every_digit(landing: Landing) -> None:
    landing.write("orders/orders.jsonl", '{"order_id": 123456789012345678901234567890, "ordered_at": "2026-01-02"}\n')
    landing.load_one()
    assert landing.column("select order_id from raw.orders") == ["123456789012345678901234567890"]


def test_a_key_in_other_case_is_known_and_a_foreign_key_is_warned_about(landing: Landing) -> None:
    landing.write("orders/orders.jsonl", '{"Order_ID": 1, "ordered_at": "2026-01-02", "totalamount": "5"}\n')
    file = landing.load_one()
    assert file.rows_used == 1
    assert file.warnings == ["unknown column 'totalamount' is kept in extra (did you mean 'total_amount'?)"]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_file_without_lines_is_loaded_with_a_warning(landing: Landing, content: str) -> None:
    landing.write("orders/orders.jsonl", content)
    file = landing.load_one()
    assert (file.rows_read, file.warnings) == (0, ["the file is empty"])
