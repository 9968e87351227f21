"""What the gate takes for an e-mail address or a phone number, and what it lets through."""

from __future__ import annotations

import duckdb
import pytest

from dagster_project.quality.personal_data import personal_data, personal_data_again


def _found(table: str, column: str, value: str) -> list[str]:
    """Findings in a build whose only text is this one; one phone number landed."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as raw")
        connection.execute("create table raw.customers as select '0049 30 / 1234567' as phone")
        connection.execute("create table raw.orders as select cast(null as varchar) as phone")
        connection.execute("create table raw.identities as select 'n/a' as identifier, 'phone' as identifier_type")
        connection.execute("create schema marts")
        connection.execute(f"create table marts.{table} as select $value as {column}", {"value": value})
        return personal_data(connection)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("fct_orders", "sales_channel", "written by anna@example.com"),
        ("fct_orders", "order_id", "+49 (0)30 123-4567"),
        ("dim_shop_customers", "shop_customer_id", "+33 1 23 45 67 89"),
        ("dim_shop_customers", "shop_customer_id", "49301234567"),
        ("dim_customer_aliases", "merged_into", "+49301234567"),
        ("dim_customers", "email", "c_5ff358ed0af65e94559ab22d"),
    ],
)
def test_a_contact_value_is_found(table: str, column: str, value: str) -> None:
    (finding,) = _found(table, column, value)
    assert finding.startswith(f"marts.{table}.{column} ")


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("fct_orders", "order_id", "49301234567"),  # the number of an order that is also somebody's phone
        ("fct_orders", "order_id", "+12345"),
        ("fct_orders", "sales_channel", "app+web 2026-06-30"),
        ("fct_orders", "sales_channel", "me@home"),
        ("dim_shop_customers", "shop_customer_id", "49301234568"),
        ("dim_shop_customers", "shop_customer_id", "c_5ff358ed0af65e94559ab22d"),
        ("dim_shop_customers", "shop_customer_id", ""),
    ],
)
def test_what_only_resembles_one_is_let_through(table: str, column: str, value: str) -> None:
    assert _found(table, column, value) == []


def test_what_was_found_stands_where_only_segments_are_looked_at_again() -> None:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as raw")
        connection.execute("create table raw.customers as select cast(null as varchar) as phone")
        connection.execute("create table raw.orders as select cast(null as varchar) as phone")
        connection.execute("create table raw.identities as select 'n/a' as identifier, 'email' as identifier_type")
        connection.execute("create schema marts; create schema segments")
        connection.execute("create table marts.fct_orders as select 'b@example.com' as order_id")
        connection.execute(
            "create table segments.memberships as select 'vips' as segment, 'a@example.com' as customer_id"
        )
        connection.execute("create table main.check_findings (check_name varchar, number integer, finding varchar)")
        earlier = personal_data(connection)
        rows = [["no_personal_data", place, finding] for place, finding in enumerate(earlier)]
        connection.executemany("insert into main.check_findings values (?, ?, ?)", rows)
        connection.execute("update segments.memberships set customer_id = 'anna'")
        (finding,) = personal_data_again(connection)
        assert finding.startswith("marts.fct_orders.order_id carries e-mail addresses in 1 rows")
        assert len(earlier) == 2
