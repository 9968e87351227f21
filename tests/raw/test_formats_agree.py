from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.raw.landing import make_landing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.raw.landing import Landing

COLUMNS = ("order_id", "customer_id", "email", "ordered_at", "status", "total_amount", "is_test", "note")
ROWS = [
    ("1", "ann", "ann@example.org", "2026-01-02T10:00:00+01:00", "Paid", "10.50", "no", "hello"),
    ("2", None, ' "Bob", <bob@example.org>\n', "2026-01-02 10:00", None, "007.2500", "TRUE", None),
    ("00123", "zoë", None, "2026-01-03", "shipped", "0", None, None),
    ("bad", "eve", None, "2026-02-30", "paid", "1e3", "maybe", None),
    ("1", "ann", "ann@example.org", "2026-01-02T09:00:00Z", "paid", "10.5000", "false", "the same order"),
]


def as_csv() -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(["" if value is None else value for value in row] for row in ROWS)
    return out.getvalue().encode()


def as_jsonl() -> bytes:
    return "".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in ROWS).encode()


def as_parquet() -> bytes:
    out = BytesIO()
    pq.write_table(pa.table({name: list(values) for name, *values in zip(COLUMNS, *ROWS, strict=True)}), out)
    return out.getvalue()


WRITERS = {"csv": as_csv, "jsonl": as_jsonl, "parquet": as_parquet}


def outcome(landing: Landing) -> tuple[object, ...]:
    file = landing.load_one()
    rows = landing.fetch(
        "select * exclude (source_file, source_line, loaded_at, extra) from raw.orders order by order_id"
    )
    notes = landing.column("select extra ->> 'note' from raw.orders order by order_id")
    quarantine = [row[1:] for row in landing.quarantine()]
    return file.rows_read, file.rows_used, file.rows_quarantined, file.rows_duplicate, rows, notes, quarantine


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_every_format_loads_the_same_rows(tmp_path: Path, file_format: str, suffix: str) -> None:
    reference = make_landing(tmp_path / "reference")
    reference.write("orders/o.csv", as_csv())
    expected = outcome(reference)
    assert expected[:4] == (5, 3, 1, 1)
    assert expected[5] == [None, "hello", None]
    landing = make_landing(tmp_path / "other")
    landing.write(f"orders/o.{file_format}{suffix}", WRITERS[file_format]())
    assert outcome(landing) == expected
