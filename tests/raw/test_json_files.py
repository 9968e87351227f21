"""JSON files: arrays as an API gives its pages, split and counted by two pieces of code that share nothing."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.errors import SegmentsError
from dagster_project.raw import counting, json_file
from dagster_project.raw.counting import count_json_records

if TYPE_CHECKING:
    from tests.raw.landing import Landing

MAPPING = """
source: pages
description: Pages of an API.
format: json
columns: {id: true, name: false}
tables:
  products:
    columns: {product_id: id, name: name}
"""


def split(text: bytes) -> list[bytes]:
    return [record for _, record in json_file.split_records(io.BytesIO(text))]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (b"", 0),
        (b"[]\n", 0),
        (b'[{"id": 1}, {"id": 2}]', 2),
        (b'[\n  {"id": 1,\n   "name": "a"},\n  {"id": 2}\n]\n', 2),
        (b'[{"id": 1}]\n[{"id": 2}, {"id": 3}]\n', 3),
        (b'{"id": 1}\n{"id": 2}\n\n{"id": 3}', 3),
        (b'[{"id": "}], [{"}, {"id": "\\"}\\\\"}]', 2),
        (b'[{"id": [1, {"a": [2]}]}, 5, "x, y", [3], null]', 5),
        (b"[what is this, {}]", 2),
    ],
)
def test_records_are_the_elements_of_arrays(text: bytes, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 2, 7, 1 << 20):
        monkeypatch.setattr(json_file, "CHUNK_BYTES", size)
        monkeypatch.setattr(counting, "CHUNK_BYTES", size)
        assert len(split(text)) == count_json_records(io.BytesIO(text)) == count


@settings(max_examples=150, deadline=None)
@given(
    values=st.lists(
        st.recursive(
            st.none() | st.integers() | st.text(max_size=6) | st.sampled_from(['"', "\\", "]", '\\"', "{"]),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=5,
    ),
    indent=st.sampled_from([None, 2]),
)
def test_splitting_gives_back_what_was_written(values: list[Any], indent: int | None) -> None:
    text = json.dumps(values, indent=indent).encode()
    assert [json.loads(record) for record in split(text)] == values
    assert count_json_records(io.BytesIO(text)) == len(values)


@settings(max_examples=300, deadline=None)
@given(text=st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b",", b'"', b"\\", b"\n", b" ", b"a"])).map(b"".join))
def test_both_count_the_same_records_in_any_bytes(text: bytes) -> None:
    try:
        records = split(text)
    except SegmentsError:
        return
    assert len(records) == count_json_records(io.BytesIO(text))


def test_a_page_is_loaded_and_its_bad_elements_are_told(landing: Landing) -> None:
    landing.write_source("pages", MAPPING)
    landing.write("pages/p.json.gz", '[{"id": 1, "name": "a"},\n 7,\n {"id": 2, "id": 3}, {"id": 4}]\n[{"id": 5}]\n')
    file = landing.load_one()
    assert (file.rows_read, file.rows_used, file.rows_quarantined) == (5, 3, 2)
    assert [row[:2] for row in landing.quarantine()] == [(2, "broken_json"), (3, "broken_json")]
    assert landing.column("select product_id from raw.products order by 1") == ["1", "4", "5"]


@pytest.mark.parametrize("text", ['[{"id": 1}, {"id": 2}', '[{"id": 1}, {"id', '{"id": "1', "["])
def test_a_file_that_is_cut_off_is_refused(landing: Landing, text: str) -> None:
    landing.write_source("pages", MAPPING)
    landing.write("pages/p.json", text)
    assert "the file is cut off. Copy it again" in landing.refused()
    assert landing.fetch("select count(*) from raw.products") == [(0,)]
