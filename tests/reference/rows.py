"""The raw tables as plain rows: reads frames, keeps the latest version of each key, knows no rule of the shop.

Text stays text, money becomes ``Decimal``, times become UTC ``datetime``; anything missing becomes ``None``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Product:
    """One product."""

    product_id: str
    is_gift_card: bool | None
    category: str | None = None
    product_line: str | None = None
    collection: str | None = None
    launched_at: datetime | None = None
    replenishment_days: int | None = None
    tags: str | None = None
    list_price: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """One account of the shop."""

    customer_id: str
    email: str | None
    phone: str | None
    is_email_verified: bool | None
    registered_at: datetime | None
    updated_at: datetime | None
    source: str | None = None
    content_md5: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source of an account says of who the person is."""

    customer_id: str
    birth_date: date | None
    gender: str | None
    income_band: str | None
    occupation: str | None
    marital_status: str | None
    education: str | None
    organisation_type: str | None
    company_name: str | None
    vat_id: str | None
    country: str | None
    region: str | None
    postal_code: str | None
    registered_at: datetime | None
    updated_at: datetime | None
    source: str | None = None
    content_md5: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """One piece of evidence about a customer."""

    customer_id: str
    identifier_type: str
    identifier: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """One order."""

    order_id: str
    customer_id: str | None
    email: str | None
    phone: str | None
    anonymous_id: str | None
    ordered_at: datetime
    status: str | None
    cancelled_at: datetime | None
    total_amount: Decimal | None
    currency: str | None
    discount_amount: Decimal | None
    coupon_code: str | None
    is_test: bool | None
    updated_at: datetime | None
    shipping_country: str | None = None
    shipping_region: str | None = None
    sales_channel: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order."""

    order_id: str
    line_number: int
    product_id: str | None
    quantity: Decimal
    unit_price: Decimal
    list_price: Decimal | None
    order_updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund."""

    refund_id: str
    order_id: str | None
    customer_id: str | None
    product_id: str | None
    refunded_at: datetime
    quantity: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency was worth on a day."""

    currency: str
    rate_date: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Event:
    """One event."""

    event_id: str
    occurred_at: datetime
    event_type: str
    anonymous_id: str | None
    customer_id: str | None
    email: str | None
    session_id: str | None
    cart_id: str | None
    order_id: str | None
    quantity: Decimal | None
    page_type: str | None = None
    channel: str | None = None
    device_type: str | None = None
    country: str | None = None
    region: str | None = None
    product_id: str | None = None
    value_amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """One thing that happened to a message."""

    message_id: str
    customer_id: str | None
    email: str | None
    channel: str | None
    message_event: str
    occurred_at: datetime
    is_machine_open: bool | None


@dataclass(frozen=True, slots=True)
class Consent:
    """One change of a consent."""

    customer_id: str | None
    email: str | None
    channel: str
    purpose: str | None
    status: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer."""

    offer_id: str
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Exposure:
    """One offer shown to a customer."""

    offer_id: str
    customer_id: str
    exposed_at: datetime


@dataclass(frozen=True, slots=True)
class Redemption:
    """One offer used by a customer."""

    offer_id: str
    customer_id: str
    redeemed_at: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """One membership in the loyalty programme."""

    customer_id: str
    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a customer to a question."""

    customer_id: str
    question: str
    answered_at: datetime
    answer: str | None = None


KEYS: dict[type, tuple[str, ...]] = {
    Product: ("product_id",),
    Customer: ("customer_id", "source"),
    Statement: ("customer_id", "source"),
    Identity: ("customer_id", "identifier_type", "identifier", "seen_at"),
    Order: ("order_id",),
    Line: ("order_id", "line_number", "order_updated_at"),
    Refund: ("refund_id",),
    Rate: ("currency", "rate_date"),
    Event: ("event_id",),
    MessageEvent: ("message_id", "message_event", "occurred_at"),
    Consent: ("customer_id", "email", "channel", "purpose", "changed_at"),
    Offer: ("offer_id",),
    Membership: ("customer_id", "joined_at"),
    Answer: ("customer_id", "question", "answered_at"),
    Exposure: ("offer_id", "customer_id", "exposed_at"),
    Redemption: ("offer_id", "customer_id", "redeemed_at"),
}

Row = TypeVar("Row")


def read(tables: dict[str, pd.DataFrame], table: str, row_type: type[Row]) -> list[Row]:
    """The latest version of each row of one table; a missing table has no rows.

    Raises:
        ValueError: a required value is missing, or a value has a type that the raw table cannot hold.
    """
    frame = tables.get(table)
    if frame is None or frame.empty:
        return []
    names = [field.name for field in fields(row_type)]  # type: ignore[arg-type]
    types = [str(field.type) for field in fields(row_type)]  # type: ignore[arg-type]
    columns = [_column(frame, name, kind, table) for name, kind in zip(names, types, strict=True)]
    rows = [row_type(*values) for values in zip(*columns, strict=True)]
    return _latest(rows, _column(frame, "content_md5", "str | None", table), KEYS[row_type])


def _column(frame: pd.DataFrame, name: str, kind: str, table: str) -> list[Any]:
    type_name, *optional = kind.split(" | ")
    if name not in frame.columns:
        values: list[Any] = [None] * len(frame)
    else:
        convert = CONVERTERS[type_name]
        missing = frame[name].isna().tolist()
        pairs = zip(frame[name].tolist(), missing, strict=True)
        values = [None if is_missing else convert(value) for value, is_missing in pairs]
    if not optional and None in values:
        message = f"{table}.{name} is required but missing in row {values.index(None)}"
        raise ValueError(message)
    return values


def _latest(rows: list[Row], hashes: list[str | None], key: tuple[str, ...]) -> list[Row]:
    """Among equal keys the row with the largest (updated_at, content_md5), no time being the oldest."""
    best: dict[tuple[Any, ...], tuple[tuple[datetime, str], Row]] = {}
    for row, content_md5 in zip(rows, hashes, strict=True):
        identity = tuple(getattr(row, name) for name in key)
        version = (getattr(row, "updated_at", None) or OLDEST, content_md5 or "")
        if identity not in best or best[identity][0] < version:
            best[identity] = (version, row)
    return [row for _, row in best.values()]


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        message = f"{value!r} should be text"
        raise ValueError(message)  # noqa: TRY004  one kind of error for every broken input
    return value or None


def _number(value: Any) -> Decimal:
    # A float carries a DECIMAL(18, 4) faithfully only through its shortest text.
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _time(value: Any) -> datetime:
    moment: datetime = value.to_pydatetime(warn=False) if isinstance(value, pd.Timestamp) else value
    if moment.tzinfo is None:
        message = f"{value!r} should carry a time zone"
        raise ValueError(message)
    return moment.astimezone(UTC)


def _date(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": int,
    "bool": bool,
    "Decimal": _number,
    "datetime": _time,
    "date": _date,
}
