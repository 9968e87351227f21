from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dagster_project.raw.contracts import contracts

if TYPE_CHECKING:
    from tests.raw.landing import Landing

HEADER = "order_id,ordered_at,total_amount,updated_at\n"


def test_a_file_is_loaded_once(landing: Landing) -> None:
    landing.write_orders("1,ann,2026-01-02,10.00")
    first, second = landing.load_one(), landing.load_one()
    assert (first.was_loaded, second.was_loaded) == (True, False)
    assert (second.rows_read, second.tables, second.sha256) == (0, {}, first.sha256)
    assert landing.column("select count(*) from raw.orders") == [1]
    assert landing.column("select count(*) from raw.load_ledger") == [1]


def test_the_same_bytes_under_another_name_are_loaded_before(landing: Landing) -> None:
    landing.write_orders("1,ann,2026-01-02,10.00")
    landing.write_orders("1,ann,2026-01-02,10.00", name="orders/copy.csv")
    assert [file.was_loaded for file in landing.load().files] == [True, False]


def test_an_equal_row_is_a_duplicate_and_a_changed_one_a_version(landing: Landing) -> None:
    landing.write("orders/a.csv", HEADER + "1,2026-01-02,10,\n2,2026-01-02,20,\n")
    landing.load()
    later = datetime(2026, 6, 30, 13, tzinfo=UTC)
    landing.write("orders/b.csv", HEADER + "1,2026-01-02T00:00:00Z,10.0000,\n2,2026-01-02,25,2026-01-05\n")
    _, second = landing.load(later).files
    assert (second.rows_read, second.rows_used, second.rows_duplicate) == (2, 1, 1)
    assert landing.fetch("select order_id, total_amount::int, source_file from raw.orders order by all") == [
        ("1", 10, "orders/a.csv"),
        ("2", 20, "orders/a.csv"),
        ("2", 25, "orders/b.csv"),
    ]


def test_repeats_inside_a_file_are_duplicates_and_versions_stay(landing: Landing) -> None:
    landing.write("orders/a.csv", HEADER + "1,2026-01-02,10,\n1,2026-01-02,10,\n1,2026-01-02,11,\n1,2026-01-02,10,\n")
    file = landing.load_one()
    assert (file.rows_used, file.rows_duplicate, file.tables) == (2, 2, {"orders": 2})
    assert landing.column("select source_line from raw.orders order by 1") == [2, 4]


def test_the_same_name_with_new_content_is_loaded(landing: Landing) -> None:
    landing.write_orders("1,ann,2026-01-02,10.00")
    landing.load()
    landing.write_orders("1,ann,2026-01-02,10.00", "2,bob,2026-01-02,10.00")
    file = landing.load_one()
    assert (file.rows_used, file.rows_duplicate) == (1, 1)
    assert len(landing.column("select file from raw.load_ledger")) == 2


def test_an_absent_column_and_an_empty_value_are_the_same_content(landing: Landing) -> None:
    landing.write("orders/a.csv", "order_id,ordered_at,customer_id\n1,2026-01-02,\n")
    landing.write("orders/b.csv", "order_id,ordered_at\n1,2026-01-02\n")
    assert [file.rows_duplicate for file in landing.load().files] == [0, 1]


def test_values_in_neighbouring_columns_are_not_mixed_up(landing: Landing) -> None:
    landing.write("orders/a.csv", "order_id,ordered_at,shop_id,customer_id\n1,2026-01-02,a,\n1,2026-01-02,,a\n")
    assert landing.load_one().rows_used == 2


def test_the_hash_is_of_all_columns_in_order_with_missing_ones_marked(landing: Landing) -> None:
    header = "identifier,seen_at,identifier_type,customer_id\n"
    landing.write("identities/i.csv", header + "x=-y,2026-01-02,email,\u00e4\n")
    landing.write("refunds/r.csv", "refund_id,order_id,refunded_at,amount,kind\n7,1,2026-01-02T00:00:01Z,5,\n")
    landing.load()
    micros = int(datetime(2026, 1, 2, tzinfo=UTC).timestamp()) * 1_000_000
    said = {
        "identities": ["=\u00e4", "=email", "=x=-y", f"={micros}"],
        "refunds": ["=7", "=1", "-", "-", "-", f"={micros + 1_000_000}", "-", "=5.0000", "-"],
    }
    for table, values in said.items():
        assert len(values) == len(contracts()[table].columns)
        text = "\x1f".join(values)
        assert landing.column(f"select content_md5 from raw.{table}") == [hashlib.md5(text.encode()).hexdigest()]  # noqa: S324


def test_an_identity_is_its_whole_row(landing: Landing) -> None:
    header = "customer_id,identifier_type,identifier,seen_at\n"
    landing.write("identities/i.csv", header + "a,email,x,2026-01-02\na,email,x,2026-01-03\na,EMAIL,x,2026-01-02\n")
    file = landing.load_one()
    assert (file.rows_used, file.rows_duplicate) == (2, 1)


def test_a_repeat_at_the_first_or_last_instant_of_a_file_is_found(landing: Landing) -> None:
    first, last = "1,2026-01-02T00:00:00.000001Z,10,\n", "2,2026-01-03T23:59:59.999999Z,10,\n"
    landing.write("orders/a.csv", HEADER + "0,2026-01-01,10,\n" + first + last + "3,2026-01-04,10,\n")
    landing.load()
    landing.write("orders/b.csv", HEADER + last + "4,2026-01-02T12:00:00Z,10,\n" + first)
    _, second = landing.load().files
    assert (second.rows_used, second.rows_duplicate) == (1, 2)
    assert landing.column("select order_id from raw.orders order by all") == ["0", "1", "2", "3", "4"]


def test_a_file_without_a_good_row_repeats_nothing(landing: Landing) -> None:
    landing.write("orders/a.csv", HEADER + "1,2026-01-02,10,\n")
    landing.load()
    landing.write("orders/b.csv", HEADER + "1,yesterday,10,\n")
    _, second = landing.load().files
    assert (second.rows_used, second.rows_quarantined, second.rows_duplicate) == (0, 1, 0)
