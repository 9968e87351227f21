"""Fifty thousand customers whom as many shared cards connect in a ring, and a mailbox that too many share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from dagster_project.transform.project import build
from tests.builders import Landing, an_account, an_identity, an_order
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator

AS_OF = date(2026, 6, 30)
NOW = datetime(2026, 7, 3, 6, tzinfo=UTC)
COUNT = 50_000
SHARED = {"info@example.com": 6, "family@example.com": 5}
SMALL_RING = ("ring_a", "ring_b", "ring_c", "ring_d")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One ring of as many cards as customers, and a ring small enough to be one person."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("giant"), {"pii_key": "a key for tests"})
        rings = ([f"giant_{number:05}" for number in range(COUNT)], SMALL_RING)
        rows = [
            an_identity(customer, f"{ring[0]}-card-{(at + step) % len(ring)}", on="2026-01-01", kind="loyalty_id")
            for ring in rings
            for at, customer in enumerate(ring)
            for step in (0, 1)
        ]
        orders = [an_order(customer, on="2026-02-01", total="10.00") for customer in (*rings[0][:2], *SMALL_RING)]
        accounts = [
            an_account(f"{address}-{number}".replace("@example.com", ""), on="2026-01-01", email=address)
            for address, count in SHARED.items()
            for number in range(count)
        ]
        Landing().add(rows, orders, accounts).load(shop.settings, now=NOW)
        variables = {"as_of_date": AS_OF.isoformat(), "shop_time_zone": "UTC", "shop_currency": ""}
        select = ["+dim_shop_customers", "+rpt_components_refused", "+fct_orders"]
        result = build(shop.settings, select=select, variables=variables, on_event=lambda _event: None)
        assert result.success, result.exception
        yield shop


def test_a_giant_component_is_reported_and_merges_nobody(shop: Shop) -> None:
    columns = "smallest_id, verdict, customer_ids_count"
    assert shop.built(f"select {columns} from marts.rpt_components_refused") == [("giant_00000", "too_many_ids", COUNT)]
    query = """
        select count(*), count(distinct customer_id), count(*) filter (where customer_id = shop_customer_id)
        from marts.dim_shop_customers where shop_customer_id like 'giant%'
    """
    assert shop.built(query) == [(COUNT, COUNT, COUNT)]
    orders = "select count(distinct customer_id) from marts.fct_orders where customer_id like 'giant%'"
    assert shop.built(orders) == [(2,)]


def test_a_ring_is_one_person_under_its_smallest_id(shop: Shop) -> None:
    query = "select distinct customer_id from marts.fct_orders where order_id like 'ring%'"
    assert shop.built(query) == [("ring_a",)]


def test_a_mailbox_of_five_customers_is_one_person_and_of_six_is_nobodys(shop: Shop) -> None:
    query = "select count(*), count(distinct customer_id) from marts.dim_shop_customers where shop_customer_id like "
    assert shop.built(f"{query} 'info%'") == [(6, 6)]
    assert shop.built(f"{query} 'family%'") == [(5, 1)]
