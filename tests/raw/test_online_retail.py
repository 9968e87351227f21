"""The mapping of a real data set against an independent computation with pandas."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from dagster_project.settings import PROJECT_DIR
from tests.raw.landing import make_landing

if TYPE_CHECKING:
    from tests.raw.landing import Landing

DATA = PROJECT_DIR.parent / "shared" / "data" / "online_retail" / "online_retail.csv.gz"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not there")

ROWS = 541_909
POSTAGE = ["POST", "DOT", "C2"]


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """Every line with its class: the first skip rule that holds, else postage, sale or refund."""
    found = pd.read_csv(DATA, dtype=str, keep_default_na=False)
    found["units"] = found.Quantity.astype(int)
    found["price"] = found.UnitPrice.map(Decimal)
    found["value"] = [units * price for units, price in zip(found.units, found.price, strict=True)]
    code, credit = found.StockCode.str.upper(), found.InvoiceNo.str.startswith("C")
    found["code"] = code
    rules = {
        "bad_debt_adjustment": code == "B",
        "fee": code.isin(["AMAZONFEE", "BANK CHARGES", "CRUK"]),
        "manual_adjustment": code == "M",
        "sample": code == "S",
        "discount_adjustment": code == "D",
        "postage_refund": code.isin(POSTAGE) & credit,
        "stock_adjustment": (found.units < 0) & ~credit,
        "unpriced_without_customer": (found.price == 0) & (found.CustomerID == ""),
        "postage": code.isin(POSTAGE),
        "refund": credit,
    }
    found["class"] = "sale"
    for name, holds in reversed(rules.items()):
        found.loc[holds, "class"] = name
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    landing = make_landing(tmp_path_factory.mktemp("online_retail"), max_bad_share=0)
    folder = landing.settings.landing_dir / "online_retail"
    folder.mkdir(parents=True)
    (folder / "online_retail.csv.gz").symlink_to(DATA)
    landing.load()
    return landing


def total(lines: pd.DataFrame) -> Decimal:
    return sum(lines.value, Decimal(0))


def one(shop: Landing, sql: str) -> Any:
    return shop.fetch(sql)[0]


def test_every_row_is_used_or_skipped_by_its_rule(shop: Landing, lines: pd.DataFrame) -> None:
    classes = lines["class"].value_counts()
    skipped = {rule: int(count) for rule, count in classes.items() if rule not in {"sale", "postage", "refund"}}
    (file,) = [file for file in shop.load().files if not file.was_loaded]
    assert file.file == "online_retail/online_retail.csv.gz"
    read, used, quarantined, duplicate, skipped_count, by_rule = one(
        shop,
        "select rows_read, rows_used, rows_quarantined, rows_duplicate, rows_skipped, "
        "skipped_by_rule::json::map(varchar, int) "
        "from raw.load_ledger",
    )
    assert read == used + quarantined + duplicate + skipped_count == len(lines) == ROWS
    assert (quarantined, duplicate, by_rule) == (0, 0, skipped)
    assert len(skipped) == 8


def test_sales_reconcile_line_by_line(shop: Landing, lines: pd.DataFrame) -> None:
    sales = lines[lines["class"] == "sale"]
    count, value, units = one(shop, "select count(*), sum(quantity * unit_price), sum(quantity) from raw.order_lines")
    assert (count, value, units) == (len(sales), total(sales), int(sales.units.sum()))
    expected = sales.assign(nth=lines.groupby("InvoiceNo").cumcount() + 1)
    stored = shop.fetch("select order_id, line_number, product_id, quantity::int, unit_price from raw.order_lines")
    assert set(stored) == set(
        expected[["InvoiceNo", "nth", "code", "units", "price"]].itertuples(index=False, name=None)
    )


def test_orders_carry_the_value_of_their_lines_and_their_postage(shop: Landing, lines: pd.DataFrame) -> None:
    orders = lines[lines["class"].isin(["sale", "postage"])]
    count, amount, shipping = one(shop, "select count(*), sum(total_amount), sum(shipping_amount) from raw.orders")
    assert count == orders.InvoiceNo.nunique()
    assert amount == total(lines[lines["class"] == "sale"])
    assert shipping == total(lines[lines["class"] == "postage"])
    per_order = orders[orders["class"] == "sale"].groupby("InvoiceNo").value.sum()
    stored = dict(shop.fetch("select order_id, total_amount from raw.orders where total_amount <> 0"))
    assert stored == {order: value for order, value in per_order.items() if value}


def test_orders_keep_customer_currency_country_and_local_time(shop: Landing, lines: pd.DataFrame) -> None:
    orders = lines[lines["class"].isin(["sale", "postage"])]
    without = orders[orders.CustomerID == ""].InvoiceNo.nunique()
    assert one(shop, "select count(*) from raw.orders where customer_id is null") == (without,)
    assert shop.fetch("select distinct currency from raw.orders") == [("GBP",)]
    first = orders.groupby("InvoiceNo").agg(time=("InvoiceDate", "min"), country=("Country", "first"))
    stored = shop.fetch(
        "select order_id, strftime(timezone('Europe/London', ordered_at), '%Y-%m-%d %H:%M:%S'), shipping_country "
        "from raw.orders",
    )
    assert set(stored) == {(order, row.time, row.country) for order, row in first.iterrows()}


def test_refunds_reconcile_and_name_an_order_only_without_a_customer(shop: Landing, lines: pd.DataFrame) -> None:
    refunds = lines[lines["class"] == "refund"]
    count, keys, amount, units = one(
        shop, "select count(*), count(distinct refund_id), sum(amount), sum(quantity) from raw.refunds"
    )
    assert (count, keys, amount, units) == (len(refunds), len(refunds), -total(refunds), -int(refunds.units.sum()))
    unknown = int((refunds.CustomerID == "").sum())
    assert one(
        shop,
        "select count(*) filter (where customer_id is null and order_id is not null), "
        "count(*) filter (where customer_id is not null and order_id is null and product_id is not null) "
        "from raw.refunds",
    ) == (unknown, len(refunds) - unknown)


def test_each_product_stands_once_with_its_first_name(shop: Landing, lines: pd.DataFrame) -> None:
    sold = lines[lines["class"].isin(["sale", "refund"])]
    names = sold[sold.Description.str.strip() != ""].groupby("code").Description.first().str.strip()
    stored = dict(shop.fetch("select product_id, name from raw.products"))
    assert stored == {code: names.get(code) for code in sold.code.unique()}
    gifts = shop.column("select product_id from raw.products where is_gift_card order by 1")
    assert gifts == [f"GIFT_0001_{value}" for value in (10, 20, 30, 40, 50)]


def test_the_whole_file_adds_up_in_money(shop: Landing, lines: pd.DataFrame) -> None:
    (sales,) = one(shop, "select sum(total_amount) + sum(shipping_amount) from raw.orders")
    (refunds,) = one(shop, "select sum(amount) from raw.refunds")
    skipped = lines[~lines["class"].isin(["sale", "postage", "refund"])]
    assert sales - refunds + total(skipped) == total(lines)
