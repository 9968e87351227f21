from __future__ import annotations

import duckdb
import pytest

from dagster_project.quality import tables
from dagster_project.quality.asking import Outcome
from dagster_project.quality.checks import checks
from dagster_project.report.quality import read_checks


@pytest.mark.parametrize(("orders", "told"), [(0, 0), (1, 1), (20, 20), (21, 21)])
def test_orders_refunded_by_more_than_they_were_worth_are_named_up_to_twenty(orders: int, told: int) -> None:
    (check,) = (check for check in checks() if check.name == "refund_exceeds_order")
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            """
            create table marts.fct_orders as
            select
                'o' || number as order_id,
                110.00::decimal(18, 2) as gross_amount,
                10.00::decimal(18, 2) as discount_amount,
                60.00::decimal(18, 2) as refund_amount,
                (40 + case when number <= $orders then number else 0 end)::decimal(18, 2) as excess_refund_amount
            from range(1, 101) as numbers(number)
            """,
            {"orders": orders},
        )
        found = check.find(connection)
    assert len(found) == told
    if orders:
        assert found[0] == f"order o{orders} was worth 100.00 and {100 + orders}.00 went back"
    if orders > 20:
        assert found[-1] == "and 1 more"


def test_refunds_without_a_sale_are_one_finding() -> None:
    (check,) = (check for check in checks() if check.name == "refunds_find_their_sale")
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create schema quality")
        connection.execute("create table marts.fct_refunds as select unnest([6.5, 0, 19.5]) as unmatched_amount")
        found = check.find(connection)
    assert found == ["2 refunds of 26.0 in all found no sale to take back and are outside net revenue"]


def test_a_finding_stays_one_on_the_page_whatever_it_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    (check,) = (check for check in checks() if check.name == "refund_exceeds_order")
    outcome = Outcome(check, ("order a; b was worth 1", "order c was worth 2"))
    monkeypatch.setattr(tables, "run_checks", lambda *_, **__: [outcome])
    with duckdb.connect() as connection:
        connection.execute("create schema quality")
        connection.execute("""
            create table quality.dbt_test_results (check_name varchar, asset varchar, severity varchar,
                is_passed boolean, failures_count bigint)
        """)
        tables.write_check_results(connection)
        (shown,) = read_checks(connection).warnings
    assert shown.findings == ("order a, b was worth 1", "order c was worth 2")
