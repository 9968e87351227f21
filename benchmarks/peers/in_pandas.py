"""The pandas yardstick: every column of ``by_hand.sql``, by somebody who knows pandas.

Nothing is written. The same things are left out as by hand; see the top of ``by_hand.sql``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.peers import rules
from benchmarks.peers.process import cpu_seconds, peer_arguments, report

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

Column = Any
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Tables:
    """Landing tables as typed frames, cut at the end of the as-of date; money in cents, times in UTC without zone."""

    end: pd.Timestamp
    orders: pd.DataFrame
    order_lines: pd.DataFrame
    refunds: pd.DataFrame
    gift_cards: Column
    customers: pd.DataFrame
    identities: pd.DataFrame
    events: pd.DataFrame


@dataclass(frozen=True)
class Identity:
    """Who is who: customer ids that belong to another one, people of addresses, all people with an identifier."""

    merged: dict[str, str]
    emails: Column
    accounts: pd.DataFrame


def compute(folder: Path, as_of: date) -> dict[str, float]:
    """CPU-seconds of reading ("load") and computing ("models") the profiles of all listed customers."""
    start = cpu_seconds()
    tables = read(folder, as_of)
    loaded = cpu_seconds()
    profiles(tables, as_of)
    return {"load": loaded - start, "models": cpu_seconds() - loaded}


def customer_profiles(folder: Path, as_of: date, pseudonym_key: str = rules.DEFAULT_KEY) -> pd.DataFrame:
    """One row per listed customer with the columns ``rules.COLUMNS``; amounts in cents."""
    return profiles(read(folder, as_of), as_of, pseudonym_key)


def _landed(folder: Path, table: str, *columns: str) -> pd.DataFrame:
    """Columns of a landing table; decimals become whole cents and times lose their zone before pandas sees them."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415
    from pyarrow.dataset import dataset  # noqa: PLC0415

    found = dataset(folder / table, format="parquet").to_table(columns=list(columns))
    for at, field in enumerate(found.schema):
        if pa.types.is_decimal(field.type):
            cents = pc.multiply(pc.cast(found[field.name], pa.float64()), 100.0)
            found = found.set_column(at, field.name, pc.cast(pc.round(cents), pa.int64()))
        elif pa.types.is_timestamp(field.type):
            found = found.set_column(at, field.name, pc.cast(found[field.name], pa.timestamp("us")))
    frame: pd.DataFrame = found.to_pandas()
    return frame


def read(folder: Path, as_of: date) -> Tables:
    """Read what is known at the end of a day."""
    end = pd.Timestamp(as_of) + DAY
    columns = ("total_amount", "discount_amount", "coupon_code", "status", "cancelled_at", "updated_at", "is_test")
    orders = _landed(folder, "orders", "order_id", "customer_id", "email", "anonymous_id", "ordered_at", *columns)
    orders = orders[(orders["ordered_at"] < end) & ~orders["is_test"].fillna(value=False).astype(bool)]
    orders = orders.assign(email=_email(orders["email"]), status=orders["status"].str.lower())
    customers = _landed(folder, "customers", "customer_id", "email", "registered_at")
    customers = customers[~(customers["registered_at"] >= end)]
    identities = _landed(folder, "identities", "customer_id", "identifier_type", "identifier", "seen_at")
    identities = identities[identities["seen_at"] < end]
    is_email = identities["identifier_type"] == "email"
    identities["identifier"] = _email(identities["identifier"]).where(is_email, identities["identifier"])
    products = _landed(folder, "products", "product_id", "is_gift_card")
    return Tables(
        end=end,
        orders=orders.drop(columns="is_test"),
        order_lines=_landed(folder, "order_lines", "order_id", "product_id", "quantity", "unit_price", "list_price"),
        refunds=_landed(folder, "refunds", "order_id", "amount", "refunded_at"),
        gift_cards=products.loc[products["is_gift_card"].fillna(value=False).astype(bool), "product_id"],
        customers=customers.assign(email=_email(customers["email"])),
        identities=identities,
        events=_events(folder, end),
    )


def _email(values: Column) -> Column:
    plain = values.str.strip().str.lower()
    return plain.where(plain != "")


def _events(folder: Path, end: pd.Timestamp) -> pd.DataFrame:
    columns = ("event_id", "occurred_at", "event_type", "anonymous_id", "customer_id", "email", "cart_id", "order_id")
    events = _landed(folder, "events", *columns, "quantity")
    kind = events["event_type"].str.lower()
    is_wanted = (events["occurred_at"] < end) & kind.isin(rules.EVENTS)
    events = events.assign(event_type=kind)[is_wanted].astype({"event_type": pd.CategoricalDtype(list(rules.EVENTS))})
    named = events["email"].notna()
    events.loc[named, "email"] = _email(events.loc[named, "email"])
    device = events["anonymous_id"]
    if (is_missing := device.isna()).any():
        rest = events[is_missing]
        device = device.copy()
        device[is_missing] = ("c:" + rest["customer_id"]).fillna("e:" + rest["email"])
    events = events.assign(device=device, quantity=events["quantity"].fillna(1))
    return events[events["device"].notna()]


def profiles(tables: Tables, as_of: date, pseudonym_key: str = rules.DEFAULT_KEY) -> pd.DataFrame:
    """Compute the profiles from typed tables."""
    events = _with_sessions(tables.events)
    identity = _identity(tables, events, pseudonym_key)
    named_orders = _named_orders(tables, identity)
    recognised = _recognised(events, identity, named_orders)
    owners = _owners(tables, identity, named_orders, recognised)
    sessions = _sessions(events, recognised, named_orders, owners)
    orders = _netted(tables, named_orders, owners)
    order_sums = _order_sums(orders, as_of)
    people = _people(identity, order_sums, _session_sums(sessions), as_of)
    joined = (
        people.join(_scores(people))
        .join(_rhythms(orders))
        .join(_cart_sums(tables, events, sessions, orders, order_sums))
        .join(_later_sessions(people, sessions))
    )
    return _profile(joined, orders, order_sums, len(sessions) > 0, as_of, pseudonym_key)


def _with_sessions(events: pd.DataFrame) -> pd.DataFrame:
    """Events in order of device and time, with the number of their session; devices are compared as numbers."""
    events = events.assign(device_code=pd.factorize(events["device"])[0])
    events = events.sort_values(["device_code", "occurred_at"], kind="stable", ignore_index=True)
    gap = events["occurred_at"].diff() > pd.Timedelta(minutes=rules.SESSION_GAP_MINUTES)
    is_new = (events["device_code"].diff() != 0) | gap
    events["session"] = is_new.cumsum() - 1
    return events


def _moved(ids: Column, merged: dict[str, str]) -> Column:
    """The people of customer ids."""
    is_moved = ids.isin(list(merged))
    if is_moved.any():
        ids = ids.copy()
        ids[is_moved] = ids[is_moved].map(merged)
    return ids


def _identity(tables: Tables, events: pd.DataFrame, key: str) -> Identity:
    identities = tables.identities
    named_events = events.loc[events["email"].notna(), ["email", "customer_id"]]
    addresses = identities[identities["identifier_type"] == "email"].rename(columns={"identifier": "email"})
    sightings = [tables.customers, tables.orders, named_events, addresses]
    emails = pd.concat([frame[["email", "customer_id"]] for frame in sightings]).dropna(subset="email")
    aliases = identities.loc[identities["identifier_type"] == "customer_id", ["identifier", "customer_id"]]
    links = pd.concat(
        [
            pd.DataFrame({"identifier": "email:" + emails["email"], "customer_id": emails["customer_id"]}),
            pd.DataFrame({"identifier": "alias:" + aliases["identifier"], "customer_id": aliases["customer_id"]}),
            pd.DataFrame({"identifier": "alias:" + aliases["identifier"], "customer_id": aliases["identifier"]}),
        ]
    )
    links = links.dropna().drop_duplicates()
    ids = links.groupby("identifier", sort=False)["customer_id"].size()
    links = links.assign(ids=links["identifier"].map(ids))
    several = links[links["ids"].between(2, rules.JUNK_IDS)]
    smallest = several.groupby("identifier")["customer_id"].min()
    merged = rules.merged_ids(zip(several["customer_id"], several["identifier"].map(smallest), strict=True))
    # Where an address has one customer id that id is the smallest; ties of the few others are all merged.
    owners = links[links["ids"] <= rules.JUNK_IDS].drop_duplicates("identifier").set_index("identifier")["customer_id"]
    known = pd.Index("email:" + emails["email"].drop_duplicates())
    known = known[~known.isin(ids.index[ids > rules.JUNK_IDS])]
    people = _moved(owners.reindex(known), merged)
    is_guest = people.isna()
    people[is_guest] = [rules.pseudonym(address, key) for address in people.index[is_guest]]
    people.index = people.index.str.removeprefix("email:")
    return Identity(merged, people, _accounts(tables, events, aliases, merged))


def _accounts(tables: Tables, events: pd.DataFrame, aliases: pd.DataFrame, merged: dict[str, str]) -> pd.DataFrame:
    others = [tables.orders["customer_id"], events["customer_id"], tables.identities["customer_id"]]
    seen = pd.concat([ids.dropna().drop_duplicates() for ids in [*others, aliases["identifier"]]]).drop_duplicates()
    accounts = tables.customers.set_index("customer_id")["registered_at"]
    accounts = accounts.reindex(accounts.index.union(pd.Index(seen)))
    people = _moved(accounts.index.to_series(), merged)
    grouped = accounts.groupby(people.to_numpy(), sort=False)
    return pd.DataFrame({"registered_at": grouped.min(), "last_registered_at": grouped.max()})


def _named_orders(tables: Tables, identity: Identity) -> pd.DataFrame:
    """Orders with the person whom an identifier names, null where none does."""
    orders = tables.orders[["order_id", "anonymous_id", "ordered_at"]]
    person = _moved(tables.orders["customer_id"], identity.merged)
    return orders.assign(person=person.fillna(tables.orders["email"].map(identity.emails)))


def _recognised(events: pd.DataFrame, identity: Identity, named_orders: pd.DataFrame) -> pd.DataFrame:
    """Events that say who it was, in order; ``own_person`` without the help of an order."""
    says_who = events["customer_id"].notna() | events["email"].notna() | events["order_id"].notna()
    columns = ["session", "occurred_at", "event_id", "anonymous_id", "customer_id", "email", "order_id"]
    found = events.loc[says_who, columns]
    own = _moved(found["customer_id"], identity.merged).fillna(found["email"].map(identity.emails))
    buyer = found["order_id"].map(named_orders.set_index("order_id")["person"])
    found = found.assign(own_person=own, person=own.fillna(buyer))
    return found[found["person"].notna()].sort_values(["session", "occurred_at", "event_id"])


def _owners(tables: Tables, identity: Identity, named_orders: pd.DataFrame, recognised: pd.DataFrame) -> Column:
    """Devices on which one person alone was ever seen."""
    said = tables.identities[tables.identities["identifier_type"] == "anonymous_id"]
    seen = [
        named_orders[["anonymous_id", "person"]],
        recognised[["anonymous_id", "own_person"]].rename(columns={"own_person": "person"}),
        pd.DataFrame({"anonymous_id": said["identifier"], "person": _moved(said["customer_id"], identity.merged)}),
    ]
    pairs = pd.concat(seen).dropna().drop_duplicates()
    return pairs.drop_duplicates("anonymous_id", keep=False).set_index("anonymous_id")["person"]


def _sessions(
    events: pd.DataFrame, recognised: pd.DataFrame, named_orders: pd.DataFrame, owners: Column
) -> pd.DataFrame:
    """One row per session, with its person and its cart where carts have no number of their own."""
    first = ~events["session"].duplicated()
    last = ~events["session"].duplicated(keep="last")
    sessions = events.loc[first, ["device", "anonymous_id", "occurred_at"]].reset_index(drop=True)
    sessions = sessions.rename(columns={"occurred_at": "started_at"})
    sessions["ended_at"] = events.loc[last, "occurred_at"].to_numpy()
    kind = events["event_type"]
    requests = events.loc[kind.isin(rules.REQUESTS), "session"]
    sessions["requests"] = np.bincount(requests, minlength=len(sessions))
    signups = events[kind == "signup"].drop_duplicates("session").set_index("session")["occurred_at"]
    sessions["signup_at"] = signups.reindex(sessions.index)
    carts = _session_carts(events[events["cart_id"].isna() & kind.isin(rules.CART_EVENTS)])
    sessions = sessions.join(carts)
    login = recognised.drop_duplicates("session").set_index("session")["person"].reindex(sessions.index)
    placed = _placed(sessions, named_orders).reindex(sessions.index)
    owner = sessions["anonymous_id"].map(owners)
    sessions["person"] = login.fillna(placed).fillna(owner)
    is_nobody = sessions["person"].isna()
    sessions.loc[is_nobody, "person"] = "device:" + sessions.loc[is_nobody, "device"]
    return sessions


def _session_carts(events: pd.DataFrame) -> pd.DataFrame:
    is_add, is_remove = events["event_type"] == "add_to_cart", events["event_type"] == "remove_from_cart"
    parts = events.assign(
        added=events["quantity"].where(is_add, 0), removed=events["quantity"].where(is_remove, 0), adds=is_add
    )
    return parts.groupby("session", sort=False).agg(
        cart_first_at=("occurred_at", "min"),
        cart_last_at=("occurred_at", "max"),
        added=("added", "sum"),
        removed=("removed", "sum"),
        adds=("adds", "sum"),
    )


def _placed(sessions: pd.DataFrame, named_orders: pd.DataFrame) -> Column:
    """Person of the first identified order placed during each session on its device."""
    orders = named_orders.dropna(subset=["anonymous_id", "person"]).sort_values(["ordered_at", "order_id"])
    starts = sessions.loc[sessions["anonymous_id"].notna(), ["anonymous_id", "started_at", "ended_at"]]
    starts = starts[starts["anonymous_id"].isin(orders["anonymous_id"])]
    starts = starts.rename_axis("session").reset_index().sort_values("started_at")
    matched = pd.merge_asof(orders, starts, left_on="ordered_at", right_on="started_at", by="anonymous_id")
    matched = matched[matched["ordered_at"] <= matched["ended_at"]]
    first = matched.drop_duplicates("session")
    return first.set_index(first["session"].astype(np.int64))["person"]


def _netted(tables: Tables, named_orders: pd.DataFrame, owners: Column) -> pd.DataFrame:
    """Orders with their person and net revenue in cents."""
    orders = named_orders.join(tables.orders.drop(columns=["order_id", "anonymous_id", "ordered_at"]))
    orders = orders.join(_line_sums(tables), on="order_id")
    is_seen = tables.refunds["refunded_at"] < tables.end
    refunds = tables.refunds.assign(amount=tables.refunds["amount"].where(is_seen, 0))
    refunded = refunds.groupby("order_id", sort=False)["amount"].sum()
    discount = orders["discount_amount"].fillna(0)
    product = orders["total_amount"].fillna(orders["lines_cents"] - discount).fillna(0).clip(lower=0)
    sold = product - np.minimum(orders["card_cents"].fillna(0), product)
    changed_at = orders["updated_at"].fillna(orders["ordered_at"])
    implied = product.where((orders["status"] == "refunded") & (changed_at < tables.end), 0)
    refund = np.minimum(orders["order_id"].map(refunded).fillna(implied), sold)
    cancelled_at, status = orders["cancelled_at"], orders["status"]
    is_valid = (cancelled_at.notna() | status.isna() | status.isin(rules.VALID_STATUSES)) & ~(cancelled_at < tables.end)
    person = orders["person"].fillna(orders["anonymous_id"].map(owners)).fillna("device:" + orders["anonymous_id"])
    return pd.DataFrame(
        {
            "order_id": orders["order_id"],
            "person": person.fillna("order:" + orders["order_id"]),
            "ordered_at": orders["ordered_at"],
            "day": orders["ordered_at"].dt.normalize(),
            "net": (sold - refund).where(is_valid, 0).astype(np.int64),
            "is_purchase": is_valid & (sold > 0),
            "is_discount_known": orders["discount_amount"].notna()
            | orders["coupon_code"].notna()
            | (orders["has_list_price"] > 0),
            "is_discounted": (discount > 0) | (orders["has_discounted_line"] > 0),
        }
    )


def _line_sums(tables: Tables) -> pd.DataFrame:
    lines = tables.order_lines
    paid = lines["quantity"] * lines["unit_price"]
    is_cheap = rules.WHOLE_BP * lines["unit_price"] < (rules.WHOLE_BP - rules.TOLERANCE_BP) * lines["list_price"]
    return (
        pd.DataFrame(
            {
                "order_id": lines["order_id"],
                "lines_cents": paid,
                "card_cents": paid.where(lines["product_id"].isin(tables.gift_cards), 0),
                "has_discounted_line": is_cheap,
                "has_list_price": lines["list_price"].notna(),
            }
        )
        .groupby("order_id", sort=False)
        .sum()
    )


def _order_sums(orders: pd.DataFrame, as_of: date) -> pd.DataFrame:
    is_counted = orders["net"] > 0
    ago = (pd.Timestamp(as_of) - orders["day"]).dt.days
    in_window = is_counted & (ago < rules.DISCOUNT_WINDOW_DAYS)
    parts = pd.DataFrame(
        {
            "person": orders["person"],
            "orders_count": is_counted.astype(np.int64),
            "net_revenue_amount": orders["net"],
            "counted_day": orders["day"].where(is_counted),
            "day": orders["day"],
            "purchased_at": orders["ordered_at"].where(orders["is_purchase"]),
            "year_orders": (is_counted & (ago < rules.LOYAL_WINDOW_DAYS)).astype(np.int64),
            "window_orders": in_window.astype(np.int64),
            "discounted_orders": (in_window & orders["is_discounted"]).astype(np.int64),
            "window_net": orders["net"].where(in_window, 0),
            "full_price_net": orders["net"].where(in_window & ~orders["is_discounted"], 0),
        }
    )
    sums = ("orders_count", "net_revenue_amount", "year_orders", "window_orders", "discounted_orders", "window_net")
    return parts.groupby("person", sort=False).agg(
        **{name: (name, "sum") for name in (*sums, "full_price_net")},
        first_order_date=("counted_day", "min"),
        last_order_date=("counted_day", "max"),
        last_placed_date=("day", "max"),
        last_purchase_at=("purchased_at", "max"),
    )


def _rhythms(orders: pd.DataFrame) -> pd.DataFrame:
    days = orders.loc[orders["net"] > 0, ["person", "day"]].drop_duplicates().sort_values(["person", "day"])
    days["gap"] = days["day"].diff().dt.days.where(days["person"] == days["person"].shift())
    has_gap = days["gap"].notna()
    days["second_day"] = days["day"].where(has_gap)
    days["reactivated_on"] = days["day"].where(days["gap"] >= rules.REACTIVATION_GAP_DAYS)
    days["active_since"] = days["day"].where(~has_gap | (days["gap"] > rules.ACTIVE_DAYS))
    rhythms = days.groupby("person", sort=False).agg(
        purchase_days=("day", "size"),
        second_day=("second_day", "min"),
        reactivated_on=("reactivated_on", "max"),
        active_since=("active_since", "max"),
    )
    medians = days[has_gap].groupby("person", sort=False)["gap"].median()
    return rhythms.assign(double_median_gap=(2 * medians).reindex(rhythms.index))


def _cart_sums(
    tables: Tables, events: pd.DataFrame, sessions: pd.DataFrame, orders: pd.DataFrame, order_sums: pd.DataFrame
) -> pd.DataFrame:
    columns = ["person", "cart_first_at", "cart_last_at", "added", "removed"]
    own = sessions.loc[sessions["adds"] > 0, columns].assign(has_order=False)
    numbered = _numbered_carts(events, orders)
    numbered["person"] = sessions["person"].reindex(numbered["session"]).to_numpy()
    carts = pd.concat([numbered[[*columns, "has_order"]], own])
    purchase_at = carts["person"].map(order_sums["last_purchase_at"])
    is_left = ~carts["has_order"] & ~(purchase_at >= carts["cart_first_at"]) & (carts["removed"] < carts["added"])
    is_old = (tables.end - carts["cart_last_at"]) > pd.Timedelta(minutes=rules.CART_GRACE_MINUTES)
    carts["carts_count"] = 1
    carts["open_carts_count"] = (is_left & ~is_old).astype(np.int64)
    carts["abandoned_carts_count"] = (is_left & is_old).astype(np.int64)
    carts["last_abandoned_date"] = carts["cart_last_at"].where(is_left & is_old).dt.normalize()
    counts = ("carts_count", "open_carts_count", "abandoned_carts_count")
    return carts.groupby("person", sort=False).agg(
        **{name: (name, "sum") for name in counts}, last_abandoned_date=("last_abandoned_date", "max")
    )


def _numbered_carts(events: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    found = events[events["cart_id"].notna()].sort_values(["occurred_at", "event_id"])
    kind = found["event_type"]
    parts = found.assign(
        added=found["quantity"].where(kind == "add_to_cart", 0),
        removed=found["quantity"].where(kind == "remove_from_cart", 0),
        has_order=found["order_id"].isin(orders.loc[orders["is_purchase"], "order_id"]),
    )
    return parts.groupby("cart_id", sort=False).agg(
        session=("session", "last"),
        cart_first_at=("occurred_at", "first"),
        cart_last_at=("occurred_at", "last"),
        added=("added", "sum"),
        removed=("removed", "sum"),
        has_order=("has_order", "max"),
    )


def _session_sums(sessions: pd.DataFrame) -> pd.DataFrame:
    sums = sessions.groupby("person", sort=False).agg(
        sessions_count=("started_at", "size"),
        requests=("requests", "sum"),
        last_session_date=("started_at", "max"),
        signup_at=("signup_at", "min"),
    )
    return sums.assign(last_session_date=sums["last_session_date"].dt.normalize())


def _people(identity: Identity, order_sums: pd.DataFrame, session_sums: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Everybody who is listed, with orders and sessions."""
    today = pd.Timestamp(as_of)
    named = identity.accounts.index.union(pd.Index(identity.emails.unique()), sort=False)
    lately = session_sums.index[(today - session_sums["last_session_date"]).dt.days < rules.ANONYMOUS_DAYS]
    everybody = named.union(order_sums.index, sort=False).union(lately, sort=False)
    people = pd.DataFrame({"has_identifier": everybody.isin(named)}, index=everybody)
    people = people.join(identity.accounts).join(order_sums).join(session_sums)
    counts = ["orders_count", "net_revenue_amount", "sessions_count", "requests"]
    people[counts] = people[counts].fillna(0).astype(np.int64)
    dates = [people["last_registered_at"].dt.normalize(), people["last_placed_date"], people["last_session_date"]]
    people["last_activity_date"] = pd.concat(dates, axis=1).max(axis=1)
    people["registered_at"] = people[["registered_at", "signup_at"]].min(axis=1)
    is_near = (today - people["last_activity_date"]).dt.days < rules.ANONYMOUS_DAYS
    listed: pd.DataFrame = people[people["has_identifier"] | (people["orders_count"] > 0) | is_near]
    return listed


def _later_sessions(people: pd.DataFrame, sessions: pd.DataFrame) -> Column:
    browsers = people.loc[(people["orders_count"] == 0) & people["registered_at"].notna(), "registered_at"]
    theirs = sessions.loc[sessions["person"].isin(browsers.index), ["person", "started_at"]]
    later = theirs[theirs["started_at"] > theirs["person"].map(browsers)]
    return later.groupby("person", sort=False).size().rename("later_sessions")


def _scores(people: pd.DataFrame) -> pd.DataFrame:
    buyers = people[people["has_identifier"] & (people["orders_count"] > 0)]

    def score(column: str) -> Column:
        worse = buyers[column].rank(method="min").astype(np.int64) - 1
        return 1 + rules.BINS * worse // len(buyers)

    frequency = score("orders_count")
    is_low = buyers["orders_count"] < rules.TOP_FREQUENCY_ORDERS
    scores = pd.DataFrame(
        {
            "recency_score": score("last_order_date"),
            "frequency_score": frequency.where(~is_low, frequency.clip(upper=rules.BINS - 1)),
            "monetary_score": score("net_revenue_amount"),
        }
    )
    both = (scores["frequency_score"] + scores["monetary_score"] + 1) // 2
    return scores.assign(rfm_segment=(10 * scores["recency_score"] + both).map(rules.RFM_MAP))


def _stages(joined: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Stage of the lifecycle, and the day on which it began."""
    today = pd.Timestamp(as_of)
    days = joined["purchase_days"].fillna(0)
    silence = (today - joined["last_order_date"]).dt.days
    stages = {
        "anonymous": (days == 0) & ~joined["has_identifier"],
        "lead": (days == 0) & ((today - joined["last_activity_date"]).dt.days < rules.LEAD_DAYS),
        "cold_lead": days == 0,
        "new": (days == 1) & ((today - joined["first_order_date"]).dt.days < rules.NEW_DAYS),
        "reactivated": (today - joined["reactivated_on"]).dt.days < rules.REACTIVATED_DAYS,
        "active": silence < rules.ACTIVE_DAYS,
        "at_risk": silence < rules.AT_RISK_DAYS,
        "dormant": silence < rules.DORMANT_DAYS,
    }
    stage = np.select([test.to_numpy(dtype=bool) for test in stages.values()], list(stages), default="churned")
    first, last, since = joined["first_order_date"], joined["last_order_date"], joined["active_since"]
    active = since.mask(since == joined["reactivated_on"], since + rules.REACTIVATED_DAYS * DAY)
    early = pd.concat([first + rules.NEW_DAYS * DAY, joined["second_day"]], axis=1).min(axis=1)
    entered = {
        "new": first,
        "reactivated": joined["reactivated_on"],
        "active": active.mask(since == first, early),
        "at_risk": last + rules.ACTIVE_DAYS * DAY,
        "dormant": last + rules.AT_RISK_DAYS * DAY,
        "churned": last + rules.DORMANT_DAYS * DAY,
    }
    entered_on = pd.Series(pd.NaT, joined.index, dtype="datetime64[us]")
    for name, day in entered.items():
        entered_on = entered_on.mask(stage == name, day)
    return pd.DataFrame({"lifecycle_stage": stage, "stage_entered_date": entered_on}, index=joined.index)


def _profile(  # noqa: PLR0917
    joined: pd.DataFrame, orders: pd.DataFrame, order_sums: pd.DataFrame, has_events: bool, as_of: date, key: str
) -> pd.DataFrame:
    counts = ["carts_count", "open_carts_count", "abandoned_carts_count"]
    joined[counts] = joined[counts].fillna(0).astype(np.int64)
    has_identifier, bought = joined["has_identifier"], joined["orders_count"] > 0
    kinds = np.select([has_identifier & bought, has_identifier, bought], ["buyer", "lead", "guest"], "anonymous")
    flags = _flags(joined, orders, order_sums, as_of)
    result = joined.join(_stages(joined, as_of)).assign(
        customer_id=[rules.published_id(person, key) for person in joined.index],
        customer_kind=kinds,
        days_since_last_order=(pd.Timestamp(as_of) - joined["last_order_date"]).dt.days.astype("Int64"),
        **flags,
    )
    if not has_events:
        web = ["sessions_count", *counts, "is_cart_abandoner", "is_registered_browser", "is_curious_browser", "is_idle"]
        result[web] = None
    days = ["first_order_date", "last_order_date", "stage_entered_date"]
    result[days] = result[days].apply(lambda column: column.astype("datetime64[s]"))
    scores = ["recency_score", "frequency_score", "monetary_score"]
    result[scores] = result[scores].astype("Int64")
    return result[list(rules.COLUMNS)].reset_index(drop=True)


def _flags(joined: pd.DataFrame, orders: pd.DataFrame, order_sums: pd.DataFrame, as_of: date) -> dict[str, Column]:
    """The ten flags; those about buying are null for who never bought."""
    today = pd.Timestamp(as_of)

    def ago(column: str) -> Column:
        return (today - joined[column]).dt.days

    bought = joined["orders_count"] > 0
    silence = ago("last_order_date")

    def of_buyers(flag: Column) -> Column:
        return flag.astype("boolean").where(bought)

    buyers = order_sums["net_revenue_amount"][order_sums["orders_count"] > 0]
    loves_discounts = (
        (joined["window_orders"] >= rules.DISCOUNT_ORDERS)
        & (rules.WHOLE_BP * joined["discounted_orders"] >= rules.DISCOUNTED_BP * joined["window_orders"])
        & (rules.WHOLE_BP * joined["full_price_net"] <= rules.FULL_PRICE_BP * joined["window_net"])
    )
    knows_discounts = np.full(len(joined), bool(orders["is_discount_known"].any()))
    rhythm = joined["double_median_gap"].fillna(0).clip(lower=rules.LOYAL_MIN_DAYS)
    is_silent_web = joined["last_session_date"].isna() | (ago("last_session_date") >= rules.IDLE_SESSION_DAYS)
    asked_nothing = joined["last_placed_date"].isna() & (joined["requests"] == 0)
    return {
        "is_one_timer": of_buyers(joined["orders_count"] == 1),
        "is_repeat_loyal": of_buyers((joined["year_orders"] >= rules.LOYAL_ORDERS) & (silence <= rhythm)),
        "is_recent_buyer": of_buyers(silence < rules.RECENT_DAYS),
        "is_lapsed_buyer": of_buyers(silence >= rules.LAPSED_DAYS),
        "is_cart_abandoner": ago("last_abandoned_date") < rules.CART_ABANDONER_DAYS,
        "is_high_spender": of_buyers(joined["net_revenue_amount"] * len(buyers) > buyers.sum()),
        "is_discount_lover": of_buyers(loves_discounts.astype("boolean").where(knows_discounts)),
        "is_registered_browser": joined["registered_at"].notna()
        & ~bought
        & (joined["later_sessions"] >= rules.BROWSER_SESSIONS),
        "is_curious_browser": ~joined["has_identifier"]
        & joined["registered_at"].isna()
        & asked_nothing
        & (ago("last_session_date") < rules.CURIOUS_DAYS),
        "is_idle": of_buyers((silence >= rules.IDLE_ORDER_DAYS) & is_silent_web),
    }


def main() -> None:
    """Compute once and print one line of JSON."""
    chosen = peer_arguments("in_pandas")
    sys.stdout.write(report(compute(chosen.folder, chosen.as_of)))


if __name__ == "__main__":
    main()
