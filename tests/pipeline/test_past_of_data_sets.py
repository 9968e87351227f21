"""Days of the past of the sample shop and of Online Retail say what whole builds of those days say, and add up."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.pipeline.past import differences, scratch_of
from tests.pipeline.test_movements import assert_everybody_is_counted_once

if TYPE_CHECKING:
    from dagster_project.sample.writing import Sample
    from tests.pipeline.shop import Shop


@pytest.mark.parametrize("day", ["2025-11-15", "2026-06-30"])
def test_a_day_of_the_sample_shop_is_a_whole_build_of_that_day(sample_shop: tuple[Shop, Sample], day: str) -> None:
    shop, _ = sample_shop
    with scratch_of(shop) as scratch:
        # Another day first: nothing of it may stay.
        scratch.build(date(2026, 1, 31))
        assert differences(scratch, shop, day) == []


@pytest.mark.parametrize("day", ["2011-06-30", "2011-12-09"])
def test_a_day_of_online_retail_is_a_whole_build_of_that_day(online_retail: Shop, day: str) -> None:
    with scratch_of(online_retail) as scratch:
        assert differences(scratch, online_retail, day) == []


def test_everybody_of_two_days_of_the_sample_shop_is_counted_once(sample_shop: tuple[Shop, Sample]) -> None:
    shop, _ = sample_shop
    assert_everybody_is_counted_once(shop)
