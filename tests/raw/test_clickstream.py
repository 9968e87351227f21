"""The mapping of a real clickstream against an independent computation with pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from dagster_project.settings import PROJECT_DIR
from tests.raw.landing import make_landing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.raw.landing import Landing

DATA = PROJECT_DIR.parent / "shared" / "data" / "web_events" / "ecom.csv.gz"
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not there")

HEADER = "user_id,session_id,event,timestamp,platform,acquisition_channel,user_cohort,user_lifecycle\n"
VIEWS = ["home", "promo_page", "account_page", "review_page", "compare", "filter_results", "cart", "payment_details"]
TYPES = dict.fromkeys([*VIEWS, "error_page", "checkout_bug"], "page_view") | {
    "catalog": "category_view",
    "shipping_details": "checkout_started",
    "payment_error": "payment_failed",
    "support_chat": "chat_opened",
}


@pytest.fixture(scope="module")
def clicks() -> pd.DataFrame:
    found = pd.read_csv(DATA, dtype=str)
    return found.assign(type=found.event.replace(TYPES))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    landing = make_landing(tmp_path_factory.mktemp("clickstream"), max_bad_share=0)
    folder = landing.settings.landing_dir / "clickstream"
    folder.mkdir(parents=True)
    (folder / DATA.name).symlink_to(DATA)
    landing.load()
    return landing


@needs_data
def test_every_click_is_an_event_of_its_user_and_session(shop: Landing, clicks: pd.DataFrame) -> None:
    left_out = "rows_quarantined + rows_duplicate + rows_skipped"
    counts = shop.fetch(f"select rows_read, rows_used, {left_out} from raw.load_ledger")
    assert counts == [(len(clicks), len(clicks), 0)] == [(31_106, 31_106, 0)]
    stored = shop.fetch(
        "select customer_id, session_id, event_type, strftime(timezone('UTC', occurred_at), '%Y-%m-%d %H:%M:%S'), "
        "device_type, properties ->> 'event' from raw.events",
    )
    rows = clicks[["user_id", "session_id", "type", "timestamp", "platform", "event"]]
    assert sorted(stored) == sorted(rows.itertuples(index=False, name=None))


@needs_data
def test_every_user_is_an_account_with_the_channel_it_came_through(shop: Landing, clicks: pd.DataFrame) -> None:
    channels = clicks.groupby("user_id").acquisition_channel.unique()
    assert (channels.str.len() == 1).all()
    stored = shop.fetch("select customer_id, acquisition_channel, registered_at from raw.customers")
    assert sorted(stored) == [(user, channel[0], None) for user, channel in channels.items()]
    assert len(stored) == 600


def test_a_click_exported_again_is_a_duplicate_and_a_double_click_is_not(tmp_path: Path) -> None:
    landing = make_landing(tmp_path)
    click = "anna,s1,add_to_cart,2024-03-13 10:23:32,mobile,email,2024-01,new\n"
    landing.write("clickstream/march.csv", HEADER + click + click)
    landing.load()
    landing.write("clickstream/march_april.csv", HEADER + click + click + click.replace("03-13", "04-13"))
    (later,) = [file for file in landing.load().files if file.was_loaded]
    assert (later.rows_read, later.rows_used, later.rows_duplicate) == (3, 1, 2)
    assert landing.fetch("select count(*), count(distinct event_id) from raw.events") == [(3, 3)]


def test_what_is_no_click_is_quarantined_and_what_nobody_knows_is_kept(tmp_path: Path) -> None:
    landing = make_landing(tmp_path)
    landing.write(
        "clickstream/clicks.csv",
        HEADER + ",s1,home,2024-03-13 10:23:32,mobile,email,2024-01,new\n"
        "anna,s1,home,13.03.2024,mobile,email,2024-01,new\n"
        "anna,s1,Wheel_Of_Fortune,2024-03-13 10:23:32,mobile,email,2024-01,new\n",
    )
    landing.load_one()
    assert [(line, reason) for line, reason, _, _ in landing.quarantine()] == [(2, "null_key"), (3, "bad_time")]
    assert landing.column("select event_type from raw.events") == ["wheel_of_fortune"]
