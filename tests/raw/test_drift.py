from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.raw.landing import NOW, make_landing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.raw.landing import Landing

LATER = NOW.replace(hour=13)


def warnings_of_the_second(landing: Landing, first: str | bytes, second: str | bytes, kind: str = "csv") -> list[str]:
    landing.write(f"orders/a.{kind}", first)
    landing.load()
    landing.write(f"orders/b.{kind}", second)
    _, file = landing.load(LATER).files
    return file.warnings


def parquet(**columns: Any) -> bytes:
    out = BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_a_column_that_went_is_told(landing: Landing) -> None:
    assert warnings_of_the_second(
        landing,
        "order_id,ordered_at,status,coupon_code\n1,2026-01-02,paid,X\n",
        "coupon_code,ordered_at,order_id\nX,2026-01-02,2\n",
    ) == ["drift: the column 'status', which orders/a.csv had, is missing"]


def test_a_renamed_column_is_told_with_the_one_that_is_meant(landing: Landing) -> None:
    found = warnings_of_the_second(
        landing, "order_id,ordered_at,status\n1,2026-01-02,paid\n", "order_id,ordered_at,statuss\n2,2026-01-02,paid\n"
    )
    assert sorted(found) == [
        "drift: the column 'status', which orders/a.csv had, is missing",
        "unknown column 'statuss' is kept in extra (did you mean 'status'?)",
    ]


def test_a_key_that_every_line_of_json_had_and_none_has_is_told_with_the_one_that_is_meant(landing: Landing) -> None:
    found = warnings_of_the_second(
        landing,
        '{"order_id": "1", "ordered_at": "2026-01-02", "Status": null}\n',
        '{"order_id": "2", "ordered_at": "2026-01-02", "statuss": "paid"}\n',
        "jsonl",
    )
    assert sorted(found) == [
        "drift: the column 'status', which orders/a.jsonl had, is missing",
        "unknown column 'statuss' is kept in extra (did you mean 'status'?)",
    ]


def test_a_key_that_lines_of_json_have_now_and_then_is_no_drift(landing: Landing) -> None:
    for at, key in enumerate(("", ', "email": "anna@example.com"', "")):
        landing.write(f"orders/{at}.jsonl", f'{{"order_id": "{at}", "ordered_at": "2026-01-02"{key}}}\n')
        loads = landing.load(NOW.replace(hour=13 + at)).files
        assert loads[-1].warnings == []
    landing.write("orders/3.jsonl", "")
    assert landing.load(NOW.replace(hour=20)).files[-1].warnings == ["the file is empty"]


@pytest.mark.parametrize(
    "second", ["ORDER_ID,Ordered_at\n2,2026-01-02\n", "ordered_at,order_id,status\n2026-01-02,2,\n", ""]
)
def test_other_order_more_columns_and_no_rows_are_no_drift(landing: Landing, second: str) -> None:
    found = warnings_of_the_second(landing, "order_id,ordered_at\n1,2026-01-02\n", second)
    assert not [warning for warning in found if warning.startswith("drift")]


def test_a_type_that_changed_is_told_and_no_value_is_lost(landing: Landing) -> None:
    times = ["2026-01-02"] * 2
    assert warnings_of_the_second(
        landing,
        parquet(order_id=["1", "2"], ordered_at=times, total_amount=[1.5, 2.5]),
        parquet(order_id=["3", "4"], ordered_at=times, total_amount=["1.5", "much"]),
        "parquet",
    ) == ["drift: total_amount is VARCHAR, it was DOUBLE in orders/a.parquet; values that do not fit are quarantined"]
    assert landing.column("select order_id from raw.orders order by 1") == ["1", "2", "3"]
    assert [row[1:3] for row in landing.quarantine()] == [("bad_number", "total_amount")]


@pytest.mark.parametrize(("bad_count", "is_told"), [(15, False), (16, True)])
def test_a_column_in_another_form_refuses_the_file_and_says_what_helps(
    tmp_path: Path, bad_count: int, *, is_told: bool
) -> None:
    landing = make_landing(tmp_path, max_bad_share=0.05)
    landing.write_orders(
        *[f'{at},c,2026-01-02,"{at},50"' if at < bad_count else f"{at},c,2026-01-02,1" for at in range(30)]
    )
    message = landing.refused()
    assert "bad_number" in message
    hint = (
        f"{bad_count} rows have bad_number in total_amount: where a column is written in another form than before, map "
        "the file (`segments doctor FILE --write data/sources/<name>.yml` drafts a mapping)."
    )
    assert (hint in message) == is_told
