"""The words and thresholds that the data frame peers share, and the two things no frame library does: hashing, merging.

The same numbers as the defaults of the pipeline, written down a second time on purpose: a peer knows no pipeline.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT_KEY = "a key for tests"
SESSION_GAP_MINUTES = 30
CART_GRACE_MINUTES = 60
CART_ABANDONER_DAYS = 30
JUNK_IDS = 5
ANONYMOUS_DAYS = 90
LEAD_DAYS = 180
NEW_DAYS = 30
REACTIVATION_GAP_DAYS = 180
REACTIVATED_DAYS = 30
ACTIVE_DAYS, AT_RISK_DAYS, DORMANT_DAYS = 90, 180, 365
RECENT_DAYS, LAPSED_DAYS = 30, 90
LOYAL_ORDERS, LOYAL_WINDOW_DAYS, LOYAL_MIN_DAYS = 3, 365, 90
DISCOUNT_ORDERS, DISCOUNT_WINDOW_DAYS = 2, 730
DISCOUNTED_BP, FULL_PRICE_BP, TOLERANCE_BP, WHOLE_BP = 7500, 2500, 100, 10000
BROWSER_SESSIONS = 2
CURIOUS_DAYS = 30
IDLE_ORDER_DAYS, IDLE_SESSION_DAYS = 365, 180
BINS = 5
TOP_FREQUENCY_ORDERS = 3

VALID_STATUSES = (
    "paid",
    "partially_paid",
    "processing",
    "complete",
    "completed",
    "fulfilled",
    "partially_fulfilled",
    "shipped",
    "delivered",
    "closed",
    "archived",
    "partially_refunded",
    "refunded",
)
CART_EVENTS = ("add_to_cart", "remove_from_cart", "checkout_started")
REQUESTS = (
    "add_to_cart",
    "payment_failed",
    "purchase",
    "signup",
    "newsletter_signup",
    "content_download",
    "form_submitted",
)
EVENTS = (
    *CART_EVENTS,
    *REQUESTS[1:],
    "page_view",
    "product_view",
    "category_view",
    "search",
    "wishlist_add",
    "wishlist_remove",
    "login",
    "chat_opened",
)
# By recency score from the lowest up, in each by the mean of frequency and monetary score.
RFM_GROUPS = (
    ("Lost", "Hibernating", "At Risk", "Can't Lose Them", "Can't Lose Them"),
    ("About To Sleep", "Needing Attention", "Needing Attention", "At Risk", "At Risk"),
    ("Promising", "Needing Attention", "Potential Loyalist", "Loyal", "Loyal"),
    ("Promising", "Potential Loyalist", "Potential Loyalist", "Loyal", "Champions"),
    ("Recent", "Potential Loyalist", "Loyal", "Champions", "Champions"),
)
RFM_MAP = {
    10 * (recency + 1) + both + 1: group
    for recency, groups in enumerate(RFM_GROUPS)
    for both, group in enumerate(groups)
}
COLUMNS = (
    "customer_id",
    "customer_kind",
    "orders_count",
    "net_revenue_amount",
    "first_order_date",
    "last_order_date",
    "days_since_last_order",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "rfm_segment",
    "lifecycle_stage",
    "stage_entered_date",
    "sessions_count",
    "carts_count",
    "open_carts_count",
    "abandoned_carts_count",
    "is_one_timer",
    "is_repeat_loyal",
    "is_recent_buyer",
    "is_lapsed_buyer",
    "is_cart_abandoner",
    "is_high_spender",
    "is_discount_lover",
    "is_registered_browser",
    "is_curious_browser",
    "is_idle",
)


def pseudonym(named: str, key: str) -> str:
    """Id of a person without a customer id; ``named`` is such as "email:..." or "device:..."."""
    inner = sha256((key + named).encode()).hexdigest()
    return "c_" + sha256((key + inner).encode()).hexdigest()[:24]


def published_id(person: str, key: str) -> str:
    """Customer ids and pseudonyms stay, devices and lone orders get their pseudonym."""
    return pseudonym(person, key) if person.startswith(("device:", "order:")) else person


def merged_ids(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Customer id to the smallest id it is connected with over any number of pairs, where that is another one."""
    smallest: dict[str, str] = {}

    def root(one: str) -> str:
        while (above := smallest.setdefault(one, one)) != one:
            one = above
        return one

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        smallest[high] = low
    return {one: root(one) for one in smallest if root(one) != one}
