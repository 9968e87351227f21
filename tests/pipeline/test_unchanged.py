"""A run builds when anything that decides its result is new, and only then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from dagster_project import inputs
from dagster_project.clock import utc_now
from dagster_project.errors import SegmentsError
from dagster_project.inputs import inputs_sha256
from dagster_project.jobs import MAIN_JOB
from dagster_project.publish.generations import generations, switch_to
from dagster_project.raw.database import open_raw
from dagster_project.raw.loading import load_landing
from dagster_project.resources import Warehouse
from dagster_project.runs import _execute
from tests.pipeline.instance import instance_in_memory
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

NOTHING_TO_BUILD = "unchanged: the current generation was made of the same"


def _order(number: int, **columns: str) -> dict[str, str]:
    return {
        "order_id": f"o{number}",
        "customer_id": f"c{number % 5}",
        "ordered_at": f"2026-03-{number % 28 + 1:02}",
        "total_amount": "20.00",
    } | columns


@pytest.fixture(scope="module")
def published_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("unchanged") / "shop", {})
        shop.land("orders", [_order(number) for number in range(30)])
        assert shop.run().text == "published"
        yield shop


@pytest.fixture
def shop(published_shop: Shop, tmp_path: Path) -> Iterator[Shop]:
    with environment_taken_back():
        yield published_shop.copy(tmp_path / "shop")


def _built_at(shop: Shop) -> int:
    return shop.settings.warehouse_path.stat().st_mtime_ns


def test_a_second_run_builds_nothing(shop: Shop) -> None:
    before = _built_at(shop)
    outcome = shop.run()
    assert outcome.text == NOTHING_TO_BUILD
    assert outcome.as_of.isoformat() == "2026-03-28"
    assert _built_at(shop) == before


def _would_build_nothing(shop: Shop, **config: Any) -> bool:
    load_landing(shop.settings, now=utc_now())
    return Warehouse(**config).published_generation() is not None


def _land_an_order(shop: Shop) -> None:
    shop.land("orders", [_order(99)], name="more")


def _turn_a_bad_row_in(shop: Shop) -> None:
    shop.land("orders", [_order(99, total_amount="much"), *map(_order, range(100, 130))], name="bad")


def _set_another_zone(shop: Shop) -> None:
    shop.set("shop_time_zone", "Asia/Tokyo")


def _lose_the_build(shop: Shop) -> None:
    shop.settings.warehouse_path.unlink()


def _break_the_build(shop: Shop) -> None:
    shop.settings.warehouse_path.write_bytes(b"no database")


@pytest.mark.parametrize(
    "change", [_land_an_order, _turn_a_bad_row_in, _set_another_zone, _lose_the_build, _break_the_build]
)
def test_whatever_changed_is_built(shop: Shop, change: Callable[[Shop], None]) -> None:
    assert _would_build_nothing(shop)
    change(shop)
    assert not _would_build_nothing(shop)


def test_a_model_built_apart_is_no_part_of_what_was_published(shop: Shop) -> None:
    with instance_in_memory() as instance:
        model = dg.AssetSelection.assets(["marts", "fct_customer_lifecycle"])
        _execute(MAIN_JOB, shop.settings, {"as_of_date": "2026-04-15"}, instance, selected=model)
    assert not _would_build_nothing(shop, as_of_date="2026-03-28")
    assert not Warehouse(as_of_date="2026-03-28").only_segments_changed()


def test_another_day_is_built(shop: Shop) -> None:
    assert not _would_build_nothing(shop, as_of_date="2026-04-15")
    assert _would_build_nothing(shop, as_of_date="2026-03-28")


def test_whoever_wants_it_all_again_gets_it(shop: Shop) -> None:
    assert shop.run(rebuild=True).text == "unchanged: the current generation already says the same"
    assert _would_build_nothing(shop)


def test_going_back_to_an_older_generation_does_not_last_over_a_run(shop: Shop) -> None:
    _land_an_order(shop)
    shop.run()
    older, _ = generations(shop.settings)
    assert _would_build_nothing(shop)
    switch_to(shop.settings, older.name)
    assert not _would_build_nothing(shop)


def test_a_failed_check_is_looked_at_again_even_after_it_was_accepted(shop: Shop) -> None:
    shop.land("orders", [_order(50, sales_channel="somebody@example.com")], name="address")
    with pytest.raises(SegmentsError, match="no_personal_data"):
        shop.run()
    assert not _would_build_nothing(shop)
    assert shop.run(accept=["no_personal_data"]).text == "published"
    assert _would_build_nothing(shop, accept=["no_personal_data"])
    assert not _would_build_nothing(shop)


@pytest.fixture
def hash_of_code(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: date) -> Callable[[], str]:
    monkeypatch.setattr(inputs, "PROJECT_DIR", tmp_path / "project")
    (tmp_path / "project" / "models").mkdir(parents=True)

    def take() -> str:
        with open_raw(shop.settings, read_only=True) as raw:
            return inputs_sha256(raw, shop.settings, day, [])

    return take


@pytest.fixture
def day(shop: Shop) -> date:
    return generations(shop.settings)[-1].as_of


def test_an_edited_model_is_new_and_an_edited_note_is_not(tmp_path: Path, hash_of_code: Callable[[], str]) -> None:
    model, note = tmp_path / "project/models/orders.sql", tmp_path / "project/models/notes.md"
    model.write_text("select 1", encoding="utf-8")
    before = hash_of_code()
    note.write_text("nothing to build", encoding="utf-8")
    assert hash_of_code() == before
    model.write_text("select 2", encoding="utf-8")
    assert hash_of_code() != before
    model.rename(model.with_name("other.sql"))
    assert len({before, hash_of_code()}) == 2
