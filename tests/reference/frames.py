"""The shape of the answers: frames whose text and Decimal columns are objects, with None where nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from tests.reference.journey import channel, funnel_step, is_idle_before_cart, pages
from tests.reference.orders import ValuedOrder, order_numbers
from tests.reference.sessions import session_key

if TYPE_CHECKING:
    from tests.reference.carts import Cart
    from tests.reference.refunds import Portion
    from tests.reference.sessions import Session


def frame(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    """Rows as objects throughout: pandas would turn None into NaN and whole numbers into floats."""
    return pd.DataFrame([[row[name] for name in columns] for row in rows], columns=columns, dtype=object)


def orders_frame(orders: list[ValuedOrder]) -> pd.DataFrame:
    """One row per visible order; test orders belong to nobody."""
    own = ["customer_id", "is_valid", "is_counted", "gross", "discount", "refund", "excess_refund", "gift_cards", "net"]
    columns = ["order_id", *own, "is_test", "order_date", "ordered_at", "customer_order_number"]
    numbers = order_numbers(orders)
    rows = [
        {
            **_fields(item, own),
            "order_id": item.order.order_id,
            "is_test": bool(item.order.is_test),
            "order_date": item.day,
            "ordered_at": item.order.ordered_at,
            "customer_order_number": numbers.get(item.order.order_id),
        }
        for item in orders
    ]
    return frame(rows, columns).astype({"customer_order_number": "Int64"})


def refunds_frame(portions: list[Portion]) -> pd.DataFrame:
    """One row per refund and order it goes back to; order_id is None for what is unmatched."""
    own = ["refund_id", "order_id", "quantity", "amount", "is_derived", "refunded_at"]
    rows = [{**_fields(portion, own), "is_matched": portion.order_id is not None} for portion in portions]
    return frame(rows, [*own, "is_matched"])


def sessions_frame(sessions: list[Session]) -> pd.DataFrame:
    """One row per session; session_id is the given one, None where events were cut by silence."""
    own = ["session_id", "customer_id", "started_at", "ended_at"]
    rows = [
        {
            **_fields(session, own),
            "session_key": session_key(session.device, session.session_id, session.started_at),
            "device_kind": session.device[0],
            "device_key": session.device[1],
            "session_date": session.day,
            "events_count": len(session.events),
            "funnel_step": funnel_step(session),
            "entry_page": next(iter(pages(session)), None),
            "exit_page": next(reversed(pages(session)), None),
            "channel": channel(session),
            "is_idle_before_cart": is_idle_before_cart(session),
        }
        for session in sessions
    ]
    journey = ["funnel_step", "entry_page", "exit_page", "channel", "is_idle_before_cart"]
    return frame(rows, ["session_key", "device_kind", "device_key", *own, "session_date", "events_count", *journey])


def carts_frame(carts: list[Cart]) -> pd.DataFrame:
    """One row per cart; cart_id is the given one, None where the cart is that of a session."""
    own = ["key", "cart_id", "customer_id", "started_at", "last_activity_at", "state"]
    columns = [*own, "worth", "exit_step", "last_error"]
    return frame([_fields(cart, columns) for cart in carts], columns)


def _fields(item: object, names: list[str]) -> dict[str, Any]:
    return {name: getattr(item, name) for name in names}
