"""The landing files of a planned shop: which rows go into which file, in which format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from dagster_project.sample import faults, files, outreach_rows
from dagster_project.sample.characters import character_rows
from dagster_project.sample.event_rows import afterthought_table, event_table
from dagster_project.sample.order_rows import earlier_versions, line_table, order_rows, refund_rows
from dagster_project.sample.people_rows import customer_rows, identity_rows, product_rows
from dagster_project.sample.shop import Shop, generator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.sample.window import BoolArray, IntArray

IDENTITY_COLUMNS = ("customer_id", "identifier_type", "identifier", "seen_at")
LATE_ORDERS, REPEATED_ORDERS = 40, 20
LATE_EVENTS_AGO = 70
LATE_EVENT_SHARE, REPEATED_EVENTS = 0.04, 6
MONTHS_IN_HALF = 6


@dataclass(frozen=True)
class LandingFile:
    """One file to write, with what is odd in it.

    ``bad_rows`` counts the rows to quarantine by reason code, ``odd_rows`` those that are only unusual:
    ``duplicate`` (equal to a row before), ``newer_version`` (a known key, changed), ``unmatched`` (a refund of nothing
    that was sold).
    """

    name: str
    content: bytes
    rows: int
    bad_rows: dict[str, int] = field(default_factory=dict)
    odd_rows: dict[str, int] = field(default_factory=dict)


def landing_files(shop: Shop) -> Iterator[LandingFile]:
    """Every file of the shop, by table, in the order in which a loader needs them."""
    products = product_rows(shop)
    yield _csv_file("products/products.csv", products)
    yield from _customer_files(shop)
    yield from _order_files(shop)
    yield from _refund_files(shop)
    yield from _event_files(shop)
    yield from _outreach_files(shop)
    for table, rows in character_rows(shop).items():
        if rows:
            yield LandingFile(f"{table}/{table}_characters.jsonl", files.joined(files.json_lines(rows)), len(rows))


def _csv_file(name: str, rows: pd.DataFrame) -> LandingFile:
    return LandingFile(name, files.csv_bytes(_header(rows), rows.to_numpy().tolist()), len(rows))


def _customer_files(shop: Shop) -> Iterator[LandingFile]:
    frame = customer_rows(generator(shop.seed, "customer rows"), shop)
    rows, bad = faults.spoil_customers(_header(frame), frame.to_numpy().tolist())
    yield LandingFile("customers/customers.csv", files.csv_bytes(_header(frame), rows), len(rows), bad)
    evidence = identity_rows(generator(shop.seed, "identities"), shop)
    yield LandingFile("identities/identities.csv", files.csv_bytes(IDENTITY_COLUMNS, evidence), len(evidence))


def _order_files(shop: Shop) -> Iterator[LandingFile]:
    rng = generator(shop.seed, "order rows")
    rows = order_rows(rng, shop)
    lines = line_table(shop)
    late, repeated = _late_orders(rng, shop)
    first = rows.copy()
    first.loc[late] = earlier_versions(shop, rows.loc[late])
    half = _halves(shop.orders["ordered_at"])
    line_half = half[shop.lines["order"]]
    for number, name in enumerate(sorted(set(half))):
        part = first[half == name].to_numpy().tolist()
        spoiled, bad = faults.spoil_orders(_header(first), part, 100 * number)
        content = files.gzipped(files.csv_bytes(_header(first), spoiled))
        yield LandingFile(f"orders/orders_{name}.csv.gz", content, len(spoiled), bad)
        chosen = lines.filter(pa.array(line_half == name))
        yield LandingFile(f"order_lines/order_lines_{name}.parquet", files.parquet_bytes(chosen), chosen.num_rows)
    if late or repeated:
        changed = rows.loc[[*late, *repeated]].to_numpy().tolist()
        content = files.gzipped(files.csv_bytes(_header(rows), changed))
        odd = {"duplicate": len(repeated), "newer_version": len(late)}
        yield LandingFile("orders/orders_updates.csv.gz", content, len(changed), odd_rows=odd)


def _late_orders(rng: np.random.Generator, shop: Shop) -> tuple[list[int], list[int]]:
    """Orders whose last version comes in a later file, and orders that simply land a second time."""
    chosen = faults.draw_rows(rng, len(shop.orders), LATE_ORDERS + REPEATED_ORDERS)
    dropped = np.flatnonzero(shop.orders["outcome"] == "cancelled")
    cancelled = dropped[: len(chosen) // 4].tolist()
    late = sorted({*chosen[::3], *cancelled})
    return late, [order for order in chosen if order not in late][:REPEATED_ORDERS]


def _refund_files(shop: Shop) -> Iterator[LandingFile]:
    rows = refund_rows(generator(shop.seed, "refund rows"), shop)
    unmatched = faults.unmatched_refunds(rows)
    spoiled, bad = faults.spoil_lines(files.json_lines([*rows, *unmatched]))
    odd = {"unmatched": len(unmatched)}
    yield LandingFile("refunds/refunds.jsonl", files.joined(spoiled), len(spoiled), bad, odd)


def _event_files(shop: Shop) -> Iterator[LandingFile]:
    rng = generator(shop.seed, "event rows")
    table = event_table(rng, shop)
    seconds = shop.events["at"][shop.events["is_tracked"]].to_numpy(np.int64)
    later = afterthought_table(generator(shop.seed, "wish rows"), shop)
    days = pd.Series(pd.to_datetime(seconds, unit="s"))
    month = shop.window.month_of(min(LATE_EVENTS_AGO, shop.window.days // 2))
    is_late: BoolArray = (days.dt.strftime("%Y-%m") == month).to_numpy() & (rng.random(len(days)) < LATE_EVENT_SHARE)
    quarter, later_quarter = _quarters(seconds), _quarters(shop.afterthoughts["at"])
    for name in sorted(set(quarter)):
        own = table.filter(pa.array((quarter == name) & ~is_late))
        part = pa.concat_tables([own, later.filter(pa.array(later_quarter == name))])
        yield LandingFile(f"events/events_{name}.parquet", files.parquet_bytes(part), part.num_rows)
    if is_late.any():
        yield _late_event_file(table.filter(pa.array(is_late)), month)


def _outreach_files(shop: Shop) -> Iterator[LandingFile]:
    messages = outreach_rows.message_table(shop)
    yield LandingFile("messages/messages.parquet", files.parquet_bytes(messages), messages.num_rows)
    rng = generator(shop.seed, "outreach rows")
    yield _csv_file("consents/consents.csv", outreach_rows.consent_rows(shop))
    yield _csv_file("offers/offers.csv", outreach_rows.offer_rows(shop))
    yield _csv_file("offer_exposures/offer_exposures.csv", outreach_rows.exposure_rows(shop))
    yield _csv_file("offer_redemptions/offer_redemptions.csv", outreach_rows.redemption_rows(shop))
    yield _csv_file("loyalty_memberships/loyalty_memberships.csv", outreach_rows.membership_rows(rng, shop))
    yield _csv_file("survey_answers/survey_answers.csv", outreach_rows.answer_rows(shop))
    yield _csv_file("inventory/inventory.csv", outreach_rows.stock_rows(rng, shop))
    yield _csv_file("fx_rates/fx_rates.csv", outreach_rows.rate_rows(rng, shop))


def _late_event_file(table: pa.Table, month: str) -> LandingFile:
    """Events of a month long past, some of them twice in the same file."""
    rows = [{name: _json_value(value) for name, value in row.items() if value is not None} for row in table.to_pylist()]
    lines = files.json_lines(rows)
    repeated = lines[: min(REPEATED_EVENTS, len(lines) // faults.ROWS_PER_FAULT)]
    spoiled, bad = faults.spoil_lines([*lines, *repeated])
    name = f"events/events_late_{month.replace('-', '_')}.jsonl.gz"
    return LandingFile(name, files.gzipped(files.joined(spoiled)), len(spoiled), bad, {"duplicate": len(repeated)})


def _header(rows: pd.DataFrame) -> list[str]:
    return [str(name) for name in rows.columns]


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return float(value) if isinstance(value, Decimal) else value


def _quarters(seconds: pd.Series | IntArray) -> npt.NDArray[np.object_]:
    """Name the quarter of each time, as ``2026_q1``."""
    moments = pd.Series(pd.to_datetime(np.asarray(seconds, dtype=np.int64), unit="s"))
    return np.asarray(moments.dt.year.astype(str) + "_q" + moments.dt.quarter.astype(str), dtype=object)


def _halves(seconds: pd.Series) -> npt.NDArray[np.object_]:
    """Name the half year of each time, as ``2026_h1``."""
    moments = pd.Series(pd.to_datetime(seconds.to_numpy(), unit="s"))
    half = np.where(moments.dt.month <= MONTHS_IN_HALF, "_h1", "_h2")
    return np.asarray(moments.dt.year.astype(str) + half, dtype=object)
