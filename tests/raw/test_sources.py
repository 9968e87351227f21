from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from dagster_project.errors import UsageError
from dagster_project.raw.loading import load_landing
from dagster_project.raw.mapped import compile_source
from dagster_project.raw.sources import SHIPPED_DIR, SourceMapping, read_source
from dagster_project.settings import PROJECT_DIR
from tests.raw.landing import NOW, make_landing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.raw.landing import Landing

MAPPING = """
source: till
description: Lines of a till.
format: csv
delimiter: ";"
decimal_separator: ","
thousands_separator: "."
time_zone: Europe/Berlin
currency: EUR
columns: {Beleg: true, Artikel: true, Menge: true, Preis: true, Zeit: true, "Kunde Nr": false}
let:
  anzahl: number(Menge)
skip:
  deposit: Artikel = 'PFAND'
tables:
  orders:
    where: anzahl > 0
    one_row_per: [Beleg]
    columns:
      order_id: Beleg
      customer_id: first("Kunde Nr")
      ordered_at: min(Zeit)
      total_amount: sum(anzahl * number(Preis))
  order_lines:
    where: anzahl > 0
    columns:
      order_id: Beleg
      line_number: number_within(Beleg)
      product_id: Artikel
      quantity: Menge
      unit_price: Preis
"""
SOURCES_PAGE = PROJECT_DIR / "docs" / "sources.md"
HEADER = "Beleg;Artikel;Menge;Preis;Zeit;Kunde Nr\n"


@pytest.fixture
def till(landing: Landing) -> Landing:
    landing.write_source("till", MAPPING)
    return landing


def write_till(landing: Landing, *rows: str, name: str = "till/t.csv") -> None:
    landing.write(name, HEADER + "".join(f"{row}\n" for row in rows))


def test_lines_become_orders_and_lines_in_the_number_format_of_the_source(till: Landing) -> None:
    write_till(
        till,
        "1;a;2;1.234,50;2026-07-01 00:30;",
        "1;b;1,5;0,10;2026-07-01 00:20;k",
        "1;PFAND;1;0,25;x;",
        "1;b;1,5;0,10;2026-07-01 00:20;k",
    )
    (file,) = till.load(NOW.replace(month=8, day=1)).files
    assert (file.rows_read, file.rows_used, file.skipped_by_rule) == (4, 3, {"deposit": 1})
    assert file.tables == {"orders": 1, "order_lines": 3}
    assert till.fetch(
        "select order_id, customer_id, total_amount, currency, epoch(ordered_at)::bigint from raw.orders"
    ) == [
        ("1", "k", Decimal("2469.3000"), "EUR", 1782858000),
    ]
    assert till.fetch("select line_number, quantity, unit_price from raw.order_lines order by 1") == [
        (1, Decimal(2), Decimal("1234.5")),
        (2, Decimal("1.5"), Decimal("0.1")),
        (4, Decimal("1.5"), Decimal("0.1")),
    ]
    assert till.column("select distinct source from raw.orders") == ["till"]


@pytest.mark.parametrize(
    ("row", "reason", "column", "message"),
    [
        ("2;a;viel;1,00;2026-01-02;", "bad_number", "Menge", "Menge: 'viel' is not a number"),
        ("2;a;1;1,00 EUR;2026-01-02;", "bad_number", "Preis", "Preis: '1,00 EUR' is not a number"),
        ("2;a;1;12.34,5;2026-01-02;", "bad_number", "Preis", "Preis: '12.34,5' is not a number"),
        ("2;a;1;1,00;gestern;", "bad_time", "ordered_at", "ordered_at: 'gestern' is not a time"),
        ("2;a;1;1,00;2027-01-02;", "future_time", "ordered_at", "ordered_at: '2027-01-02' lies in the future"),
        ("2;a;1;-1,00;2026-01-02;", "negative_total", "total_amount", "total_amount: '-1.00000000' is below zero"),
        (";a;1;1,00;2026-01-02;", "null_key", "order_id", "order_id: is empty"),
        ("2;a;-1;1,00;2026-01-02;", "unmapped", None, "the row feeds no table"),
        ("2;a;1;1,00", "wrong_column_count", None, "4 fields instead of the 6 of the header"),
    ],
)
def test_a_bad_foreign_row_is_quarantined_and_the_others_are_used(
    till: Landing, row: str, reason: str, column: str | None, message: str
) -> None:
    write_till(till, "1;a;1;1,00;2026-01-02;", row)
    file = till.load_one()
    assert (file.rows_read, file.rows_used, file.rows_quarantined) == (2, 1, 1)
    ((line, code, name, text),) = till.quarantine()
    assert (line, code, name) == (3, reason, column)
    assert text.startswith(message)
    assert till.column("select raw_text from raw.quarantine") == [row]
    assert till.column("select order_id from raw.orders") == ["1"]
    assert till.column("select order_id from raw.order_lines") == ["1"]


def test_a_bad_line_leaves_its_order_and_a_bad_order_takes_all_its_lines(till: Landing) -> None:
    write_till(
        till,
        "1;a;1;10,00;2026-01-02;",
        "1;b;1;zehn;2026-01-02;",
        "2;a;1;1,00;2026-01-02;",
        "2;b;1;-5,00;2026-01-02;",
    )
    file = till.load_one()
    assert (file.rows_used, file.rows_quarantined) == (1, 3)
    assert till.fetch("select order_id, total_amount::int from raw.orders") == [("1", 10)]
    assert till.fetch("select order_id, line_number from raw.order_lines") == [("1", 1)]
    assert [row[:2] for row in till.quarantine()] == [(3, "bad_number"), (4, "negative_total"), (5, "negative_total")]


def test_rows_known_from_an_earlier_file_are_duplicates(till: Landing) -> None:
    old = ["1;a;1;1,00;2026-01-02;", "1;a;1;1,00;2026-01-02;"]
    write_till(till, *old, name="till/a.csv")
    write_till(till, *old, "2;a;1;1,00;2026-01-02;", name="till/b.csv")
    first, second = till.load().files
    assert (first.rows_used, first.rows_duplicate) == (2, 0)
    assert (second.rows_used, second.rows_duplicate, second.tables) == (1, 2, {"orders": 1, "order_lines": 1})


def test_a_row_that_changes_its_order_is_used(till: Landing) -> None:
    write_till(till, "1;a;1;1,00;2026-01-02;", name="till/a.csv")
    write_till(till, "1;a;1;1,00;2026-01-02;", "1;b;1;1,00;2026-01-02;", name="till/b.csv")
    _, second = till.load().files
    assert (second.rows_used, second.rows_duplicate, second.tables) == (2, 0, {"orders": 1, "order_lines": 1})


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "iso-8859-15"])
def test_other_encodings_are_read(landing: Landing, encoding: str) -> None:
    landing.write_source("till", MAPPING + f"encoding: {encoding}\n")
    rows = "1;Café €;1;1,00;2026-01-02;\n" * 3
    landing.write("till/t.csv", (HEADER + rows).encode(encoding))
    assert landing.load_one().rows_used == 3
    assert set(landing.column("select product_id from raw.order_lines")) == {"Café €"}


def test_half_a_utf16_character_is_one_bad_row(landing: Landing) -> None:
    landing.write_source("till", MAPPING + "encoding: utf-16-le\n")
    start, end = f"{HEADER}1;a;1;1,00;2026-01-02;\n2;", "b;1;1,00;2026-01-02;\n"
    landing.write("till/t.csv", start.encode("utf-16-le") + b"\x00\xd8" + end.encode("utf-16-le"))
    landing.load_one()
    assert [row[:2] for row in landing.quarantine()] == [(3, "invalid_encoding")]


def test_shop_prefixes_every_id(landing: Landing) -> None:
    landing.write_source("till", MAPPING + "shop: berlin\n")
    write_till(landing, "1;a;1;1,00;2026-01-02;k", "2;a;1;1,00;2026-01-02;")
    landing.load()
    assert landing.fetch("select order_id, customer_id, shop_id from raw.orders order by 1") == [
        ("berlin:1", "berlin:k", "berlin"),
        ("berlin:2", None, "berlin"),
    ]
    assert landing.fetch("select distinct product_id from raw.order_lines") == [("berlin:a",)]


def test_a_foreign_column_may_have_the_name_of_the_landing_column_in_other_letters(landing: Landing) -> None:
    mapping = MAPPING.replace('"Kunde Nr": false', "Customer_ID: false, ORDERED_AT: false, Status: false")
    mapping = mapping.replace('first("Kunde Nr")', "first(Customer_ID)\n      status: first(Status)")
    mapping = mapping.replace("min(Zeit)", "min(ORDERED_AT)")
    plain = mapping.replace("one_row_per: [Beleg]", "").replace("first(", "(").replace("min(", "(").replace("sum(", "(")
    header = "Beleg;Artikel;Menge;Preis;Zeit;Customer_ID;ORDERED_AT;Status\n"
    for name, text in {"till": mapping, "plain": plain.replace("source: till", "source: plain")}.items():
        landing.write_source(name, text)
        landing.write(f"{name}/t.csv", f"{header}{name};a;1;1,00;x;k;2026-01-02;Paid\n")
    landing.load()
    assert landing.fetch("select order_id, customer_id, status, ordered_at is not null from raw.orders order by 1") == [
        ("plain", "k", "paid", True),
        ("till", "k", "paid", True),
    ]


def test_only_files_that_the_mapping_names_are_read(landing: Landing) -> None:
    landing.write_source("till", MAPPING + 'files: "export-*.csv"\n')
    write_till(landing, "1;a;1;1,00;2026-01-02;", name="till/export-1.csv")
    write_till(landing, "2;a;1;1,00;2026-01-02;", name="till/other.csv")
    report = landing.load()
    assert report.warnings == ["till/other.csv: not loaded, the source till reads files named export-*.csv"]
    assert landing.column("select order_id from raw.orders") == ["1"]


def test_jsonl_is_mapped_too(landing: Landing) -> None:
    landing.write_source("till", MAPPING.replace("format: csv", "format: jsonl"))
    landing.write("till/t.jsonl", '{"Beleg": 1, "Artikel": "a", "Menge": "1", "Preis": "2,50", "Zeit": "2026-01-02"}\n')
    assert landing.load_one().rows_used == 1
    assert landing.column("select total_amount::varchar from raw.orders") == ["2.5000"]


def test_a_missing_column_refuses_the_file(till: Landing) -> None:
    till.write("till/t.csv", HEADER.replace("Menge", "Mengen") + "1;a;1;1;2026-01-02;\n")
    assert "till/t.csv: the column Menge is missing (did you mean 'Mengen'?)" in till.refused()


def mapping_error(landing: Landing, text: str) -> str:
    landing.write_source("till", text)
    write_till(landing, "1;a;1;1,00;2026-01-02;")
    with pytest.raises(UsageError) as caught:
        load_landing(landing.settings, now=NOW)
    assert not landing.settings.raw_path.exists()
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("(select 1)", "which is not allowed"),
        ("Beleg; drop table raw.orders", "is not one expression"),
        ("read_text('/etc/passwd')", "unknown function 'read_text'"),
        ("read_csv('x')", "which is not allowed"),
        ("getenv('HOME')", "unknown function 'getenv'"),
        ("Beleg in (select 1)", "which is not allowed"),
        ("cast(Beleg as int)", "which is not allowed"),
        ("Beleg::int", "which is not allowed"),
        ("raw.orders.order_id", "which is not allowed"),
        ("sum(anzahl) over ()", "which is not allowed"),
        ("first(Beleg order by Zeit)", "which is not allowed"),
        ("sum(distinct anzahl)", "which is not allowed"),
        ("max(anzahl, 3)", "takes one value"),
        ("list_transform([1], x -> x)", "which is not allowed"),
        ("Belg", "unknown column 'Belg' (did you mean 'Beleg'?)"),
        ("numbr(Menge)", "unknown function 'numbr' (did you mean 'number'?)"),
        ("upper(Beleg", "cannot be read"),
        ("number(Menge, 2)", "number() takes one value"),
        ("number(sum(anzahl))", "takes a value of one row"),
        ("sum(sum(anzahl))", "aggregates cannot stand inside each other"),
        ("?", "which is not allowed"),
        ("*", "which is not allowed"),
        ("", "is not one expression"),
        ("(" * 3000 + "1" + ")" * 3000, "is longer than 5,000 characters"),
        ("(" * 2400 + "1" + ")" * 2400, "cannot be read"),
    ],
)
def test_an_expression_that_is_not_allowed_is_refused_before_the_run(
    landing: Landing, expression: str, part: str
) -> None:
    text = MAPPING.replace('first("Kunde Nr")', f"'{expression.replace(chr(39), chr(39) * 2)}'")
    message = mapping_error(landing, text)
    assert message.startswith("source till: tables.orders.columns.customer_id: ")
    assert part in message


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("product_id: Artikel", "produkt_id: Artikel", "is no column of order_lines (did you mean 'product_id'?)"),
        ("      order_id: Beleg\n      customer_id", "      customer_id", "is missing; every row of orders needs it"),
        ("  order_lines:", "  order_line:", "tables.order_line: is no landing table (did you mean 'order_lines'?)"),
        ("min(Zeit)", "Zeit", "tables.orders.columns.ordered_at: Zeit must stand in one_row_per or inside"),
        ("Artikel = 'PFAND'", "sum(anzahl) > 1", "skip.deposit: first, min, max and sum are for columns of a table"),
        ("Artikel = 'PFAND'", "Artikel", "skip.deposit: is no condition"),
        ("unit_price: Preis", "unit_price: -Preis", "tables.order_lines.columns.unit_price: "),
        ("format: csv", "format: xlsx", "format: Input should be 'csv', 'jsonl', 'json' or 'parquet'"),
        ("source: till", "source: tills", "source: is 'tills' and must be the file's name, 'till'"),
        ("time_zone: Europe/Berlin", "time_zone: Berlin", "time_zone: 'Berlin' is not an IANA time zone"),
        ("currency: EUR", "colour: red", "colour: Extra inputs are not permitted"),
        ("let:\n  anzahl: ", "let:\n  beleg: ", "the name 'beleg' is used twice"),
        ('delimiter: ";"', "delimiter: '\"'", "delimiter: '\"' cannot separate fields"),
        ("description: Lines of a till.", "description: [", "is no YAML"),
        ("time_zone: Europe/Berlin", "encoding: klingon", "encoding: 'klingon' is not an encoding"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_names_the_key_and_the_fix(landing: Landing, old: str, new: str, sentence: str) -> None:
    assert old in MAPPING
    assert sentence in mapping_error(landing, MAPPING.replace(old, new))


def test_a_mapping_may_not_take_the_name_of_a_table_or_of_a_shipped_source(landing: Landing) -> None:
    landing.write_source("orders", MAPPING.replace("source: till", "source: orders"))
    with pytest.raises(UsageError, match="is the name of a landing table"):
        landing.load()
    other = make_landing(landing.data_dir / "other")
    shipped = (SHIPPED_DIR / "online_retail.yml").read_text()
    other.write_source("online_retail", shipped)
    with pytest.raises(UsageError, match="there is a source 'online_retail' already"):
        other.load()


@pytest.mark.parametrize("path", sorted(SHIPPED_DIR.glob("*.yml")), ids=lambda path: path.stem)
def test_shipped_mappings_compile_and_are_listed_with_the_tables_they_feed(path: Path) -> None:
    compiled = compile_source(read_source(path))
    (line,) = [line for line in SOURCES_PAGE.read_text().splitlines() if line.startswith(f"| `{path.stem}` |")]
    listed = {table.strip().replace(" ", "_") for table in line.split("|")[3].split(",")}
    assert listed == set(compiled.tables)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("coalesce(a, b)", "Abc"), ("nullif(a, 'Abc')", None), ("lower(a)", "abc"), ("upper(a)", "ABC"),
        ("trim(' x ')", "x"), ("left(a, 2)", "Ab"), ("right(a, 2)", "bc"), ("substr(a, 2, 1)", "b"),
        ("length(a)", "3"), ("replace(a, 'b', 'x')", "Axc"), ("split_part(n, '.', 1)", "12"),
        ("case when regexp_matches(a, '^A.c$') then 'y' else 'n' end", "y"), ("regexp_extract(a, '(b.)', 1)", "bc"),
        ("case when starts_with(a, 'A') then 'y' end", "y"), ("abs(-number(n))", "12.5000"),
        ("round(number(n), 0)", "13"), ("concat(a, b, '!')", "Abc!"), ("a || '-' || n", "Abc-12.5"),
        ("number(n) * 2 + 1 - 0.5", "25.5000"), ("case when a in ('x', 'Abc') and not b is not null then 'y' end", "y"),
        ("case when a like 'A%' and a ilike 'aB_' and number(n) between 12 and 13 then 'y' end", "y"),
        ("case a when 'Abc' then 'y' end", "y"), ("number_within(a)", "1"), ("number(a)", None),
        ("a || b", None), ("a -- comment", "Abc"), ("A", "Abc"), ('"a"', "Abc"), ("5 % 3", "2"), ("true", "true"),
    ],
)  # fmt: skip
def test_what_the_language_allows_does_what_it_says(landing: Landing, expression: str, value: str | None) -> None:
    mapping = SourceMapping.model_validate(
        {
            "source": "words",
            "description": "One row.",
            "format": "csv",
            "columns": {"a": True, "b": True, "n": True},
            "tables": {"products": {"columns": {"product_id": "'p'", "name": expression}}},
        },
    )
    landing.write_source("words", mapping.model_dump_json())
    landing.write("words/w.csv", "a,b,n\nAbc,,12.5\n")
    if expression == "number(a)":
        landing.load()
        assert landing.quarantine() == [(2, "bad_number", "a", "a: 'Abc' is not a number")]
        return
    landing.load()
    assert landing.column("select name from raw.products") == [value]
