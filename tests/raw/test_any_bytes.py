from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.errors import SegmentsError
from dagster_project.raw.loading import load_landing
from tests.raw.landing import NOW, make_landing

HEADERS = {
    "csv": b"order_id,ordered_at,total_amount,note\n",
    "jsonl": b'{"order_id": "1", "ordered_at": "2026-01-02", "total_amount": 1}\n',
    "parquet": b"PAR1",
    "csv.gz": b"\x1f\x8b\x08\x00",
}
LIKELY = st.lists(
    st.sampled_from(
        [b"1", b"2026-01-02", b",", b'"', b"\n", b"\r\n", b"-1", b"e3", b"\xff", b"\0", b'{"order_id": 1}']
    ),
    max_size=40,
).map(b"".join)


@pytest.mark.parametrize("name", list(HEADERS))
@settings(max_examples=15, deadline=None)
@given(body=st.one_of(LIKELY, st.binary(max_size=200)), has_header=st.booleans())
def test_any_bytes_are_loaded_row_by_row_or_refused_with_a_sentence(
    name: str, body: bytes, *, has_header: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        landing = make_landing(Path(folder))
        path = landing.settings.landing_dir / "orders" / f"o.{name}"
        path.parent.mkdir(parents=True)
        path.write_bytes(HEADERS[name] * has_header + body)
        try:
            (file,) = load_landing(landing.settings, now=NOW).files
        except SegmentsError as error:
            assert str(error).startswith(f"orders/o.{name}: ")  # noqa: PT017
            assert landing.column("select count(*) from raw.load_ledger") == [0]
        else:
            assert file.rows_read == file.rows_used + file.rows_quarantined + file.rows_duplicate
            assert landing.column("select count(*) from raw.orders") == [file.rows_used]
        assert landing.violations() == []
