from __future__ import annotations

import io
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.raw import csv_file
from dagster_project.raw.counting import count_csv_records, count_lines
from dagster_project.raw.csv_file import read_csv
from dagster_project.raw.incoming import Wanted
from dagster_project.raw.jsonl_file import read_jsonl

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = st.text(alphabet='ab,"\n\r', max_size=60).map(str.encode)
BYTES = st.binary(max_size=60)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (b"", 0),
        (b"a", 1),
        (b"a\nb\n", 2),
        (b"a\r\n\r\nb", 2),
        (b'"a\nb",c\nd,e\n', 2),
        (b'"a""\nb"\nc\n', 2),
        (b'a"\nb"\n', 2),
        (b'"a\nb\nc\n', 3),
        (b'x,"a\nb",y,"c\nd"\ne\n', 2),
        (b'"a\nb"x\nc\n', 3),
    ],
)
def test_records_are_counted_by_their_newlines_outside_quotes(text: bytes, count: int) -> None:
    assert count_csv_records(io.BytesIO(text), ",") == count


@pytest.mark.parametrize("block_bytes", [1, 7, 1 << 20])
@settings(max_examples=300, deadline=None)
@given(body=st.one_of(TEXTS, BYTES))
def test_reader_and_counter_agree_on_every_csv(
    connection: duckdb.DuckDBPyConnection, block_bytes: int, body: bytes
) -> None:
    content = b"a,b\n" + body
    counted = count_csv_records(io.BytesIO(content), ",") - 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_file, "BLOCK_BYTES", block_bytes)
        read_csv(connection, io.BytesIO(content), Wanted(("a", "b")), counted)  # type: ignore[arg-type]
    assert connection.execute("select count(*), count(distinct _line) from incoming").fetchall() == [(counted, counted)]


@settings(max_examples=300, deadline=None)
@given(body=st.one_of(BYTES, st.text(alphabet='{}":,1a[]\n\\u0 ', max_size=60).map(str.encode)))
def test_reader_and_counter_agree_on_every_jsonl(connection: duckdb.DuckDBPyConnection, body: bytes) -> None:
    counted = count_lines(io.BytesIO(body))
    read_jsonl(connection, io.BytesIO(body), Wanted(("a", "b")), counted)
    assert connection.execute("select count(*) from incoming").fetchall() == [(counted,)]
