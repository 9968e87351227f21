"""`--since` widens what is fetched and never opens a gap."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.fetch.test_pages import FIVE

if TYPE_CHECKING:
    from tests.fetch.conftest import Bench


def _at(minute: str) -> datetime:
    return datetime.fromisoformat(f"{minute}:00").replace(tzinfo=UTC)


def test_the_first_fetch_may_begin_late(bench: Bench) -> None:
    bench.fetch(since=_at("2026-03-01T10:03"))
    assert bench.orders() == FIVE[2:]


def test_a_later_fetch_may_look_back(bench: Bench) -> None:
    bench.fetch(since=_at("2026-03-01T10:05"))
    bench.fetch(since=_at("2026-03-01T10:02"))
    assert bench.orders() == [FIVE[4], *FIVE[1:4]]


def test_a_fetch_of_the_latest_leaves_the_rest_to_the_next(bench: Bench) -> None:
    bench.fetch()
    bench.add(6, "2026-03-02T08:00")
    bench.add(7, "2026-03-03T08:00")
    bench.fetch(since=_at("2026-03-03T00:00"))
    assert bench.orders("000002-orders.jsonl") == [("7", "2026-03-03T08:00")]
    bench.fetch()
    assert ("6", "2026-03-02T08:00") in bench.orders("000003-orders.jsonl")
