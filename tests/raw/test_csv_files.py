from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.raw.landing import ORDERS_HEADER

if TYPE_CHECKING:
    from tests.raw.landing import Landing

GOOD = "1,ann,2026-01-02,10.00"
ALSO_GOOD = "9,zoe,2026-01-03,20.00"


def loaded_ids(landing: Landing) -> list[str]:
    return landing.column("select order_id from raw.orders order by order_id")


@pytest.mark.parametrize(
    ("row", "reason", "message"),
    [
        (b"2,bob,2026-01-02", "wrong_column_count", "3 fields instead of the 4 of the header"),
        (b"2,bob,2026-01-02,1.00,extra", "wrong_column_count", "5 fields instead of the 4 of the header"),
        (b"2,b\xf6b,2026-01-02,1.00", "invalid_encoding", "byte 0xf6 is not utf-8"),
        (b"2,b\x00b,2026-01-02,1.00", "control_char", "holds a NUL character"),
        (b"2,b\rb,2026-01-02,1.00", "control_char", "a carriage return stands inside a field without quotes"),
        (b'2,"bob"by,2026-01-02,1.00', "broken_quotes", "a quoted field is followed by text instead of a delimiter"),
        (b"2," + b"b" * 3_000_000 + b",2026-01-02,1.00", "line_too_long", "longer than 2,000,000 bytes"),
    ],
)
def test_an_unreadable_row_is_quarantined_and_its_neighbours_are_loaded(
    landing: Landing, row: bytes, reason: str, message: str
) -> None:
    lines = [ORDERS_HEADER.strip().encode(), GOOD.encode(), row, ALSO_GOOD.encode()]
    landing.write("orders/orders.csv", b"\n".join(lines) + b"\n")
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.rows_quarantined) == (3, 2, 1)
    assert landing.quarantine() == [(3, reason, None, message)]
    assert loaded_ids(landing) == ["1", "9"]


def test_an_unterminated_quote_takes_one_line_and_not_the_rest_of_the_file(landing: Landing) -> None:
    landing.write_orders(GOOD, '2,"bob,2026-01-02,1.00', "3,eve,2026-01-02,1.00", ALSO_GOOD)
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.rows_quarantined) == (4, 3, 1)
    assert landing.quarantine() == [(3, "broken_quotes", None, "a quote is opened and never closed")]
    assert landing.column("select raw_text from raw.quarantine") == ['2,"bob,2026-01-02,1.00']


def test_a_quote_that_closes_lines_later_inside_text_swallows_nothing(landing: Landing) -> None:
    landing.write_orders(GOOD, '2,"bob,2026-01-02,1.00', "3,eve,2026-01-02,1.00", '4,"flo",2026-01-02,1.00', ALSO_GOOD)
    landing.load_one()
    assert loaded_ids(landing) == ["1", "3", "4", "9"]


def test_a_quote_left_open_over_two_megabytes_costs_one_line(landing: Landing) -> None:
    rows = [f"{number},{'c' * 500},2026-01-02,1.00" for number in range(10, 6010)]
    landing.write_orders('2,"bob,2026-01-02,1.00', *rows)
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (6000, 1)
    assert landing.quarantine()[0][1] == "line_too_long"


def test_quoted_newlines_quotes_and_delimiters_are_text(landing: Landing) -> None:
    landing.write_orders('1,"a ""b"",\r\nc",2026-01-02,1.00', '2,5" tape,2026-01-02,1.00')
    file = landing.load_one()
    assert (file.rows_read, file.rows_used) == (2, 2)
    assert landing.column("select customer_id from raw.orders order by order_id") == ['a "b",\r\nc', '5" tape']
    assert landing.column("select source_line from raw.orders order by order_id") == [2, 4]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("has_final_newline", [True, False])
def test_line_ends_do_not_matter(landing: Landing, newline: str, *, has_final_newline: bool) -> None:
    text = newline.join([ORDERS_HEADER.strip(), GOOD, ALSO_GOOD]) + (newline if has_final_newline else "")
    landing.write("orders/orders.csv", text)
    file = landing.load_one()
    assert (file.rows_used, file.warnings) == (2, [])
    assert [str(total) for total in landing.column("select total_amount from raw.orders order by 1")] == [
        "10.0000",
        "20.0000",
    ]


def test_mixed_line_ends_are_loaded_with_a_warning(landing: Landing) -> None:
    landing.write("orders/orders.csv", f"{ORDERS_HEADER}{GOOD}\r\n{ALSO_GOOD}\n")
    file = landing.load_one()
    assert file.rows_used == 2
    assert file.warnings == ["mixed_newlines: 1 lines end in CRLF and 2 in LF"]


def test_a_byte_order_mark_and_a_header_in_other_case_and_order_are_read(landing: Landing) -> None:
    landing.write("orders/orders.csv", "\ufeff Total_Amount ,ORDERED_AT,order_id\n5.5,2026-01-02,7\n")
    landing.load_one()
    assert landing.fetch("select order_id, total_amount::varchar from raw.orders") == [("7", "5.5000")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_utf16_is_named(landing: Landing, encoding: str) -> None:
    landing.write("orders/orders.csv", ("\ufeff" * (encoding != "utf-16") + ORDERS_HEADER).encode(encoding))
    assert landing.refused() == (
        "orders/orders.csv: the file looks like UTF-16: set `encoding: utf-16` in a source mapping, or save as UTF-8."
    )


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("order_id,ordered_at,Order_ID", "the header has the column 'order_id' twice. Remove or rename one of them."),
        (
            "order,ordered_at",
            "the column order_id is missing (did you mean 'order'?). The header has: order, ordered_at.",
        ),
        ("order_id,orderd_at", "the column ordered_at is missing (did you mean 'orderd_at'?)"),
        ("order_id;ordered_at", "(fields seem to be separated by ';', expected is ',')"),
    ],
)
def test_a_wrong_header_refuses_the_file_and_loads_the_others(landing: Landing, header: str, sentence: str) -> None:
    landing.write("orders/bad.csv", f"{header}\n1,2026-01-01,1\n")
    landing.write_orders(GOOD, name="orders/good.csv")
    assert sentence in landing.refused()
    assert loaded_ids(landing) == ["1"]
    assert landing.column("select file from raw.load_ledger") == ["orders/good.csv"]


def test_refunds_without_any_way_to_an_order_are_refused(landing: Landing) -> None:
    landing.write("refunds/r.csv", "refund_id,refunded_at,amount,customer_id\n1,2026-01-01,1,ann\n")
    assert "the columns order_id or customer_id and product_id are missing" in landing.refused()


def test_unknown_columns_are_kept_with_a_warning(landing: Landing) -> None:
    landing.write("orders/orders.csv", "order_id,ordered_at,totl_amount,Note\n1,2026-01-01,5,hi\n2,2026-01-01,,\n")
    file = landing.load_one()
    assert landing.column("select extra from raw.orders order by order_id") == [
        '{"totl_amount": "5", "Note": "hi"}',
        None,
    ]
    assert "unknown column 'totl_amount' is kept in extra (did you mean 'total_amount'?)" in file.warnings


@pytest.mark.parametrize(
    ("content", "warning"),
    [("", "the file is empty"), ("\n\n", "the file is empty"), (ORDERS_HEADER, "the file has a header and no rows")],
)
def test_a_file_without_rows_is_loaded_with_a_warning(landing: Landing, content: str, warning: str) -> None:
    landing.write("orders/orders.csv", content)
    file = landing.load_one()
    assert (file.rows_read, file.warnings) == (0, [warning])
    assert landing.column("select rows_read from raw.load_ledger") == [0]


def test_blank_lines_are_no_records(landing: Landing) -> None:
    landing.write("orders/orders.csv", f"\n{ORDERS_HEADER}\n{GOOD}\n\n\r\n{ALSO_GOOD}\n\n")
    assert landing.load_one().rows_read == 2
    assert landing.column("select source_line from raw.orders order by order_id") == [4, 7]


def test_a_long_field_is_loaded(landing: Landing) -> None:
    landing.write_orders(f"1,{'x' * 1_000_000},2026-01-02,1.00")
    landing.load_one()
    assert landing.column("select length(customer_id) from raw.orders") == [1_000_000]
