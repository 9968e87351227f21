"""Foreign files: all rows of a person's orders go, rows that others share with them stay, and amounts are right."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.erasure.test_files import erased
from tests.raw import test_shopify_sources as shopify
from tests.raw import test_woocommerce_sources as woocommerce

if TYPE_CHECKING:
    from tests.raw.landing import Landing

TILL = """
source: till
description: Lines of a till.
format: csv
encoding: utf-16
columns: {receipt: true, item: true, quantity: true, price: true, at: true, member: false}
skip:
  deposit: item = 'deposit'
tables:
  products:
    one_row_per: [item]
    columns: {product_id: item, name: first(item)}
  orders:
    one_row_per: [receipt]
    columns:
      order_id: receipt
      customer_id: first(member)
      ordered_at: min(at)
      total_amount: sum(number(quantity) * number(price))
"""
ROWS = [
    ("1", "mug", "1", "5", "2026-01-02", "ann"),
    ("1", "cup", "2", "3", "2026-01-02", ""),
    ("2", "mug", "3", "5", "2026-01-03", "bob"),
    ("2", "deposit", "1", "1", "2026-01-03", "bob"),
    ("3", "deposit", "1", "1", "2026-01-03", "ann"),
    ("4", "cup", "x", "1", "2026-01-03", "bob"),
]


def test_a_receipt_goes_whole_and_a_shared_product_stays(landing: Landing) -> None:
    landing.write_source("till", TILL)
    header = "receipt,item,quantity,price,at,member"
    text = "\r\n".join([header, *(",".join(row) for row in ROWS), ""])
    path = landing.write("till/t.csv", text.encode("utf-16"))
    landing.load()
    erased(landing, ("customer_id", "ann"))
    left = path.read_bytes().decode("utf-16")
    assert left.split("\r\n") == [header, "", "", ",".join(ROWS[2]), ",".join(ROWS[3]), "", ",".join(ROWS[5]), ""]
    assert landing.fetch("select order_id, total_amount from raw.orders") == [("2", Decimal(15))]
    told = "select rows_read, rows_used, rows_quarantined, rows_duplicate, skipped_by_rule from raw.load_ledger"
    assert landing.fetch(told) == [(3, 1, 1, 0, '{"deposit": 1}')]
    assert landing.column("select line from raw.quarantine") == [7]
    landing.settings.raw_path.unlink()
    landing.load()
    assert landing.fetch(told) == [(3, 1, 1, 0, '{"deposit": 1}')]


def test_all_lines_of_her_shopify_order_go(landing: Landing) -> None:
    path = landing.write("shopify_orders_csv/o.csv", shopify.as_csv(shopify.ORDER_HEADER, shopify.ORDERS))
    landing.load()
    before = landing.fetch("select order_id, total_amount from raw.orders where order_id <> '#1001' order by 1")
    erased(landing, ("email", "anna@example.com"))
    left = [row["Name"] for row in csv.DictReader(io.StringIO(path.read_text())) if row["Name"]]
    assert left == ["#1002", "#1003", "#1004"]
    assert landing.fetch("select order_id, total_amount from raw.orders order by 1") == before
    assert landing.column("select distinct order_id from raw.order_lines order by 1") == left
    assert not landing.load_one().was_loaded


def test_her_record_goes_out_of_an_array_of_json(landing: Landing) -> None:
    name = "woocommerce_rest/o.json"
    path = landing.write(name, f"{json.dumps(woocommerce.ORDERS[:3])}\n{json.dumps(woocommerce.ORDERS[3:])}\n")
    landing.load()
    erased(landing, ("order_id", "728"))
    assert [order["id"] for order in json.loads(path.read_text())] == [727, 729, 730]
    assert landing.column("select order_id from raw.orders order by 1") == ["727", "729", "730"]
    assert landing.column("select count(*) from raw.refunds where order_id = '728'") == [0]
    assert not landing.load_one().was_loaded
