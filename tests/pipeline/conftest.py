"""Whole runs of the pipeline that several tests look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project.sample.writing import write_sample
from tests.pipeline.past import FIRST, MOVERS, MOVES, ORDER, SECOND, TODAY, VISIT
from tests.pipeline.shop import COMPLETE_JOURNEY, Shop, environment_taken_back, online_retail_shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dagster_project.sample.writing import Sample


@pytest.fixture
def new_shop(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Makes empty shops that live as long as the test."""
    with environment_taken_back():
        yield lambda name="shop", **settings: Shop(tmp_path / name, settings)


@pytest.fixture(scope="session")
def sample_shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Sample]:
    """The sample shop in its default size, built for a day of the past and then for its last day."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("sample"), {"pii_key": "a key for tests"})
        sample = write_sample(shop.settings.landing_dir)
        shop.run(as_of="2025-11-15")
        shop.keep_build("2025-11-15")
        shop.run()
        shop.keep_build("2026-06-30")
    return shop, sample


@pytest.fixture(scope="session")
def online_retail(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """UCI Online Retail, built for 30 June 2011 and for its last day."""
    with environment_taken_back():
        shop = online_retail_shop(tmp_path_factory.mktemp("online_retail"))
        shop.run(as_of="2011-06-30")
        shop.keep_build("2011-06-30")
        shop.run()
        shop.keep_build("2011-12-09")
    return shop


@pytest.fixture(scope="session")
def complete_journey(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The Complete Journey, built for its last day."""
    if not COMPLETE_JOURNEY.exists():
        pytest.skip(f"the data set is not there: {COMPLETE_JOURNEY}")
    with environment_taken_back():
        settings = {"shop_time_zone": "America/New_York", "pii_key": "a key for tests"}
        shop = Shop(tmp_path_factory.mktemp("complete_journey"), settings)
        for path in sorted(COMPLETE_JOURNEY.glob("*.parquet")):
            folder = shop.settings.landing_dir / f"complete_journey_{path.stem}"
            folder.mkdir(parents=True)
            (folder / path.name).symlink_to(path)
        shop.run(as_of="2017-12-31")
        shop.keep_build("2017-12-31")
    return shop


@pytest.fixture(scope="session")
def past_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Published for two days with a day between them that was not built; late facts of the first came between."""
    with environment_taken_back():
        settings = {"pii_key": "a key for tests", "shop_time_zone": "Europe/Berlin"}
        shop = Shop(tmp_path_factory.mktemp("past") / "shop", settings)
        shop.land(
            "orders",
            [
                {**ORDER, "order_id": "1", "customer_id": "once", "ordered_at": "2026-03-20T10:00:00Z"},
                {**ORDER, "order_id": "2", "customer_id": "twice-by-late-order", "ordered_at": "2026-03-01T10:00:00Z"},
                {**ORDER, "order_id": "3", "customer_id": "returns-late", "ordered_at": "2026-03-02T10:00:00Z"},
                {**ORDER, "order_id": "4", "customer_id": "b-merged", "ordered_at": "2026-03-03T10:00:00Z"},
                {**ORDER, "order_id": "5", "customer_id": "a-merged", "ordered_at": "2026-03-04T10:00:00Z"}
                | {"email": "m@example.com"},
            ],
        )
        shop.land(
            "events",
            [
                {**VISIT, "event_id": "before", "occurred_at": "2026-03-31T21:50:00Z"},
                {**VISIT, "event_id": "after midnight in Berlin", "occurred_at": "2026-03-31T22:05:00Z"},
            ],
        )
        shop.land("orders", MOVERS, "movers")
        shop.run(as_of=FIRST)
        late = {**ORDER, "order_id": "9", "customer_id": "twice-by-late-order", "ordered_at": "2026-03-10T10:00:00Z"}
        shop.land("orders", [late, *MOVES], "late")
        refund = {"refund_id": "r1", "order_id": "3", "refunded_at": "2026-03-20T00:00:00Z", "amount": "50.00"}
        shop.land("refunds", [refund])
        login = {"identifier_type": "email", "identifier": "m@example.com", "seen_at": "2026-04-01T12:00:00Z"}
        shop.land("identities", [{**login, "customer_id": "b-merged"}])
        shop.run(as_of=TODAY)
        shop.keep_build(TODAY)
        return shop


@pytest.fixture(scope="session")
def past_with_past(past_shop: Shop) -> Shop:
    """The same shop with its two earlier days built again, and today built and published after them."""
    with environment_taken_back():
        shop = past_shop
        generation, built_at = shop.generation, shop.settings.warehouse_path.stat().st_mtime_ns
        shop.build_past(FIRST, SECOND)
        assert (shop.generation, shop.settings.warehouse_path.stat().st_mtime_ns) == (generation, built_at)
        assert shop.run(as_of=TODAY).text == "published", "intervals say more than before"
        assert shop.run(as_of=TODAY).text.startswith("unchanged")
        return shop
