"""Completeness, freshness, duplicates and identification, over a build database of a few rows made by hand."""

from __future__ import annotations

import duckdb

from dagster_project.quality.data_health import write_data_health
from dagster_project.raw.contracts import contracts

BUILT = """
    create schema marts;
    create schema quality;
    create schema raw;
    create table marts.dim_generation as select date '2026-06-30' as as_of_date;
    create table marts.fct_orders as
    from (values ('anna', date '2026-06-28'), ('guest', date '2026-06-01')) as rows(customer_id, order_date);
    create table marts.fct_refunds (refund_date date);
    create table marts.fct_messages (sent_date date);
    create table marts.fct_sessions as from (
        values ('anna', date '2026-06-30', false), ('lea', date '2026-06-30', false),
            ('device', date '2026-06-30', false), (null, date '2026-06-30', false), ('anna', date '2026-06-30', true)
    ) as rows(customer_id, session_date, is_bot);
    create table marts.dim_customers as
    from (values ('anna', 'buyer'), ('lea', 'lead'), ('guest', 'guest'), ('device', 'anonymous'))
        as rows(customer_id, customer_kind);
    create table quality.load_ledger as
    from (values ('orders/a.csv', 10, 1), ('orders/b.csv', 20, 2), ('events/c.csv', 5, 0))
        as rows(file, rows_read, rows_duplicate);
"""


def test_each_measure_counts_what_it_says() -> None:
    connection = duckdb.connect()
    connection.execute(BUILT)
    for contract in contracts().values():
        columns = ", ".join(f'"{column.name}" varchar' for column in contract.columns)
        connection.execute(f"create table raw.{contract.table} ({columns})")
    connection.execute("insert into raw.orders (order_id, email) values ('o1', 'a@x.de'), ('o2', null), ('o3', null)")
    write_data_health(connection)
    found = {row[:3]: row[3:] for row in connection.execute("from quality.data_health").fetchall()}
    assert found["completeness", "orders", "order_id"] == (3, 3, 10_000, None)
    assert found["completeness", "orders", "email"] == (1, 3, 3_333, None)
    assert found["completeness", "orders", "coupon_code"] == (0, 3, 0, None)
    assert {table for topic, table, _ in found if topic == "completeness"} == {"orders"}
    assert found["freshness", "fct_orders", "order_date"] == (None, None, None, 2)
    assert found["freshness", "fct_sessions", "session_date"] == (None, None, None, 0)
    assert ("freshness", "fct_refunds", "refund_date") not in found
    assert found["duplicates", "orders", None] == (3, 30, 1_000, None)
    assert found["duplicates", "events", None] == (0, 5, 0, None)
    assert found["identification", "fct_sessions", "customer_id"] == (2, 4, 5_000, None)
    assert found["identification", "fct_orders", "customer_id"] == (1, 2, 5_000, None)
