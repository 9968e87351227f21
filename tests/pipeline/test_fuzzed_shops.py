"""Two hundred random shops with refunds, merges, late files, versions and currencies, against the reference."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dagster_project.raw.loading import load_landing
from tests.pipeline.fuzzed import LAST_DAY, loads
from tests.pipeline.shop import Shop, environment_taken_back
from tests.pipeline.test_reference import KEY, assert_same
from tests.pipeline.test_thresholds import assert_decisions_say_the_columns_again
from tests.reference.reference import reference

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = range(200)
LOADS = 4
DAYS = ("2026-06-30", "2026-03-31")


@pytest.fixture(scope="module")
def fuzzed_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """All worlds in one warehouse, landed file by file, built for two days."""
    with environment_taken_back():
        shop = Shop(
            tmp_path_factory.mktemp("fuzzed"),
            {"pii_key": KEY, "shop_currency": "EUR", "shop_time_zone": "Europe/Berlin", "max_bad_share": 0.5},
        )
        now = datetime.combine(LAST_DAY + timedelta(days=60), datetime.min.time(), tzinfo=UTC)
        for at, batch in enumerate(loads(SEEDS, LOADS)):
            for table, rows in batch.items():
                shop.land(table, rows, f"load_{at}")
            load_landing(shop.settings, now=now)
        for day in sorted(DAYS):
            shop.run(as_of=day)
            shop.keep_build(day)
        yield shop


@pytest.mark.parametrize("day", DAYS)
def test_every_customer_of_every_world_agrees(fuzzed_shop: Shop, day: str) -> None:
    expected = reference(
        fuzzed_shop.raw_tables(),
        as_of=date.fromisoformat(day),
        time_zone="Europe/Berlin",
        pii_key=KEY,
        shop_currency="EUR",
    )
    assert_same(fuzzed_shop, day, expected, at_least=300)


def test_thresholds_are_moved_by_what_decided_in_every_world(fuzzed_shop: Shop) -> None:
    known_counts = assert_decisions_say_the_columns_again(fuzzed_shop)
    assert sum(count > 0 for count in known_counts.values()) > 20


def test_the_worlds_hold_what_they_are_for(fuzzed_shop: Shop) -> None:
    (found,) = fuzzed_shop.built(
        """
        select
            count(distinct left(order_id, 4)) as worlds,
            count(*) filter (where refund_amount > 0) as refunded,
            count(*) filter (where not is_counted) as uncounted,
            count(*) filter (where original_currency = 'USD') as in_dollars,
            count(*) filter (where original_currency = 'JPY') as in_yen,
            count(*) filter (where gift_card_amount > 0) as with_gift_cards
        from marts.fct_orders
        """,
        DAYS[0],
    )
    worlds, refunded, uncounted, *kinds = found
    assert worlds >= 0.9 * len(SEEDS)
    assert refunded >= len(SEEDS) / 4
    assert uncounted >= len(SEEDS) / 4
    assert min(kinds) >= len(SEEDS) / 10
    ((merged,),) = fuzzed_shop.built("select count(*) from marts.dim_customer_aliases", DAYS[0])
    assert merged >= 10
    ((strangers,),) = fuzzed_shop.built(
        "select count(distinct lifecycle_stage) from profiles.customer_profiles where customer_id similar to 'w...-x.'",
        DAYS[0],
    )
    assert strangers == 2
    ((versions,),) = fuzzed_shop.raw(
        "select count(*) from (select order_id from raw.orders group by all having count(*) > 1)"
    )
    assert versions >= 10
