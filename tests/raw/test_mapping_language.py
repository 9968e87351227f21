"""What a mapping can do beyond one flat row for one landing row: nested JSON, lists, parents, filled columns, TSV."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.errors import UsageError

if TYPE_CHECKING:
    from tests.raw.landing import Landing

NESTED = """
source: web
description: Orders with nested lists.
format: jsonl
columns: {id: true, at: true, customer: false, items: false, note: false}
tables:
  orders:
    columns:
      order_id: id
      customer_id: json(customer, 'id')
      shipping_city: json(customer, 'addresses.0."main city"')
      ordered_at: at
  order_lines:
    explode: {item: items}
    let:
      units: number(json(item, 'count'))
    where: units > 0
    columns:
      order_id: id
      line_number: item_number
      product_id: upper(json(item, 'sku'))
      quantity: units
      unit_price: number(json(item, 'prices.paid')) / 1
"""


def order(name: int, items: Any, **more: Any) -> str:
    row = {"id": name, "at": "2026-01-02T10:00:00Z", "items": items} | more
    return json.dumps(row) + "\n"


def item(sku: str, count: Any, paid: Any = "2.50") -> dict[str, Any]:
    return {"sku": sku, "count": count, "prices": {"paid": paid}}


@pytest.fixture
def web(landing: Landing) -> Landing:
    landing.write_source("web", NESTED)
    return landing


def test_nested_values_are_read_and_lists_become_rows(web: Landing) -> None:
    customer = {"id": 7, "addresses": [{"main city": "Ulm"}]}
    lines = [item("a", 2), item("gift", 0), item("b", 1.5, 12.25)]
    web.write("web/w.jsonl", order(1, lines, customer=customer) + order(2, []) + order(3, None))
    file = web.load_one()
    assert (file.rows_read, file.rows_used, file.tables) == (3, 3, {"orders": 3, "order_lines": 2})
    assert web.fetch("select order_id, customer_id, shipping_city from raw.orders order by 1") == [
        ("1", "7", "Ulm"),
        ("2", None, None),
        ("3", None, None),
    ]
    assert web.fetch(
        "select order_id, line_number, product_id, quantity, unit_price, source_line from raw.order_lines order by 2"
    ) == [("1", 1, "A", Decimal(2), Decimal("2.5"), 1), ("1", 3, "B", Decimal("1.5"), Decimal("12.25"), 1)]


@pytest.mark.parametrize(
    ("bad", "reason", "column", "message"),
    [
        ({"items": [item("a", 1), item("b", "two")]}, "bad_number", "json(item, 'count')", "'two' is not a number"),
        ({"items": [item("a", 1), item("b", 1, "free")]}, "bad_number", None, "'free' is not a number"),
        ({"items": [item("a", 1), item("b", 1, -1)]}, "negative_amount", "unit_price", "is below zero"),
        ({"items": {"sku": "a"}}, "broken_json", "items", "items: is no JSON list"),
        ({"items": "none"}, "broken_json", "items", "items: is no JSON list"),
        ({"customer": "Anna"}, "broken_json", "customer", "customer: is not JSON"),
        ({"customer": {"id": "a\0b"}}, "control_char", "customer_id", "holds a NUL character"),
    ],
)
def test_one_bad_element_takes_its_whole_record(
    web: Landing, bad: dict[str, Any], reason: str, column: str | None, message: str
) -> None:
    web.write("web/w.jsonl", order(1, [item("a", 1)]) + order(2, **({"items": [item("a", 1)]} | bad)))
    file = web.load_one()
    assert (file.rows_read, file.rows_used, file.rows_quarantined) == (2, 1, 1)
    ((line, code, name, text),) = web.quarantine()
    assert (line, code) == (2, reason)
    assert name == column or column is None
    assert message in text
    assert web.column("select order_id from raw.orders union all select order_id from raw.order_lines") == ["1", "1"]


def test_a_record_is_a_duplicate_when_nothing_in_it_is_new(web: Landing) -> None:
    web.write("web/a.jsonl", order(1, [item("a", 1), item("b", 1)]) + order(2, [item("a", 1)]))
    web.write("web/b.jsonl", order(1, [item("a", 1), item("b", 2)]) + order(2, [item("a", 1)]))
    _, second = web.load().files
    assert (second.rows_used, second.rows_duplicate, second.tables) == (1, 1, {"orders": 0, "order_lines": 1})


RETURNS = """
source: returns
description: Refunds of orders, each with its lines.
format: jsonl
columns: {id: true, refunds: false}
skip: {untouched: refunds is null}
tables:
  refunds:
    explode:
      refund: refunds
      line: json(refund, 'lines')
    one_row_per: json(refund, 'id')
    columns:
      refund_id: json(refund, 'id')
      order_id: first(id)
      refunded_at: first(json(refund, 'at'))
      quantity: sum(number(json(line, 'n')))
      amount: sum(number(json(line, 'amount')))
      kind: first(json(line, 'kind'))
      line_number: max(number_within(id))
"""


def test_elements_of_elements_are_grouped_in_the_order_of_the_file(landing: Landing) -> None:
    landing.write_source("returns", RETURNS)
    refunds = [
        {
            "id": "r1",
            "at": "2026-01-03",
            "lines": [{"n": 1, "amount": "1.10"}, {"n": 2, "amount": 2, "kind": "return"}],
        },
        {"id": "r2", "at": "2026-01-04", "lines": [{"n": 1, "amount": "0.05", "kind": "refund"}]},
    ]
    landing.write("returns/r.jsonl", json.dumps({"id": 1, "refunds": refunds}) + '\n{"id": 2}\n')
    file = landing.load_one()
    assert (file.rows_used, file.skipped_by_rule) == (1, {"untouched": 1})
    assert landing.fetch(
        "select refund_id, order_id, quantity::int, amount, kind, line_number from raw.refunds order by 1"
    ) == [("r1", "1", 3, Decimal("3.1"), "return", 2), ("r2", "1", 1, Decimal("0.05"), "refund", 3)]


def test_a_list_inside_an_element_that_is_none_is_told(landing: Landing) -> None:
    landing.write_source("returns", RETURNS)
    good = {"id": "r1", "at": "2026-01-03", "lines": [{"n": 1, "amount": "1.10"}]}
    rows = [[good], [good | {"id": "r2", "lines": "x"}], [good | {"id": "r3", "lines": [{"n": "?", "amount": 1}]}]]
    landing.write(
        "returns/r.jsonl", "".join(json.dumps({"id": at, "refunds": row}) + "\n" for at, row in enumerate(rows))
    )
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (1, 2)
    assert [row[:3] for row in landing.quarantine()] == [
        (2, "broken_json", "json(refund, 'lines')"),
        (3, "bad_number", "json(line, 'n')"),
    ]
    assert landing.column("select refund_id from raw.refunds") == ["r1"]


def test_a_value_is_looked_up_in_a_list_of_keys_and_values(landing: Landing) -> None:
    mapping = """
source: tags
description: Parameters as key and value.
format: jsonl
columns: {id: true, parameters: false, meta: false}
tables:
  products:
    columns:
      product_id: id
      name: lookup(parameters, 'key', 'title', 'value.string')
      category: coalesce(lookup(parameters, 'key', 'kind', 'value.string'), json(meta, 'kind'), 'none')
      list_price: number(lookup(parameters, 'key', 'price', 'value.double'))
      replenishment_days: sum_of(parameters, 'days')
"""
    landing.write_source("tags", mapping)
    parameters = [
        {"key": "title", "value": {"string": "Tea's"}},
        {"key": "title", "value": {"string": "second"}},
        {"key": "price", "value": {"double": 3.25}},
    ]
    rows = [
        {"id": 1, "parameters": [*parameters, {"days": 3}, {"days": "-1.0"}], "meta": {"kind": "food"}},
        {"id": 2, "parameters": []},
        {"id": 3},
        {"id": 4, "parameters": [{"days": 3}, {"days": "some"}]},
    ]
    landing.write("tags/t.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert landing.load_one().rows_used == 3
    columns = "product_id, name, category, list_price, replenishment_days"
    assert landing.fetch(f"select {columns} from raw.products order by 1") == [
        ("1", "Tea's", "food", Decimal("3.25"), 2),
        ("2", None, "none", None, 0),
        ("3", None, "none", None, None),
    ]
    assert landing.quarantine() == [
        (4, "bad_number", "parameters: days", "parameters: days: holds what is not a number")
    ]


PARENTS = """
source: bulk
description: Orders, lines and parts of lines that name the row above them.
format: jsonl
columns: {id: false, __parentId: false, at: false, shop: false, units: false, price: false, kind: true}
parent: {key: id, reference: __parentId}
skip: {orphan: kind = 'part' and parent.id is null}
tables:
  orders:
    where: kind = 'order'
    columns: {order_id: id, ordered_at: at}
  order_lines:
    where: kind = 'line' and json(parent.shop, 'name') = 'here'
    columns:
      order_id: __parentId
      line_number: number_within(__parentId)
      quantity: units
      unit_price: price
  refunds:
    where: kind = 'part'
    columns:
      refund_id: id
      order_id: parent.parent.id
      refunded_at: parent.parent.at
      quantity: units
      amount: number(units) * number(parent.price)
"""


def test_children_see_the_columns_of_the_rows_above_them(landing: Landing) -> None:
    landing.write_source("bulk", PARENTS)
    rows: list[dict[str, Any]] = [
        {"kind": "part", "id": "p1", "__parentId": "l2", "units": 1},
        {"kind": "order", "id": "o1", "at": "2026-01-02", "shop": {"name": "here"}},
        {"kind": "line", "id": "l1", "__parentId": "o1", "units": 1, "price": "1.50"},
        {"kind": "line", "id": "l2", "__parentId": "o1", "units": 2, "price": "0.75"},
        {"kind": "order", "id": "o2", "at": "2026-01-03", "shop": {"name": "there"}},
        {"kind": "line", "id": "l3", "__parentId": "o2", "units": 2, "price": "0.75"},
        {"kind": "part", "id": "p2", "__parentId": "lost", "units": 1},
    ]
    landing.write("bulk/b.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined, file.skipped_by_rule) == (5, 1, {"orphan": 1})
    assert landing.quarantine() == [
        (6, "unmapped", None, "the row feeds no table and no skip rule of its source names it")
    ]
    assert landing.fetch("select order_id, line_number, unit_price from raw.order_lines order by 2") == [
        ("o1", 1, Decimal("1.5")),
        ("o1", 2, Decimal("0.75")),
    ]
    assert landing.fetch("select order_id, amount, refunded_at::date::varchar from raw.refunds") == [
        ("o1", Decimal("0.75"), "2026-01-02")
    ]


FILLED = """
source: filled
description: Order columns on the first line of each order.
format: csv
columns: {Nr: true, At: true, Who: false, Item: true, N: true}
fill_down: {RULE, columns: [At, Who]}
tables:
  order_lines:
    where: Who <> 'tester'
    columns: {order_id: Nr, line_number: number_within(Nr), product_id: Item, quantity: N, unit_price: 1}
  orders:
    where: Who <> 'tester'
    one_row_per: [Nr]
    columns: {order_id: Nr, ordered_at: min(At), customer_id: first(Who)}
skip: {test: Who = 'tester'}
"""


def test_columns_are_filled_down_within_rows_of_one_value(landing: Landing) -> None:
    landing.write_source("filled", FILLED.replace("RULE", "within: Nr"))
    landing.write(
        "filled/f.csv",
        "Nr,At,Who,Item,N\n1,2026-01-02,anna,a,1\n2,2026-01-03,tester,a,1\n1,,,b,2\n2,,,b,2\n3,2026-01-04,,c,1\n",
    )
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined, file.skipped_by_rule) == (2, 1, {"test": 2})
    assert landing.fetch("select order_id, line_number, product_id from raw.order_lines order by 2") == [
        ("1", 1, "a"),
        ("1", 2, "b"),
    ]
    assert [row[:2] for row in landing.quarantine()] == [(6, "unmapped")]


def test_rows_without_a_number_belong_to_the_row_above_that_has_one(landing: Landing) -> None:
    rule = FILLED.replace("RULE", "starts_at: Nr").replace("[At, Who]", "[Nr, At, Who]")
    landing.write_source("filled", rule)
    landing.write(
        "filled/f.csv",
        'Nr,At,Who,Item,N\n,,,lost,1\n1,2026-01-02,anna,a,1\n,,,b,2\n2,"2026,ben,a,1\n,,,c,2\n3,2026-01-04,eva,d,1\n',
    )
    file = landing.load_one()
    # The lines below an unreadable first line are nobody's, and never of the order above it.
    assert [row[:2] for row in landing.quarantine()] == [(2, "unmapped"), (5, "broken_quotes"), (6, "unmapped")]
    assert file.rows_used == 3
    assert landing.fetch("select order_id, product_id from raw.order_lines order by all") == [
        ("1", "a"),
        ("1", "b"),
        ("3", "d"),
    ]


def test_a_file_without_header_and_quotes_is_read_by_position(landing: Landing) -> None:
    mapping = """
source: plain
description: Tab-separated, no header, no quotes.
format: csv
delimiter: "\\t"
header: false
quotes: false
files: ["*.tsv", "part-*"]
columns: {event: true, at: true, page: false}
tables:
  events:
    columns: {event_id: event, occurred_at: at, event_type: "'page_view'", page_url: page}
"""
    landing.write_source("plain", mapping)
    landing.write("plain/a.tsv", 'e1\t2026-01-02\t"quoted" text\ne2\t2026-01-02\t\n\ne3\t2026-01-02\n')
    landing.write("plain/part-0001", 'e4\t2026-01-02\t"\n')
    landing.write("plain/other", "e5\t2026-01-02\t\n")
    report = landing.load()
    assert [(file.rows_read, file.rows_used, file.rows_quarantined) for file in report.files] == [(3, 2, 1), (1, 1, 0)]
    assert report.warnings == ["plain/other: not loaded, the source plain reads files named *.tsv or part-*"]
    assert landing.fetch("select event_id, page_url from raw.events order by 1") == [
        ("e1", '"quoted" text'),
        ("e2", None),
        ("e4", '"'),
    ]
    assert [row[:2] for row in landing.quarantine()] == [(4, "wrong_column_count")]


CLOCK = """
source: clock
description: Times in many forms.
format: csv
time_zone: Europe/Berlin
columns: {id: true, value: false, other: false}
tables:
  events:
    columns: {event_id: id, event_type: "'x'", occurred_at: EXPRESSION}
"""


@pytest.mark.parametrize(
    ("expression", "value", "seconds"),
    [
        ("time(value)", "2026-01-02T10:00:00+02:00", 1767340800),
        ("time(value)", "2026-01-02 10:00", 1767344400),
        ("time(value, '%d/%m/%Y %H:%M')", "02/01/2026 10:00", 1767344400),
        ("time(value, '%d/%m/%Y %H:%M %z')", "02/01/2026 10:00 +0000", 1767348000),
        ("from_epoch(value, 's')", "1767344400.5", 1767344400),
        ("from_epoch(value, 'ms')", "1767344400999", 1767344400),
        ("from_epoch(value, 'us')", "1767344400999999", 1767344400),
        ("time(other) + (time(value) - time('2026-01-02T10:00:00Z'))", "2026-01-02T10:00:05Z", 1767312005),
    ],
)
def test_times_are_read_and_reckoned_with(landing: Landing, expression: str, value: str, seconds: int) -> None:
    landing.write_source("clock", CLOCK.replace("EXPRESSION", f'"{expression}"'))
    landing.write("clock/c.csv", f"id,value,other\n1,{value},2026-01-02 01:00\n2,soon,2026-01-02 01:00\n")
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (1, 1)
    assert landing.column("select floor(epoch(occurred_at))::bigint from raw.events") == [seconds]
    assert [row[:3] for row in landing.quarantine()] == [(3, "bad_time", "value")]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("json(customer, 'id')", "json(customer, id)", "such as 'customer.id'; 'id' is no text in"),
        ("json(customer, 'id')", "json(customer, '$.a..b')", "'$.a..b' is no path"),
        ("json(customer, 'id')", "json(customer)", "json() takes a value and a path"),
        ("json(customer, 'id')", "lookup(items, 'a', 'b')", "lookup() takes a list, the path of the key"),
        ("json(customer, 'id')", "from_epoch(id, 'days')", "takes a value and its unit, 's', 'ms' or 'us'"),
        ("json(customer, 'id')", "parent.id", "parent.id needs `parent: {key: ..., reference: ...}`"),
        ("json(customer, 'id')", "other.id", "which is not allowed"),
        ("json(customer, 'id')", "item", "unknown column 'item'"),
        ("units > 0", "untis > 0", "tables.order_lines.where: unknown column 'untis' (did you mean 'units'?)"),
        ("explode: {item: items}", "explode: {id: items}", "the name 'id' is used twice"),
        ("explode: {item: items}", "explode: {item: sum(items)}", "first, min, max and sum are for columns"),
        ("    explode: {item: items}\n", "", "let of a table is for the elements of explode"),
        ("format: jsonl", "format: jsonl\nheader: false", "header and quotes are for format: csv"),
        ("tables:", "parent: {key: ids, reference: id}\ntables:", "parent: 'ids' is no column of the file (did"),
        ("tables:", "fill_down: {columns: [at]}\ntables:", "needs either within or starts_at"),
        ("tables:", "fill_down: {columns: [att], within: id}\ntables:", "fill_down: 'att' is no column of the file"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_before_the_run(landing: Landing, old: str, new: str, sentence: str) -> None:
    assert old in NESTED
    landing.write_source("web", NESTED.replace(old, new, 1))
    landing.write("web/w.jsonl", order(1, []))
    with pytest.raises(UsageError) as caught:
        landing.load()
    assert sentence in str(caught.value)
    assert not landing.settings.raw_path.exists()
