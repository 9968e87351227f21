"""A generated shop of any size as landing files, for measurements; the sample shop for people is another one.

Everything is drawn in whole columns and written month by month, so that memory grows with people and orders but not
with events. Numbers follow from the seed alone. A file of a month holds the sessions that began in it (a session with
an order: in which the order was placed), so its last events may lie in the next month.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator

Numbers = np.ndarray[Any, np.dtype[Any]]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOBODY = -1
BLOCK_ROWS = 2_000_000
# Shares of the number of orders.
ACCOUNTS_SHARE, BUYING_ACCOUNTS_SHARE, GUESTS_SHARE, ANONYMOUS_SHARE = 0.46, 0.30, 0.12, 1.07
# Shares of the number of sessions; what remains is browsing by people with a name.
ORDER_SESSIONS_SHARE, ANONYMOUS_SESSIONS_SHARE, SIGNUP_SESSIONS_SHARE = 0.28, 0.54, 0.05
EVENTS_PER_SESSION = 4.6
MOST_EVENTS = 12
SESSION_LENGTHS = np.array([0.35, 0.22, 0.15, 0.1, 0.07, 0.04, 0.03, 0.02, 0.01, 0.005, 0.005])
SHORTEST_SESSION = 2
ORDER_SESSION_LENGTHS = np.array([0.3, 0.25, 0.2, 0.1, 0.07, 0.04, 0.02, 0.02])
SHORTEST_ORDER_SESSION = 5
PRODUCTS = 2000
GIFT_CARD_EVERY = 100
FREE_SHIPPING_CENTS = 5000
REFUNDED_SHARE = 0.04
COUNTRIES = ("DE", "FR", "NL", "AT", "IT", "ES", "PL", "SE")
COUNTRY_SHARES = (0.35, 0.16, 0.12, 0.1, 0.09, 0.08, 0.06, 0.04)
CHANNELS = ("direct", "organic", "paid_search", "e_mail", "social")
DEVICE_TYPES = ("mobile", "desktop", "tablet", "app")
HOUR_SHARES = (2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 9, 9, 8, 8, 9, 10, 12, 14, 15, 13, 9, 5)
STATUSES = (
    "complete",
    "shipped",
    "delivered",
    "paid",
    "processing",
    "cancelled",
    "pending",
    "failed",
    "refunded",
    None,
)
STATUS_SHARES = (0.66, 0.1, 0.08, 0.05, 0.03, 0.03, 0.015, 0.01, 0.01, 0.015)
CANCELLED, REFUNDED = STATUSES.index("cancelled"), STATUSES.index("refunded")
EVENT_TYPES = (
    "page_view",
    "product_view",
    "category_view",
    "search",
    "wishlist_add",
    "content_download",
    "newsletter_signup",
    "add_to_cart",
    "remove_from_cart",
    "checkout_started",
    "payment_failed",
    "purchase",
    "signup",
    "login",
    "heartbeat",  # of no documented type: loaded and ignored
)
CODES = {name: code for code, name in enumerate(EVENT_TYPES)}
BROWSING_SHARES = (0.33, 0.4, 0.12, 0.1, 0.02, 0.01, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.01)
PRODUCT_EVENTS = ("product_view", "wishlist_add", "add_to_cart", "remove_from_cart")
QUANTITY_EVENTS = ("add_to_cart", "remove_from_cart")
PAGE_TYPES = ("content", "product", "category", "search", "other", "cart", "checkout")
PAGE_OF_EVENT = (0, 1, 2, 3, 1, 0, 0, 1, 5, 6, 6, 6, 4, 4, 4)
BROWSING, CARRYING, BUYING, SIGNING_UP = range(4)
LEFT, TAKEN_BACK, CHECKED_OUT = range(3)
JUNK_EMAIL = "nobody@example.org"
TIME = pa.timestamp("us", tz="UTC")
MONEY = pa.decimal128(12, 2)


@dataclass(frozen=True)
class Window:
    """The time of the shop in microseconds since 1970, ``end`` excluded."""

    start: int
    end: int

    @classmethod
    def of(cls, last_day: date, days: int) -> Window:
        """The window of so many days that ends with ``last_day``."""
        midnight = datetime(last_day.year, last_day.month, last_day.day, tzinfo=UTC)
        end = int(midnight.timestamp()) * SECOND + DAY
        return cls(end - days * DAY, end)


@dataclass(frozen=True)
class People:
    """Accounts first (those who buy before those who do not), then guests; ``life_start`` is a midnight each."""

    accounts: int
    buying_accounts: int
    guests: int
    anonymous: int
    life_start: Numbers
    life_days: Numbers
    registered_at: Numbers

    @property
    def named(self) -> int:
        """People with an account or an e-mail address."""
        return self.accounts + self.guests


@dataclass(frozen=True)
class Plan:
    """What every table is drawn from."""

    seed: int
    window: Window
    people: People

    def draws(self, *stream: int) -> np.random.Generator:
        """Random numbers that depend on nothing but the seed and the name of the stream."""
        return _draws(self.seed, *stream)


@dataclass(frozen=True)
class Goods:
    """List prices of the products in cents, and the running sum of how often each is bought."""

    prices: Numbers
    popularity: Numbers


@dataclass(frozen=True)
class Orders:
    """One entry per order, in order of time; ``person`` and ``device`` are NOBODY where unknown."""

    number: Numbers
    person: Numbers
    device: Numbers
    placed_at: Numbers

    def part(self, rows: slice) -> Orders:
        """Neighbouring orders."""
        return Orders(self.number[rows], self.person[rows], self.device[rows], self.placed_at[rows])


@dataclass(frozen=True)
class Sessions:
    """One entry per session, in order of ``at``: its start, or the time of its order where it has one."""

    kind: Numbers
    person: Numbers
    device: Numbers
    order: Numbers
    events: Numbers
    at: Numbers

    def part(self, rows: slice) -> Sessions:
        """Neighbouring sessions."""
        return Sessions(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass
class Refunds:
    """Refunds collected while orders are written; they happen in later months."""

    order: list[Numbers] = field(default_factory=list)
    cents: list[Numbers] = field(default_factory=list)
    refunded_at: list[Numbers] = field(default_factory=list)

    def add(self, order: Numbers, cents: Numbers, refunded_at: Numbers) -> None:
        """Add the refunds of some orders."""
        self.order.append(order)
        self.cents.append(cents)
        self.refunded_at.append(refunded_at)


class MonthlyFiles:
    """The Parquet files of one table, one per month, written in blocks."""

    def __init__(self, folder: Path, table: str) -> None:
        self._folder, self._table = folder / table, table
        self._folder.mkdir(parents=True, exist_ok=True)

    def write(self, month: np.datetime64, blocks: Iterator[pa.Table]) -> None:
        """Write the file of a month; no file without rows."""
        path = self._folder / f"{self._table}_{str(month).replace('-', '_')}.parquet"
        with ExitStack() as stack:
            writer: pq.ParquetWriter | None = None
            for block in blocks:
                writer = writer or stack.enter_context(_writer(path, block.schema))
                writer.write_table(block)


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, schema, compression="snappy", store_schema=False, store_decimal_as_integer=True)


def write_large_shop(
    folder: Path,
    *,
    orders: int,
    events_per_order: int = 10,
    days: int = 730,
    last_day: date = date(2026, 6, 30),
    seed: int = 1,
) -> None:
    """Write landing files ``folder/<table>/*.parquet`` of a shop with exactly so many orders and events.

    Args:
        folder: where the folders of the tables are made.
        orders: rows of ``orders``; people, lines and refunds follow from it.
        events_per_order: rows of ``events`` per order, on average.
        days: length of the shop's history.
        last_day: its last day; nothing happens later.
        seed: the same seed writes the same rows.

    Raises:
        ValueError: there are no orders.
    """
    if orders < 1:
        raise ValueError("a shop needs orders")
    window = Window.of(last_day, days)
    plan = Plan(seed, window, _people(_draws(seed, 1), orders, window))
    goods = _write_products(folder, plan.draws(2), window)
    _write_customers(folder, plan.draws(3), plan.people)
    _write_identities(folder, plan.draws(4), plan.people, window)
    placed = _orders(plan.draws(5), orders, plan.people, window)
    _write_orders(folder, plan, placed, goods)
    if events_per_order:
        sessions = _sessions(plan.draws(6), orders * events_per_order, placed, plan.people, window)
        _write_events(folder, plan, sessions)


def _draws(seed: int, *stream: int) -> np.random.Generator:
    return np.random.default_rng([seed, *stream])


def _happens(draws: np.random.Generator, share: float, count: int) -> Numbers:
    """True for about that share of so many rows."""
    return draws.random(count) < share


def _every(numbers: Numbers, nth: int, which: int) -> Numbers:
    """True for every nth number: those that leave the remainder ``which``."""
    found: Numbers = numbers % nth == which
    return found


def _people(draws: np.random.Generator, orders: int, window: Window) -> People:
    accounts = max(1, round(orders * ACCOUNTS_SHARE))
    buying = max(1, round(orders * BUYING_ACCOUNTS_SHARE))
    guests = round(orders * GUESTS_SHARE)
    if buying + guests > orders:
        buying, guests = 1, 0
    named = accounts + guests
    start_day = (draws.random(named) ** 0.8 * (window.end - window.start) / DAY).astype(np.int64)
    life_start = window.start + start_day * DAY
    life_days = draws.exponential(250, named).astype(np.float32)
    is_at_once = _happens(draws, 0.5, accounts)
    early = np.where(is_at_once, draws.integers(1, HOUR, accounts), draws.integers(1, 100 * DAY, accounts))
    return People(
        accounts, buying, guests, round(orders * ANONYMOUS_SHARE), life_start, life_days, life_start[:accounts] - early
    )


def _times_of_day(draws: np.random.Generator, count: int) -> Numbers:
    hours = np.repeat(np.arange(24), HOUR_SHARES)
    return hours[draws.integers(0, len(hours), count)] * HOUR + draws.integers(0, HOUR, count)


def _orders(draws: np.random.Generator, count: int, people: People, window: Window) -> Orders:
    buyers = np.concatenate([np.arange(people.buying_accounts), np.arange(people.accounts, people.named)])
    weights = draws.lognormal(0, 1.6, len(buyers))
    weights[people.buying_accounts :] *= 0.05
    again = _weighted(draws, weights, count - len(buyers))
    person = buyers[np.concatenate([np.arange(len(buyers)), again])].astype(np.int32)
    life = np.minimum(people.life_days[person] * DAY, window.end - DAY - people.life_start[person])
    into_life = draws.random(count) * np.maximum(life, 0)
    into_life[: len(buyers)] = 0
    placed_at = people.life_start[person] + (into_life // DAY).astype(np.int64) * DAY + _times_of_day(draws, count)
    device = _device_of(draws, person, placed_at, people, window)
    device[_happens(draws, 0.3, count)] = NOBODY
    # A few orders are known by their device only, and fewer by nothing at all.
    person[_happens(draws, 0.005, count)] = NOBODY
    in_time = np.argsort(placed_at, kind="stable")
    return Orders(np.arange(count), person[in_time], device[in_time], placed_at[in_time])


def _weighted(draws: np.random.Generator, weights: Numbers, count: int) -> Numbers:
    return _at_heights(draws, np.cumsum(weights), count)


def _at_heights(draws: np.random.Generator, heights: Numbers, count: int) -> Numbers:
    """Places in a list, each as often as its height exceeds the one before it."""
    chosen = np.searchsorted(heights, draws.random(count) * heights[-1], side="right")
    places: Numbers = np.minimum(chosen, len(heights) - 1).astype(np.int64)
    return places


def _device_of(draws: np.random.Generator, person: Numbers, at: Numbers, people: People, window: Window) -> Numbers:
    """Every fifth person changes the device at half-time, every fiftieth also uses that of the next person."""
    device = person.astype(np.int32)
    is_late = at > (window.start + window.end) // 2
    device[_every(person, 5, 0) & is_late] += people.named
    is_shared = _every(person, 50, 7) & _happens(draws, 0.5, len(person))
    device[is_shared] = (person[is_shared] + 1) % people.named
    return device


def _sessions(draws: np.random.Generator, events: int, orders: Orders, people: People, window: Window) -> Sessions:
    count = max(1, round(events / EVENTS_PER_SESSION))
    on_web = np.flatnonzero(orders.device != NOBODY)
    with_order = np.sort(draws.permutation(on_web)[: round(count * ORDER_SESSIONS_SHARE)])
    leads = people.buying_accounts + np.flatnonzero(people.registered_at[people.buying_accounts :] >= window.start)
    signing_up = draws.permutation(leads)[: round(count * SIGNUP_SESSIONS_SHARE)]
    anonymous = round(count * ANONYMOUS_SESSIONS_SHARE)
    browsing = count - len(with_order) - len(signing_up) - anonymous
    parts = [
        _order_sessions(orders, with_order),
        _browsing_sessions(draws, browsing, people, window),
        _signup_sessions(draws, signing_up, people, window),
        _anonymous_sessions(draws, anonymous, people, window),
    ]
    kind, person, device, order, at = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    parts.clear()  # the largest shops need the room
    lengths = _lengths(draws, events, kind == BUYING)
    in_time = np.argsort(at, kind="stable")
    return Sessions(kind[in_time], person[in_time], device[in_time], order[in_time], lengths[in_time], at[in_time])


Part = tuple[Numbers, Numbers, Numbers, Numbers, Numbers]


def _order_sessions(orders: Orders, at: Numbers) -> Part:
    kind = np.full(len(at), BUYING, np.int8)
    return kind, orders.person[at], orders.device[at], at.astype(np.int32), orders.placed_at[at]


def _browsing_sessions(draws: np.random.Generator, count: int, people: People, window: Window) -> Part:
    person = draws.integers(0, people.named, count, dtype=np.int32)
    start = people.life_start[person]
    into_life = draws.random(count) * np.minimum(people.life_days[person] * (2 * DAY), window.end - start - HOUR)
    day = start + into_life.astype(np.int64) // DAY * DAY
    at = day + _times_of_day(draws, count)
    device = _device_of(draws, person, at, people, window)
    # A little comes from servers, which know the account and no device.
    device[_happens(draws, 0.01, count) & (person < people.accounts)] = NOBODY
    return _browsing_or_carrying(draws, count), person, device, np.full(count, NOBODY, np.int32), at


def _browsing_or_carrying(draws: np.random.Generator, count: int) -> Numbers:
    return np.where(_happens(draws, 0.2, count), CARRYING, BROWSING).astype(np.int8)


def _signup_sessions(draws: np.random.Generator, person: Numbers, people: People, window: Window) -> Part:
    at = people.registered_at[person]
    kind = np.full(len(person), SIGNING_UP, np.int8)
    device = _device_of(draws, person, at, people, window)
    return kind, person.astype(np.int32), device, np.full(len(person), NOBODY, np.int32), at


def _anonymous_sessions(draws: np.random.Generator, count: int, people: People, window: Window) -> Part:
    devices = max(1, min(people.anonymous, count))
    again = draws.integers(0, devices, max(0, count - devices))
    device = (2 * people.named + np.concatenate([np.arange(devices), again])[:count]).astype(np.int32)
    days = (window.end - window.start) // DAY
    at = window.start + draws.integers(0, days, count) * DAY + _times_of_day(draws, count)
    nobody = np.full(count, NOBODY, np.int32)
    return _browsing_or_carrying(draws, count), nobody, device, nobody, at


def _lengths(draws: np.random.Generator, events: int, has_order: Numbers) -> Numbers:
    """Events of each session, which add up to exactly ``events``."""
    lengths = (SHORTEST_SESSION + _weighted(draws, SESSION_LENGTHS, len(has_order))).astype(np.int8)
    lengths[has_order] = SHORTEST_ORDER_SESSION + _weighted(draws, ORDER_SESSION_LENGTHS, int(has_order.sum()))
    shortest = np.where(has_order, SHORTEST_ORDER_SESSION, SHORTEST_SESSION)
    while missing := events - int(lengths.sum(dtype=np.int64)):
        able = np.flatnonzero(lengths < MOST_EVENTS if missing > 0 else lengths > shortest)
        if not len(able):
            raise ValueError(f"{events} events do not fit into {len(lengths)} sessions")
        lengths[draws.permutation(able)[: abs(missing)]] += np.sign(missing)
    return lengths


# Columns ------------------------------------------------------------------------------------------------------------


def _ids(prefix: str, numbers: Numbers) -> pa.Array:
    """Text ids; null where the number is NOBODY."""
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers, mask=numbers < 0), pa.string()), "")


def _words(words: tuple[str | None, ...], codes: Numbers) -> pa.Array:
    """One of few words per code; null where the word is None, which comes last."""
    known = [word for word in words if word is not None]
    indices = pa.array(codes.astype(np.int8), mask=codes >= len(known))
    return pa.DictionaryArray.from_arrays(indices, pa.array(known, pa.string()))


def _times(microseconds: Numbers, is_null: Numbers | None = None) -> pa.Array:
    return pa.array(microseconds.astype(np.int64), mask=is_null).cast(TIME)


def _money(cents: Numbers, is_null: Numbers | None = None) -> pa.Array:
    """Cents as exact decimals; amounts are never negative, so the upper half of the 16 bytes is zero."""
    halves = np.zeros((len(cents), 2), np.int64)
    halves[:, 0] = cents
    valid = None if is_null is None else pa.array(~is_null).buffers()[1]
    return pa.Array.from_buffers(MONEY, len(cents), [valid, pa.py_buffer(halves)])


def _emails(person: Numbers, people: People) -> pa.Array:
    """Address of each person; null for NOBODY. Some accounts share one, some use a junk address."""
    number = person.astype(np.int64)
    is_account = person < people.accounts
    number[is_account & _every(person, 200, 199)] -= 1
    local = pc.if_else(pa.array(is_account), _ids("customer", number), _ids("guest", number))
    emails = pc.binary_join_element_wise(local, "@example.com", "")
    return pc.if_else(pa.array(is_account & _every(person, 200, 77)), JUNK_EMAIL, emails)


def _spread(values: pa.Array, is_there: Numbers) -> pa.Array:
    """The values at the places where ``is_there``, null elsewhere."""
    places = np.cumsum(is_there) - 1
    return values.take(pa.array(places, mask=~is_there))


# Tables -------------------------------------------------------------------------------------------------------------


def _write_single(folder: Path, table: str, columns: dict[str, pa.Array]) -> None:
    (folder / table).mkdir(parents=True, exist_ok=True)
    content = pa.table(columns)
    with _writer(folder / table / f"{table}.parquet", content.schema) as writer:
        writer.write_table(content)


def _write_products(folder: Path, draws: np.random.Generator, window: Window) -> Goods:
    """Write the products; few of them are bought often."""
    cents = np.round(draws.lognormal(3.2, 0.8, PRODUCTS) * 100).astype(np.int64) + 99
    number = np.arange(PRODUCTS)
    columns = {
        "product_id": _ids("p", number),
        "name": _ids("Product ", number),
        "category": _ids("category ", number % 25),
        "product_line": _ids("line ", number % 7),
        "launched_at": _times(window.start - draws.integers(0, 1000, PRODUCTS) * DAY),
        "list_price": _money(cents),
        "currency": _words(("EUR",), np.zeros(PRODUCTS)),
        "is_gift_card": pa.array(number % GIFT_CARD_EVERY == GIFT_CARD_EVERY - 1),
    }
    _write_single(folder, "products", columns)
    return Goods(cents, np.cumsum(1 / np.arange(1, PRODUCTS + 1) ** 0.9))


def _write_customers(folder: Path, draws: np.random.Generator, people: People) -> None:
    number = np.arange(people.accounts)
    # Whom the shop merges into another account has not verified another address: the guard would keep them apart.
    is_merged = _every(number, 1000, 501)
    columns = {
        "customer_id": _ids("c", number),
        "email": _emails(number, people),
        "registered_at": _times(people.registered_at),
        "country": _words(COUNTRIES, _weighted(draws, np.array(COUNTRY_SHARES), people.accounts)),
        "acquisition_channel": _words(CHANNELS, draws.integers(0, len(CHANNELS), people.accounts)),
        "is_email_verified": pa.array(_happens(draws, 0.8, people.accounts) & ~is_merged),
        "updated_at": _times(people.registered_at + DAY),
    }
    _write_single(folder, "customers", columns)


def _write_identities(folder: Path, draws: np.random.Generator, people: People, window: Window) -> None:
    """Some accounts are seen with a device, some with an e-mail again, few under the number of another account."""
    person = np.arange(people.accounts)
    kind = np.select(
        [_every(person, 12, 3), _every(person, 10, 1), _every(person, 1000, 500)], [0, 1, 2], default=NOBODY
    )
    person, kind = person[kind != NOBODY], kind[kind != NOBODY]
    is_first = pa.array(kind == 0)
    other = pc.if_else(pa.array(kind == 1), _emails(person, people), _ids("c", (person + 1) % people.accounts))
    seen_at = people.life_start[person] + draws.integers(0, DAY, len(person))
    columns = {
        "customer_id": _ids("c", person),
        "identifier_type": _words(("anonymous_id", "email", "customer_id"), kind),
        "identifier": pc.if_else(is_first, _ids("d", person), other),
        "seen_at": _times(np.minimum(seen_at, window.end - 1)),
    }
    _write_single(folder, "identities", columns)


def _write_orders(folder: Path, plan: Plan, orders: Orders, goods: Goods) -> None:
    """Write orders, their lines and refunds."""
    order_files, line_files = MonthlyFiles(folder, "orders"), MonthlyFiles(folder, "order_lines")
    refunds = Refunds()
    for month, rows in _months(orders.placed_at):
        blocks = [
            _order_block(plan.draws(7, block.start), plan, orders.part(block), goods, refunds)
            for block in _blocks(rows)
        ]
        order_files.write(month, (block[0] for block in blocks))
        line_files.write(month, (block[1] for block in blocks))
    _write_refunds(folder, refunds)


def _months(times: Numbers) -> Iterator[tuple[np.datetime64, slice]]:
    """Each month with the rows of sorted times that lie in it."""
    if not len(times):
        return
    first, last = (times[at].astype("datetime64[us]").astype("datetime64[M]") for at in (0, -1))
    starts = np.arange(first, last + 2)
    bounds = np.searchsorted(times, starts.astype("datetime64[us]").astype(np.int64))
    for month, start, stop in zip(starts, bounds, bounds[1:], strict=False):
        if stop > start:
            yield month, slice(int(start), int(stop))


def _blocks(rows: slice, size: int = BLOCK_ROWS) -> Iterator[slice]:
    for start in range(rows.start, rows.stop, size):
        yield slice(start, min(start + size, rows.stop))


def _order_block(
    draws: np.random.Generator, plan: Plan, orders: Orders, goods: Goods, refunds: Refunds
) -> tuple[pa.Table, pa.Table]:
    """Orders and lines of some orders; their refunds are added to ``refunds``."""
    count = len(orders.number)
    lines, lines_cents, list_cents = _lines(draws, orders.number, goods)
    discount = np.where(_happens(draws, 0.15, count), lines_cents // 10, 0)
    paid = lines_cents - discount
    status = _weighted(draws, np.array(STATUS_SHARES), count)
    refunds.add(*_refunds(draws, orders, status, paid, plan.window))
    left = plan.window.end - orders.placed_at
    later = orders.placed_at + np.minimum(draws.exponential(2 * DAY, count).astype(np.int64), left - 1)
    columns = {
        "order_id": _ids("o", orders.number),
        **_customer_columns(draws, orders.person, plan.people),
        "anonymous_id": _ids("d", orders.device),
        "ordered_at": _times(orders.placed_at),
        "status": _words(STATUSES, status),
        "cancelled_at": _times(later, status != CANCELLED),
        "currency": _words(("EUR",), np.zeros(count)),
        "total_amount": _money(paid, _happens(draws, 0.1, count)),
        "discount_amount": _money(discount, _happens(draws, 0.3, count) & (discount == 0)),
        "shipping_amount": _money(np.where(lines_cents > FREE_SHIPPING_CENTS, 0, 490)),
        "tax_amount": _money(paid * 19 // 119),
        "coupon_code": _words(("TENOFF", None), np.where((discount > 0) & (list_cents % 3 > 0), 0, 1)),
        "sales_channel": _words(("web", "store"), orders.device == NOBODY),
        "shipping_country": _words(COUNTRIES, _weighted(draws, np.array(COUNTRY_SHARES), count)),
        "is_test": pa.array(_happens(draws, 0.001, count)),
        "updated_at": _times(later),
    }
    return pa.table(columns), lines


def _customer_columns(draws: np.random.Generator, person: Numbers, people: People) -> dict[str, pa.Array]:
    """Who ordered: accounts by their number, sometimes as a guest with the account's address, guests by address."""
    is_account = person < people.accounts
    as_guest = is_account & _happens(draws, 0.03, len(person))
    emails = _emails(person, people)
    written = pc.if_else(pa.array(_happens(draws, 0.05, len(person))), pc.utf8_upper(emails), emails)
    is_given = ~is_account | as_guest | _happens(draws, 0.7, len(person))
    return {
        "customer_id": _ids("c", np.where(is_account & ~as_guest, person, NOBODY)),
        "email": pc.if_else(pa.array(is_given), written, pa.scalar(None, pa.string())),
    }


def _lines(draws: np.random.Generator, order: Numbers, goods: Goods) -> tuple[pa.Table, Numbers, Numbers]:
    """The lines of some orders, and per order what the lines cost and would have cost, in cents."""
    counts = np.minimum(1 + draws.poisson(1, len(order)), 8)
    starts = np.cumsum(counts) - counts
    line = np.arange(counts.sum()) - np.repeat(starts, counts)
    product = _at_heights(draws, goods.popularity, len(line))
    quantity = np.where(_happens(draws, 0.85, len(line)), 1, draws.integers(2, 5, len(line)))
    cents = goods.prices[product]
    paid = np.where(_happens(draws, 0.2, len(line)), cents * 8 // 10, cents)
    columns = {
        "order_id": _ids("o", np.repeat(order, counts)),
        "line_number": pa.array((line + 1).astype(np.int32)),
        "product_id": _ids("p", product),
        "quantity": pa.array(quantity.astype(np.int32)),
        "unit_price": _money(paid),
        "list_price": _money(cents, _happens(draws, 0.05, len(line))),
    }
    return pa.table(columns), np.add.reduceat(quantity * paid, starts), np.add.reduceat(quantity * cents, starts)


def _refunds(
    draws: np.random.Generator, orders: Orders, status: Numbers, cents: Numbers, window: Window
) -> tuple[Numbers, Numbers, Numbers]:
    """Orders, cents and times of the refunds: half of them partial; some orders are refunded by their status only."""
    chance = np.where(status == REFUNDED, 0.5, np.where(status == CANCELLED, 0, REFUNDED_SHARE))
    at = np.flatnonzero((draws.random(len(cents)) < chance) & (cents > 1))
    share = np.where(_happens(draws, 0.5, len(at)), 1.0, draws.random(len(at)))
    delay = draws.exponential(12 * DAY, len(at)).astype(np.int64)
    refunded_at = np.minimum(orders.placed_at[at] + delay, window.end - 1)
    return orders.number[at], np.maximum(1, (cents[at] * share).astype(np.int64)), refunded_at


def _write_refunds(folder: Path, refunds: Refunds) -> None:
    files = MonthlyFiles(folder, "refunds")
    order, cents, at = (np.concatenate(part) for part in (refunds.order, refunds.cents, refunds.refunded_at))
    in_time = np.argsort(at, kind="stable")
    order, cents, at = order[in_time], cents[in_time], at[in_time]
    for month, rows in _months(at):
        columns = {
            "refund_id": _ids("r", np.arange(rows.start, rows.stop)),
            "order_id": _ids("o", order[rows]),
            "refunded_at": _times(at[rows]),
            "amount": _money(cents[rows]),
            "kind": _words(("refund", "return"), order[rows] % 2),
        }
        files.write(month, iter([pa.table(columns)]))


def _write_events(folder: Path, plan: Plan, sessions: Sessions) -> None:
    files = MonthlyFiles(folder, "events")
    before = np.concatenate([[0], np.cumsum(sessions.events, dtype=np.int64)])
    for month, rows in _months(sessions.at):
        blocks = (
            _event_block(plan.draws(8, block.start), plan, sessions.part(block), block.start, int(before[block.start]))
            for block in _blocks(rows, BLOCK_ROWS // 5)
        )
        files.write(month, blocks)


@dataclass(frozen=True)
class Steps:
    """Where in its session each event of a block stands."""

    session: Numbers
    position: Numbers
    to_end: Numbers

    @classmethod
    def of(cls, events: Numbers) -> Steps:
        """Sessions of so many events, written one after the other."""
        lengths = events.astype(np.int64)
        session = np.repeat(np.arange(len(lengths)), lengths)
        position = np.arange(len(session)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return cls(session, position, lengths[session] - 1 - position)


def _event_block(
    draws: np.random.Generator, plan: Plan, sessions: Sessions, first_session: int, first_event: int
) -> pa.Table:
    steps = Steps.of(sessions.events)
    has_login = _has_login(draws, sessions, plan.people)
    codes = _event_codes(draws, sessions, steps, has_login)
    occurred_at = _event_times(draws, sessions, steps, plan.window)
    product = np.minimum((draws.random(len(codes)) ** 3 * PRODUCTS).astype(np.int64), PRODUCTS - 1)
    # Every sixth device runs an app that numbers its carts.
    has_app = _every(sessions.device, 6, 0)
    is_cart = (codes >= CODES["add_to_cart"]) & (codes <= CODES["purchase"])
    session = first_session + steps.session
    columns = {
        "event_id": _ids("e", np.arange(first_event, first_event + len(codes))),
        "occurred_at": _times(occurred_at),
        "event_type": _words(EVENT_TYPES, codes),
        "anonymous_id": _ids("d", sessions.device).take(pa.array(steps.session)),
        **_identity_columns(plan.people, sessions, steps, codes, has_login),
        "page_type": _words(PAGE_TYPES, np.array(PAGE_OF_EVENT)[codes]),
        "product_id": _ids("p", np.where(_is_any(codes, PRODUCT_EVENTS), product, NOBODY)),
        "cart_id": _ids("k", np.where(is_cart & has_app[steps.session], session, NOBODY)),
        "order_id": _ids("o", np.where(codes == CODES["purchase"], sessions.order[steps.session], NOBODY)),
        "quantity": pa.array(
            np.where(_happens(draws, 0.85, len(codes)), 1, 2).astype(np.int32), mask=~_is_any(codes, QUANTITY_EVENTS)
        ),
        "device_type": _words(DEVICE_TYPES, np.where(has_app, 3, sessions.device % 3)[steps.session]),
        "channel": _words(CHANNELS, (sessions.at % len(CHANNELS))[steps.session]),
        "country": _words(COUNTRIES, np.minimum(sessions.at % 11, len(COUNTRIES) - 1)[steps.session]),
    }
    return pa.table(columns)


def _is_any(codes: Numbers, names: tuple[str, ...]) -> Numbers:
    return np.isin(codes, [CODES[name] for name in names])


def _identity_columns(
    people: People, sessions: Sessions, steps: Steps, codes: Numbers, has_login: Numbers
) -> dict[str, pa.Array]:
    """The account from the login on, and on servers always; an address where somebody leaves one."""
    is_known = (has_login[steps.session] & (steps.position > 0)) | (sessions.device == NOBODY)[steps.session]
    person = sessions.person[steps.session]
    has_email = (person >= 0) & (codes == CODES["newsletter_signup"])
    has_email |= (person >= people.accounts) & (codes == CODES["checkout_started"]) & _every(person, 3, 0)
    return {
        "customer_id": _ids("c", np.where(is_known, person, NOBODY)),
        "email": _spread(_emails(person[has_email], people), has_email),
    }


def _has_login(draws: np.random.Generator, sessions: Sessions, people: People) -> Numbers:
    """Sessions in which the second event is a login or signup; guests and strangers have none."""
    chance = np.array([0.25, 0.5, 0.7, 1.0])[sessions.kind]
    is_account = (sessions.person >= 0) & (sessions.person < people.accounts)
    result: Numbers = is_account & (draws.random(len(chance)) < chance)
    return result


def _event_codes(draws: np.random.Generator, sessions: Sessions, steps: Steps, has_login: Numbers) -> Numbers:
    """What happens at each step: browsing, over which login, cart and order are laid."""
    browsing = np.repeat(np.arange(len(BROWSING_SHARES)), np.round(np.array(BROWSING_SHARES) * 1000).astype(int))
    codes = browsing[draws.integers(0, len(browsing), len(steps.session))]
    codes[steps.position == 0] = CODES["page_view"]
    kind, length = sessions.kind, sessions.events.astype(np.int64)
    carries = (kind == BUYING) | (kind == CARRYING)
    first_add = 1 + has_login
    # What follows the cart: nothing, taking it back, the checkout; an order has checkout and purchase.
    ending = np.where(kind == CARRYING, _weighted(draws, np.array([0.5, 0.2, 0.3]), len(kind)), 0)
    last_add = length - 1 - np.where(kind == BUYING, 2, ending > 0)
    added = first_add + (draws.random(len(kind)) * np.maximum(last_add - first_add + 1, 1)).astype(np.int64)
    since_add = steps.position - added[steps.session]
    in_cart = carries[steps.session] & (since_add >= 0)
    is_again = (since_add > 0) & (codes == CODES["product_view"]) & _happens(draws, 0.3, len(codes))
    codes[in_cart & ((since_add == 0) | is_again)] = CODES["add_to_cart"]
    is_last = in_cart & (steps.to_end == 0) & (since_add > 0)
    codes[is_last & (ending == TAKEN_BACK)[steps.session]] = CODES["remove_from_cart"]
    codes[is_last & (ending == CHECKED_OUT)[steps.session]] = CODES["checkout_started"]
    buys = (kind == BUYING)[steps.session]
    codes[buys & (steps.to_end == 1)] = CODES["checkout_started"]
    codes[buys & (steps.to_end == 0)] = CODES["purchase"]
    at_login = has_login[steps.session] & (steps.position == 1)
    codes[at_login] = np.where((kind == SIGNING_UP)[steps.session[at_login]], CODES["signup"], CODES["login"])
    return codes


def _event_times(draws: np.random.Generator, sessions: Sessions, steps: Steps, window: Window) -> Numbers:
    """Gaps stay below half an hour; an order is placed with the last event; nothing lies outside the window's end."""
    gaps = SECOND + (draws.exponential(80 * SECOND, len(steps.session))).astype(np.int64)
    is_long = _happens(draws, 0.03, len(gaps))
    gaps[is_long] += draws.integers(0, 25 * MINUTE, int(is_long.sum()))
    gaps = np.minimum(gaps, 30 * MINUTE - 1)
    gaps[steps.position == 0] = 0
    run = np.cumsum(gaps)
    first, last = np.flatnonzero(steps.position == 0), np.flatnonzero(steps.to_end == 0)
    duration = run[last] - run[first]
    start = np.where(sessions.kind == BUYING, sessions.at - duration, sessions.at)
    start = np.minimum(start, window.end - 1 - duration)
    times: Numbers = (start - run[first])[steps.session] + run
    return times


def main() -> None:
    """Write a shop from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_shop", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--events-per-order", type=int, default=10)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--last-day", type=date.fromisoformat, default=date(2026, 6, 30))
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    write_large_shop(
        chosen.folder,
        orders=chosen.orders,
        events_per_order=chosen.events_per_order,
        days=chosen.days,
        last_day=chosen.last_day,
        seed=chosen.seed,
    )


if __name__ == "__main__":
    main()
