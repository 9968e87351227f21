"""One person erased from a published shop: nothing of her is left in any file, and the others are as they were."""

from __future__ import annotations

import gzip
import io
import shutil
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project import cli
from dagster_project.publish.generations import current_generation, generations
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Everything she is known by; only the first is told to the command.
HERS = ("ann@shop.example", "ann.other@shop.example", "+4915112345678", "customer-ann-1", "device-of-ann-1")
OTHERS = [f"customer-{number}" for number in range(12)]


@pytest.fixture(scope="module")
def erased_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Ann orders as a customer, as a guest of her second address, and browses; then she is erased by one address."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("erased") / "shop", {"pii_key": "a key for tests", "settle_seconds": 0})
        _land(shop.settings.landing_dir)
        assert shop.run(as_of="2026-03-20").text == "published"
        assert shop.published("select count(*) from marts.dim_customers where customer_id = 'customer-ann-1'") == [(1,)]
        assert {word for word in HERS if _files_with(shop.folder, word)} == set(HERS)
        shutil.copytree(shop.settings.landing_dir, shop.folder.parent / "old_files")
        assert _segments("erase", "--email", "Ann@shop.example", "--yes") == 0
        yield shop


def _segments(*arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["segments", *arguments])
        return cli._run_command()  # noqa: SLF001


def _land(landing: Path) -> None:
    orders = ["order_id,customer_id,email,anonymous_id,ordered_at,total_amount"]
    orders += [f"o{at},{name},{name}@x.example,,2026-03-{at % 9 + 1:02},20" for at, name in enumerate(OTHERS * 2)]
    orders += ["a1,customer-ann-1,ann@shop.example,,2026-03-05,99", "a2,,ann.other@shop.example,,2026-03-06,99"]
    lines = ["order_id,line_number,quantity,unit_price", "o1,1,1,20", "a1,1,1,99", "a2,1,1,99"]
    people = [{"customer_id": name, "email": f"{name}@x.example", "phone": None} for name in OTHERS]
    people.append({"customer_id": "customer-ann-1", "email": "ann@shop.example", "phone": "+4915112345678"})
    identity = "customer-ann-1,email,ann.other@shop.example,2026-03-05\ncustomer-ann-1,anonymous_id,device-of-ann-1,"
    event = '{"event_id":"%s","occurred_at":"2026-03-0%dT10:00:00Z","event_type":"page_view","anonymous_id":"%s"}\n'
    events = event % ("e1", 4, "device-of-ann-1") + event % ("e2", 4, "device-of-nobody")
    files = {
        "orders/o.csv": "\n".join([*orders, ""]).encode(),
        "order_lines/l.csv.gz": gzip.compress("\n".join([*lines, ""]).encode()),
        "identities/i.csv": f"customer_id,identifier_type,identifier,seen_at\n{identity}2026-03-05\n".encode(),
        "events/e.jsonl": events.encode(),
        "customers/c.parquet": _parquet(people),
        "refunds/r.csv": b"refund_id,order_id,refunded_at,amount\nr1,a1,2026-03-06,5\nr2,o1,by ann@shop.example,5\n",
    }
    for name, content in files.items():
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / name).write_bytes(content)


def _parquet(rows: list[dict[str, str | None]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


def _files_with(folder: Path, word: str) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and _stands_in(path, word.lower())]


def _stands_in(path: Path, word: str) -> bool:
    if path.suffix == ".parquet":
        return word in str(pq.read_table(path).to_pylist()).lower()
    if path.suffix == ".duckdb" and word in _all_text(path):
        return True
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return word.encode() in content.lower()


def _all_text(path: Path) -> str:
    """All rows of all tables: DuckDB packs text so that its bytes do not always show it."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as found (read_only)")
        tables = connection.execute("select schema_name, table_name from duckdb_tables() where database_name = 'found'")
        return str(
            [connection.execute(f'from found."{schema}"."{name}"').fetchall() for schema, name in tables.fetchall()]
        ).lower()


@pytest.mark.parametrize("word", HERS)
def test_nothing_she_is_known_by_stands_in_any_file(erased_shop: Shop, word: str) -> None:
    assert _files_with(erased_shop.folder, word) == []


def test_the_others_are_published_as_they_were(erased_shop: Shop) -> None:
    assert erased_shop.published("select count(*) from marts.dim_customers where customer_kind = 'buyer'") == [(12,)]
    assert erased_shop.published("select sum(net_revenue_amount) from marts.fct_orders") == [(480,)]
    assert erased_shop.raw("select order_id from raw.order_lines") == [("o1",)]
    assert erased_shop.raw("select event_id from raw.events") == [("e2",)]
    assert erased_shop.raw("select * from raw.refunds") == []
    assert erased_shop.raw("select bool_and(is_applied) from raw.tombstones") == [(True,)]


def test_one_generation_of_the_same_day_stands(erased_shop: Shop) -> None:
    standing = current_generation(erased_shop.settings)
    assert standing is not None
    assert [generation.name for generation in generations(erased_shop.settings)] == [standing.name]
    assert standing.as_of.isoformat() == "2026-03-20"


def test_a_second_time_nobody_is_asked_for_and_nothing_changes(
    erased_shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    _ = erased_shop.settings
    assert _segments("erase", "--email", "nobody@shop.example", "--yes") == 2
    assert "Nothing was changed" in capsys.readouterr().err
    assert _segments("erase") == 2
    assert _segments("erase", "--email", "a@b.example", "--requested") == 2


def test_her_old_files_do_not_bring_her_back(erased_shop: Shop, tmp_path: Path) -> None:
    shop = erased_shop.copy(tmp_path / "again")
    for path in sorted((erased_shop.folder.parent / "old_files").rglob("*.*")):
        if path.is_file():
            target = shop.settings.landing_dir / path.parent.name / f"old_{path.name}"
            shutil.copyfile(path, target)
    shop.run(as_of="2026-03-20")
    assert shop.published("select sum(net_revenue_amount) from marts.fct_orders") == [(480,)]
    assert shop.raw("select order_id from raw.orders where total_amount = 99") == []
    assert shop.raw("select count(*) from raw.customers") == [(12,)]
