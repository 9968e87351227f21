"""The zone of the process decides nothing: three zones, one content."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import duckdb

from tests.faults.conftest import start

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

RUN_SECONDS = 400
# A shop in Berlin, on the day of 23 hours. Times without an offset are local.
ORDERS = """order_id,customer_id,ordered_at,total_amount
leap,anna,2024-02-29,10.00
before_gap,anna,2026-03-28 23:59:59.999999,10.00
after_midnight,anna,2026-03-29 00:00:00,10.00
in_gap,bert,2026-03-29 02:30:00,10.00
in_overlap,bert,2025-10-26 02:30:00,10.00
last_microsecond,carl,2026-03-29 23:59:59.999999,10.00
next_day,dora,2026-03-30 00:00:00,10.00
by_utc,emil,2026-03-29T22:30:00Z,10.00
by_offset,finn,2026-03-29T16:59:59.999999-05:00,10.00
"""
ORDER_DATES = {
    "leap": "2024-02-29",
    "before_gap": "2026-03-28",
    "after_midnight": "2026-03-29",
    "in_gap": "2026-03-29",
    "in_overlap": "2025-10-26",
    "last_microsecond": "2026-03-29",
    "by_offset": "2026-03-29",
}
EVENTS = [
    {"event_id": "e1", "occurred_at": "2026-03-29 01:50:00", "event_type": "page_view", "anonymous_id": "phone"},
    {"event_id": "e2", "occurred_at": "2026-03-29 03:10:00", "event_type": "add_to_cart", "anonymous_id": "phone"},
    {"event_id": "e3", "occurred_at": "2026-03-29 23:45:00", "event_type": "login", "customer_id": "bert"},
    {"event_id": "e4", "occurred_at": "2026-03-30 00:05:00", "event_type": "add_to_cart", "customer_id": "bert"},
]
CUSTOMERS = """customer_id,email,birth_date,registered_at
anna,anna@example.com,2000-02-29,2024-02-29 00:00:00
bert,bert@example.com,1990-03-29,2025-10-26 02:30:00
"""
PROCESS_ZONES = ("UTC", "America/New_York", "Asia/Kolkata")


def land(folder: Path) -> None:
    """The same files for every process."""
    for table in ("orders", "events", "customers"):
        (folder / "landing" / table).mkdir(parents=True)
    (folder / "landing" / "orders" / "orders.csv").write_text(ORDERS)
    (folder / "landing" / "customers" / "customers.csv").write_text(CUSTOMERS)
    lines = "".join(json.dumps(event) + "\n" for event in EVENTS)
    (folder / "landing" / "events" / "events.jsonl").write_text(lines)


def content(folder: Path) -> dict[str, str]:
    """A hash of every published table; what is loaded and built when is no content."""
    file = (folder / "published" / "current" / "customer_segments.duckdb").resolve()
    with duckdb.connect(str(file), read_only=True) as reader:
        reader.execute("set TimeZone = 'UTC'")
        tables = reader.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('marts', 'profiles', 'segments') and table_name <> 'dim_generation' order by 1"
        ).fetchall()
        found = {}
        for (table,) in tables:
            rows = sorted(map(repr, reader.execute(f"select * from {table}").fetchall()))
            found[table] = f"{len(rows)} {hashlib.sha256(repr(rows).encode()).hexdigest()}"
    return found


def test_three_process_zones_publish_the_same_and_local_days_are_the_shops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = {}
    for zone in PROCESS_ZONES:
        folder = tmp_path / zone.replace("/", "_")
        land(folder)
        monkeypatch.setenv("TZ", zone)
        runs[folder] = start(folder, "run", "--as-of", "2026-03-29", shop_time_zone="Europe/Berlin", pii_key="zones")
    published = {}
    for folder, run in runs.items():
        _, err = run.communicate(timeout=RUN_SECONDS)
        assert run.returncode == 0, err
        published[folder.name] = content(folder)
    first, *others = published.values()
    assert len(first) > 20
    assert all(other == first for other in others)
    file = (tmp_path / "UTC" / "published" / "current" / "customer_segments.duckdb").resolve()
    with duckdb.connect(str(file), read_only=True) as reader:
        dates = dict(reader.execute("select order_id, cast(order_date as varchar) from marts.fct_orders").fetchall())
        sessions = reader.execute("select count(*), sum(events_count) from marts.fct_sessions").fetchall()
    assert dates == ORDER_DATES
    # 01:50 and 03:10 lie twenty minutes apart, because the hour between them does not exist.
    assert sessions == [(2, 3)]
