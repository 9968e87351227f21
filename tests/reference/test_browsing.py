"""Sessions, carts and the flags about browsing of the reference, by hand-computed cases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pandas as pd
import pytest

from tests.reference.tables import D, Landing, at


def flagged(landing: Landing, flag: str) -> dict[str, object]:
    column = landing.seen().customers[f"is_{flag}"]
    return {str(name): None if value is pd.NA else bool(value) for name, value in column.items()}


# Sessions


def test_thirty_minutes_of_silence_are_one_session_and_more_are_two() -> None:
    landing = Landing().event("page_view", at(1, "10:00")).event("page_view", at(1, "10:30"))
    landing.event("page_view", at(1, "11:01"))
    assert list(landing.seen().sessions.events_count) == [2, 1]


def test_a_given_session_is_kept_and_does_not_cut_the_others() -> None:
    landing = Landing().event("page_view", at(1, "10:00")).event("page_view", at(1, "10:20"))
    landing.event("page_view", at(1, "10:10"), session_id="s1").event("page_view", at(0, "23:00"), session_id="s1")
    sessions = landing.seen().sessions.set_index("session_id").events_count
    assert sessions["s1"] == 2
    assert list(sessions) == [2, 2]


def test_a_session_is_dated_where_it_starts_in_shop_time() -> None:
    landing = Landing().event("page_view", at(1, "21:50")).event("page_view", at(1, "22:10"))
    sessions = landing.seen(time_zone="Europe/Berlin").sessions
    assert list(sessions.session_date) == [D - timedelta(days=1)]


def test_the_first_to_identify_owns_the_whole_session() -> None:
    landing = Landing().event("page_view", at(1, "10:00")).event("login", at(1, "10:05"), email="Ann@x.example")
    landing.event("login", at(1, "10:10"), customer_id="bob").event("page_view", at(2, "10:00"))
    landing.add("customers", customer_id="ann", email="ann@x.example")
    owners = landing.seen().sessions.sort_values("started_at").customer_id
    assert owners.iloc[1] == "ann"
    assert owners.iloc[0].startswith("c_")  # two people were seen on this device


def test_silent_sessions_belong_to_the_only_person_of_the_device() -> None:
    landing = Landing().event("page_view", at(9)).event("login", at(1), customer_id="ann")
    assert list(landing.seen().sessions.customer_id) == ["ann", "ann"]
    before = landing.seen(as_of=D - timedelta(days=2))
    assert list(before.customers.customer_kind) == ["anonymous"]


def test_an_order_names_the_session_by_its_id_or_by_its_time() -> None:
    landing = Landing().order("o1", 3, customer="ann").order("o2", 5, customer="bob", anonymous_id="phone")
    landing.order("o3", 5, customer="cid", anonymous_id="phone", ordered_at=at(5, "13:00"))
    landing.event("page_view", at(3)).event("purchase", at(3, "12:01"), order_id="o1")
    landing.event("page_view", at(5)).event("page_view", at(5, "12:20")).event("page_view", at(7))
    owners = landing.seen().sessions.sort_values("started_at").customer_id
    assert list(owners)[1:] == ["bob", "ann"]
    assert owners.iloc[0].startswith("c_")


def test_events_without_device_follow_customer_or_email_and_are_nothing_without() -> None:
    landing = Landing().event("page_view", at(1), device=None, customer_id="ann")
    landing.event("page_view", at(1), device=None, email="bob@x.example").event("page_view", at(1), device=None)
    sessions = landing.seen().sessions
    assert list(sessions.device_kind) == ["customer", "email"]
    assert set(landing.seen().customers.customer_kind) == {"lead"}


@pytest.mark.parametrize(("days_ago", "listed"), [(89, 1), (90, 0)])
def test_anonymous_people_are_listed_for_ninety_days(days_ago: int, listed: int) -> None:
    assert len(Landing().event("page_view", at(days_ago)).seen().customers) == listed


# Carts


def a_shop_with_orders() -> Landing:
    return Landing().order("long_ago", 300, customer="somebody else")


def cart_states(landing: Landing) -> list[str]:
    return list(landing.seen().carts.state)


def test_a_cart_without_id_is_a_session_in_which_something_was_added() -> None:
    landing = a_shop_with_orders().event("checkout_started", at(3)).event("remove_from_cart", at(2))
    landing.event("add_to_cart", at(1))
    carts = landing.seen().carts
    assert list(carts.state) == ["abandoned"]
    assert list(carts.started_at) == [at(1)]


def test_a_cart_with_an_id_goes_across_devices_to_the_person_of_its_last_event() -> None:
    landing = Landing().event("add_to_cart", at(5), customer_id="ann", cart_id="k")
    landing.event("page_view", at(4), device="desk", customer_id="bob", cart_id="k")
    assert list(landing.seen().carts.customer_id) == ["bob"]


@pytest.mark.parametrize(("time", "state"), [("22:59", "abandoned"), ("23:00", "open")])
def test_a_cart_is_open_for_an_hour(time: str, state: str) -> None:
    assert cart_states(a_shop_with_orders().event("add_to_cart", at(0, time))) == [state]


def test_without_orders_a_purchase_closes_the_carts_begun_before_it_and_without_both_nobody_can_say() -> None:
    landing = Landing().event("add_to_cart", at(2), customer_id="ann")
    assert cart_states(landing) == [None]
    landing.event("purchase", at(2), device="desk", customer_id="ann").event("add_to_cart", at(1), customer_id="ann")
    assert cart_states(landing) == ["ordered", "abandoned"]
    assert cart_states(landing.order("o1", 9, customer="ann")) == ["abandoned", "abandoned"]


def test_as_many_removed_as_added_is_emptied() -> None:
    landing = a_shop_with_orders().event("add_to_cart", at(1, "10:00"), quantity=Decimal(2))
    landing.event("add_to_cart", at(1, "10:01")).event("remove_from_cart", at(1, "10:02"), quantity=Decimal(3))
    assert cart_states(landing) == ["emptied"]
    assert cart_states(landing.event("add_to_cart", at(1, "10:03"))) == ["abandoned"]


def test_a_cart_into_which_nothing_was_put_is_not_abandoned() -> None:
    assert cart_states(Landing().event("checkout_started", at(1), cart_id="k")) == ["emptied"]


def test_a_counted_order_anywhere_after_the_start_closes_the_cart() -> None:
    landing = Landing().event("add_to_cart", at(5, "12:00"), customer_id="ann").order("before", 6)
    assert cart_states(landing) == ["abandoned"]
    landing.order("failed", 4, status="failed").order("bob", 4, customer="bob")
    assert cart_states(landing) == ["abandoned"]
    assert cart_states(landing.order("same moment", 5)) == ["ordered"]


def test_a_cart_is_ordered_by_the_order_id_of_its_events() -> None:
    landing = Landing().order("o1", 9, customer="bob").event("add_to_cart", at(5), cart_id="k")
    landing.event("purchase", at(5, "12:05"), device=None, session_id="s", cart_id="k", order_id="o1")
    assert cart_states(landing) == ["ordered"]
    landing.rows["orders"][0]["status"] = "pending"
    assert cart_states(landing) == ["abandoned"]


@pytest.mark.parametrize(("days_ago", "expected"), [(29, True), (30, False)])
def test_a_cart_abandoner_left_a_cart_in_thirty_days(days_ago: int, expected: bool) -> None:
    landing = Landing().event("add_to_cart", at(days_ago), customer_id="ann").order("o1", 99, customer="bob")
    assert flagged(landing, "cart_abandoner") == {"ann": expected, "bob": False}


# Flags about browsing


def test_browsing_flags_are_unknown_without_events() -> None:
    customers = Landing().order("o1", 400).event("unknown_type", at(1)).seen().customers
    flags = ["is_cart_abandoner", "is_registered_browser", "is_curious_browser", "is_idle"]
    assert customers[flags].isna().all(axis=None)


def test_a_registered_browser_came_twice_after_registering_and_never_bought() -> None:
    landing = Landing().add("customers", customer_id="ann", registered_at=at(9))
    landing.event("page_view", at(9), customer_id="ann").event("page_view", at(5), customer_id="ann")
    assert flagged(landing, "registered_browser") == {"ann": False}
    assert flagged(landing.event("page_view", at(4)), "registered_browser") == {"ann": True}
    assert flagged(landing.order("o1", 3, status="failed"), "registered_browser") == {"ann": True}
    assert flagged(landing.order("o2", 2), "registered_browser") == {"ann": False}


def test_a_signup_event_is_a_registration() -> None:
    landing = Landing().event("signup", at(9), customer_id="ann")
    landing.event("page_view", at(5), customer_id="ann").event("page_view", at(4), customer_id="ann")
    assert flagged(landing, "registered_browser") == {"ann": True}


@pytest.mark.parametrize(
    ("days_ago", "deed", "expected"),
    [(29, "product_view", True), (30, "product_view", False), (3, "payment_failed", False), (3, "signup", False)],
)
def test_a_curious_browser_only_looked_and_lately(days_ago: int, deed: str, expected: bool) -> None:
    landing = Landing().event("page_view", at(60)).event(deed, at(days_ago))
    assert list(flagged(landing, "curious_browser").values()) == [expected]
    landing.order("o1", 61, customer=None, anonymous_id="phone", status="failed")
    assert list(flagged(landing, "curious_browser").values()) == [False]


@pytest.mark.parametrize(
    ("order_days", "session_days", "expected"),
    [(365, 180, True), (364, 180, False), (365, 179, False), (365, None, True)],
)
def test_idle_means_no_order_for_a_year_and_no_session_for_half_a_year(
    order_days: int, session_days: int | None, expected: bool
) -> None:
    landing = Landing().order("o1", order_days).event("page_view", at(9), device="other", customer_id="bob")
    if session_days is not None:
        landing.event("page_view", at(session_days), customer_id="ann")
    assert flagged(landing, "idle") == {"ann": expected, "bob": None}
