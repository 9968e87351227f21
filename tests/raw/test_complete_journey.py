"""The mappings of a real grocer's year against an independent computation with pandas."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from dagster_project.settings import PROJECT_DIR
from tests.raw.landing import Landing, make_landing

DATA = PROJECT_DIR.parent / "shared" / "data" / "complete_journey"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not there")

FILES = ["transactions", "products", "demographics", "campaigns", "campaign_descriptions", "coupon_redemptions"]


@pytest.fixture(scope="module")
def sold() -> pd.DataFrame:
    """Every row of a basket in whole cents, and whether anything was sold on it."""
    rows = pd.read_parquet(DATA / "transactions.parquet")
    for name in ("sales_value", "retail_disc", "coupon_match_disc"):
        rows[name] = (rows[name] * 100).round().astype("int64")
    return rows.assign(is_sold=(rows.quantity != 0) | (rows.sales_value != 0))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    landing = make_landing(tmp_path_factory.mktemp("complete_journey"), max_bad_share=0)
    for name in FILES:
        folder = landing.settings.landing_dir / f"complete_journey_{name}"
        folder.mkdir(parents=True)
        (folder / f"{name}.parquet").symlink_to(DATA / f"{name}.parquet")
    landing.load()
    return landing


def one(shop: Landing, sql: str) -> Any:
    return shop.fetch(sql)[0]


def known(name: str) -> pd.DataFrame:
    """A file with None where nothing is known."""
    frame = pd.read_parquet(DATA / f"{name}.parquet").astype(object)
    return frame.where(frame.notna(), None)


def dollars(cents: int) -> Decimal:
    return Decimal(int(cents)) / 100


def test_every_row_of_every_file_is_used_or_a_row_without_a_sale(shop: Landing, sold: pd.DataFrame) -> None:
    ledger = shop.fetch("select source, rows_read, rows_used, rows_skipped, skipped_by_rule from raw.load_ledger")
    nothing = int((~sold.is_sold).sum())
    counts = {name: len(pd.read_parquet(DATA / f"{name}.parquet")) for name in FILES}
    skipped = dict.fromkeys(FILES, 0) | {"transactions": nothing}
    assert {source.removeprefix("complete_journey_"): tuple(numbers) for source, *numbers, _ in ledger} == {
        name: (count, count - skipped[name], skipped[name]) for name, count in counts.items()
    }
    assert [rules for source, *_, rules in ledger if source.endswith("transactions")] == [
        f'{{"nothing_sold": {nothing}}}'
    ]


def test_baskets_are_orders_to_the_cent(shop: Landing, sold: pd.DataFrame) -> None:
    baskets = (
        sold[sold.is_sold]
        .groupby("basket_id")
        .agg(household=("household_id", "first"), placed=("transaction_timestamp", "min"), cents=("sales_value", "sum"))
    )
    stored = shop.fetch(
        "select order_id, customer_id, strftime(timezone('UTC', ordered_at), '%Y-%m-%d %H:%M:%S'), total_amount, "
        "currency from raw.orders",
    )
    expected = {
        (str(basket), str(household), f"{placed}", dollars(cents), "USD")
        for basket, household, placed, cents in baskets.itertuples()
    }
    assert set(stored) == expected
    assert len(stored) == len(expected) == 155_520
    assert one(shop, "select sum(total_amount) from raw.orders") == (dollars(sold.sales_value.sum()),)


def test_lines_keep_their_discount_and_multiply_back_to_what_was_received(shop: Landing, sold: pd.DataFrame) -> None:
    rows = sold[sold.is_sold]
    count, discount = one(shop, "select count(*), sum(discount_amount) from raw.order_lines")
    assert (count, discount) == (len(rows), dollars(rows.retail_disc.sum() + rows.coupon_match_disc.sum()))
    received = dict(
        shop.fetch("select order_id || '/' || product_id, round(quantity * unit_price, 2) from raw.order_lines")
    )
    keys = rows.basket_id.astype(str) + "/" + rows.product_id.astype(str)
    expected = dict(zip(keys, rows.sales_value.tolist(), strict=True))
    off = {key: (paid, expected[key]) for key, paid in received.items() if paid != dollars(expected[key])}
    assert received.keys() == expected.keys()
    assert off == {}
    ((shelf,),) = shop.fetch("select count(*) from raw.order_lines where list_price > unit_price")
    assert shelf == int((rows.retail_disc + rows.coupon_match_disc > 0).sum())


def test_fuel_is_counted_in_gallons_and_nothing_else_is(shop: Landing, sold: pd.DataFrame) -> None:
    products = pd.read_parquet(DATA / "products.parquet")
    fuel = set(products[products.product_type == "GASOLINE-REG UNLEADED"].product_id)
    is_fuel = sold.product_id.isin(fuel) & sold.is_sold
    assert is_fuel.sum() > 13_000
    stored = one(
        shop,
        "select sum(quantity) filter (where product.name like 'GASOLINE%'), "
        "sum(quantity) filter (where product.name is null or product.name not like 'GASOLINE%') "
        "from raw.order_lines as line left join raw.products as product using (product_id)",
    )
    others = sold[sold.is_sold & ~is_fuel].quantity
    weighed_below_one = int((others == 0).sum())
    assert weighed_below_one == 29
    assert stored == (Decimal(int(sold[is_fuel].quantity.sum())) / 1000, int(others.sum()) + weighed_below_one)


def test_products_and_households_keep_what_is_known_of_them(shop: Landing) -> None:
    products = known("products")
    rows = products[["product_id", "product_type", "package_size", "product_category", "department", "brand"]]
    expected = {
        (str(product), kind and " ".join(filter(None, [kind, size])), category, department, brand.lower())
        for product, kind, size, category, department, brand in rows.itertuples(index=False)
    }
    assert set(shop.fetch("select product_id, name, category, product_line, tags from raw.products")) == expected
    households = known("demographics")
    people = {
        (str(row.household_id), row.marital_status and row.marital_status.lower(), row.income)
        for row in households.itertuples()
    }
    assert set(shop.fetch("select customer_id, marital_status, income_band from raw.customers")) == people


def test_every_household_that_got_a_campaign_got_it_on_its_first_day(shop: Landing) -> None:
    got = pd.read_parquet(DATA / "campaigns.parquet")
    days = pd.read_parquet(DATA / "campaign_descriptions.parquet").set_index("campaign_id")
    local = "strftime(timezone('America/New_York', {}), '%Y-%m-%d %H:%M:%S')"
    stored = shop.fetch(f"select offer_id, customer_id, {local.format('exposed_at')} from raw.offer_exposures")
    expected = {
        (str(campaign), str(household), str(days.start_date[campaign]))
        for campaign, household in got[["campaign_id", "household_id"]].itertuples(index=False)
    }
    assert set(stored) == expected
    assert len(stored) == len(got)
    offers = shop.fetch(f"select offer_id, {local.format('starts_at')}, {local.format('ends_at')} from raw.offers")
    assert set(offers) == {
        (str(campaign), f"{row.start_date:%F} 00:00:00", f"{row.end_date:%F} 23:59:59")
        for campaign, row in days.iterrows()
    }


def test_every_use_of_a_campaign_is_of_a_household_that_got_it_before(shop: Landing) -> None:
    used = pd.read_parquet(DATA / "coupon_redemptions.parquet")
    uses = used[["campaign_id", "household_id", "redemption_date"]].drop_duplicates()
    day = "timezone('America/New_York', redeemed_at)::date::varchar"
    stored = shop.fetch(f"select offer_id, customer_id, {day} from raw.offer_redemptions")
    assert sorted(stored) == sorted((str(row[0]), str(row[1]), f"{row[2]:%F}") for row in uses.itertuples(index=False))
    got_before = """
        select count(*) from raw.offer_redemptions as used
        inner join raw.offer_exposures as got
            on got.customer_id = used.customer_id and got.offer_id = used.offer_id
            and got.exposed_at <= used.redeemed_at
    """
    assert one(shop, got_before) == (len(uses),)


def test_only_in_the_zone_of_the_shop_was_there_a_basket_on_the_day_of_every_use(shop: Landing) -> None:
    without = """
        select count(*) from raw.offer_redemptions as used
        where not exists (
            from raw.orders as placed where placed.customer_id = used.customer_id
            and timezone('{zone}', placed.ordered_at)::date = timezone('America/New_York', used.redeemed_at)::date
        )"""
    # Two coupons lay in baskets in which nothing was sold.
    assert one(shop, without.format(zone="America/New_York")) == (2,)
    assert one(shop, without.format(zone="UTC"))[0] > 100
