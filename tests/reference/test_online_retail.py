"""The reference on real data: sums that can be checked straight against the file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.reference.online_retail import NO_PRODUCT, TIME_ZONE, online_retail_tables
from tests.reference.reference import Reference, reference

CSV = Path(__file__).parents[2] / "../shared/data/online_retail/online_retail.csv.gz"

pytestmark = pytest.mark.skipif(not CSV.exists(), reason=f"Online Retail is not at {CSV}")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return online_retail_tables(CSV)


@pytest.fixture(scope="module")
def answers(tables: dict[str, pd.DataFrame]) -> Reference:
    return reference(tables, as_of=date(2011, 12, 9), time_zone=TIME_ZONE, pii_key="key")


def product_rows() -> pd.DataFrame:
    raw = pd.read_csv(CSV, dtype={"InvoiceNo": str, "StockCode": str})
    return raw[~raw.StockCode.str.upper().isin(NO_PRODUCT)]


def pounds(rows: pd.DataFrame) -> Decimal:
    return Decimal(round(float((rows.Quantity * rows.UnitPrice).sum()), 2)).quantize(Decimal("0.01"))


def test_every_pound_of_products_sold_is_net_refund_or_gift_card(answers: Reference) -> None:
    rows = product_rows()
    sold = pounds(rows[~rows.InvoiceNo.str.startswith("C") & (rows.Quantity > 0)])
    orders = answers.orders
    assert orders.net.sum() + orders.refund.sum() + orders.gift_cards.sum() == sold


def test_every_pound_given_back_is_in_a_portion(answers: Reference) -> None:
    rows = product_rows()
    given_back = -pounds(rows[rows.InvoiceNo.str.startswith("C")])
    assert answers.refunds.amount.sum() == given_back
    matched = answers.refunds[answers.refunds.is_matched].amount.sum()
    assert matched == answers.orders.refund.sum() + answers.orders.excess_refund.sum()


def test_no_sale_gives_back_more_than_was_bought(tables: dict[str, pd.DataFrame], answers: Reference) -> None:
    bought = tables["order_lines"].groupby("order_id").quantity.sum()
    returned = answers.refunds[answers.refunds.is_matched].groupby("order_id").quantity.sum()
    assert len(returned) > 1000
    assert (returned <= bought.reindex(returned.index)).all()


def test_refunds_stay_with_customer_product_and_earlier_day(
    tables: dict[str, pd.DataFrame], answers: Reference
) -> None:
    orders = tables["orders"].set_index("order_id")
    refunds = tables["refunds"].set_index("refund_id")
    sold = set(tables["order_lines"][["order_id", "product_id"]].itertuples(index=False, name=None))
    matched = answers.refunds[answers.refunds.is_matched]
    of_order, of_refund = orders.loc[matched.order_id], refunds.loc[matched.refund_id]
    assert (of_order.customer_id.to_numpy() == of_refund.customer_id.to_numpy()).all()
    assert (of_order.ordered_at.to_numpy() < of_refund.refunded_at.to_numpy()).all()
    assert set(zip(matched.order_id, of_refund.product_id, strict=True)) <= sold


def test_everybody_has_one_stage_and_every_buyer_one_group(answers: Reference) -> None:
    customers = answers.customers
    assert customers.index.is_unique
    assert customers.lifecycle_stage.notna().all()
    assert customers.rfm_segment.notna().equals(customers.customer_kind == "buyer")
    assert customers.rfm_segment.nunique() == 11
    assert customers.orders_count.sum() == answers.orders.is_counted.sum()
    assert customers.net_revenue_amount.sum() == answers.orders.net.sum()
