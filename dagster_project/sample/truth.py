"""What was planted: one row per person, read from the plan and never from the files.

True: the flag must be set. False: it must not be (whether the pipeline says false or "does not apply"). Null: the plan
makes no claim.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.characters import CHARACTER_FLAGS, character_truth
from dagster_project.sample.events import TYPE
from dagster_project.sample.intent_truth import read_readiness, read_wish_motives
from dagster_project.sample.outreach import NO_END, OFFERS
from dagster_project.sample.purchases import COUNTED_OUTCOMES, REFUND_OUTCOMES

if TYPE_CHECKING:
    from dagster_project.sample.shop import Shop
    from dagster_project.sample.window import BoolArray, IntArray

FLAGS = (
    "one_timer",
    "repeat_loyal",
    "recent_buyer",
    "lapsed_buyer",
    "cart_abandoner",
    "discount_lover",
    "registered_browser",
    "curious_browser",
    "idle",
    "email_unengaged",
    "newsletter_reader",
    "offer_ignorer",
    "loyalty_candidate",
    "wishlist_holder",
    "sale_waiter",
    "ready_to_convert",
    "needs_incentive",
)
NEVER = 1_000_000
RECENT_DAYS, LAPSED_DAYS, DORMANT_DAYS, YEAR_DAYS, DISCOUNT_DAYS = 30, 90, 180, 365, 730
LEAD_DAYS = IDLE_VISIT_DAYS = 180
LOYAL_ORDERS, DISCOUNT_ORDERS, BROWSER_VISITS = 3, 2, 2
ANONYMOUS_HORIZON_DAYS = 90
CLICK_DAYS, UNENGAGED_MAILS = 90, 5
CANDIDATE_DAYS, CANDIDATE_ORDERS = 180, 2
OFFER_DAYS, IGNORED_OFFERS, ENDLESS_OFFER_DAYS = 365, 3, 30
ORGANISATIONS = {"Individual": "individual", "Business": "company", "school": "school", "charity": "non_profit"}


def read_truth(shop: Shop) -> pd.DataFrame:
    """One row per person who left a trace.

    Keys, where there are any: ``customer_id`` (the shop's), ``email`` (normalised), ``anonymous_id`` (the main
    device), ``order_id`` (the first order). Then ``persona, orders_count, net_revenue_amount, is_listed`` (false:
    anonymous and not seen for 90 days), ``lifecycle_stage``, the flags, where a survey told it ``organisation_type``,
    and ``wishlist_motive`` of who wishes for something.
    """
    people = shop.people
    orders = shop.orders
    counted = orders[orders["is_counted"]]
    orders_count = _per_person(counted.groupby("person").size(), people, 0)
    last_order = _per_person(counted.groupby("person")["ago"].min(), people, NEVER)
    last_visit = _per_person(shop.visits.groupby("person")["ago"].min(), people, NEVER)
    has_bought = orders_count > 0
    stage = _lifecycle_stages(shop, counted, last_order, last_visit)
    lovers = _discount_lovers(shop, counted)
    wish_motives = read_wish_motives(shop, counted, lovers)
    truth = pd.DataFrame(
        {
            **_keys(shop),
            "persona": people["persona"],
            "orders_count": orders_count,
            "net_revenue_amount": [Decimal(int(cents)).scaleb(-2) for cents in _net_cents(shop)],
            "is_listed": ~((stage == "anonymous") & (last_visit >= ANONYMOUS_HORIZON_DAYS)),
            "lifecycle_stage": stage,
            "one_timer": orders_count == 1,
            "repeat_loyal": _repeat_loyal(shop, counted, last_order),
            "recent_buyer": last_order < RECENT_DAYS,
            "lapsed_buyer": has_bought & (last_order >= LAPSED_DAYS),
            "cart_abandoner": _cart_abandoners(shop),
            "discount_lover": lovers,
            "registered_browser": _registered_browsers(shop, has_bought),
            "curious_browser": _curious_browsers(shop, last_visit),
            "idle": has_bought & (last_order >= YEAR_DAYS) & (last_visit >= IDLE_VISIT_DAYS),
            "email_unengaged": _email_unengaged(shop),
            "newsletter_reader": _newsletter_readers(shop),
            "offer_ignorer": _offer_ignorers(shop),
            "loyalty_candidate": _loyalty_candidates(shop, counted),
            "wishlist_holder": wish_motives.notna(),
            "sale_waiter": wish_motives == "waiting_for_discount",
            **read_readiness(shop, _last_purchase(shop), lovers),
            "organisation_type": _organisation_types(shop),
            "wishlist_motive": wish_motives,
        }
    )
    left_a_trace = (people["registered_ago"] >= 0) | (last_visit < NEVER) | people.index.isin(orders["person"])
    drawn = truth[left_a_trace].reindex(columns=[*truth.columns, *CHARACTER_FLAGS]).astype(object)
    everybody = pd.concat([drawn, character_truth(shop).astype(object)], ignore_index=True)
    whole = {"orders_count": "int64", "is_listed": "bool"}
    return everybody.astype(whole | dict.fromkeys((*FLAGS, *CHARACTER_FLAGS), "boolean"))


def _per_person(values: pd.Series, people: pd.DataFrame, default: int) -> IntArray:
    return values.reindex(people.index).fillna(default).to_numpy(np.int64)


def _net_cents(shop: Shop) -> IntArray:
    return _per_person(shop.orders.groupby("person")["net_cents"].sum(), shop.people, 0)


def _keys(shop: Shop) -> dict[str, pd.Series]:
    people = shop.people
    first_order = shop.orders.drop_duplicates("person").set_index("person")["order_id"].reindex(people.index)
    first_device = shop.devices.drop_duplicates("owner").set_index("owner")["anonymous_id"].reindex(people.index)
    return {
        "customer_id": people["customer_id"].replace("", None),
        "email": people["email"].replace("", None),
        "anonymous_id": first_device.astype(object).where(first_device.notna(), None),
        "order_id": first_order.astype(object).where(first_order.notna(), None),
    }


def _lifecycle_stages(shop: Shop, counted: pd.DataFrame, last_order: IntArray, last_visit: IntArray) -> pd.Series:
    people = shop.people
    days = counted[["person", "ago"]].drop_duplicates().sort_values(["person", "ago"])
    gap = days.groupby("person")["ago"].diff(-1).abs()
    ended_a_silence = days[(days["ago"] < RECENT_DAYS) & (gap >= DORMANT_DAYS)]["person"]
    day_count = _per_person(days.groupby("person").size(), people, 0)
    attempts = shop.orders[shop.orders["outcome"] != "test"]
    last_attempt = _per_person(attempts.groupby("person")["ago"].min(), people, NEVER)
    registered = people["registered_ago"].to_numpy(np.int64)
    last_activity = np.minimum(np.minimum(last_visit, last_attempt), np.where(registered < 0, NEVER, registered))
    last_deed = _per_person(shop.outreach.deeds.groupby("person")["ago"].min(), people, NEVER)
    last_activity = np.minimum(last_activity, last_deed)
    is_named = people["kind"].isin(["account", "guest", "reader"]).to_numpy()
    conditions: list[tuple[BoolArray, str]] = [
        (~is_named & (day_count == 0), "anonymous"),
        ((day_count == 0) & (last_activity < LEAD_DAYS), "lead"),
        (day_count == 0, "cold_lead"),
        ((day_count == 1) & (last_order < RECENT_DAYS), "new"),
        (people.index.isin(ended_a_silence), "reactivated"),
        (last_order < LAPSED_DAYS, "active"),
        (last_order < DORMANT_DAYS, "at_risk"),
        (last_order < YEAR_DAYS, "dormant"),
    ]
    stages = np.select([condition for condition, _ in conditions], [name for _, name in conditions], "churned")
    return pd.Series(stages, index=people.index, dtype=object)


def _repeat_loyal(shop: Shop, counted: pd.DataFrame, last_order: IntArray) -> pd.Series:
    """Make no claim where it depends on which days the median is taken over, or on how a median of two is read."""
    year = counted[counted["ago"] < YEAR_DAYS]
    enough = _per_person(year.groupby("person").size(), shop.people, 0) >= LOYAL_ORDERS
    answers = []
    for scope in (counted, year):
        days = scope[["person", "ago"]].drop_duplicates().sort_values(["person", "ago"])
        gaps = days["ago"].diff().where(days["person"].eq(days["person"].shift()))
        by_person = gaps.dropna().groupby(days["person"])
        for reading in ("lower", "higher"):
            median = by_person.quantile(0.5, interpolation=reading).reindex(shop.people.index).fillna(45)
            answers.append(enough & (last_order <= np.maximum(LAPSED_DAYS, 2 * median.to_numpy())))
    agreed = np.all([answer == answers[0] for answer in answers], axis=0)
    return pd.Series(answers[0], index=shop.people.index, dtype="boolean").where(agreed)


def _cart_abandoners(shop: Shop) -> BoolArray:
    """Find who left a cart in the last 30 days and bought nothing on a later day (the plan has none that day)."""
    last_purchase = _last_purchase(shop)
    left = shop.visits[(shop.visits["cart"] == "left") & (shop.visits["ago"] < RECENT_DAYS)]
    still_open = left[left["ago"].to_numpy() < last_purchase[left["person"]]]
    return np.isin(np.arange(len(shop.people)), still_open["person"])


def _last_purchase(shop: Shop) -> IntArray:
    """Days since the last purchase; what was refunded later was bought all the same."""
    bought = shop.orders[shop.orders["outcome"].isin([*COUNTED_OUTCOMES, *REFUND_OUTCOMES])]
    return _per_person(bought.groupby("person")["ago"].min(), shop.people, NEVER)


def _discount_lovers(shop: Shop, counted: pd.DataFrame) -> BoolArray:
    recent = counted[counted["ago"] < DISCOUNT_DAYS]
    by_person = recent.assign(full_cents=recent["net_cents"].where(~recent["is_discounted"], 0)).groupby("person")
    sums = by_person.agg(
        orders=("ago", "size"),
        discounted=("is_discounted", "sum"),
        net=("net_cents", "sum"),
        full=("full_cents", "sum"),
    ).reindex(shop.people.index, fill_value=0)
    enough = (sums["orders"] >= DISCOUNT_ORDERS) & (sums["discounted"] * 4 >= sums["orders"] * 3)
    return (enough & (sums["full"] * 4 <= sums["net"])).to_numpy()


def _registered_browsers(shop: Shop, has_bought: BoolArray) -> BoolArray:
    registered = shop.people["registered_ago"].to_numpy(np.int64)
    after = shop.visits[shop.visits["ago"].to_numpy() < registered[shop.visits["person"]]]
    return (
        (registered >= 0)
        & ~has_bought
        & (_per_person(after.groupby("person").size(), shop.people, 0) >= BROWSER_VISITS)
    )


def _curious_browsers(shop: Shop, last_visit: IntArray) -> BoolArray:
    is_device = (shop.people["kind"] == "device").to_numpy()
    asked = shop.visits[shop.visits["cart"] != "none"]["person"]
    return is_device & (last_visit < RECENT_DAYS) & ~np.isin(np.arange(len(shop.people)), asked)


def _last_click(shop: Shop) -> IntArray:
    clicked = shop.outreach.messages[shop.outreach.messages["click_ago"] >= 0]
    return _per_person(clicked.groupby("person")["click_ago"].min(), shop.people, NEVER)


def _email_unengaged(shop: Shop) -> BoolArray:
    messages = shop.outreach.messages
    got = messages[(messages["ago"] < CLICK_DAYS) & ~messages["is_bounced"]]
    return (_per_person(got.groupby("person").size(), shop.people, 0) >= UNENGAGED_MAILS) & (
        _last_click(shop) >= CLICK_DAYS
    )


def _newsletter_readers(shop: Shop) -> BoolArray:
    consents, messages = shop.outreach.consents, shop.outreach.messages
    allows = consents[(consents["channel"] == "email") & (consents["withdrawn_ago"] < 0)]["person"]
    leaves = messages[messages["is_unsubscribed"]]["person"]
    downloads = shop.events[shop.events["is_tracked"] & (shop.events["type"] == TYPE["content_download"])]
    downloaded = shop.visits["person"].to_numpy()[downloads["visit"]]
    people = np.arange(len(shop.people))
    reads = (_last_click(shop) < CLICK_DAYS) | np.isin(people, downloaded)
    return np.isin(people, allows) & ~np.isin(people, leaves) & reads


def _offer_ignorers(shop: Shop) -> BoolArray:
    exposures = shop.outreach.exposures
    last = exposures["offer"].map({offer: last_ago for offer, (_, last_ago) in OFFERS.items()})
    is_over = (last >= 0) | ((last == NO_END) & (exposures["ago"] >= ENDLESS_OFFER_DAYS))
    recent = exposures[exposures["ago"] < OFFER_DAYS]
    over = _per_person(recent[is_over[recent.index]].groupby("person").size(), shop.people, 0)
    used = recent[recent["redeemed_ago"] >= 0]["person"]
    return (over >= IGNORED_OFFERS) & ~np.isin(np.arange(len(shop.people)), used)


def _loyalty_candidates(shop: Shop, counted: pd.DataFrame) -> BoolArray:
    members = shop.outreach.members[shop.outreach.members["left_ago"] < 0]["person"]
    recent = counted[counted["ago"] < CANDIDATE_DAYS].groupby("person").size()
    return (_per_person(recent, shop.people, 0) >= CANDIDATE_ORDERS) & ~np.isin(np.arange(len(shop.people)), members)


def _organisation_types(shop: Shop) -> pd.Series:
    """Whom people say they buy for; no claim about who opened a second account later, which may say otherwise."""
    answers = shop.outreach.answers
    told = answers[answers["question"] == "who_do_you_represent"].set_index("person")["answer"].map(ORGANISATIONS)
    types = told.reindex(shop.people.index).astype(object)
    return types.where(types.notna() & (shop.people["second_customer_id"] == ""), None)
