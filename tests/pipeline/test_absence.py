"""What somebody did not do is said only of who could have done it: carts left, mails not clicked, offers not used."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

import duckdb
import pandas as pd
import pytest

from dagster_project.settings import load_settings
from dagster_project.transform.project import build
from tests.builders import (
    Landing,
    Row,
    a_consent,
    a_membership,
    a_message,
    a_redemption,
    an_answer,
    an_event,
    an_exposure,
    an_offer,
    an_order,
)
from tests.pipeline.shop import TABLES, Shop, environment_taken_back
from tests.pipeline.test_reference import differences
from tests.reference.reference import reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dagster_project.settings import Settings

KEY = "a key for tests"
AS_OF = date(2026, 6, 30)
NOW = datetime(2026, 7, 3, 6, tzinfo=UTC)
MAILED = ("never_opened", "machine_only", "unsaid_who", "clicked", "clicked_before", "bounced", "four_only", "by_text")


def _mails() -> Iterator[Row]:
    """Five mails in a week to most, and what became of the first of them."""
    for customer in MAILED:
        yield an_order(customer, on="2025-01-01")
        for number in range(4 if customer == "four_only" else 5):
            message = f"{customer}-{number}"
            channel = {"by_text": "sms", "never_opened": None}.get(customer, "email")
            yield a_message(message, on=f"2026-06-0{number + 1}", to=customer, channel=channel)
            if customer == "machine_only":
                yield a_message(message, "opened", on="2026-06-08", to=customer, is_machine_open=True)
            if customer == "unsaid_who":
                yield a_message(message, "opened", on="2026-06-08", to=customer)
            if customer == "bounced":
                yield a_message(message, "bounced", on="2026-06-08", to=customer)
    yield an_order("never_sent", on="2025-01-01")
    yield a_message("clicked-0", "clicked", on="2026-06-09", to="clicked")
    yield a_message("old", on="2026-03-01", to="clicked_before")
    yield a_message("old", "clicked", on="2026-04-01", to="clicked_before")
    yield a_message("of_nobody", email="noemail@example.com", on="2026-06-09")
    yield a_consent("clicked", on="2026-01-01", purpose="newsletter")
    yield a_consent("never_opened", on="2026-01-01", purpose="newsletter")
    yield a_message("never_opened-1", "unsubscribed", on="2026-06-10", to="never_opened")
    yield a_consent("machine_only", on="2026-07-01")


def _list() -> Iterator[Row]:
    """People without an account and without an order: addresses on a list, and ids that other tables name."""
    yield a_message("silent", on="2026-06-01", email="silent@example.com")
    yield a_message("clicking", on="2026-06-01", email="Clicking@Example.com ")
    yield a_message("clicking", "clicked", on="2026-06-11", email="clicking@example.com")
    yield a_message("long_ago", "clicked", on="2026-01-01T12:00:00Z", email="long_ago@example.com")
    yield a_message("lately", "clicked", on="2026-01-02T12:00:00Z", email="lately@example.com")
    yield a_consent(on="2026-06-12", email="consenting@example.com")
    yield a_consent(on="2026-07-01", email="tomorrow@example.com")
    yield a_message("leaving", on="2025-06-01", email="leaving@example.com")
    yield a_message("leaving", "unsubscribed", on="2026-06-13", email="leaving@example.com")
    yield an_exposure("summer", "shown", on="2026-06-15")
    yield a_redemption("summer", "using", on="2026-06-15")
    yield a_membership("joining", on="2026-06-15")
    yield an_answer("answering", on="2026-06-15")
    yield a_message("both", on="2026-06-01", to="both", email="consenting@example.com")


def _offers() -> Iterator[Row]:
    yield an_offer("spring", ends_at="2026-05-01T00:00:00Z")
    yield an_offer("june", ends_at="2026-07-01T00:00:00Z")
    yield an_offer("summer", ends_at="2026-07-01T00:00:01Z")
    yield an_offer("always")
    for offer in ("spring", "june", "summer", "always"):
        for customer in ("ignores", "redeems"):
            yield an_exposure(offer, customer, on="2026-04-15")
    yield an_exposure("summer", "undecided", on="2026-06-15")
    yield a_redemption("june", "redeems", on="2026-05-20")
    yield a_redemption("spring", "undecided", on="2026-07-01")
    for customer in ("ignores", "redeems", "undecided"):
        yield an_order(customer, on="2025-01-01")


def _carts() -> Iterator[Row]:
    """A cart on the phone and an order on the laptop; carts an hour old; a cart that goes along at the login."""
    yield an_event("add_to_cart", on="2026-06-20T10:00:00Z", device="anna-phone", product_id="kettle")
    yield an_event("login", on="2026-06-10T10:00:00Z", device="anna-phone", customer_id="anna")
    yield an_order("anna", on="2026-06-21", anonymous_id="anna-laptop")
    for who, moment in (("within_grace", "23:00:00Z"), ("beyond_grace", "22:59:59.999999Z")):
        on = f"2026-06-30T{moment}"
        yield an_event("add_to_cart", on=on, device=f"{who}-phone", customer_id=who, cart_id=f"cart-{who}")
    yield an_event("add_to_cart", on="2026-06-24T10:00:00Z", device="mia-tablet", cart_id="cart-mia")
    yield an_event("add_to_cart", on="2026-06-25T10:00:00Z", device="mia-phone", cart_id="cart-mia", customer_id="mia")


def _crawler() -> Iterator[Row]:
    start = datetime(2026, 6, 28, tzinfo=UTC)
    for number in range(60):
        moment = start + timedelta(minutes=29 * number)
        yield an_event("product_view", on=moment.isoformat(), device="crawler", product_id=f"p{number}")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with mock.patch.dict(os.environ):
        os.environ["SEGMENTS_DATA_DIR"] = str(tmp_path_factory.mktemp("absence"))
        os.environ["SEGMENTS_PII_KEY"] = KEY
        loaded = load_settings()
        landing = Landing().add(_mails(), _list(), _offers(), _carts(), _crawler())
        report = landing.load(loaded, now=NOW)
        assert sum(file.rows_used for file in report.files) == sum(len(rows) for rows in landing.rows.values())
        variables = {"as_of_date": AS_OF.isoformat(), "shop_time_zone": "UTC", "shop_currency": ""}
        result = build(loaded, select=["fqn:segments"], variables=variables, on_event=lambda _event: None)
        assert result.success, result.exception
        yield loaded


def ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def said(settings: Settings, column: str) -> dict[str, bool | None]:
    return dict(ask(settings, f"select customer_id, {column} from profiles.customer_profiles"))


def test_who_got_mails_and_clicked_none_is_unengaged_and_who_got_none_is_not_asked(settings: Settings) -> None:
    unengaged = said(settings, "is_email_unengaged")
    assert {customer: unengaged[customer] for customer in (*MAILED, "never_sent")} == {
        "never_opened": True,
        "machine_only": True,
        "unsaid_who": True,
        "clicked": False,
        "clicked_before": True,
        "bounced": None,
        "four_only": False,
        "by_text": None,
        "never_sent": None,
    }


def test_opens_of_machines_are_no_opens(settings: Settings) -> None:
    query = """
        select customer_id, count(*) filter (where is_opened), count(*) filter (where is_machine_open_only)
        from marts.fct_messages where customer_id in ('machine_only', 'unsaid_who', 'clicked') group by 1 order by 1
    """
    assert ask(settings, query) == [("clicked", 0, 0), ("machine_only", 0, 5), ("unsaid_who", 5, 0)]
    assert ask(settings, "select customer_id from marts.fct_messages where message_id = 'of_nobody'") == [(None,)]


def test_people_known_from_a_list_alone_are_leads_while_they_do_something(settings: Settings) -> None:
    query = """
        select message_id, customer_kind, lifecycle_stage, cast(first_seen_date as varchar), is_registered
        from marts.fct_messages inner join profiles.customer_profiles using (customer_id)
        where message_id in ('silent', 'clicking', 'long_ago', 'lately', 'leaving', 'both') order by all
    """
    assert ask(settings, query) == [
        ("both", "lead", "lead", "2026-06-01", False),
        ("clicking", "lead", "lead", "2026-06-01", False),
        ("lately", "lead", "lead", "2026-01-02", False),
        ("leaving", "lead", "lead", "2025-06-01", False),
        ("long_ago", "lead", "cold_lead", "2026-01-01", False),
        ("silent", "lead", "cold_lead", "2026-06-01", False),
    ]
    contactable = said(settings, "is_email_contactable")
    assert contactable["both"] is True  # the address that consented is the one that the message to this id went to
    stages = said(settings, "lifecycle_stage")
    named = {name: stages[name] for name in ("shown", "using", "joining", "answering", "both")}
    assert named == {
        "shown": "cold_lead",
        "using": "lead",
        "joining": "lead",
        "answering": "lead",
        "both": "lead",
    }
    addresses = {"silent", "clicking", "long_ago", "lately", "leaving"}
    assert len([name for name in stages if name.startswith("c_") and "lead" in str(stages[name])]) == len(addresses)


def test_contactable_is_who_allowed_it_by_the_day_and_did_not_unsubscribe(settings: Settings) -> None:
    contactable = said(settings, "is_email_contactable")
    assert sorted(customer for customer, answer in contactable.items() if answer) == ["both", "clicked"]
    assert contactable["never_sent"] is False


def test_an_offer_is_ignored_once_it_is_over(settings: Settings) -> None:
    exposures = ask(settings, "select offer_id, customer_id, is_redeemed from marts.fct_offer_exposures")
    assert {(offer, customer): answer for offer, customer, answer in exposures} == {
        ("spring", "ignores"): False,
        ("june", "ignores"): False,
        ("summer", "ignores"): None,
        ("always", "ignores"): False,
        ("spring", "redeems"): False,
        ("june", "redeems"): True,
        ("summer", "redeems"): None,
        ("always", "redeems"): False,
        ("summer", "undecided"): None,
        ("summer", "shown"): None,
    }
    ignorers = said(settings, "is_offer_ignorer")
    assert [ignorers[name] for name in ("ignores", "redeems", "undecided", "anna")] == [True, False, None, None]


def test_every_cart_has_one_person_and_one_outcome(settings: Settings) -> None:
    carts = ask(settings, "select customer_id, outcome, count(*) from marts.fct_carts group by all order by 1")
    assert carts == [
        ("anna", "ordered", 1),
        ("beyond_grace", "abandoned", 1),
        ("mia", "abandoned", 1),
        ("within_grace", "open", 1),
    ]
    abandoners = said(settings, "is_cart_abandoner")
    assert sorted(customer for customer, answer in abandoners.items() if answer) == ["beyond_grace", "mia"]


def test_a_crawler_is_seen_and_counted_as_nobodys_browsing(settings: Settings) -> None:
    assert ask(settings, "select events_count from marts.fct_sessions where is_bot") == [(60,)]
    assert ask(settings, "select count(*) from profiles.customer_profiles where is_curious_browser") == [(0,)]


@pytest.mark.parametrize(("events", "outcome", "answer"), [((), None, None), (("purchase",), "ordered", False)])
def test_without_orders_purchase_events_say_who_left_a_cart_and_without_those_nobody_can(
    tmp_path: Path, events: tuple[str, ...], outcome: str | None, *, answer: bool | None
) -> None:
    with environment_taken_back():
        shop = Shop(tmp_path, {"pii_key": KEY})
        landing = Landing().add(an_event("add_to_cart", on="2026-06-20", device="anna-phone", customer_id="anna"))
        landing.add(an_event(kind, on="2026-06-21", device="anna-laptop", customer_id="anna") for kind in events)
        landing.add(an_event("add_to_cart", on="2026-06-22", device="phone", customer_id="finn"))
        landing.load(shop.settings, now=NOW)
        variables = {"as_of_date": AS_OF.isoformat(), "shop_time_zone": "UTC", "shop_currency": ""}
        select = ["+fct_carts", "+fct_customer_behaviors"]
        result = build(shop.settings, select=select, variables=variables, on_event=lambda _event: None)
        assert result.success, result.exception
        carts = dict(shop.built("select customer_id, outcome from marts.fct_carts"))
        assert carts == {"anna": outcome, "finn": "abandoned" if events else None}
        abandoners = dict(shop.built("select customer_id, is_cart_abandoner from marts.fct_customer_behaviors"))
        assert abandoners == {"anna": answer, "finn": True if events else None}
        expected = reference(shop.raw_tables(), as_of=AS_OF, pii_key=KEY)
        states = expected.carts.set_index("customer_id")["state"]
        assert {name: states[name] for name in carts} == carts
        flags = expected.customers["is_cart_abandoner"]
        assert {name: None if pd.isna(flags[name]) else bool(flags[name]) for name in carts} == abandoners


def test_everybody_is_what_the_reference_says(settings: Settings) -> None:
    with duckdb.connect(str(settings.raw_path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        raw = {name: connection.sql(f"select * from raw.{name}").to_arrow_table().to_pandas() for name in TABLES}
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        built = connection.sql("select * from profiles.customer_profiles").to_arrow_table().to_pandas()
    expected = reference(raw, as_of=AS_OF, pii_key=KEY).customers
    assert len(expected) > 12
    assert differences(built.set_index("customer_id"), expected, {name: name for name in expected.columns}) == []
