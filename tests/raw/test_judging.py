from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from dagster_project.raw.column_types import cleaned
from dagster_project.raw.reasons import Reason
from tests.raw.landing import NOW, make_landing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.raw.landing import Landing

VALID: dict[str, dict[str, str]] = {
    "orders": {"order_id": "1", "ordered_at": "2026-01-02"},
    "order_lines": {"order_id": "1", "line_number": "1", "quantity": "1", "unit_price": "1"},
    "refunds": {"refund_id": "1", "order_id": "1", "refunded_at": "2026-01-02", "amount": "1"},
    "products": {"product_id": "1"},
    "customers": {"customer_id": "1"},
    "identities": {"customer_id": "1", "identifier_type": "email", "identifier": "a@b.c", "seen_at": "2026-01-02"},
    "events": {"event_id": "1", "occurred_at": "2026-01-02", "event_type": "login"},
}


def write_row(landing: Landing, table: str, **values: str) -> None:
    row = VALID[table] | values
    quoted = ['"' + value.replace('"', '""') + '"' for value in row.values()]
    landing.write(f"{table}/t.csv", ",".join(row) + "\n" + ",".join(quoted) + "\n")


def value_of(landing: Landing, table: str, column: str, text: str) -> Any:
    """The value as loaded; a quarantined row fails."""
    write_row(landing, table, **{column: text})
    assert landing.load_one().rows_used == 1
    return landing.column(f"select {column} from raw.{table}")[0]


def problem_of(landing: Landing, table: str, column: str, text: str) -> tuple[str, str | None, str]:
    write_row(landing, table, **{column: text})
    assert landing.load_one().rows_quarantined == 1
    return landing.quarantine()[0][1:]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"), ("12.5", "12.5"), ("+3", "3"), (" 7.10 ", "7.1"), (".5", "0.5"), ("-0.00", "0"),
        ("00012.3400000", "12.34"), ("99999999999999.9999", "99999999999999.9999"), ("", None),
    ],
)  # fmt: skip
def test_plain_decimals_are_exact(landing: Landing, text: str, value: str | None) -> None:
    assert value_of(landing, "orders", "total_amount", text) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    "text",
    ["abc", "1,234.50", "1.234,50", "12.5e1", "1e3", "$5", "NaN", "inf", "0x10", "1_000", "5.", "--1",
     "100000000000000", "0.12345", "1 000", "\uff11\uff12"],
)  # fmt: skip
def test_numbers_in_another_form_are_bad(landing: Landing, text: str) -> None:
    message = f"total_amount: '{text}' is not a number"
    assert problem_of(landing, "orders", "total_amount", text) == ("bad_number", "total_amount", message)


@pytest.mark.parametrize(
    ("table", "column", "text", "reason"),
    [
        ("orders", "total_amount", "-0.01", "negative_total"),
        ("orders", "discount_amount", "-1", "negative_amount"),
        ("order_lines", "quantity", "-1", "negative_amount"),
        ("order_lines", "unit_price", "-1", "negative_amount"),
        ("order_lines", "quantity", "1.2345", "bad_number"),
        ("order_lines", "line_number", "1.5", "bad_number"),
        ("order_lines", "quantity", "", "missing_value"),
        ("order_lines", "line_number", " ", "null_key"),
        ("orders", "order_id", "", "null_key"),
        ("orders", "order_id", "NaN", "null_key"),
        ("orders", "order_id", "Null", "null_key"),
        ("orders", "order_id", "none", "null_key"),
        ("orders", "ordered_at", "", "missing_value"),
        ("identities", "seen_at", "", "null_key"),
        ("orders", "is_test", "2", "bad_boolean"),
        ("orders", "currency", "EURO", "bad_currency"),
        ("orders", "currency", "x" * 3, "bad_currency"),
        ("orders", "status", "teleported", "unknown_status"),
        ("refunds", "kind", "gift", "unknown_value"),
        ("refunds", "order_id", "", "null_key"),
        ("identities", "identifier_type", "fax", "unknown_value"),
        ("events", "properties", "{", "broken_json"),
        ("customers", "birth_date", "1990-02-29", "bad_time"),
        ("products", "replenishment_days", "soon", "bad_number"),
    ],
)
def test_a_wrong_value_has_its_reason_and_column(
    landing: Landing, table: str, column: str, text: str, reason: str
) -> None:
    assert problem_of(landing, table, column, text)[:2] == (reason, column)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-02", "2026-01-02T00:00:00"),
        ("2026-01-02 03:04", "2026-01-02T03:04:00"),
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.123456"),
        ("2026-01-02T03:04Z", "2026-01-02T03:04:00"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05"),
        ("2026-01-02T03:04:05-0330", "2026-01-02T06:34:05"),
        ("2026-01-02 03:04:05+02", "2026-01-02T01:04:05"),
        ("2026-01-02 03:04:05 +0200", "2026-01-02T01:04:05"),
        ("2024-02-29", "2024-02-29T00:00:00"),
        ("1000000000", "2001-09-09T01:46:40"),
        ("1767323045", "2026-01-02T03:04:05"),
        ("1767323045.123456", "2026-01-02T03:04:05.123456"),
        ("1767323045123", "2026-01-02T03:04:05.123"),
        ("1767323045123.5", "2026-01-02T03:04:05.123500"),
        ("1767323045123456", "2026-01-02T03:04:05.123456"),
    ],
)
def test_iso_times_are_read(landing: Landing, text: str, utc: str) -> None:
    value_of(landing, "orders", "ordered_at", text)
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert landing.column("select ordered_at from raw.orders") == [expected]


@pytest.mark.parametrize(
    "text",
    ["2026-02-29", "02.01.2026", "2026/01/02", "0000-00-00", "1970-12-31T23:59:59Z", "2026-01-02T25:00",
     "176732304", "17673230450", "176732304512",
     "17673230451234", "176732304512345", "17673230451234567", "-1767323045", "1767323045e0",
     "2026-01-02T10:60", "2026-1-2", "infinity", "epoch", "now", "2026-01-02T10:00:00+99:00", "20260102"],
)  # fmt: skip
def test_other_times_are_bad(landing: Landing, text: str) -> None:
    reason, column, message = problem_of(landing, "orders", "ordered_at", text)
    assert (reason, column) == ("bad_time", "ordered_at")
    assert message == f"ordered_at: '{text}' is not a time after 1970 such as 2024-03-31T14:05:00+02:00"


@pytest.mark.parametrize(("minutes", "is_used"), [(60, True), (61, False)])
def test_a_business_time_may_lie_one_hour_ahead(landing: Landing, minutes: int, *, is_used: bool) -> None:
    text = NOW.replace(hour=12 + minutes // 60, minute=minutes % 60).isoformat()
    write_row(landing, "orders", ordered_at=text)
    assert landing.load_one().rows_used == is_used
    assert landing.column("select reason_code from raw.quarantine") == ([] if is_used else ["future_time"])


def test_a_time_that_is_no_business_time_may_lie_ahead(landing: Landing) -> None:
    value_of(landing, "orders", "updated_at", "2099-01-01")
    assert landing.column("select reason_code from raw.quarantine") == []
    assert landing.column("select updated_at = timestamptz '2099-01-01 00:00:00+00' from raw.orders") == [True]


def test_naive_times_are_in_the_zone_of_the_shop(tmp_path: Path) -> None:
    landing = make_landing(tmp_path, shop_time_zone="Asia/Tokyo")
    value_of(landing, "orders", "ordered_at", "2026-01-02")
    assert landing.column("select ordered_at = timestamptz '2026-01-01 15:00:00+00' from raw.orders") == [True]


@pytest.mark.parametrize(
    ("table", "column", "text", "value"),
    [
        ("orders", "is_test", "YES", True), ("orders", "is_test", "f", False), ("orders", "is_test", "1", True),
        ("orders", "currency", "eur", "EUR"), ("orders", "status", "Paid", "paid"),
        ("refunds", "kind", "RETURN", "return"), ("orders", "customer_id", "\t a b \u00a0", "a b"),
        ("orders", "customer_id", "   ", None), ("orders", "order_id", "00123", "00123"),
        ("order_lines", "line_number", "007", 7), ("order_lines", "quantity", "1.250", Decimal("1.25")),
        ("events", "properties", '{"a": 1}', '{"a": 1}'), ("events", "event_type", "Unheard_Of", "Unheard_Of"),
    ],
)  # fmt: skip
def test_values_are_trimmed_and_brought_to_one_form(
    landing: Landing, table: str, column: str, text: str, value: object
) -> None:
    assert value_of(landing, table, column, text) == value


def test_text_is_trimmed_as_python_strips_it() -> None:
    edges = ["", " ", "\t", "\n", "\r", "\u00a0", " \u00a0\t", "\x1f", "!", "\u00a1", "\u0420", "\u3000"]
    inner = ["", "a", "a b", "\u00c2", "\u0420\u00a0\u0420", "!", "\x01"]
    texts = [before + text + after for before in edges for text in inner for after in edges]
    trimmed = cleaned("text", "VARCHAR")
    query = f"select {trimmed} from (select unnest($texts) as text, generate_subscripts($texts, 1) as nth) order by nth"
    found = [value for (value,) in duckdb.execute(query, {"texts": texts}).fetchall()]
    assert found == [text.strip(" \t\n\r\u00a0") or None for text in texts]


@pytest.mark.parametrize(("currency", "is_used"), [("eur", True), ("USD", False), ("", True)])
def test_another_currency_than_the_shops_has_no_rate(tmp_path: Path, currency: str, *, is_used: bool) -> None:
    landing = make_landing(tmp_path, shop_currency="EUR")
    write_row(landing, "orders", currency=currency)
    assert landing.load_one().rows_used == is_used
    if not is_used:
        message = "currency: 'USD' is not the shop's currency EUR and there is no rate for it"
        assert landing.quarantine() == [(2, "no_fx_rate", "currency", message)]


@pytest.mark.parametrize(
    ("ordered_at", "is_used"),
    [
        ("2026-01-09T22:59:59.999999Z", True),  # the 9th in Berlin, seven days after the last rate
        ("2026-01-09T23:00:00Z", False),  # the 10th
        ("2026-01-01T23:00:00Z", True),  # the 2nd, the day of the rate
        ("2026-01-01T22:59:59.999999Z", False),  # the 1st: a later rate is none
    ],
)
def test_a_rate_serves_its_local_day_and_seven_days_after(tmp_path: Path, ordered_at: str, *, is_used: bool) -> None:
    landing = make_landing(tmp_path, shop_currency="EUR", shop_time_zone="Europe/Berlin")
    landing.write("fx_rates/r.csv", "currency,rate_date,rate\nusd,2026-01-02,0.85\nGBP,2026-01-09,1.2\n")
    write_row(landing, "orders", currency="usd", ordered_at=ordered_at)
    rates, orders = landing.load().files
    assert (rates.rows_used, orders.rows_used) == (2, int(is_used))
    assert [row[1] for row in landing.quarantine()] == ([] if is_used else ["no_fx_rate"])


def test_rates_of_a_mapped_source_come_before_the_orders(tmp_path: Path) -> None:
    landing = make_landing(tmp_path, shop_currency="EUR")
    mapping = "source: zurich\ndescription: Rates.\nformat: csv\ncolumns: {code: true, day: true, rate: true}\n"
    columns = "{currency: code, rate_date: day, rate: rate}"
    landing.write_source("zurich", f"{mapping}tables: {{fx_rates: {{columns: {columns}}}}}\n")
    landing.write("zurich/r.csv", "code,day,rate\nUSD,2026-01-02,0.85\n")
    write_row(landing, "orders", currency="USD")
    assert [file.rows_used for file in landing.load().files] == [1, 1]


def test_only_what_an_order_was_paid_in_needs_a_rate(tmp_path: Path) -> None:
    landing = make_landing(tmp_path, shop_currency="EUR")
    for table in ("products", "events"):
        write_row(landing, table, currency="USD")
    assert [file.rows_used for file in landing.load().files] == [1, 1]


def test_all_problems_of_a_row_are_told_in_one_quarantine_row(landing: Landing) -> None:
    landing.write("orders/o.csv", "order_id,ordered_at,total_amount\n1,notadate,abc\n2,2026-01-02,1\n")
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (1, 1)
    ((line, reason, column, message),) = landing.quarantine()
    assert (line, reason, column) == (2, "bad_time", "ordered_at")
    assert message.split("; ")[1] == "total_amount: 'abc' is not a number"
    assert landing.column("select raw_text from raw.quarantine") == ["1,notadate,abc"]


def test_a_long_value_is_cut_and_a_personal_one_is_not_told(landing: Landing) -> None:
    assert problem_of(landing, "orders", "total_amount", "x" * 200)[2] == f"total_amount: '{'x' * 80}' is not a number"
    other = make_landing(landing.data_dir / "other")
    assert problem_of(other, "customers", "birth_date", "secret")[2] == (
        "birth_date: the value is not a date such as 2024-03-31"
    )


def test_a_refund_needs_an_order_or_customer_and_product(landing: Landing) -> None:
    header = "refund_id,order_id,customer_id,product_id,refunded_at,amount\n"
    rows = ["1,o,,,2026-01-02,1", "2,,c,p,2026-01-02,1", "3,,c,,2026-01-02,1"]
    landing.write("refunds/r.csv", header + "\n".join(rows))
    landing.load_one()
    assert landing.column("select refund_id from raw.refunds order by 1") == ["1", "2"]
    assert landing.quarantine() == [
        (4, "null_key", "order_id", "order_id: order_id or customer_id and product_id is needed"),
    ]


def test_every_reason_says_what_it_means() -> None:
    assert all(reason.meaning and reason.value == str(reason) for reason in Reason)
    assert len({reason.meaning for reason in Reason}) == len(Reason)
