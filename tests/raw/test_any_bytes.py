"""Whatever bytes land: rows are accounted for or the file is refused with a sentence, and nothing else is touched."""

from __future__ import annotations

import gzip
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.errors import SegmentsError
from dagster_project.raw.loading import load_landing
from dagster_project.raw.replaying import replay
from tests.raw.landing import NOW, make_landing
from tests.raw.test_sources import HEADER as TILL_HEADER
from tests.raw.test_sources import MAPPING

if TYPE_CHECKING:
    from tests.raw.landing import Landing

HEADS = {
    "orders/o.csv": b"order_id,ordered_at,total_amount,note\n",
    "orders/o.jsonl": b'{"order_id": "1", "ordered_at": "2026-01-02", "total_amount": 1}\n',
    "orders/o.parquet": b"PAR1",
    "till/t.csv": f"{TILL_HEADER}1;a;1;1,00;2026-01-02;\n".encode(),
    "jsontill/t.jsonl": b'{"Beleg": 1, "Artikel": "a", "Menge": "1", "Preis": "2,50", "Zeit": "2026-01-02"}\n',
    "widetill/t.csv": f"{TILL_HEADER}1;a;1;1,00;2026-01-02;\n".encode("utf-16"),
}
MAGIC = {"": b"", ".gz": b"\x1f\x8b\x08\x00", ".zst": b"\x28\xb5\x2f\xfd"}
LIKELY = st.lists(
    st.sampled_from(
        [b"1", b"2026-01-02", b"1767323045", b",", b";", b'"', b"\n", b"\r\n", b"-1", b"e3", b"\xff", b"\0", b"null",
         b"1.234,50", b'{"order_id": 1}', b'{"Beleg": 1, "Zeit": "', b'"}', b"1;a;1;1,00;2026-01-02;k\n"]
    ),
    max_size=40,
).map(b"".join)  # fmt: skip
BODIES = st.one_of(LIKELY, st.binary(max_size=200))
PUBLISHED = b"what stands published"


def make(folder: str) -> Landing:
    """A landing folder with three mappings, beside something published."""
    landing = make_landing(Path(folder))
    landing.write_source("till", MAPPING)
    landing.write_source("jsontill", MAPPING.replace("till", "jsontill", 1).replace("format: csv", "format: jsonl"))
    landing.write_source("widetill", MAPPING.replace("till", "widetill", 1) + "encoding: utf-16\n")
    current = landing.settings.published_dir / "current"
    current.mkdir(parents=True)
    (current / "customer_segments.duckdb").write_bytes(PUBLISHED)
    return landing


def outcome_is_honest(landing: Landing, name: str) -> None:
    try:
        (file,) = load_landing(landing.settings, now=NOW).files
    except SegmentsError as error:
        assert str(error).startswith(f"{name}: ")  # noqa: PT017
        assert landing.column("select count(*) from raw.load_ledger") == [0]
        assert landing.column("select count(*) from raw.orders") == [0]
    else:
        places = file.rows_used, file.rows_quarantined, file.rows_duplicate, file.rows_skipped
        assert file.rows_read == sum(places)
        if file.source == "canonical":
            assert landing.column("select count(*) from raw.orders") == [file.rows_used]
        again = sum(done.counts.rows_read for done in replay(landing.settings, now=NOW))
        assert again == file.rows_quarantined
        assert landing.column("select rows_quarantined from raw.load_ledger") == [file.rows_quarantined]
    assert landing.violations() == []
    kept = landing.settings.published_dir / "current" / "customer_segments.duckdb"
    assert kept.read_bytes() == PUBLISHED
    assert not list(landing.data_dir.glob(".unpacked-*"))


def put(landing: Landing, name: str, content: bytes) -> None:
    path = landing.settings.landing_dir / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    os.utime(path, (0, 0))


@pytest.mark.parametrize("name", list(HEADS))
@settings(max_examples=8, deadline=None)
@given(body=BODIES, has_header=st.booleans())
def test_any_bytes_are_loaded_row_by_row_or_refused_with_a_sentence(
    name: str, body: bytes, *, has_header: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        landing = make(folder)
        put(landing, name, HEADS[name] * has_header + body)
        outcome_is_honest(landing, name)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["orders/o.csv", "orders/o.jsonl", "orders/o.parquet", "till/t.csv"])
@settings(max_examples=4, deadline=None)
@given(body=BODIES, cut=st.integers(0, 12), has_head=st.booleans())
def test_any_compressed_bytes_are_loaded_row_by_row_or_refused_with_a_sentence(
    name: str, suffix: str, body: bytes, cut: int, *, has_head: bool
) -> None:
    plain = HEADS[name] + body
    packed = gzip.compress(plain) if suffix == ".gz" else pa.compress(plain, "zstd", asbytes=True)
    content = packed[: len(packed) - cut] if has_head else MAGIC[suffix] + body
    with tempfile.TemporaryDirectory() as folder:
        landing = make(folder)
        put(landing, name + suffix, content)
        outcome_is_honest(landing, name + suffix)
