"""The scores that the R package `rfm` publishes for its own data, from orders to scores, by its own cut points."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from dagster_project.transform.project import build
from tests.builders import Landing, an_order
from tests.pipeline.shop import ROOT, Shop, environment_taken_back

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = (ROOT / "../shared/data/rfm_reference").resolve()
CUSTOMERS_COUNT = 995
# Its quantiles of a fifth each, plus one, below which a value scores: days < 482 is at most 481.
CUT_POINTS = {
    "rfm_fixed_recency_days": {"grid11": [481, 297, 180, 114]},
    "rfm_fixed_frequency_orders": {"grid11": [4, 5, 6, 8]},
    "rfm_fixed_monetary_amounts": {"grid11": [255.8, 382, 506.4, 666]},
}


@pytest.mark.skipif(not FOLDER.exists(), reason=f"the data set is not there: {FOLDER}")
def test_every_customer_has_the_published_scores(tmp_path: Path) -> None:
    with environment_taken_back():
        shop = Shop(tmp_path, {"pii_key": "a key for tests"})
        rows = [
            an_order(order["customer_id"], on=order["order_date"], total=order["revenue"], order_id=str(number))
            for number, order in enumerate(_rows("rfm_data_orders.csv"))
        ]
        Landing().add(rows).load(shop.settings, now=datetime(2007, 1, 2, tzinfo=UTC))
        variables = {"as_of_date": "2006-12-31", "shop_time_zone": "UTC", "shop_currency": ""}
        choice = {"rfm_method": "fixed", "rfm_map": "grid11", **CUT_POINTS}
        select = ["+dim_rfm_cut_points"]
        result = build(shop.settings, select=select, variables=variables | choice, on_event=lambda _event: None)
        assert result.success, result.exception
        found = shop.built("""
            select customer_id, days_since_last_order, orders_count, net_revenue_amount, rfm_code, is_low_confidence
            from marts.fct_customer_rfm
        """)
        points = shop.built("""
            select rfm_score, recency_max_days, frequency_min_count, monetary_min_amount
            from marts.dim_rfm_cut_points order by rfm_score
        """)
    published = {
        (row["customer_id"], int(row["rec"]), int(row["n"]), Decimal(row["amount"]), row["rfm"], False)
        for row in _rows("expected_rfm.csv")
    }
    assert len(published) == CUSTOMERS_COUNT
    assert set(found) == published
    assert points == [
        (1, None, None, None),
        (2, 481, 4, Decimal("255.80")),
        (3, 297, 5, Decimal(382)),
        (4, 180, 6, Decimal("506.40")),
        (5, 114, 8, Decimal(666)),
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
