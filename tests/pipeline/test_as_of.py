"""A run as of a past day sees that day's facts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.shop import Shop

DAY = "2026-03-31"


@pytest.fixture
def shop(new_shop: Callable[..., Shop]) -> Shop:
    """One order each for people to whom something happens after the as-of date."""
    shop = new_shop()
    order = {"status": "paid", "cancelled_at": "", "email": "", "total_amount": "50.00"}
    shop.land(
        "orders",
        [
            {**order, "order_id": "1", "customer_id": "refunded-later", "ordered_at": "2026-03-01T10:00:00Z"},
            {
                **order,
                "order_id": "2",
                "customer_id": "cancelled-later",
                "ordered_at": "2026-03-01T10:00:00Z",
                "status": "cancelled",
                "cancelled_at": "2026-04-01T00:00:00Z",
            },
            {
                **order,
                "order_id": "3",
                "customer_id": "cancelled-before",
                "ordered_at": "2026-03-01T10:00:00Z",
                "status": "cancelled",
                "cancelled_at": "2026-03-31T23:59:59Z",
            },
            {**order, "order_id": "4", "customer_id": "orders-again", "ordered_at": "2026-03-31T23:59:59.999999Z"},
            {**order, "order_id": "5", "customer_id": "orders-again", "ordered_at": "2026-04-01T00:00:00Z"},
            {
                **order,
                "order_id": "6",
                "customer_id": "a-merged-later",
                "ordered_at": "2026-03-01T10:00:00Z",
                "email": "m@example.com",
            },
            {**order, "order_id": "7", "customer_id": "b-merged-later", "ordered_at": "2026-03-01T10:00:00Z"},
            {**order, "order_id": "9", "customer_id": "once", "ordered_at": "2026-03-20T10:00:00Z"},
            {**order, "order_id": "8", "customer_id": "refunded-in-time", "ordered_at": "2026-03-01T10:00:00Z"},
        ],
    )
    shop.land(
        "refunds",
        [
            {"refund_id": "r1", "order_id": "1", "refunded_at": "2026-04-01T00:00:00Z", "amount": "50.00"},
            {"refund_id": "r2", "order_id": "8", "refunded_at": "2026-03-31T23:59:59Z", "amount": "50.00"},
        ],
    )
    shop.land(
        "identities",
        [
            {
                "customer_id": "b-merged-later",
                "identifier_type": "email",
                "identifier": "m@example.com",
                "seen_at": "2026-04-01T00:00:00Z",
            }
        ],
    )
    return shop


def test_later_facts_are_invisible(shop: Shop) -> None:
    shop.run(as_of=DAY)
    assert shop.profile("refunded-later")["orders_count"] == 1
    assert shop.profile("cancelled-later")["orders_count"] == 1
    assert shop.profile("cancelled-before")["orders_count"] == 0
    assert shop.profile("refunded-in-time")["orders_count"] == 0
    assert shop.profile("orders-again")["orders_count"] == 1
    assert shop.profile("orders-again")["days_since_last_order"] == 0
    assert shop.profile("b-merged-later")["orders_count"] == 1


def test_the_next_day_sees_them(shop: Shop) -> None:
    shop.run(as_of="2026-04-01")
    assert shop.profile("refunded-later")["orders_count"] == 0
    assert shop.profile("refunded-later")["lifecycle_stage"] == "lead"
    assert shop.profile("cancelled-later")["orders_count"] == 0
    assert shop.profile("orders-again")["orders_count"] == 2
    assert shop.profile("a-merged-later")["orders_count"] == 2
    assert shop.published(
        "select merged_into from marts.dim_customer_aliases where customer_id = 'b-merged-later'"
    ) == [("a-merged-later",)]


def test_an_earlier_day_is_kept_as_history_and_not_published(shop: Shop) -> None:
    shop.run(as_of="2026-04-01")
    standing = shop.generation
    assert shop.run(as_of=DAY).text == f"written to history only: generation {standing} is of 2026-04-01"
    assert shop.generation == standing
    recomputed = shop.settings.history_dir / "recomputed" / f"as_of_date={DAY}" / "memberships.parquet"
    assert recomputed.exists()


def test_membership_is_dated_from_the_first_day_of_an_unbroken_run(shop: Shop) -> None:
    shop.run(as_of=DAY)
    assert entered(shop, "one_timers")["once"] == DAY
    assert shop.published("select count(*) from segments.sizes where entered_count is not null") == [(0,)]
    shop.run(as_of="2026-04-01")
    assert entered(shop, "one_timers")["once"] == DAY
    ((left,),) = shop.published("select left_count from segments.sizes where segment = 'one_timers'")
    assert left == 4  # refunded, cancelled, ordered again, and merged into somebody else
    shop.run(as_of="2026-04-03")
    assert entered(shop, "one_timers")["once"] == "2026-04-03"


def entered(shop: Shop, segment: str) -> dict[str, str]:
    """The day each member entered."""
    return dict(shop.published(f"select customer_id, cast(entered_date as varchar) from segments.{segment}"))
