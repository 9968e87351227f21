from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import Landing, a_product, a_refund, an_event, an_order, at

if TYPE_CHECKING:
    from pathlib import Path


def test_a_column_that_no_contract_has_is_refused() -> None:
    with pytest.raises(ValueError, match="orders has no column totl_amount"):
        an_order("anna", on="2026-06-01", totl_amount="50.00")


def test_a_day_is_noon_and_an_instant_stays() -> None:
    assert at("2026-06-01") == "2026-06-01T12:00:00Z"
    assert at("2026-06-01T23:59:59+02:00") == "2026-06-01T23:59:59+02:00"


def test_rows_that_say_different_things_have_different_keys() -> None:
    views = [an_event("product_view", on="2026-06-01", device="phone", product_id=product) for product in ("a", "b")]
    assert len({row.values["event_id"] for row in views}) == 2
    assert an_order(on="2026-06-01").values["order_id"] != an_order("anna", on="2026-06-01").values["order_id"]
    assert a_refund("o1", on="2026-06-01").values["refund_id"] != a_refund("o2", on="2026-06-01").values["refund_id"]


def test_files_hold_the_columns_that_a_row_fills(tmp_path: Path) -> None:
    landing = Landing().add(a_product("scarf"), [a_product("voucher", is_gift_card=True)])
    (path,) = landing.write(tmp_path)
    assert path == tmp_path / "products" / "rows.csv"
    assert path.read_text(encoding="utf-8").splitlines() == [
        "product_id,name,is_gift_card",
        "scarf,scarf,",
        "voucher,voucher,true",
    ]
