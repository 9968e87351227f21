"""Parts add up to the whole, and where they do not it is said by how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project.quality.checks import checks
from dagster_project.quality.partitions import add_partitions
from dagster_project.segments.membership import write_memberships, write_segment, write_sizes
from tests.segments.shops import catalog_of, declaration, shop
from tests.segments.test_doubts import AS_OF

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    import duckdb

ALL, REVENUE = "customers over ", "net revenue over "
GROUP, STAGES, RFM = "segments of next and the rest", "stages of the lifecycle", "RFM groups and the unscored"


@pytest.fixture
def build(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """Six people: four scored buyers worth 10 each, two leads; an exclusive group of two segments."""
    people = [
        {"customer_id": f"b{number}", "orders_count": number, "net_revenue_amount": 10, "lifecycle_stage": "active"}
        | {"rfm_segment": "champions"}
        for number in range(4)
    ]
    leads = [{"customer_id": f"l{number}", "customer_kind": "lead", "lifecycle_stage": "lead"} for number in range(2)]
    connection = shop(*people, *leads)
    rules = (("most", "{orders_count: {at_least: 2}}"), ("few_orders", "{orders_count: {at_least: 1}}"))
    entries = [
        declaration(name, rule) + f"\n  group: next\n  priority: {place}" for place, (name, rule) in enumerate(rules, 1)
    ]
    catalog = catalog_of(tmp_path, *entries)
    for segment in catalog:
        write_segment(connection, segment, AS_OF)
    write_memberships(connection, catalog)
    write_sizes(connection, catalog, AS_OF)
    connection.execute("""
        create schema marts;
        create schema quality;
        create table marts.dim_customers as select customer_id from profiles.customer_profiles;
        create table marts.fct_orders as select net_revenue_amount from profiles.customer_profiles;
        create table marts.rpt_rfm_distribution as
        select 4 as customers_count, cast(40 as decimal(18, 2)) as net_revenue_amount;
        create table marts.rpt_lifecycle_counts as
        select lifecycle_stage, count(*) as customers_count from profiles.customer_profiles group by lifecycle_stage;
    """)
    return connection


def _differences(build: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Decimal]:
    build.execute("""
        create or replace table quality.reconciliation (measure varchar, source_amount decimal(18, 2),
            built_amount decimal(18, 2), difference_amount decimal(18, 2))
    """)
    entry = declaration("most", "{orders_count: {at_least: 2}}") + "\n  group: next\n  priority: 1"
    other = declaration("few_orders", "{orders_count: {at_least: 1}}") + "\n  group: next\n  priority: 2"
    add_partitions(build, catalog_of(folder / "again", entry, other))
    (check,) = [check for check in checks() if check.name == "source_totals_reconcile"]
    rows = build.execute("select measure, source_amount, difference_amount from quality.reconciliation").fetchall()
    assert {measure: whole for measure, whole, _ in rows} == {
        kind + name: whole for kind, whole in ((ALL, 6), (REVENUE, 40)) for name in (RFM, STAGES, GROUP)
    }
    found = {measure: difference for measure, _, difference in rows if difference}
    assert len(check.find(build)) == len(found)
    assert check.severity == "error"
    return found


def test_every_partition_is_the_whole(build: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert _differences(build, tmp_path) == {}


@pytest.mark.parametrize(
    ("damage", "differences"),
    [
        ("delete from profiles.customer_profiles where customer_id = 'l1'", {ALL + RFM: 1, ALL + GROUP: 1}),
        ("update marts.rpt_lifecycle_counts set customers_count = 1", {ALL + STAGES: 4}),
        # Two segments that share a member.
        (
            "update segments.sizes set members_count = 3, net_revenue_amount = 30 where segment = 'few_orders'",
            {ALL + GROUP: -2, REVENUE + GROUP: -20},
        ),
        # A buyer who is scored in no group.
        ("update marts.rpt_rfm_distribution set customers_count = 3", {ALL + RFM: 1}),
    ],
)
def test_what_is_missing_or_twice_is_told(
    build: duckdb.DuckDBPyConnection, tmp_path: Path, damage: str, differences: dict[str, int]
) -> None:
    build.execute(damage)
    assert _differences(build, tmp_path) == differences
