from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.raw.landing import make_landing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.raw.landing import Landing


def parquet(**columns: Any) -> bytes:
    out = BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_typed_columns_become_the_types_of_the_contract(landing: Landing) -> None:
    landing.write(
        "orders/o.parquet",
        parquet(
            order_id=pa.array([1, 2]),
            customer_id=pa.array([17850.0, None]),
            ordered_at=pa.array([datetime(2026, 1, 2, 3, 4, 5, 6, UTC)] * 2),
            total_amount=pa.array([0.1 + 0.2, 5.0]),
            discount_amount=pa.array([Decimal("1.500000"), None]),
            tax_amount=pa.array([3, 4], pa.int8()),
            is_test=pa.array([True, False]),
            updated_at=pa.array([datetime(2026, 1, 2, 3, tzinfo=UTC).replace(tzinfo=None), None], pa.timestamp("ns")),
        ),
    )
    file = landing.load_one()
    assert (file.rows_read, file.rows_used) == (2, 2)
    assert landing.fetch("select * exclude (content_md5, loaded_at) from raw.orders where order_id = '1'")
    assert landing.fetch(
        "select order_id, customer_id, epoch_us(ordered_at), total_amount, discount_amount, tax_amount, is_test, "
        "updated_at = timestamptz '2026-01-02 03:00:00+00', source_line from raw.orders order by order_id",
    ) == [
        ("1", "17850", 1767323045000006, Decimal("0.3000"), Decimal("1.5000"), Decimal("3.0000"), True, True, 1),
        ("2", None, 1767323045000006, Decimal("5.0000"), None, Decimal("4.0000"), False, None, 2),
    ]


def test_dates_and_naive_times_are_in_the_zone_of_the_shop(tmp_path: Path) -> None:
    landing = make_landing(tmp_path, shop_time_zone="Europe/Berlin")
    landing.write("orders/o.parquet", parquet(order_id=["1"], ordered_at=[date(2026, 7, 1)]))
    landing.write("customers/c.parquet", parquet(customer_id=["1"], birth_date=[datetime(1960, 2, 29)]))  # noqa: DTZ001
    landing.load(datetime(2026, 8, 1, tzinfo=UTC))
    assert landing.column("select ordered_at = timestamptz '2026-06-30 22:00:00+00' from raw.orders") == [True]
    assert landing.column("select birth_date from raw.customers") == [date(1960, 2, 29)]


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("total_amount", pa.array([float("nan")]), "bad_number"),
        ("total_amount", pa.array([float("inf")]), "bad_number"),
        ("total_amount", pa.array([0.12345]), "bad_number"),
        ("total_amount", pa.array([Decimal("0.12345")]), "bad_number"),
        ("total_amount", pa.array([2**62]), "bad_number"),
        ("total_amount", pa.array([-1]), "negative_total"),
        ("total_amount", pa.array(["12,5"]), "bad_number"),
        ("status", pa.array(["a\0b"]), "control_char"),
        ("updated_at", pa.array([0], pa.timestamp("us", "UTC")), "bad_time"),
        ("is_test", pa.array([2]), "bad_boolean"),
    ],
)
def test_a_wrong_typed_value_is_quarantined_with_its_row_as_json(
    landing: Landing, column: str, values: pa.Array, reason: str
) -> None:
    landing.write("orders/o.parquet", parquet(order_id=["1"], ordered_at=["2026-01-02"], **{column: values}))
    file = landing.load_one()
    assert (file.rows_read, file.rows_quarantined) == (1, 1)
    ((line, code, name, _),) = landing.quarantine()
    assert (line, code, name) == (1, reason, column)
    assert json.loads(landing.column("select raw_text from raw.quarantine")[0])["order_id"] == "1"


def test_nested_columns_are_json(landing: Landing) -> None:
    landing.write(
        "events/e.parquet",
        parquet(
            event_id=["1"],
            occurred_at=["2026-01-02"],
            event_type=["x"],
            properties=[{"a": 1, "b": ["c"]}],
            more=[[1, 2]],
        ),
    )
    file = landing.load_one()
    assert landing.fetch("select properties, extra from raw.events") == [('{"a":1,"b":["c"]}', '{"more":[1,2]}')]
    assert file.warnings == ["unknown column 'more' is kept in extra"]


@pytest.mark.parametrize("damage", [lambda content: content[:-20], lambda _: b"PAR1", lambda _: b""])
def test_a_cut_off_file_is_named_and_the_others_are_loaded(landing: Landing, damage: Any) -> None:
    landing.write("orders/bad.parquet", damage(parquet(order_id=["1"], ordered_at=["2026-01-02"])))
    landing.write("orders/good.parquet", parquet(order_id=["2"], ordered_at=["2026-01-02"]))
    assert landing.refused() == ("orders/bad.parquet: the file is cut off or no Parquet. Copy it into landing again.")
    assert landing.column("select order_id from raw.orders") == ["2"]


def test_a_damaged_page_is_named_and_nothing_is_loaded(landing: Landing) -> None:
    content = bytearray(
        parquet(order_id=[f"order-{number}" for number in range(5000)], ordered_at=["2026-01-02"] * 5000)
    )
    content[30:400] = b"\xff" * 370
    landing.write("orders/bad.parquet", bytes(content))
    assert landing.refused().startswith("orders/bad.parquet: ")
    assert landing.column("select count(*) from raw.orders") == [0]


def test_a_name_full_of_pattern_marks_reads_that_file_alone(landing: Landing) -> None:
    landing.write("orders/o[1]*'?.parquet", parquet(order_id=["1"], ordered_at=["2026-01-02"]))
    landing.write("orders/o1x.parquet", parquet(order_id=["2"], ordered_at=["2026-01-02"]))
    assert [file.rows_used for file in landing.load().files] == [1, 1]


def test_a_packed_parquet_file_is_read_and_its_copy_removed(landing: Landing) -> None:
    path = landing.settings.landing_dir / "orders" / "o.parquet.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(parquet(order_id=["1"], ordered_at=["2026-01-02"])))
    assert landing.load_one().rows_used == 1
    assert not list(landing.data_dir.glob(".unpacked-*"))
