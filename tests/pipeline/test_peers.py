"""The peers of the benchmarks answer the same questions as the pipeline: same people, same answers, on two days."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pytest
from pyarrow.parquet import write_table

from benchmarks.large_shop import write_large_shop
from benchmarks.one_more_day import TIMES, lay_apart
from benchmarks.peers import by_hand
from benchmarks.peers.rules import COLUMNS, RFM_MAP, merged_ids
from tests.pipeline.shop import ROOT, Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "a key for tests"
DAYS = ["2026-02-15", "2026-06-30"]
LISTED = ", ".join(COLUMNS)
# Columns of the profile that the whole profile by hand (benchmarks/peers/whole) does not give yet.
NOT_BY_HAND: set[str] = set()
# What the generated shop says nothing of: columns with one value at most, on both days together.
UNTOLD = """
    home_region age_group gender income_band occupation marital_status education organisation_type lifestyle
    organisation_type_source content_variant purchase_readiness main_interest life_stage follow_up_category
    age_years days_until_birthday open_carts_count many_views_cut_count few_orders_cut_bp
    recent_emails_received_count recent_emails_opened_count recent_emails_clicked_count days_since_last_email_click
    decided_offers_count redeemed_offers_count launched_collections_count followed_collections_count interests_count
    is_birthday_soon is_organisation is_email_contactable is_sms_contactable is_ads_contactable is_profiling_allowed
    is_loyalty_member is_email_unengaged is_newsletter_reader is_offer_ignorer is_loyalty_candidate
    is_needs_incentive is_trendy is_follow_up_candidate
"""
CENTS = LISTED.replace("net_revenue_amount", "cast(100 * net_revenue_amount as bigint) as net_revenue_amount")


@pytest.fixture(scope="module")
def large_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A small large shop, built for a day of the past and for its last day."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("large"), {"pii_key": KEY})
        write_large_shop(shop.settings.landing_dir, orders=3000)
        enliven(shop.settings.landing_dir / "events")
        for day in DAYS:
            shop.run(as_of=day)
            shop.keep_build(day)
        yield shop


def enliven(folder: Path) -> None:
    """Let happen what the generator leaves out: home pages, failed payments, wishes taken back, fuller carts."""
    draw = "cast('0x' || substr(md5(event_id), 1, 6) as bigint)"
    for path in folder.glob("*.parquet"):
        rows = duckdb.sql(
            f"""select * replace (
                    case when event_type = 'page_view' and {draw} % 2 = 0 then 'home' else page_type end as page_type,
                    case
                        when event_type = 'product_view' and {draw} % 3 = 0 then 'add_to_cart'
                        when event_type = 'checkout_started' and {draw} % 3 = 0 then 'payment_failed'
                        when event_type = 'wishlist_add' and {draw} % 3 = 0 then 'wishlist_remove'
                        else event_type
                    end as event_type
                ) from '{path}'"""
        ).to_arrow_table()
        write_table(rows, path)


@pytest.mark.parametrize("day", DAYS)
def test_by_hand_gives_what_the_pipeline_gives(large_shop: Shop, tmp_path: Path, day: str) -> None:
    database = tmp_path / "by_hand.duckdb"
    costs = by_hand.compute(large_shop.settings.landing_dir, date.fromisoformat(day), database, pseudonym_key=KEY)
    assert set(costs) == {"load", "models"}
    with duckdb.connect(str(database), read_only=True) as connection:
        by_hands = connection.execute(f"select {CENTS} from customer_profiles").fetchall()
    assert one_sided(built_rows(large_shop, day), by_hands) == ([], [])


@pytest.mark.parametrize("day", DAYS)
def test_the_whole_profile_by_hand_is_the_pipeline_s(large_shop: Shop, tmp_path: Path, day: str) -> None:
    database = tmp_path / "whole.duckdb"
    folder, as_of = large_shop.settings.landing_dir, date.fromisoformat(day)
    by_hand.compute(folder, as_of, database, pseudonym_key=KEY, whole=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        given = {row[0] for row in connection.execute("describe customer_profiles").fetchall()}
        published = [row[0] for row in large_shop.built("describe profiles.customer_profiles", day)]
        assert set(published) - given == NOT_BY_HAND
        assert given - set(published) == set()
        columns = ", ".join(name for name in published if name in given)
        by_hands = connection.execute(f"select {columns} from customer_profiles").fetchall()
    built = large_shop.built(f"select {columns} from profiles.customer_profiles order by customer_id", day)
    assert one_sided(built, by_hands) == ([], [])


def test_the_shop_tells_all_columns_apart_but_these(large_shop: Shop) -> None:
    customers = pd.concat([large_shop.built_frame("from profiles.customer_profiles", day) for day in DAYS])
    values = customers.nunique()
    assert set(values[values < 2].index) == set(UNTOLD.split())


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_a_data_frame_library_gives_what_the_pipeline_gives(large_shop: Shop, library: str, day: str) -> None:
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed; benchmarks/requirements-peers.txt names it")
    peer = import_module(f"benchmarks.peers.in_{library}")
    frame = peer.customer_profiles(large_shop.settings.landing_dir, date.fromisoformat(day), KEY)
    frame = frame if isinstance(frame, pd.DataFrame) else frame.to_arrow()  # read by DuckDB under this name
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        columns = ", ".join(f"{name}::{kind} as {name}" for name, kind in column_types(large_shop, day).items())
        answers = connection.execute(f"select {columns} from frame").fetchall()
    assert one_sided(built_rows(large_shop, day), answers) == ([], [])


@pytest.mark.parametrize(("peer", "more"), [("by_hand", ()), ("by_hand", ("--whole",)), ("in_pandas", ())])
def test_a_peer_is_a_process_that_prints_one_line(
    large_shop: Shop, tmp_path: Path, peer: str, more: tuple[str, ...]
) -> None:
    database = ["--database", str(tmp_path / "peer.duckdb")] if peer == "by_hand" else []
    module = [sys.executable, "-m", f"benchmarks.peers.{peer}"]
    arguments = [str(large_shop.settings.landing_dir), "--as-of", DAYS[-1], *database, *more]
    finished = subprocess.run([*module, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    (line,) = finished.stdout.splitlines()
    figures = json.loads(line)
    assert set(figures) == {"phases", "cpu_seconds", "wall_seconds", "peak_megabytes"}
    assert figures["cpu_seconds"] >= sum(figures["phases"].values()) > 0


def test_the_shop_asks_every_question_both_ways(large_shop: Shop) -> None:
    customers = pd.concat(
        [large_shop.built_frame(f"select {CENTS}, funnel_step from profiles.customer_profiles", day) for day in DAYS]
    )
    for flag in [name for name in COLUMNS if name.startswith("is_")]:
        assert set(customers[flag].dropna()) == {True, False}, flag
    assert set(customers["rfm_segment"].dropna()) == set(RFM_MAP.values())
    assert customers["lifecycle_stage"].nunique() == 9
    assert customers["customer_kind"].nunique() == 4
    assert {"visit", "home", "category", "product"} <= set(customers["funnel_step"])
    junk = large_shop.built("select count(*) from intermediate.int_identifiers_linked where is_junk", DAYS[-1])
    merged = large_shop.built("select count(*) from profiles.customer_profiles where customer_ids_count > 1", DAYS[-1])
    assert junk[0][0] > 5
    assert merged[0][0] > 5


def test_one_changed_cell_is_noticed(large_shop: Shop) -> None:
    rows = built_rows(large_shop, DAYS[0])
    changed = [*rows[:-1], (*rows[-1][:-1], not rows[-1][-1])]
    assert one_sided(rows, rows) == ([], [])
    assert one_sided(rows, changed) == (rows[-1:], changed[-1:])


def test_a_shop_is_laid_apart_without_losing_a_row(tmp_path: Path) -> None:
    whole, before, later = tmp_path / "whole", tmp_path / "before", tmp_path / "later"
    write_large_shop(whole, orders=2000, days=60)
    day = date(2026, 6, 30)
    assert lay_apart(whole, before, day, later) > 0
    for table in sorted(path.name for path in whole.iterdir()):
        found = [rows_of(folder / table) for folder in (before, later)]
        assert sorted(found[0] + found[1], key=str) == sorted(rows_of(whole / table), key=str), table
        if table in TIMES:
            column, rows = TIMES[table], f"'{before}/{table}/*.parquet'"
            times = f"select max(timezone('UTC', {column})) < timestamp '{day}' from {rows}"
            assert duckdb.sql(times).fetchall() == [(True,)], table
            assert found[1] or table in {"customers", "identities", "refunds"}, table
    ordered, lined = ({row[0] for row in rows_of(later / table)} for table in ("orders", "order_lines"))
    assert lined == ordered


def rows_of(folder: Path) -> list[tuple[Any, ...]]:
    """All rows of a landing folder; none where there is none."""
    return duckdb.sql(f"from '{folder}/*.parquet'").fetchall() if folder.exists() else []


def test_pairs_are_followed_to_the_end() -> None:
    assert merged_ids([("c", "b"), ("d", "c"), ("b", "a"), ("y", "x")]) == {"b": "a", "c": "a", "d": "a", "y": "x"}


def test_the_peers_do_not_know_the_pipeline() -> None:
    folder = by_hand.SCRIPT.parent
    sources = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    assert "in_pymc_marketing.py" in sources
    assert [name for name, text in sources.items() if "dagster_project" in text] == []


def test_requirements_are_exact_and_name_no_address() -> None:
    text = (by_hand.SCRIPT.parents[1] / "requirements-peers.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert {line.partition("==")[0] for line in lines} >= {"duckdb", "pandas", "polars", "pyarrow", "pymc-marketing"}
    assert all("==" in line and "://" not in line for line in lines)


def built_rows(shop: Shop, day: str) -> list[tuple[Any, ...]]:
    """The listed columns of every customer as the pipeline built them, amounts in cents."""
    return shop.built(f"select {CENTS} from profiles.customer_profiles order by customer_id", day)


def column_types(shop: Shop, day: str) -> dict[str, str]:
    """The type of each listed column in the pipeline's profile; amounts in cents."""
    described = shop.built(f"describe select {CENTS} from profiles.customer_profiles", day)
    return {str(row[0]): str(row[1]) for row in described}


def one_sided(
    ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The first rows that only one side has."""
    assert len(ours) == len(set(ours)) > 1000
    assert len(theirs) == len(set(theirs))
    return sorted(set(ours) - set(theirs), key=str)[:3], sorted(set(theirs) - set(ours), key=str)[:3]
