"""Small builds for the tests of the page: marts with the columns that their YAML declares, and a handful of people."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import yaml

from dagster_project.quality.tables import write_load_tables
from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator

AS_OF = "2026-06-30"
_RAW_TABLES = PROJECT_DIR / "dagster_project" / "raw" / "tables.sql"
_STAGES = PROJECT_DIR / "dbt" / "seeds" / "lifecycle_stages.csv"
_MAPS = PROJECT_DIR / "dbt" / "seeds" / "rfm_maps.csv"
_WRITTEN_BY_PYTHON = """
    create table profiles.customer_profiles (customer_id varchar, is_idle boolean, is_one_timer boolean);
    create table segments.sizes (as_of_date date, segment varchar, members_count bigint, anonymous_members_count bigint,
        contactable_count bigint, net_revenue_amount decimal(18, 2), share double, is_too_small boolean,
        is_reporting_only boolean, entered_count bigint, left_count bigint);
    create table segments.dictionary (segment varchar, title varchar, description varchar, rule varchar, owner varchar,
        purpose varchar, "group" varchar, rule_version varchar);
    create table segments.lift (segment varchar, members_count bigint, purchase_share double,
        low_purchase_share double, high_purchase_share double, base_purchase_share double, lift double,
        revenue_lift double, is_significant boolean, as_of_date date, outcome_until_date date);
    create table quality.check_results (check_name varchar, asset varchar, severity varchar, is_passed boolean,
        failures_count bigint, message varchar);
    create table quality.reconciliation (measure varchar, source_amount decimal(18, 2), built_amount decimal(18, 2),
        difference_amount decimal(18, 2));
"""
# customer, kind
_PEOPLE = (
    ("ada", "buyer"),
    ("ben", "buyer"),
    ("cleo", "buyer"),
    ("guest", "guest"),
    ("lea", "lead"),
    ("a1", "anonymous"),
)
# order, customer, gross, discount, refund, net, is valid, is counted
_ORDERS = (
    ("o1", "ada", "1200.00", "0.00", "0.00", "1200.00", True, True),
    ("o2", "ada", "100.00", "10.00", "0.10", "89.90", True, True),
    ("o3", "ben", "50.05", "0.00", "0.00", "50.05", True, True),
    ("o4", "cleo", "20.00", "0.00", "0.00", "20.00", True, True),
    ("o5", "cleo", "30.00", "0.00", "30.00", "0.00", True, False),
    ("o6", "guest", "9.99", "0.00", "0.00", "9.99", True, True),
    ("o7", "ben", "500.00", "0.00", "0.00", "0.00", False, False),
)


def empty_shop() -> duckdb.DuckDBPyConnection:
    """A build of a shop in which nothing has landed."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    for schema in ("raw", "seeds", "marts", "profiles", "segments", "quality"):
        connection.execute(f"create schema {schema}")
    for name, columns in _declared_marts():
        connection.execute(f"create table marts.{name} ({columns})")
    connection.execute(_RAW_TABLES.read_text(encoding="utf-8"))
    connection.execute(_WRITTEN_BY_PYTHON)
    write_load_tables(connection)
    connection.execute(f"create table seeds.lifecycle_stages as from read_csv('{_STAGES}')")
    connection.execute("""
        insert into marts.rpt_lifecycle_counts by name
        select lifecycle_stage, title, stage_order, 0 as customers_count from seeds.lifecycle_stages
    """)
    put_map(connection, "grid11")
    put(
        connection,
        "marts.dim_generation",
        as_of_date=AS_OF,
        shop_time_zone="Europe/London",
        engine="duckdb",
        listed_anonymous_count=0,
        unlisted_anonymous_count=0,
    )
    return connection


def put_map(connection: duckdb.DuckDBPyConnection, rfm_map: str) -> None:
    """Spread nobody over the scores of a map."""
    connection.execute("delete from marts.rpt_rfm_distribution")
    connection.execute(f"""
        insert into marts.rpt_rfm_distribution by name
        select
            concat(recency_score, frequency_score, monetary_score) as rfm_code,
            rfm_segment,
            recency_score,
            frequency_score,
            monetary_score,
            (frequency_score + monetary_score + 1) // 2 as frequency_monetary_score,
            0 as customers_count,
            0 as net_revenue_amount
        from read_csv('{_MAPS}') where rfm_map = '{rfm_map}'
    """)


def small_shop() -> duckdb.DuckDBPyConnection:
    """Three buyers, a guest, a lead and an anonymous visitor; the figures are small enough to add up by hand."""
    connection = empty_shop()
    connection.execute("update marts.dim_generation set shop_currency = 'EUR', listed_anonymous_count = 1")
    for customer, kind in _PEOPLE:
        put(connection, "marts.dim_customers", customer_id=customer, customer_kind=kind)
    for order, customer, gross, discount, refund, net, is_valid, is_counted in _ORDERS:
        put(
            connection,
            "marts.fct_orders",
            order_id=order,
            customer_id=customer,
            gross_amount=gross,
            discount_amount=discount,
            refund_amount=refund,
            net_revenue_amount=net,
            is_valid=is_valid,
            is_counted=is_counted,
            order_date="2026-06-01",
        )
    _put_spread(connection)
    _put_visits(connection)
    put_segment(connection, "champions", members_count=1, net_revenue_amount="1289.90", share=0.2)
    put_segment(connection, "curious_browsers", group="browsing", members_count=1, anonymous_members_count=1, share=0.0)
    put(connection, "quality.reconciliation", measure="orders", source_amount=7, built_amount=7, difference_amount=0)
    put(
        connection,
        "quality.reconciliation",
        measure="product value",
        source_amount="1900.04",
        built_amount="1900.03",
        difference_amount="0.01",
    )
    return connection


def put(connection: duckdb.DuckDBPyConnection, table: str, **row: Any) -> None:
    """Insert one row; a column that is not given is null."""
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    connection.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))


def put_segment(connection: duckdb.DuckDBPyConnection, name: str, *, title: str | None = None, **size: Any) -> None:
    """Declare a segment and give it a size."""
    group = size.pop("group", "value")
    put(
        connection,
        "segments.dictionary",
        segment=name,
        title=title or name.replace("_", " "),
        description="Somebody.",
        rule="orders_count at least 3",
        owner="crm",
        purpose="Thank them.",
        group=group,
    )
    row = {"members_count": 0, "anonymous_members_count": 0, "net_revenue_amount": 0, "is_too_small": False, **size}
    put(connection, "segments.sizes", as_of_date=AS_OF, segment=name, **row)


def put_file(connection: duckdb.DuckDBPyConnection, file: str, **rows: int) -> None:
    """Note a loaded file; a number of rows that is not given is 0."""
    counts = dict.fromkeys(("read", "used", "quarantined", "duplicate", "skipped"), 0) | rows
    put(connection, "quality.load_ledger", file=file, **{f"rows_{name}": count for name, count in counts.items()})


def put_check(connection: duckdb.DuckDBPyConnection, name: str, severity: str, *findings: str) -> None:
    """Note a check that found these things, or passed."""
    put(
        connection,
        "quality.check_results",
        check_name=name,
        asset="marts/fct_orders",
        severity=severity,
        is_passed=not findings,
        failures_count=len(findings),
        message="; ".join(findings),
    )


@cache
def _declared_marts() -> tuple[tuple[str, str], ...]:
    return tuple(_read_marts())


def _read_marts() -> Iterator[tuple[str, str]]:
    for path in sorted((PROJECT_DIR / "models" / "marts").glob("*/_*__models.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
            yield model["name"], columns


def _put_spread(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        update marts.rpt_rfm_distribution set customers_count = 1, net_revenue_amount = 1289.90
        where rfm_code = '555'
    """)
    connection.execute("""
        update marts.rpt_rfm_distribution set customers_count = 2, net_revenue_amount = 70.05
        where rfm_code = '111'
    """)
    connection.execute("update marts.rpt_lifecycle_counts set customers_count = 4 where lifecycle_stage = 'active'")
    connection.execute(
        "update marts.rpt_lifecycle_counts set customers_count = 1 where lifecycle_stage in ('lead', 'anonymous')"
    )
    for flag in ("idle", "one_timer"):
        put(
            connection,
            "marts.dim_flags",
            flag=flag,
            family="purchases",
            question=f"Is it {flag}?",
            definition="By rule",
        )
    for customer, answer in (
        ("ada", False),
        ("ben", True),
        ("cleo", True),
        ("guest", True),
        ("lea", None),
        ("a1", None),
    ):
        put(connection, "profiles.customer_profiles", customer_id=customer, is_one_timer=answer)


def _put_visits(connection: duckdb.DuckDBPyConnection) -> None:
    for number, customer in enumerate(("ada", "ada", "a1")):
        put(
            connection,
            "marts.fct_sessions",
            session_id=str(number),
            customer_id=customer,
            is_identified=customer != "a1",
        )
    for number, outcome in enumerate(("ordered", "abandoned", "abandoned", "open")):
        put(connection, "marts.fct_carts", cart_id=str(number), outcome=outcome)
