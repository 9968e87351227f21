"""Orders, refunds and identity of the reference, by hand-computed cases."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.reference.tables import KEY, D, Landing, at


def money(landing: Landing, column: str, **when: object) -> dict[str, Decimal]:
    orders = landing.seen(**when).orders.set_index("order_id")  # type: ignore[arg-type]
    return dict(orders[column])


def portions(landing: Landing) -> list[tuple[str, str | None, str]]:
    frame = landing.seen().refunds
    return list(zip(frame.refund_id, frame.order_id, frame.amount.map(str), strict=True))


# Orders


def test_value_of_lines_is_rounded_half_up_once_per_order() -> None:
    landing = Landing().order("o1", 1, total=None, discount_amount=Decimal("0.50"))
    landing.line("o1", "tea", "1.5", "2.33").line("o1", "cup", "1", "1.01", number=2)
    assert money(landing, "gross") == {"o1": Decimal("4.51")}  # 3.495 + 1.01 - 0.50 = 4.005, then + 0.50
    assert money(landing, "net") == {"o1": Decimal("4.01")}


def test_gift_cards_are_no_revenue_and_cannot_be_refunded() -> None:
    landing = Landing().order("o1", 5, "60.00").line("o1", "card", "1", "50").line("o1", "tea", "1", "10", number=2)
    landing.add("products", product_id="card", is_gift_card=True)
    landing.refund("r1", 2, "25.00", order_id="o1")
    order = landing.seen().orders.iloc[0]
    assert (order.gift_cards, order.refund, order.excess_refund, order.net) == (50, 10, 15, 0)
    assert not order.is_counted


@pytest.mark.parametrize(
    ("status", "cancelled_days_ago", "is_valid"),
    [
        (None, None, True),
        ("Paid", None, True),
        ("pending", None, False),
        ("cancelled", None, False),
        ("cancelled", 1, False),
        ("paid", 1, False),
        ("cancelled", -1, True),
        ("pending", -1, True),
    ],
)
def test_a_cancellation_after_d_has_not_happened(
    status: str | None, cancelled_days_ago: int | None, is_valid: bool
) -> None:
    cancelled_at = None if cancelled_days_ago is None else at(cancelled_days_ago)
    landing = Landing().order("o1", 9, status=status, cancelled_at=cancelled_at)
    assert money(landing, "is_counted") == {"o1": is_valid}


def test_the_day_ends_at_local_midnight() -> None:
    evening = datetime(2026, 6, 30, 14, 59, tzinfo=UTC)  # 23:59 in Tokyo
    landing = Landing().order("o1", 0, ordered_at=evening)
    landing.order("o2", 0, ordered_at=evening + timedelta(minutes=1))
    assert list(landing.seen(time_zone="Asia/Tokyo").orders.order_id) == ["o1"]
    assert list(landing.seen().orders.order_id) == ["o1", "o2"]


def test_the_latest_version_stands_and_no_time_is_the_oldest() -> None:
    landing = Landing().order("o1", 9, "1.00", updated_at=None, content_md5="ff")
    landing.order("o1", 9, "2.00", updated_at=at(3), content_md5="00")
    landing.order("o1", 9, "3.00", updated_at=at(3), content_md5="0a")
    assert money(landing, "net") == {"o1": Decimal(3)}


def test_an_order_whose_latest_version_lies_in_the_future_is_hidden() -> None:
    landing = Landing().order("o1", 9, updated_at=at(9)).order("o1", -1, updated_at=at(-1)).order("o2", 8)
    assert list(landing.seen().orders.order_id) == ["o2"]


def test_order_numbers_count_counted_orders_only() -> None:
    landing = Landing().order("b", 5).order("a", 5).order("zero", 7, "0").order("c", 9).order("test", 9, is_test=True)
    numbers = landing.seen().orders.set_index("order_id").customer_order_number
    assert numbers.dropna().to_dict() == {"c": 1, "a": 2, "b": 3}


# Refunds


def test_an_unnamed_refund_takes_from_the_latest_earlier_sales() -> None:
    landing = Landing().order("o1", 20, "20.00").line("o1", "tea", "2", "10")
    landing.order("o2", 10, "10.00").line("o2", "tea", "1", "10")
    landing.order("o3", 15, "10.00", cancelled_at=at(14)).line("o3", "tea", "9", "10")
    landing.order("o4", 5, "10.00").line("o4", "tea", "9", "10")  # the same moment is not earlier
    landing.order("o5", 12, "10.00", customer="bob").line("o5", "tea", "9", "10")
    landing.refund("r1", 5, "10.00", customer_id="ann", product_id="tea", quantity=Decimal(3))
    assert portions(landing) == [("r1", "o2", "3.33"), ("r1", "o1", "6.67")]
    assert money(landing, "net")["o1"] == Decimal("13.33")


def test_a_second_refund_finds_what_the_first_left_and_the_rest_is_unmatched() -> None:
    landing = Landing().order("o1", 20, "30.00").line("o1", "tea", "3", "10")
    for refund_id, days_ago in (("late", 2), ("early", 4)):
        landing.refund(refund_id, days_ago, "20.01", customer_id="ann", product_id="tea", quantity=Decimal(2))
    assert portions(landing) == [("early", "o1", "20.01"), ("late", "o1", "10.01"), ("late", None, "10.00")]


def test_equal_times_are_decided_by_order_id_then_line_number() -> None:
    landing = Landing().order("o1", 20, "9.00").line("o1", "tea", "1", "9")
    landing.order("o2", 20, "9.00").line("o2", "tea", "1", "4").line("o2", "tea", "1", "5", number=2)
    landing.refund("r1", 2, "2.00", customer_id="ann", product_id="tea", quantity=Decimal(1))
    landing.refund("r2", 2, "5.00", customer_id="ann", product_id="tea", quantity=Decimal(2))
    assert portions(landing) == [("r1", "o2", "2.00"), ("r2", "o2", "2.50"), ("r2", "o1", "2.50")]


def test_refunds_without_order_or_sale_stay_unmatched_and_without_quantity_return_one_unit() -> None:
    landing = Landing().order("o1", 9).line("o1", "tea", "1", "10")
    landing.refund("r1", 2, "1.00", order_id="unknown")
    landing.refund("r2", 2, "2.00", customer_id="ann", product_id="tea")
    landing.refund("r3", 2, "3.00", customer_id="stranger", product_id="tea", quantity=Decimal(1))
    assert portions(landing) == [("r1", None, "1.00"), ("r2", "o1", "2.00"), ("r3", None, "3.00")]
    assert "stranger" not in landing.seen().customers.index


def test_a_refund_after_d_has_not_happened() -> None:
    landing = Landing().order("o1", 9).refund("r1", 0, "10.00", order_id="o1")
    assert money(landing, "net") == {"o1": Decimal(0)}
    assert money(landing, "net", as_of=D - timedelta(days=1)) == {"o1": Decimal(10)}


def test_a_refunded_order_without_any_refund_row_is_refunded_when_it_was_updated() -> None:
    landing = Landing().order("o1", 9, status="refunded", updated_at=at(3)).order("o2", 9, status="refunded")
    landing.order("o3", 9, status="refunded").refund("r1", -5, "10.00", order_id="o3")
    assert money(landing, "net", as_of=D - timedelta(days=4)) == {"o1": 10, "o2": 0, "o3": 10}
    assert money(landing, "net") == {"o1": 0, "o2": 0, "o3": 10}
    assert list(landing.seen().refunds.is_derived) == [True, True]


# Who is one person


def test_customers_of_one_email_are_one_person_up_to_five() -> None:
    landing = Landing()
    for number in range(1, 6):
        landing.order(f"o{number}", number, customer=f"c{number}", email=f" Family@X.example{' ' * number}")
    assert list(landing.seen().customers.index) == ["c1"]
    landing.order("o6", 0, customer="c6", email="family@x.example")
    assert list(landing.seen().customers.index) == ["c1", "c2", "c3", "c4", "c5", "c6"]
    assert list(landing.seen(as_of=D - timedelta(days=1)).customers.index) == ["c1"]


def test_an_order_with_only_a_junk_email_is_its_own_guest() -> None:
    landing = Landing().order("guest", 3, customer=None, email="shop@x.example")
    for number in range(6):
        landing.add("customers", customer_id=f"c{number}", email="shop@x.example")
    customers = landing.seen().customers
    assert customers.customer_kind.value_counts().to_dict() == {"lead": 6, "guest": 1}
    assert customers.rfm_code.isna().all()


def test_a_guest_who_registers_is_one_person_from_then_on() -> None:
    landing = Landing().order("o1", 9, customer=None, email="Ann@x.example").order("o2", 3, customer="ann")
    landing.add("customers", customer_id="ann", email="ann@X.example", registered_at=at(5))
    assert landing.seen().customers.orders_count.to_dict() == {"ann": 2}
    before = landing.seen(as_of=D - timedelta(days=6)).customers
    inner = hashlib.sha256(f"{KEY}email:ann@x.example".encode()).hexdigest()
    assert list(before.index) == ["c_" + hashlib.sha256(f"{KEY}{inner}".encode()).hexdigest()[:24]]
    assert list(before.customer_kind) == ["buyer"]


def test_aliases_join_and_phones_do_not() -> None:
    landing = Landing().order("o1", 9, customer="new").order("o2", 8, customer="old").order("o3", 8, customer="pal")
    for kind, identifier in (("customer_id", "old"), ("phone", "123")):
        landing.add("identities", customer_id="new", identifier_type=kind, identifier=identifier, seen_at=at(4))
    landing.add("identities", customer_id="pal", identifier_type="phone", identifier="123", seen_at=at(4))
    assert landing.seen().customers.orders_count.to_dict() == {"new": 2, "pal": 1}


def test_an_alias_of_six_customers_joins_nobody() -> None:
    landing = Landing()
    for number in range(6):
        alias = {"identifier_type": "customer_id", "identifier": "till", "seen_at": at(number)}
        landing.add("identities", customer_id=f"c{number}", **alias)
    assert list(landing.seen().customers.index) == ["c0", "c1", "c2", "c3", "c4", "c5"]
    assert list(landing.seen(as_of=D - timedelta(days=1)).customers.index) == ["c1"]


def test_a_customer_registered_after_d_is_hidden_with_the_email() -> None:
    landing = Landing().order("o1", 9, customer="ann").order("o2", 9, customer=None, email="ann@x.example")
    landing.add("customers", customer_id="ann", email="ann@x.example", registered_at=at(-1))
    landing.add("customers", customer_id="bob", email="bob@x.example", registered_at=at(-1))
    assert len(landing.seen().customers) == 2
    assert list(landing.seen(as_of=D + timedelta(days=1)).customers.index) == ["ann", "bob"]


def test_an_identity_ties_a_device_to_a_person_once_it_was_seen() -> None:
    landing = Landing().order("o1", 9, customer=None, anonymous_id="phone")
    device = {"identifier_type": "anonymous_id", "identifier": "phone", "seen_at": at(3)}
    landing.add("identities", customer_id="ann", **device)
    assert landing.seen().customers.customer_kind.to_dict() == {"ann": "buyer"}
    assert list(landing.seen(as_of=D - timedelta(days=4)).customers.customer_kind) == ["guest"]


def test_test_orders_and_unknown_event_types_are_evidence_of_nothing() -> None:
    landing = Landing().order("o1", 9, customer="ghost", email="x@x.example", is_test=True)
    landing.event("teleported", at(1), customer_id="ghost2").event("page_view", at(1), customer_id="ann")
    seen = landing.seen()
    assert list(seen.customers.index) == ["ann"]
    assert list(seen.orders.customer_id) == [None]


def test_an_order_on_a_device_belongs_to_the_one_person_seen_there() -> None:
    landing = Landing().order("o1", 9, customer=None, anonymous_id="phone").event("login", at(5), customer_id="ann")
    assert landing.seen().customers.orders_count.to_dict() == {"ann": 1}
    landing.order("o2", 3, customer="bob", anonymous_id="phone")
    assert sorted(landing.seen().customers.customer_kind) == ["buyer", "guest", "lead"]
    before = landing.seen(as_of=D - timedelta(days=6)).customers
    assert list(before.customer_kind) == ["guest"]
