"""The polars yardstick: every column of ``by_hand.sql``, by somebody who knows polars.

Nothing is written. The same things are left out as by hand; see the top of ``by_hand.sql``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.peers import rules
from benchmarks.peers.process import Library, cpu_seconds, peer_arguments, report

if TYPE_CHECKING:
    from pathlib import Path

pl = Library("polars")
# What polars makes: this module is also imported where polars is not installed.
Frame = Any
Expression = Any


@dataclass(frozen=True)
class Tables:
    """Landing tables as typed frames, cut at the end of the as-of date; money in cents."""

    end: datetime
    orders: Frame
    order_lines: Frame
    refunds: Frame
    gift_cards: Frame
    customers: Frame
    identities: Frame
    events: Frame


@dataclass(frozen=True)
class Identity:
    """Who is who: customer ids that belong to another one, people of addresses, all people with an identifier."""

    merged: dict[str, str]
    emails: Frame
    accounts: Frame


def compute(folder: Path, as_of: date) -> dict[str, float]:
    """CPU-seconds of reading ("load") and computing ("models") the profiles of all listed customers."""
    pl.load()
    start = cpu_seconds()
    tables = read(folder, as_of)
    loaded = cpu_seconds()
    profiles(tables, as_of)
    return {"load": loaded - start, "models": cpu_seconds() - loaded}


def customer_profiles(folder: Path, as_of: date, pseudonym_key: str = rules.DEFAULT_KEY) -> Frame:
    """One row per listed customer with the columns ``rules.COLUMNS``; amounts in cents."""
    return profiles(read(folder, as_of), as_of, pseudonym_key)


def read(folder: Path, as_of: date) -> Tables:
    """Read what is known at the end of a day."""
    end = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC) + timedelta(days=1)

    def scan(table: str) -> Frame:
        return pl.scan_parquet(folder / table / "*.parquet")

    def cents(column: str) -> Expression:
        return (pl.col(column).cast(pl.Float64) * 100).round().cast(pl.Int64)

    def email(column: str) -> Expression:
        plain = pl.col(column).str.strip_chars().str.to_lowercase()
        return pl.when(plain != "").then(plain).alias(column)

    return Tables(
        end=end,
        orders=scan("orders")
        .filter(~pl.col("is_test").fill_null(value=False), pl.col("ordered_at") < end)
        .select(
            "order_id",
            "customer_id",
            email("email"),
            "anonymous_id",
            "ordered_at",
            cents("total_amount"),
            cents("discount_amount"),
            pl.col("coupon_code").is_not_null().alias("has_coupon"),
            pl.col("status").str.to_lowercase(),
            "cancelled_at",
            pl.coalesce("updated_at", "ordered_at").alias("changed_at"),
        )
        .collect(),
        order_lines=scan("order_lines")
        .select("order_id", "product_id", "quantity", cents("unit_price"), cents("list_price"))
        .collect(),
        refunds=scan("refunds").select("order_id", cents("amount"), "refunded_at").collect(),
        gift_cards=scan("products").filter("is_gift_card").select("product_id").collect(),
        customers=scan("customers")
        .filter(pl.col("registered_at").is_null() | (pl.col("registered_at") < end))
        .select("customer_id", email("email"), "registered_at")
        .collect(),
        identities=scan("identities")
        .filter(pl.col("seen_at") < end)
        .select(
            "customer_id",
            "identifier_type",
            pl.when(pl.col("identifier_type") == "email").then(email("identifier")).otherwise("identifier"),
        )
        .collect(),
        events=scan("events")
        .with_columns(pl.col("event_type").str.to_lowercase())
        .filter(
            pl.col("occurred_at") < end,
            pl.col("event_type").is_in(rules.EVENTS),
            pl.any_horizontal(pl.col("anonymous_id", "customer_id", "email").is_not_null()),
        )
        .select(
            "event_id",
            "occurred_at",
            pl.col("event_type").cast(pl.Enum(rules.EVENTS)),
            "anonymous_id",
            "customer_id",
            email("email"),
            "cart_id",
            "order_id",
            pl.col("quantity").fill_null(1),
            pl.coalesce("anonymous_id", "c:" + pl.col("customer_id"), "e:" + pl.col("email")).alias("device"),
        )
        .collect(),
    )


def profiles(tables: Tables, as_of: date, pseudonym_key: str = rules.DEFAULT_KEY) -> Frame:
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
        people.join(_scores(people), on="person", how="left")
        .join(_rhythms(orders), on="person", how="left")
        .join(_cart_sums(tables, events, sessions, orders, order_sums), on="person", how="left")
        .join(_later_sessions(people, sessions), on="person", how="left")
    )
    return _profile(joined, orders, order_sums, len(sessions) > 0, as_of, pseudonym_key)


def _with_sessions(events: Frame) -> Frame:
    """Events in order of device and time, with the number of their session."""
    gap = pl.col("occurred_at").diff() > timedelta(minutes=rules.SESSION_GAP_MINUTES)
    is_new = (pl.col("device") != pl.col("device").shift()) | gap
    return events.sort("device", "occurred_at", "event_id").with_columns(
        is_new.fill_null(value=True).cum_sum().alias("session")
    )


def _identity(tables: Tables, events: Frame, key: str) -> Identity:
    identities = tables.identities
    named_events = events.filter(pl.col("email").is_not_null())
    addresses = identities.filter(pl.col("identifier_type") == "email").rename({"identifier": "email"})
    sightings = [tables.customers, tables.orders, named_events, addresses]
    emails = pl.concat([frame.select("email", "customer_id") for frame in sightings]).drop_nulls("email")
    aliases = identities.filter(pl.col("identifier_type") == "customer_id")
    links = pl.concat(
        [
            emails.select("customer_id", identifier="email:" + pl.col("email")),
            aliases.select("customer_id", identifier="alias:" + pl.col("identifier")),
            aliases.select(pl.col("identifier").alias("customer_id"), identifier="alias:" + pl.col("identifier")),
        ]
    )
    identifiers = (
        links.drop_nulls()
        .unique()
        .group_by("identifier")
        .agg(pl.col("customer_id").min().alias("smallest"), pl.col("customer_id"), pl.len().alias("ids"))
    )
    several = identifiers.filter(pl.col("ids").is_between(2, rules.JUNK_IDS)).explode("customer_id")
    merged = rules.merged_ids(several.select("customer_id", "smallest").rows())
    resolved = (
        emails.select("email")
        .unique()
        .with_columns(identifier="email:" + pl.col("email"))
        .join(identifiers.drop("customer_id"), on="identifier", how="left")
        .filter(pl.col("ids").fill_null(0) <= rules.JUNK_IDS)
        .select("email", _moved("smallest", merged).alias("person"))
    )
    guests = resolved.filter(pl.col("person").is_null())
    ids = pl.Series("person", [rules.pseudonym(f"email:{email}", key) for email in guests["email"]], pl.String)
    resolved = pl.concat([resolved.drop_nulls("person"), guests.with_columns(ids)])
    return Identity(merged, resolved, _accounts(tables, events, aliases, merged))


def _moved(column: str, merged: dict[str, str]) -> Expression:
    """The person of a customer id."""
    return pl.col(column).replace(merged) if merged else pl.col(column)


def _accounts(tables: Tables, events: Frame, aliases: Frame, merged: dict[str, str]) -> Frame:
    others = [tables.orders, events, tables.identities, aliases.select(customer_id="identifier")]
    seen = pl.concat([frame.select("customer_id") for frame in others]).drop_nulls().unique()
    return (
        pl.concat([tables.customers.select("customer_id", "registered_at"), seen], how="diagonal")
        .group_by(_moved("customer_id", merged).alias("person"))
        .agg(
            pl.col("registered_at").min().alias("registered_at"),
            pl.col("registered_at").max().alias("last_registered_at"),
        )
    )


def _named_orders(tables: Tables, identity: Identity) -> Frame:
    """Orders with the person whom an identifier names, null where none does."""
    return (
        tables.orders.select("order_id", "customer_id", "email", "anonymous_id", "ordered_at")
        .join(identity.emails.rename({"person": "owner"}), on="email", how="left")
        .select(
            "order_id",
            "anonymous_id",
            "ordered_at",
            pl.coalesce(_moved("customer_id", identity.merged), "owner").alias("person"),
        )
    )


def _recognised(events: Frame, identity: Identity, named_orders: Frame) -> Frame:
    """Events that say who it was, in order; ``own_person`` without the help of an order."""
    says_who = pl.any_horizontal(pl.col("customer_id", "email", "order_id").is_not_null())
    return (
        events.filter(says_who)
        .select("session", "occurred_at", "event_id", "anonymous_id", "customer_id", "email", "order_id")
        .join(identity.emails.rename({"person": "owner"}), on="email", how="left")
        .join(named_orders.select("order_id", buyer="person"), on="order_id", how="left")
        .with_columns(own_person=pl.coalesce(_moved("customer_id", identity.merged), "owner"))
        .with_columns(person=pl.coalesce("own_person", "buyer"))
        .filter(pl.col("person").is_not_null())
        .sort("session", "occurred_at", "event_id")
    )


def _owners(tables: Tables, identity: Identity, named_orders: Frame, recognised: Frame) -> Frame:
    """Devices on which one person alone was ever seen."""
    said = tables.identities.filter(pl.col("identifier_type") == "anonymous_id").select(
        anonymous_id="identifier", person=_moved("customer_id", identity.merged)
    )
    seen = [
        named_orders.select("anonymous_id", "person"),
        recognised.select("anonymous_id", person="own_person"),
        said,
    ]
    return (
        pl.concat(seen)
        .drop_nulls()
        .group_by("anonymous_id")
        .agg(pl.col("person").min().alias("owner"), pl.col("person").max().alias("other"))
        .filter(pl.col("owner") == pl.col("other"))
        .select("anonymous_id", "owner")
    )


def _sessions(events: Frame, recognised: Frame, named_orders: Frame, owners: Frame) -> Frame:
    """One row per session, with its person and its cart where carts have no number of their own."""
    kind, in_cart = pl.col("event_type"), pl.col("cart_id").is_null()
    adds = in_cart & (kind == "add_to_cart")
    removes = in_cart & (kind == "remove_from_cart")
    cart_times = pl.col("occurred_at").filter(in_cart & kind.is_in(rules.CART_EVENTS))
    sessions = events.group_by("session").agg(
        pl.col("device").first(),
        pl.col("anonymous_id").first(),
        pl.col("occurred_at").first().alias("started_at"),
        pl.col("occurred_at").last().alias("ended_at"),
        kind.is_in(rules.REQUESTS).sum().alias("requests"),
        pl.col("occurred_at").filter(kind == "signup").min().alias("signup_at"),
        cart_times.min().alias("cart_first_at"),
        cart_times.max().alias("cart_last_at"),
        adds.sum().alias("adds"),
        pl.col("quantity").filter(adds).sum().alias("added"),
        pl.col("quantity").filter(removes).sum().alias("removed"),
    )
    logins = recognised.unique("session", keep="first", maintain_order=True).select("session", login="person")
    placed = (
        named_orders.drop_nulls(["anonymous_id", "person"])
        .sort("ordered_at", "order_id")
        .join_asof(
            sessions.select("session", "anonymous_id", "started_at", "ended_at")
            .drop_nulls("anonymous_id")
            .sort("started_at"),
            left_on="ordered_at",
            right_on="started_at",
            by="anonymous_id",
            check_sortedness=False,
        )
        .filter(pl.col("ordered_at") <= pl.col("ended_at"))
        .unique("session", keep="first", maintain_order=True)
        .select("session", buyer="person")
    )
    return (
        sessions.join(logins, on="session", how="left")
        .join(placed, on="session", how="left")
        .join(owners, on="anonymous_id", how="left")
        .with_columns(person=pl.coalesce("login", "buyer", "owner", "device:" + pl.col("device")))
        .drop("login", "buyer", "owner")
    )


def _netted(tables: Tables, named_orders: Frame, owners: Frame) -> Frame:
    """Orders with their person and net revenue in cents."""
    paid = pl.col("quantity") * pl.col("unit_price")
    is_card = pl.col("product_id").is_in(tables.gift_cards["product_id"].to_list())
    is_cheap = rules.WHOLE_BP * pl.col("unit_price") < (rules.WHOLE_BP - rules.TOLERANCE_BP) * pl.col("list_price")
    lines = tables.order_lines.group_by("order_id").agg(
        paid.sum().alias("lines_cents"),
        paid.filter(is_card).sum().alias("card_cents"),
        is_cheap.any().alias("has_discounted_line"),
        pl.col("list_price").is_not_null().any().alias("has_list_price"),
    )
    is_seen = pl.col("refunded_at") < tables.end
    refunds = tables.refunds.group_by("order_id").agg(pl.col("amount").filter(is_seen).sum().alias("refunded"))
    gross = pl.coalesce("total_amount", pl.col("lines_cents") - pl.col("discount_amount").fill_null(0), 0)
    status, cancelled = pl.col("status"), pl.col("cancelled_at")
    implied = pl.when((status == "refunded") & (pl.col("changed_at") < tables.end)).then("product_cents").otherwise(0)
    sold = pl.col("product_cents") - pl.col("card_cents")
    return (
        tables.orders.drop("customer_id", "email", "anonymous_id", "ordered_at")
        .join(lines, on="order_id", how="left")
        .join(refunds, on="order_id", how="left")
        .join(named_orders, on="order_id")
        .join(owners, on="anonymous_id", how="left")
        .with_columns(product_cents=gross.clip(lower_bound=0))
        .with_columns(card_cents=pl.min_horizontal(pl.col("card_cents").fill_null(0), "product_cents"))
        .select(
            "order_id",
            "ordered_at",
            pl.coalesce("person", "owner", "device:" + pl.col("anonymous_id"), "order:" + pl.col("order_id")).alias(
                "person"
            ),
            pl.col("ordered_at").dt.date().alias("day"),
            sold.alias("sold"),
            pl.min_horizontal(pl.coalesce("refunded", implied), sold).alias("refund"),
            pl.when(cancelled < tables.end)
            .then(statement=False)
            .otherwise(cancelled.is_not_null() | status.is_null() | status.is_in(rules.VALID_STATUSES))
            .alias("is_valid"),
            (
                pl.col("discount_amount").is_not_null()
                | pl.col("has_coupon")
                | pl.col("has_list_price").fill_null(value=False)
            ).alias("is_discount_known"),
            ((pl.col("discount_amount").fill_null(0) > 0) | pl.col("has_discounted_line").fill_null(value=False)).alias(
                "is_discounted"
            ),
        )
        .with_columns(
            net=pl.when("is_valid").then(pl.col("sold") - pl.col("refund")).otherwise(0),
            is_purchase=pl.col("is_valid") & (pl.col("sold") > 0),
        )
    )


def _order_sums(orders: Frame, as_of: date) -> Frame:
    is_counted = pl.col("net") > 0
    ago = (as_of - pl.col("day")).dt.total_days()
    in_window = is_counted & (ago < rules.DISCOUNT_WINDOW_DAYS)
    return orders.group_by("person").agg(
        is_counted.sum().cast(pl.Int64).alias("orders_count"),
        pl.col("net").sum().alias("net_revenue_amount"),
        pl.col("day").filter(is_counted).min().alias("first_order_date"),
        pl.col("day").filter(is_counted).max().alias("last_order_date"),
        pl.col("day").max().alias("last_placed_date"),
        pl.col("ordered_at").filter("is_purchase").max().alias("last_purchase_at"),
        (is_counted & (ago < rules.LOYAL_WINDOW_DAYS)).sum().alias("year_orders"),
        in_window.sum().cast(pl.Int64).alias("window_orders"),
        (in_window & pl.col("is_discounted")).sum().cast(pl.Int64).alias("discounted_orders"),
        pl.col("net").filter(in_window).sum().alias("window_net"),
        pl.col("net").filter(in_window & ~pl.col("is_discounted")).sum().alias("full_price_net"),
    )


def _rhythms(orders: Frame) -> Frame:
    gap = pl.col("day").diff().dt.total_days()
    is_same = pl.col("person") == pl.col("person").shift()
    return (
        orders.filter(pl.col("net") > 0)
        .select("person", "day")
        .unique()
        .sort("person", "day")
        .with_columns(gap=pl.when(is_same).then(gap))
        .group_by("person")
        .agg(
            pl.len().cast(pl.Int64).alias("purchase_days"),
            (2 * pl.col("gap").median()).round().cast(pl.Int64).alias("double_median_gap"),
            pl.col("day").filter(pl.col("gap").is_not_null()).min().alias("second_day"),
            pl.col("day").filter(pl.col("gap") >= rules.REACTIVATION_GAP_DAYS).max().alias("reactivated_on"),
            pl.col("day")
            .filter(pl.col("gap").is_null() | (pl.col("gap") > rules.ACTIVE_DAYS))
            .max()
            .alias("active_since"),
        )
    )


def _cart_sums(tables: Tables, events: Frame, sessions: Frame, orders: Frame, order_sums: Frame) -> Frame:
    kind = pl.col("event_type")
    bought = orders.filter("is_purchase").select("order_id", is_bought=pl.lit(value=True))
    numbered = (
        events.filter(pl.col("cart_id").is_not_null())
        .join(bought, on="order_id", how="left")
        .sort("occurred_at", "event_id")
        .group_by("cart_id", maintain_order=True)
        .agg(
            pl.col("session").last(),
            pl.col("occurred_at").first().alias("cart_first_at"),
            pl.col("occurred_at").last().alias("cart_last_at"),
            pl.col("quantity").filter(kind == "add_to_cart").sum().alias("added"),
            pl.col("quantity").filter(kind == "remove_from_cart").sum().alias("removed"),
            pl.col("is_bought").any().fill_null(value=False).alias("has_order"),
        )
        .join(sessions.select("session", "person"), on="session")
    )
    columns = ("person", "cart_first_at", "cart_last_at", "added", "removed")
    own = sessions.filter(pl.col("adds") > 0).select(*columns, has_order=pl.lit(value=False))
    is_ordered = pl.col("has_order") | (pl.col("last_purchase_at") >= pl.col("cart_first_at")).fill_null(value=False)
    is_old = (tables.end - pl.col("cart_last_at")) > timedelta(minutes=rules.CART_GRACE_MINUTES)
    is_left = ~is_ordered & (pl.col("removed") < pl.col("added"))
    abandoned = is_left & is_old
    return (
        pl.concat([numbered.select(*columns, "has_order"), own], how="vertical_relaxed")
        .join(order_sums.select("person", "last_purchase_at"), on="person", how="left")
        .group_by("person")
        .agg(
            pl.len().cast(pl.Int64).alias("carts_count"),
            (is_left & ~is_old).sum().cast(pl.Int64).alias("open_carts_count"),
            abandoned.sum().cast(pl.Int64).alias("abandoned_carts_count"),
            pl.col("cart_last_at").filter(abandoned).max().dt.date().alias("last_abandoned_date"),
        )
    )


def _session_sums(sessions: Frame) -> Frame:
    return sessions.group_by("person").agg(
        pl.len().cast(pl.Int64).alias("sessions_count"),
        pl.col("requests").sum(),
        pl.col("started_at").max().dt.date().alias("last_session_date"),
        pl.col("signup_at").min(),
    )


def _people(identity: Identity, order_sums: Frame, session_sums: Frame, as_of: date) -> Frame:
    """Everybody who is listed, with orders and sessions."""
    named = pl.concat([identity.accounts.select("person"), identity.emails.select("person")]).unique()
    lately = session_sums.filter((as_of - pl.col("last_session_date")).dt.total_days() < rules.ANONYMOUS_DAYS)
    unnamed = (
        pl.concat([order_sums.select("person"), lately.select("person")]).unique().join(named, on="person", how="anti")
    )
    everybody = pl.concat(
        [
            named.with_columns(has_identifier=pl.lit(value=True)),
            unnamed.with_columns(has_identifier=pl.lit(value=False)),
        ]
    )
    joined = (
        everybody.join(identity.accounts, on="person", how="left")
        .join(order_sums, on="person", how="left")
        .join(session_sums, on="person", how="left")
        .with_columns(
            pl.col("orders_count", "net_revenue_amount", "sessions_count", "requests").fill_null(0),
            last_activity_date=pl.max_horizontal(
                pl.col("last_registered_at").dt.date(), "last_placed_date", "last_session_date"
            ),
            registered_at=pl.min_horizontal("registered_at", "signup_at"),
        )
    )
    is_near = (as_of - pl.col("last_activity_date")).dt.total_days() < rules.ANONYMOUS_DAYS
    return joined.filter(pl.col("has_identifier") | (pl.col("orders_count") > 0) | is_near)


def _later_sessions(people: Frame, sessions: Frame) -> Frame:
    return (
        people.filter(pl.col("orders_count") == 0)
        .select("person", "registered_at")
        .drop_nulls()
        .join(sessions.select("person", "started_at"), on="person")
        .filter(pl.col("started_at") > pl.col("registered_at"))
        .group_by("person")
        .agg(pl.len().alias("later_sessions"))
    )


def _scores(people: Frame) -> Frame:
    def score(column: str) -> Expression:
        worse = pl.col(column).rank("min").cast(pl.Int64) - 1
        return (1 + rules.BINS * worse // pl.len()).cast(pl.Int64)

    frequency = score("orders_count")
    capped = pl.min_horizontal(frequency, rules.BINS - 1)
    return (
        people.filter("has_identifier", pl.col("orders_count") > 0)
        .select(
            "person",
            score("last_order_date").alias("recency_score"),
            pl.when(pl.col("orders_count") < rules.TOP_FREQUENCY_ORDERS)
            .then(capped)
            .otherwise(frequency)
            .alias("frequency_score"),
            score("net_revenue_amount").alias("monetary_score"),
        )
        .with_columns(
            rfm_segment=(
                10 * pl.col("recency_score") + (pl.col("frequency_score") + pl.col("monetary_score") + 1) // 2
            ).replace_strict(rules.RFM_MAP, return_dtype=pl.String)
        )
    )


def _profile(  # noqa: PLR0917
    joined: Frame, orders: Frame, order_sums: Frame, has_events: bool, as_of: date, key: str
) -> Frame:
    def ago(column: str) -> Expression:
        return (as_of - pl.col(column)).dt.total_days()

    bought = pl.col("orders_count") > 0
    silence = ago("last_order_date")
    days = pl.col("purchase_days").fill_null(0)
    stage = (
        pl.when((days == 0) & ~pl.col("has_identifier")).then(pl.lit("anonymous"))
        .when((days == 0) & (ago("last_activity_date") < rules.LEAD_DAYS)).then(pl.lit("lead"))
        .when(days == 0).then(pl.lit("cold_lead"))
        .when((days == 1) & (ago("first_order_date") < rules.NEW_DAYS)).then(pl.lit("new"))
        .when(ago("reactivated_on") < rules.REACTIVATED_DAYS).then(pl.lit("reactivated"))
        .when(silence < rules.ACTIVE_DAYS).then(pl.lit("active"))
        .when(silence < rules.AT_RISK_DAYS).then(pl.lit("at_risk"))
        .when(silence < rules.DORMANT_DAYS).then(pl.lit("dormant"))
        .otherwise(pl.lit("churned"))
    )  # fmt: skip
    first, last, since = pl.col("first_order_date"), pl.col("last_order_date"), pl.col("active_since")
    at = pl.col("lifecycle_stage")
    entered = (
        pl.when(at == "new").then(first)
        .when(at == "reactivated").then("reactivated_on")
        .when(at == "at_risk").then(last + timedelta(days=rules.ACTIVE_DAYS))
        .when(at == "dormant").then(last + timedelta(days=rules.AT_RISK_DAYS))
        .when(at == "churned").then(last + timedelta(days=rules.DORMANT_DAYS))
        .when((at == "active") & (since == first))
        .then(pl.min_horizontal(first + timedelta(days=rules.NEW_DAYS), "second_day"))
        .when((at == "active") & (since == pl.col("reactivated_on")))
        .then(pl.col("reactivated_on") + timedelta(days=rules.REACTIVATED_DAYS))
        .when(at == "active").then(since)
    )  # fmt: skip
    buyers = order_sums.filter(bought)
    has_discounts = bool(orders["is_discount_known"].any())
    loves_discounts = (
        (pl.col("window_orders") >= rules.DISCOUNT_ORDERS)
        & (rules.WHOLE_BP * pl.col("discounted_orders") >= rules.DISCOUNTED_BP * pl.col("window_orders"))
        & (rules.WHOLE_BP * pl.col("full_price_net") <= rules.FULL_PRICE_BP * pl.col("window_net"))
    )
    rhythm = pl.max_horizontal(rules.LOYAL_MIN_DAYS, pl.col("double_median_gap").fill_null(0))
    kind = (
        pl.when(pl.col("has_identifier") & bought).then(pl.lit("buyer"))
        .when("has_identifier").then(pl.lit("lead"))
        .when(bought).then(pl.lit("guest"))
        .otherwise(pl.lit("anonymous"))
    )  # fmt: skip
    flags = {
        "is_one_timer": pl.when(bought).then(pl.col("orders_count") == 1),
        "is_repeat_loyal": pl.when(bought).then((pl.col("year_orders") >= rules.LOYAL_ORDERS) & (silence <= rhythm)),
        "is_recent_buyer": silence < rules.RECENT_DAYS,
        "is_lapsed_buyer": silence >= rules.LAPSED_DAYS,
        "is_cart_abandoner": (ago("last_abandoned_date") < rules.CART_ABANDONER_DAYS).fill_null(value=False),
        "is_high_spender": pl.when(bought).then(
            pl.col("net_revenue_amount") * len(buyers) > buyers["net_revenue_amount"].sum()
        ),
        "is_discount_lover": pl.when(bought & has_discounts).then(loves_discounts),
        "is_registered_browser": pl.col("registered_at").is_not_null()
        & ~bought
        & (pl.col("later_sessions").fill_null(0) >= rules.BROWSER_SESSIONS),
        "is_curious_browser": ~pl.col("has_identifier")
        & pl.col("registered_at").is_null()
        & pl.col("last_placed_date").is_null()
        & (pl.col("requests") == 0)
        & (ago("last_session_date") < rules.CURIOUS_DAYS).fill_null(value=False),
        "is_idle": pl.when(bought).then(
            (silence >= rules.IDLE_ORDER_DAYS)
            & (ago("last_session_date") >= rules.IDLE_SESSION_DAYS).fill_null(value=True)
        ),
    }
    web = [
        "sessions_count",
        "carts_count",
        "open_carts_count",
        "abandoned_carts_count",
        "is_cart_abandoner",
        "is_registered_browser",
        "is_curious_browser",
        "is_idle",
    ]
    ids = [rules.published_id(person, key) for person in joined["person"]]
    return (
        joined.with_columns(
            pl.Series("customer_id", ids, pl.String),
            pl.col("carts_count", "open_carts_count", "abandoned_carts_count").fill_null(0),
            customer_kind=kind,
            days_since_last_order=silence,
            lifecycle_stage=stage,
            **flags,
        )
        .with_columns(
            *([] if has_events else [pl.lit(None).alias(column) for column in web]),
            stage_entered_date=entered,
        )
        .select(rules.COLUMNS)
    )


def main() -> None:
    """Compute once and print one line of JSON."""
    chosen = peer_arguments("in_polars")
    sys.stdout.write(report(compute(chosen.folder, chosen.as_of)))


if __name__ == "__main__":
    main()
