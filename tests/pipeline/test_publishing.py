"""One complete generation or none: what stands is never touched by a run that fails or says nothing new."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.errors import BusyError, SegmentsError, UsageError
from dagster_project.lock import writer_lock
from dagster_project.publish.generations import generations, switch_to
from dagster_project.transform import project
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def order(number: int, **columns: str) -> dict[str, str]:
    """An order of four columns."""
    return {
        "order_id": str(number),
        "customer_id": f"c{number % 7}",
        "ordered_at": f"2026-03-{number % 28 + 1:02d}",
        "total_amount": "20.00",
    } | columns


@pytest.fixture(scope="module")
def published_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A published shop of forty orders and nothing else."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("published") / "shop", {})
        shop.land("orders", [order(number) for number in range(40)])
        shop.run()
        yield shop


@pytest.fixture
def shop(published_shop: Shop, tmp_path: Path) -> Iterator[Shop]:
    """A copy of it that a test may change."""
    with environment_taken_back():
        yield published_shop.copy(tmp_path / "shop")


@pytest.fixture(scope="module")
def growth(published_shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, int]]:
    """A copy that one more order reached while rubbish lay about, and the orders that an open reader then saw."""
    with environment_taken_back():
        shop = published_shop.copy(tmp_path_factory.mktemp("grown") / "shop")
        (shop.settings.published_dir / "generations" / ".crashed.draft").mkdir()
        (shop.settings.published_dir / "generations" / ".DS_Store").touch()
        shop.land("orders", [order(99)], name="more")
        file = (shop.settings.published_dir / "current" / "customer_segments.duckdb").resolve()
        with duckdb.connect(str(file), read_only=True) as reader:
            shop.run()
            ((seen,),) = reader.execute("select count(*) from marts.fct_orders").fetchall()
        yield shop, seen


@pytest.fixture
def grown_shop(growth: tuple[Shop, int]) -> Shop:
    """The shop of two generations, which a test may not change."""
    return growth[0]


def content(shop: Shop) -> dict[str, bytes]:
    """Every published file, byte for byte."""
    folder = shop.settings.published_dir
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_orders_of_four_columns_are_enough(shop: Shop) -> None:
    profile = shop.profile("c1")
    assert profile["customer_kind"] == "buyer"
    assert profile["rfm_segment"] is not None
    assert profile["lifecycle_stage"] == "active"
    for flag in ("is_cart_abandoner", "is_registered_browser", "is_curious_browser", "is_idle", "is_discount_lover"):
        assert profile[flag] is None, f"{flag} needs data that never landed"
    assert shop.published("select count(*) from quality.check_results where severity = 'error' and not is_passed") == [
        (0,)
    ]


def test_the_generation_is_complete_and_says_what_it_is(shop: Shop) -> None:
    current = shop.settings.published_dir / "current"
    about = json.loads((current / "publish.json").read_text())
    folder = current.resolve()
    on_disk = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(about["files"]) == on_disk - {"publish.json"}
    assert about["as_of_date"] == "2026-03-28"
    assert about["row_counts"]["marts.fct_orders"] == 40
    assert not list(current.resolve().rglob("*.wal"))
    assert shop.published("select generation from marts.dim_generation") == [(shop.generation,)]
    ((comment,),) = shop.published(
        "select comment from duckdb_tables() where database_name = 'published' and table_name = 'fct_orders'"
    )
    assert comment.startswith("One row per order")


def test_every_published_table_says_what_it_is(shop: Shop) -> None:
    told = dict(
        shop.published("""
            select schema_name || '.' || table_name, comment from duckdb_tables() where database_name = 'published'
            union all
            select schema_name || '.' || view_name, comment
            from duckdb_views() where database_name = 'published' and not internal
        """)
    )
    assert {"marts.fct_orders", "quality.load_ledger", "report.sales", "segments.reasons"} <= told.keys()
    assert [name for name, comment in told.items() if not comment] == []
    assert told["segments.champions"].endswith("Rule: rfm_segment is Champions and orders_count at least 3")


def test_the_promised_file_name_and_the_unambiguous_one_are_the_same_file(published_shop: Shop) -> None:
    current = published_shop.settings.published_dir / "current"
    assert (current / "segments.duckdb").samefile(current / "customer_segments.duckdb")
    with duckdb.connect(str(current / "customer_segments.duckdb"), read_only=True) as reader:
        assert reader.execute("select count(*) from segments.sizes").fetchall()[0][0] > 12
    with duckdb.connect(str(current / "segments.duckdb"), read_only=True) as reader:
        assert reader.execute("select count(*) from segments.segments.sizes").fetchall()[0][0] > 12


def test_a_run_that_says_nothing_new_makes_no_generation(shop: Shop) -> None:
    before = content(shop)
    shop.run()
    assert content(shop) == before


def test_a_new_fact_makes_one(published_shop: Shop, grown_shop: Shop) -> None:
    older, newer = (generation.name for generation in generations(grown_shop.settings))
    assert (older, newer) == (published_shop.generation, grown_shop.generation)
    assert older != newer


def test_an_open_reader_keeps_its_generation_and_a_new_one_sees_the_next(growth: tuple[Shop, int]) -> None:
    shop, seen = growth
    assert seen == 40
    assert shop.published("select count(*) from marts.fct_orders") == [(41,)]


def test_a_failing_check_leaves_what_was_published(shop: Shop) -> None:
    before = content(shop)
    shop.land("orders", [order(99, sales_channel="someone@example.com")], name="more")
    with pytest.raises(SegmentsError, match="no_personal_data"):
        shop.run()
    assert content(shop) == before


def test_a_shop_that_numbers_its_customers_by_address_and_phone_publishes_without_them(
    new_shop: Callable[..., Shop],
) -> None:
    shop = new_shop()
    people = ["anna@example.com", "Anna@Example.com", "+49 30 1234567", "0301234568", "1000234567"]
    shop.land("orders", [order(number, customer_id=person) for number, person in enumerate(people)])
    shop.land("customers", [{"customer_id": "0301234568", "phone": "030/1234568"}])
    shop.run()
    ids = {shop_id for (shop_id,) in shop.published("select shop_customer_id from marts.dim_shop_customers")}
    assert {shop_id for shop_id in ids if not shop_id.startswith("c_")} == {"1000234567"}
    assert shop.published("select count(distinct customer_id) from marts.fct_orders") == [(4,)]
    current = shop.settings.published_dir / "current"
    pages = [path.read_text("utf-8") for path in current.rglob("*") if path.suffix in {".html", ".json"}]
    assert pages
    assert not [person for person in people[:4] if any(person.lower() in page.lower() for page in pages)]


def test_an_accepted_check_is_published_and_recorded(shop: Shop) -> None:
    shop.land("orders", [order(99, sales_channel="someone@example.com")], name="more")
    shop.run(accept=["no_personal_data"])
    about = json.loads((shop.settings.published_dir / "current" / "publish.json").read_text())
    assert about["accepted_checks"] == ["no_personal_data"]


def test_a_model_that_fails_midway_leaves_what_was_published(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(shop)
    shop.land("orders", [order(99)], name="more")
    real = project.build

    def broken(settings: object, *, variables: dict[str, object], **options: object) -> object:
        # A number that SQL cannot read breaks one model in the middle of the graph.
        return real(settings, variables={**variables, "at_risk_days": "no number"}, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("dagster_project.transform.assets.build", broken)
    with pytest.raises(SegmentsError, match="int_customers_staged"):
        shop.run()
    assert content(shop) == before
    monkeypatch.undo()
    shop.run()
    assert shop.published("select count(*) from marts.fct_orders") == [(41,)]


def test_one_can_go_back_to_an_older_generation(grown_shop: Shop, tmp_path: Path) -> None:
    shop = grown_shop.copy(tmp_path / "shop")
    older, _ = generations(shop.settings)
    switch_to(shop.settings, older.name)
    assert shop.published("select count(*) from marts.fct_orders") == [(40,)]
    with pytest.raises(UsageError, match="There is no generation 'yesterday'"):
        switch_to(shop.settings, "yesterday")


def test_only_the_last_generations_are_kept(grown_shop: Shop, tmp_path: Path) -> None:
    shop = grown_shop.copy(tmp_path / "shop")
    shop.set("keep_generations", 2)
    _, second = generations(shop.settings)
    shop.land("orders", [order(100)], name="even_more")
    shop.run()
    assert [generation.name for generation in generations(shop.settings)] == [second.name, shop.generation]


def test_an_unfinished_generation_is_swept_away(grown_shop: Shop) -> None:
    assert not (grown_shop.settings.published_dir / "generations" / ".crashed.draft").exists()


def test_a_stray_file_among_the_generations_does_no_harm(grown_shop: Shop) -> None:
    assert (grown_shop.settings.published_dir / "generations" / ".DS_Store").exists()
    assert len(generations(grown_shop.settings)) == 2


def test_a_day_that_has_not_ended_is_refused(shop: Shop) -> None:
    standing = shop.generation
    with pytest.raises(UsageError, match="2130-01-01 has not ended yet in UTC"):
        shop.run(as_of="2130-01-01")
    assert shop.generation == standing


def test_the_sample_shop_leaves_nobody_behind(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop()
    runner = CliRunner()
    assert runner.invoke(app, ["sample", "--customers", "70", "--days", "400"], env=shop.environment).exit_code == 0
    shop.run()
    assert shop.published("select count(*) > 60 from marts.dim_customers") == [(True,)]
    assert "everything that was made of them" in runner.invoke(app, ["sample", "--remove"], env=shop.environment).output
    shop.land("orders", [order(1, customer_id="bert")])
    shop.run()
    assert shop.published("select customer_id from marts.dim_customers") == [("bert",)]
    refused = runner.invoke(app, ["sample"], env=shop.environment)
    assert isinstance(refused.exception, UsageError)


def test_a_second_writer_is_told_who_is_writing(shop: Shop) -> None:
    settings = shop.settings
    with (
        writer_lock(settings.lock_path, holder="run abc", timeout_seconds=0),
        pytest.raises(BusyError) as told,
        writer_lock(settings.lock_path, holder="run xyz", timeout_seconds=0.3),
    ):
        pass
    assert f"run abc (process {os.getpid()}) is writing since" in str(told.value)
    assert told.value.exit_code == 75


def test_several_currencies_need_a_decision(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop()
    shop.land("orders", [order(1, currency="EUR"), order(2, currency="GBP")])
    with pytest.raises(UsageError, match=r"EUR, GBP.*SEGMENTS_SHOP_CURRENCY"):
        shop.run()


def test_nothing_landed_is_said(new_shop: Callable[..., Shop]) -> None:
    with pytest.raises(SegmentsError, match="No order and no event has landed yet"):
        new_shop().run()


def path_is_private(path: Path) -> bool:
    """Whether only the owner may read a file."""
    return path.stat().st_mode & 0o077 == 0


def test_databases_with_personal_data_are_private(shop: Shop) -> None:
    assert path_is_private(shop.settings.raw_path)
    assert path_is_private(shop.settings.warehouse_path)
    assert path_is_private(shop.settings.data_dir / "pii.key")
