"""Facts are published month by month: a month that says the same is the file of the generation before."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow.dataset as ds
import pytest

from dagster_project.doctor import examine
from dagster_project.errors import SegmentsError
from dagster_project.publish.content import DAY_COLUMNS, content_parts, remember_parts
from dagster_project.publish.generations import current_generation, generations
from dagster_project.publish.parquet import write_parquet
from dagster_project.publish.tables import Table, published_tables
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator

ORDERS = Table("marts", "fct_orders", None)
MONTHS = ("2026-01", "2026-02", "2026-03")


def facts(first: int, last: int, month: str) -> list[dict[str, str]]:
    """One order a day of a month, from one buyer each."""
    return [
        {
            "order_id": f"{month}-{day}",
            "customer_id": f"c{day}",
            "ordered_at": f"{month}-{day:02}T12:00:00Z",
            "total_amount": "20.00",
        }
        for day in range(first, last)
    ]


@pytest.fixture(scope="module")
def grown_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Two generations: three months, then one more order in the last of them, and a refund of one in the first."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("months") / "shop", {})
        shop.land("orders", [row for month in MONTHS for row in facts(1, 28, month)])
        lines = [
            {"order_id": f"{month}-3", "line_number": "1", "quantity": "2", "unit_price": "10"} for month in MONTHS
        ]
        shop.land("order_lines", lines)
        shop.run()
        shop.land("orders", facts(28, 29, MONTHS[-1]), name="more")
        shop.land(
            "refunds",
            [{"refund_id": "r1", "order_id": "2026-01-5", "refunded_at": "2026-03-28", "amount": "5"}],
        )
        shop.run()
        yield shop


def paths(shop: Shop, table: str) -> list[tuple[Path, Path]]:
    """Files of a fact table in the two generations."""
    before, after = generations(shop.settings)
    names = sorted(path.name for path in (after.path / f"parquet/marts/{table}.parquet").iterdir())
    return [tuple(each.path / f"parquet/marts/{table}.parquet" / name for each in (before, after)) for name in names]  # type: ignore[misc]


def test_a_month_that_says_the_same_is_linked_and_one_that_changed_is_written(grown_shop: Shop) -> None:
    # The refund took back a part of an order of January; March has an order more.
    assert {new.stem: old.samefile(new) for old, new in paths(grown_shop, "fct_orders")} == {
        "2026-01": False,
        "2026-02": True,
        "2026-03": False,
    }
    assert {new.stem: old.samefile(new) for old, new in paths(grown_shop, "fct_order_lines")} == dict.fromkeys(
        MONTHS, True
    )


def test_a_table_without_months_is_linked_too_while_it_says_the_same(grown_shop: Shop) -> None:
    before, after = (generation.path / "parquet/marts" for generation in generations(grown_shop.settings))
    assert (before / "dim_flags.parquet").samefile(after / "dim_flags.parquet")
    assert not (before / "dim_generation.parquet").samefile(after / "dim_generation.parquet")
    ((named,),) = duckdb.sql(f"select generation from '{after}/dim_generation.parquet'").fetchall()
    assert named == grown_shop.generation


def test_a_folder_of_months_reads_like_the_table(grown_shop: Shop) -> None:
    folder = grown_shop.settings.published_dir / "current/parquet"
    for table in DAY_COLUMNS:
        path = folder / f"{table.replace('.', '/')}.parquet"
        assert path.is_dir()
        rows = sorted(grown_shop.published(f"select * from {table}"), key=str)
        for source in (f"'{path}'", f"'{path}/*.parquet'"):
            assert sorted(duckdb.sql(f"set TimeZone = 'UTC'; from {source}").fetchall(), key=str) == rows
        columns = [name for (name,) in grown_shop.published(f"select column_name from (describe {table})")]
        assert ds.dataset(path).schema.names == columns
        assert list(pd.read_parquet(path).columns) == columns
    assert len(pd.read_parquet(folder / "marts/fct_orders.parquet")) == 27 * 3 + 1


def test_every_row_lies_in_the_file_of_its_month(grown_shop: Shop) -> None:
    for _, path in paths(grown_shop, "fct_orders"):
        found = duckdb.sql(f"select distinct strftime(order_date, '%Y-%m') from '{path}'").fetchall()
        assert found == [(path.stem,)]


def test_the_manifest_has_every_file_with_its_hash_and_doctor_reads_them(grown_shop: Shop) -> None:
    for generation in generations(grown_shop.settings):
        on_disk = {
            str(path.relative_to(generation.path)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in generation.path.rglob("*")
            if path.is_file() and path.name != "publish.json"
        }
        assert json.loads((generation.path / "publish.json").read_text())["files"] == on_disk
        assert {f"parquet/marts/fct_orders.parquet/{month}.parquet" for month in MONTHS} <= set(on_disk)
    verdicts = {finding.subject: finding.verdict for finding in examine(grown_shop.settings)}
    assert verdicts["published"] == "ok"


def test_a_damaged_month_is_told_and_written_anew(grown_shop: Shop, tmp_path: Path) -> None:
    shop = grown_shop.copy(tmp_path / "shop")
    standing = current_generation(shop.settings)
    assert standing is not None
    february = standing.path / "parquet/marts/fct_orders.parquet/2026-02.parquet"
    february.chmod(0o644)
    february.write_bytes(february.read_bytes()[:-1] + b"X")
    assert any("2026-02.parquet is not as it was" in finding.sentence for finding in examine(shop.settings))
    shop.land("orders", facts(28, 29, "2026-01"), name="late")
    shop.run()
    folder = shop.settings.published_dir / "current/parquet/marts/fct_orders.parquet"
    assert not (folder / "2026-02.parquet").samefile(february)
    assert len(pd.read_parquet(folder / "2026-02.parquet")) == 27
    assert [finding.verdict for finding in examine(shop.settings) if finding.subject == "published"] == ["ok"]


def test_a_linked_month_outlives_the_generation_that_wrote_it(grown_shop: Shop, tmp_path: Path) -> None:
    shop = grown_shop.copy(tmp_path / "shop")
    shop.set("keep_generations", 1)
    shop.land("orders", facts(28, 29, "2026-01"), name="late")
    shop.run()
    assert [generation.name for generation in generations(shop.settings)] == [shop.generation]
    lines = shop.settings.published_dir / "current/parquet/marts/fct_order_lines.parquet"
    assert len(pd.read_parquet(lines)) == 3
    assert [finding.verdict for finding in examine(shop.settings) if finding.subject == "published"] == ["ok"]


@pytest.fixture
def build() -> Iterator[duckdb.DuckDBPyConnection]:
    """A build with one fact table and no row in it."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.fct_orders (order_id varchar, order_date date, amount decimal(18, 2))")
        yield connection


def insert(build: duckdb.DuckDBPyConnection, rows: list[tuple[str, str | None, int]]) -> None:
    """Put rows into it."""
    build.executemany("insert into marts.fct_orders values (?, ?, ?)", [list(row) for row in rows])


ROWS: list[tuple[str, str | None, int]] = [
    ("a", "2026-01-01", 1),
    ("b", "2026-01-31", 2),
    ("c", "2026-02-01", 3),
    ("d", None, 4),
    ("e", "2025-12-31", 5),
]


def test_months_part_the_rows_at_their_first_day(build: duckdb.DuckDBPyConnection) -> None:
    insert(build, ROWS)
    query = "select string_agg(order_id, '' order by order_id) from marts.fct_orders where "
    found = {
        Path(part.file).stem: (part.rows_count, build.execute(query + part.condition).fetchall()[0][0])
        for part in content_parts(build, [ORDERS])
    }
    assert found == {"2025-12": (1, "e"), "2026-01": (2, "ab"), "2026-02": (1, "c"), "undated": (1, "d")}


def test_only_the_hash_of_the_month_that_changed_changes(build: duckdb.DuckDBPyConnection) -> None:
    insert(build, ROWS)
    before = {part.file: part.sha256 for part in content_parts(build, [ORDERS])}
    build.execute("delete from marts.fct_orders")
    insert(build, random.Random(1).sample(ROWS, len(ROWS)))  # noqa: S311 (any order of the same rows)
    assert {part.file: part.sha256 for part in content_parts(build, [ORDERS])} == before
    build.execute("update marts.fct_orders set amount = 2.01 where order_id = 'b'")
    after = {part.file: part.sha256 for part in content_parts(build, [ORDERS])}
    assert [Path(file).stem for file in after if after[file] != before[file]] == ["2026-01"]


def test_hashes_of_the_standing_generation_are_taken_where_only_segments_were_made_anew(
    build: duckdb.DuckDBPyConnection,
) -> None:
    insert(build, ROWS)
    regulars = Table("segments", "regulars", None)
    build.execute("create schema segments; create table segments.regulars as select 'ann' as customer_id")
    published = content_parts(build, [ORDERS, regulars])
    assert content_parts(build, [ORDERS, regulars], "first") == published, "nothing was remembered"
    remember_parts(build, "first", published)
    build.execute("update marts.fct_orders set amount = 9; update segments.regulars set customer_id = 'bob'")
    *orders, members = content_parts(build, [ORDERS, regulars], "first")
    assert orders == published[:-1]
    assert members != published[-1]
    assert content_parts(build, [ORDERS, regulars], "second") == content_parts(build, [ORDERS, regulars])


def test_a_table_without_rows_still_has_a_file(build: duckdb.DuckDBPyConnection) -> None:
    (part,) = content_parts(build, [ORDERS])
    assert (part.file, part.rows_count) == ("parquet/marts/fct_orders.parquet/undated.parquet", 0)
    assert build.execute(f"select count(*) from marts.fct_orders where {part.condition}").fetchall() == [(0,)]


def test_a_file_with_other_rows_than_were_built_is_refused(build: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    insert(build, ROWS)
    parts = content_parts(build, [ORDERS])
    assert write_parquet(build, parts, tmp_path / "fit", generation="g", before=None) == {}
    parts[0] = replace(parts[0], rows_count=2)
    with pytest.raises(SegmentsError, match=r"2025-12.parquet has 1 rows, 2 were built"):
        write_parquet(build, parts, tmp_path / "unfit", generation="g", before=None)


def test_every_table_by_month_is_published_and_has_its_day(grown_shop: Shop) -> None:
    with duckdb.connect(str(grown_shop.settings.warehouse_path), read_only=True) as built:
        assert set(DAY_COLUMNS) <= {table.path for table in published_tables(built)}
    for table, day in DAY_COLUMNS.items():
        described = dict(grown_shop.published(f"select column_name, column_type from (describe {table})"))
        assert described[day] == "DATE"
