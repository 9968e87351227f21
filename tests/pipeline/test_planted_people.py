"""The sample shop plants personas: what is published must find exactly them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project.sample.characters import CHARACTER_FLAGS
from dagster_project.sample.truth import FLAGS

if TYPE_CHECKING:
    import pandas as pd

    from dagster_project.sample.writing import Sample
    from tests.pipeline.shop import Shop

LAST_DAY = "2026-06-30"


def people(shop: Shop, sample: Sample) -> pd.DataFrame:
    """The planted accounts beside what was published of them."""
    truth = sample.truth[sample.truth["customer_id"].notna() & sample.truth["is_listed"].astype(bool)]
    profiles = shop.built_frame("select * from profiles.customer_profiles", LAST_DAY).set_index("customer_id")
    ids = shop.built_frame("select shop_customer_id, customer_id as person from marts.dim_shop_customers", LAST_DAY)
    named = truth.merge(ids, left_on="customer_id", right_on="shop_customer_id", validate="one_to_one")
    assert len(named) == len(truth)
    return named.join(profiles.add_prefix("published_"), on="person")


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_has_precision_and_recall_of_one(sample_shop: tuple[Shop, Sample], flag: str) -> None:
    found = people(*sample_shop)
    known = found[found[flag].notna()]
    planted = known[flag].astype(bool)
    published = known[f"published_is_{flag}"].fillna(value=False).astype(bool)
    if flag != "curious_browser":  # accounts are identified, so nobody among them is a curious browser
        assert planted.sum() > 0
    assert known[planted != published]["customer_id"].tolist() == []


@pytest.mark.parametrize("flag", CHARACTER_FLAGS)
def test_who_barely_is_and_who_barely_is_not_are_told_apart(sample_shop: tuple[Shop, Sample], flag: str) -> None:
    found = people(*sample_shop)
    planted = found[found[flag].notna()].set_index("persona")
    assert set(planted[flag]) == {True, False}
    published = planted[f"published_is_{flag}"].fillna(value=False).astype(bool)
    assert published.to_dict() == planted[flag].astype(bool).to_dict()


def test_curious_browsers_are_the_planted_devices(sample_shop: tuple[Shop, Sample]) -> None:
    shop, sample = sample_shop
    devices = sample.truth[sample.truth["customer_id"].isna() & sample.truth["curious_browser"].notna()]
    planted = int(devices["curious_browser"].astype(bool).sum())
    ((published,),) = shop.built("select count(*) from profiles.customer_profiles where is_curious_browser", LAST_DAY)
    assert planted == published > 0


def test_stages_orders_and_revenue_are_the_planted_ones(sample_shop: tuple[Shop, Sample]) -> None:
    found = people(*sample_shop)
    for column in ("lifecycle_stage", "orders_count", "net_revenue_amount"):
        known = found[found[column].notna()]
        assert len(known) > 3000
        assert known[known[column] != known[f"published_{column}"]]["customer_id"].tolist() == []


def test_people_buy_for_whom_they_say(sample_shop: tuple[Shop, Sample]) -> None:
    found = people(*sample_shop)
    told = found[found["organisation_type"].notna()]
    assert set(told["organisation_type"]) == {"individual", "company", "school", "non_profit"}
    assert told[told["organisation_type"] != told["published_organisation_type"]]["customer_id"].tolist() == []
    assert set(told["published_organisation_type_source"]) == {"survey"}
    is_organisation = told["published_is_organisation"].astype(bool)
    assert told[is_organisation != (told["organisation_type"] != "individual")]["customer_id"].tolist() == []


def test_wishes_wait_for_what_was_planted(sample_shop: tuple[Shop, Sample]) -> None:
    found = people(*sample_shop)
    planted, published = found["wishlist_motive"].fillna("none"), found["published_wishlist_motive"].fillna("none")
    assert set(planted) == {"none", "waiting_for_discount", "comparing", "not_ready", "keeping_track"}
    assert found[planted != published]["customer_id"].tolist() == []


def test_bad_rows_are_quarantined_as_planted(sample_shop: tuple[Shop, Sample]) -> None:
    shop, sample = sample_shop
    bad = sample.faults[sample.faults["is_bad"].astype(bool)]
    planted = {(row.file, row.reason): row.rows for row in bad.itertuples()}
    quarantined = shop.raw("select file, reason_code, count(*) from raw.quarantine group by all")
    assert {(file, reason): rows for file, reason, rows in quarantined} == planted
