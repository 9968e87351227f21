"""Quarantined rows come back when what refused them was corrected, once, and never at the cost of others."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.inputs import inputs_sha256
from dagster_project.raw import judging
from dagster_project.raw.loading import open_raw
from dagster_project.raw.parquet_copy import copy_raw
from dagster_project.raw.quarantine import purge
from dagster_project.raw.replaying import replay
from tests.raw.landing import NOW, make_landing
from tests.raw.test_sources import HEADER, MAPPING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.raw.landing import Landing

LATER = NOW + timedelta(days=40)
# Without thousands separators "1.234,50" is no number.
NARROW = MAPPING.replace('thousands_separator: "."\n', "")


def ledger(landing: Landing) -> tuple[Any, ...]:
    return landing.fetch(
        "select rows_read, rows_used, rows_quarantined, rows_duplicate, rows_skipped from raw.load_ledger order by file"
    )[0]


def replayed(landing: Landing, file: str | None = None) -> list[str]:
    sentences = [done.sentence() for done in replay(landing.settings, now=LATER, file=file)]
    assert landing.violations() == []
    return sentences


def everything(landing: Landing) -> list[list[tuple[Any, ...]]]:
    tables = ("orders", "order_lines", "quarantine")
    books = "select * exclude (replayed_at) from raw.load_ledger"
    return [landing.fetch(query) for query in [*(f"from raw.{table} order by all" for table in tables), books]]


def built_from(landing: Landing) -> str:
    with open_raw(landing.settings, read_only=True) as raw:
        return inputs_sha256(raw, landing.settings, NOW.date(), [])


def test_a_future_row_is_let_in_when_its_time_has_come(landing: Landing) -> None:
    landing.write_orders("1,ann,2026-01-02,10", "2,bob,2026-07-20,20", "3,eve,never,30")
    landing.load()
    before = built_from(landing)
    assert replayed(landing) == [
        "orders/orders.csv: 2 quarantined rows judged again: 1 used, 1 still quarantined",
    ]
    assert ledger(landing) == (3, 2, 1, 0, 0)
    assert landing.fetch("select order_id, source_line, loaded_at from raw.orders order by 1") == [
        ("1", 2, NOW),
        ("2", 3, NOW),
    ]
    assert [row[:2] for row in landing.quarantine()] == [(4, "bad_time")]
    assert landing.column("select replayed_at from raw.load_ledger") == [LATER]
    assert built_from(landing) != before


def test_a_second_replay_changes_nothing(landing: Landing) -> None:
    landing.write_orders("1,ann,2026-01-02,10", "2,bob,2026-07-20,20", "3,eve,never,30")
    landing.load()
    replayed(landing)
    rows, made_of = everything(landing), built_from(landing)
    assert replayed(landing) == ["orders/orders.csv: 1 quarantined rows judged again: 1 still quarantined"]
    assert (everything(landing), built_from(landing)) == (rows, made_of)


def test_nothing_to_replay_is_nothing(landing: Landing) -> None:
    landing.write_orders("1,ann,2026-01-02,10")
    landing.load()
    assert replayed(landing) == []


def test_a_row_that_landed_elsewhere_meanwhile_is_a_duplicate(landing: Landing) -> None:
    landing.write_orders("2,bob,2026-07-20,20", "2,bob,2026-07-20,20", "3,eve,2026-07-21,30", name="orders/a.csv")
    landing.load()
    landing.write_orders("2,bob,2026-07-20,20", name="orders/b.csv")
    landing.load(LATER)
    assert replayed(landing) == ["orders/a.csv: 3 quarantined rows judged again: 1 used, 2 duplicate"]
    assert ledger(landing) == (3, 1, 0, 2, 0)
    assert landing.column("select order_id from raw.orders order by 1") == ["2", "3"]


def test_a_new_status_word_lets_its_orders_in(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    landing.write("orders/o.csv", "order_id,ordered_at,status\n1,2026-01-02,teleported\n")
    landing.load()
    assert replayed(landing) == ["orders/o.csv: 1 quarantined rows judged again: 1 still quarantined"]
    monkeypatch.setattr(judging, "known_statuses", lambda: ("teleported",))
    assert replayed(landing, "orders/o.csv") == ["orders/o.csv: 1 quarantined rows judged again: 1 used"]
    assert landing.column("select status from raw.orders") == ["teleported"]


def test_a_rate_that_lands_later_lets_its_orders_in(tmp_path: Path) -> None:
    landing = make_landing(tmp_path, shop_currency="EUR")
    rows = "1,ann,2026-01-02,10,USD\n2,bob,2026-01-20,20,USD\n"
    landing.write("orders/orders.csv", f"order_id,customer_id,ordered_at,total_amount,currency\n{rows}")
    landing.load()
    landing.write("fx_rates/rates.csv", "currency,rate_date,rate\nUSD,2026-01-01,0.9\n")
    landing.load()
    assert ledger(landing)[2] == 0
    assert replayed(landing) == ["orders/orders.csv: 2 quarantined rows judged again: 1 used, 1 still quarantined"]
    assert landing.fetch("select order_id from raw.orders") == [("1",)]


def test_a_changed_reason_is_told_anew(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    landing.write("orders/o.csv", "order_id,ordered_at,status\n1,never,teleported\n")
    landing.load()
    assert "teleported" in landing.quarantine()[0][3]
    monkeypatch.setattr(judging, "known_statuses", lambda: ("teleported",))
    replayed(landing)
    assert "teleported" not in landing.quarantine()[0][3]


@pytest.mark.parametrize("rows", [
    ("1;a;2;10,00;2026-01-02;", "1;b;1;1.234,50;2026-01-02;k", "2;a;1;2.000,00;2026-01-03;", "3;a;1;5,00;2026-01-03;"),
    ("1;a;1;1.000,00;2026-01-02;", "1;b;1;0,00;2026-01-02;", "1;PFAND;1;x;2026-01-02;", "1;c;1;nichts;2026-01-02;"),
])  # fmt: skip
def test_a_corrected_mapping_gives_what_it_would_have_given_at_first(tmp_path: Path, rows: tuple[str, ...]) -> None:
    text = HEADER + "".join(f"{row}\n" for row in rows)
    corrected, late = make_landing(tmp_path / "corrected"), make_landing(tmp_path / "late")
    corrected.write_source("till", MAPPING)
    corrected.write("till/t.csv", text)
    corrected.load()
    late.write_source("till", NARROW)
    late.write("till/t.csv", text)
    late.load()
    assert everything(late) != everything(corrected)
    late.write_source("till", MAPPING)
    replay(late.settings, now=NOW)
    assert late.violations() == []
    assert everything(late) == everything(corrected)


CARTS = """
source: carts
description: Orders with lists of items, on which products stand once more.
format: jsonl
columns: {id: true, made: true, items: false}
tables:
  orders:
    columns: {order_id: id, ordered_at: made}
  order_lines:
    explode: {item: items}
    columns:
      order_id: id
      line_number: item_number
      product_id: json(item, 'sku')
      quantity: "1"
      unit_price: number(json(item, 'price'))
  products:
    explode: {item: items}
    one_row_per: ["json(item, 'sku')"]
    columns:
      product_id: json(item, 'sku')
      list_price: sum(number(json(item, 'price')))
"""
CART_ROWS = [
    '{"id": 1, "made": "2026-01-02", "items": [{"sku": "a", "price": "1"}, {"sku": "b", "price": "2"}]}',
    '{"id": 2, "made": "2026-01-02", "items": [{"sku": "b", "price": "3,5"}, {"sku": "c", "price": "4"}]}',
    '{"id": 3, "made": "2026-01-02", "items": [{"sku": "a", "price": "5"}, {"sku": "c", "price": "x"}]}',
]
FILLED = """
source: sheet
description: Order columns stand on the first row of an order only.
format: csv
columns: {order: true, made: false, item: true, price: true}
fill_down: {within: order, columns: [made]}
tables:
  orders:
    one_row_per: [order]
    columns: {order_id: order, ordered_at: min(made), total_amount: sum(number(price))}
  order_lines:
    columns: {order_id: order, line_number: number_within(order), product_id: item, quantity: "1", unit_price: price}
"""
FILLED_ROWS = ["order,made,item,price", '1,2026-01-02,a,"1,50"', "1,,b,2", "2,2026-01-03,a,3", '2,,b,"4,50"', "2,,c,x"]


@pytest.mark.parametrize(
    ("file", "mapping", "rows"), [("carts/c.jsonl", CARTS, CART_ROWS), ("sheet/s.csv", FILLED, FILLED_ROWS)]
)
def test_elements_and_filled_rows_come_back_as_at_first(
    tmp_path: Path, file: str, mapping: str, rows: list[str]
) -> None:
    corrected, late = make_landing(tmp_path / "corrected"), make_landing(tmp_path / "late")
    source = file.partition("/")[0]
    right = f'{mapping}decimal_separator: ","\n'
    for landing, text in ((corrected, right), (late, mapping)):
        landing.write_source(source, text)
        landing.write(file, "\n".join(rows) + "\n")
        landing.load()
    assert everything(late) != everything(corrected)
    late.write_source(source, right)
    replay(late.settings, now=NOW)
    assert late.violations() == []
    assert everything(late) == everything(corrected)
    assert len(late.quarantine()) == 1
    products = "select * from raw.products order by all"
    assert late.fetch(products) == corrected.fetch(products)
    assert len(late.fetch(products)) in {0, 3}


def test_a_new_skip_rule_takes_its_rows_out_of_quarantine(landing: Landing) -> None:
    landing.write_source("till", MAPPING.replace("Artikel = 'PFAND'", "Artikel = 'nothing'"))
    landing.write("till/t.csv", HEADER + "1;a;1;1,00;2026-01-02;\n2;PFAND;-1;1,00;2026-01-02;\n")
    assert landing.load_one().rows_quarantined == 1
    landing.write_source("till", MAPPING)
    assert replayed(landing) == ["till/t.csv: 1 quarantined rows judged again: 1 skipped by rule"]
    assert ledger(landing) == (2, 1, 0, 0, 1)
    assert landing.column("select skipped_by_rule from raw.load_ledger") == ['{"deposit": 1}']
    assert replayed(landing) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Artikel = 'PFAND'", "Artikel in ('PFAND', 'a')"),
        ("quantity: Menge", "quantity: Menge || '0'"),
        ("product_id: Artikel", "product_id: nullif(Artikel, 'a')"),
        ('first("Kunde Nr")', "first(Artikel)"),
        ("order_id: Beleg\n      customer_id", "order_id: nullif(Beleg, '1')\n      customer_id"),
    ],
)
def test_a_mapping_that_reads_other_rows_otherwise_replays_nothing(landing: Landing, old: str, new: str) -> None:
    landing.write_source("till", NARROW)
    landing.write("till/t.csv", HEADER + "1;a;1;1,00;2026-01-02;\n2;b;1;1.234,50;2026-01-02;\n")
    landing.load()
    before = everything(landing)
    assert old in MAPPING
    landing.write_source("till", MAPPING.replace(old, new))
    with pytest.raises(SegmentsError, match=r"till/t.csv: by the present mapping other rows.*remove data/raw.duckdb"):
        replay(landing.settings, now=LATER)
    assert everything(landing) == before


def test_a_file_that_reads_as_other_rows_replays_nothing(landing: Landing) -> None:
    landing.write_source("till", NARROW)
    landing.write("till/t.csv", HEADER + '1;"a;1;1,00;2026-01-02;\n2;b";1;1.234,50;2026-01-02;\n')
    landing.load()
    landing.write_source("till", MAPPING.replace('delimiter: ";"', 'delimiter: "|"').replace(": true", ": false"))
    with pytest.raises(SegmentsError, match="the file now reads as"):
        replay(landing.settings, now=LATER)


def test_a_file_is_found_under_another_name_and_missed_when_it_is_gone(landing: Landing) -> None:
    path = landing.write_orders("1,ann,2026-07-02,10")
    landing.load()
    content = path.read_bytes()
    path.write_text("order_id,ordered_at\n")
    with pytest.raises(SegmentsError, match=r"is not in landing any more.*segments quarantine purge orders/orders.csv"):
        replay(landing.settings, now=LATER)
    assert ledger(landing) == (1, 0, 1, 0, 0)
    path.with_name("renamed.csv").write_bytes(content)
    assert replayed(landing) == ["orders/orders.csv: 1 quarantined rows judged again: 1 used"]


def test_an_unknown_file_is_refused_with_a_close_match(landing: Landing) -> None:
    landing.write_orders("1,ann,never,10")
    landing.load()
    with pytest.raises(UsageError, match=r"did you mean 'orders/orders\.csv'"):
        replay(landing.settings, now=LATER, file="orders/order.csv")


def test_a_failed_replay_leaves_everything_as_it_was(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    landing.write_orders("1,ann,2026-07-02,10")
    landing.load()
    before = everything(landing)

    def fail(*_: object) -> None:
        raise SegmentsError("the disk went away")

    monkeypatch.setattr("dagster_project.raw.storing.store_quarantine", fail)
    with pytest.raises(SegmentsError, match="the disk went away"):
        replay(landing.settings, now=LATER)
    assert everything(landing) == before


def test_purged_rows_are_gone_for_good_and_the_law_holds(landing: Landing) -> None:
    landing.write_orders("1,ann,2026-07-02,10", "2,bob,2026-01-02,1", name="orders/a.csv")
    landing.write_orders("3,eve,2026-07-03,10", name="orders/b.csv")
    landing.load()
    made_of = built_from(landing)
    with open_raw(landing.settings) as raw:
        assert purge(raw, now=LATER, file="orders/a.csv") == 1
    assert built_from(landing) != made_of
    assert landing.column("select file from raw.quarantine") == ["orders/b.csv"]
    assert landing.fetch("select file, line, reason_code, purged_at from raw.purged_rows") == [
        ("orders/a.csv", 2, "future_time", LATER)
    ]
    assert ledger(landing) == (2, 1, 1, 0, 0)
    assert replayed(landing) == ["orders/b.csv: 1 quarantined rows judged again: 1 used"]
    assert landing.column("select order_id from raw.orders order by 1") == ["2", "3"]


@pytest.mark.parametrize(("days", "count"), [(40, 0), (39, 1)])
def test_purge_by_age_takes_what_is_older(landing: Landing, days: int, count: int) -> None:
    landing.write_orders("1,ann,never,10")
    landing.load()
    with open_raw(landing.settings) as raw:
        assert purge(raw, now=LATER, older_than_days=days) == count
    assert landing.violations() == []


def test_purge_wants_to_know_what(landing: Landing) -> None:
    landing.write_orders("1,ann,2026-01-02,10")
    landing.load()
    with open_raw(landing.settings) as raw:
        with pytest.raises(UsageError, match="Say what to purge"):
            purge(raw, now=LATER)
        with pytest.raises(UsageError, match="nothing is quarantined"):
            purge(raw, now=LATER, file="orders/orders.csv")


def test_a_purged_line_of_a_group_stays_out_of_it(landing: Landing) -> None:
    landing.write_source("till", NARROW)
    lines = ["1;a;1;1,00;2026-01-02;", "1;b;1;1.000,00;2026-01-02;", "1;c;1;2.000,00;2026-01-02;"]
    landing.write("till/t.csv", HEADER + "\n".join(lines) + "\n")
    landing.load()
    with open_raw(landing.settings) as raw:
        purge(raw, now=NOW, file="till/t.csv")
        raw.execute("insert into raw.quarantine select file, sha256, 4, 'x', 'bad_number', 'Preis', 'm', loaded_at "
                    "from raw.load_ledger")  # fmt: skip
        raw.execute("delete from raw.purged_rows where line = 4")
    landing.write_source("till", MAPPING)
    assert replayed(landing) == ["till/t.csv: 1 quarantined rows judged again: 1 used"]
    assert landing.fetch("select order_id, total_amount::int from raw.orders") == [("1", 2001)]
    assert landing.column("select line_number from raw.order_lines order by 1") == [1, 3]


def test_the_copy_for_spark_follows_a_replay(landing: Landing) -> None:
    landing.write_orders("1,ann,2026-01-02,10", "2,bob,2026-07-20,20")
    landing.load()
    copy_raw(landing.settings)
    replayed(landing)
    copy_raw(landing.settings)
    folder = landing.settings.raw_parquet / "orders"
    query = f"select order_id from read_parquet('{folder}/*.parquet') order by 1"
    assert landing.column(query) == ["1", "2"]
