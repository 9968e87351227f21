"""One person in the shop, the web tool and the mail tool, each with ids of its own, is one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.raw.test_klaviyo import happened, marketing, profile
from tests.raw.test_klaviyo import lines as as_lines
from tests.raw.test_segment import call, track
from tests.raw.test_snowplow import STORY, enriched

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.shop import Shop


def test_ids_of_foreign_tools_lead_to_the_customer_of_the_shop(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop()
    shop.land(
        "orders",
        [{"order_id": "T-1", "customer_id": "7", "ordered_at": "2026-01-01T10:00:08Z", "total_amount": "24.98"}],
    )
    files = {
        # Read on her laptop before she logged in as 7 and was told from a second laptop.
        "segment": as_lines(
            [
                track("Product Viewed", 2, {"product_id": "green"}, anonymousId="laptop"),
                call("identify", 5, userId="7", anonymousId="laptop", traits={"email": "ann@example.com"}),
                call("alias", 7, userId="7", previousId="old-laptop"),
                track("Product Viewed", 9, {"product_id": "black"}, anonymousId="old-laptop"),
            ]
        ),
        # Bought on her phone without logging in; the order says who.
        "snowplow_tsv": enriched([(*rest[:-1], rest[-1] | {"user_id": ""}) for rest in STORY]),
        "klaviyo_profiles": as_lines(
            [
                profile("01ANN", {"email": marketing("SUBSCRIBED", "2025-12-01T08:00:00Z")}, external_id="7"),
                profile("01BOB"),
            ]
        ),
        "klaviyo_events": as_lines([happened("Opened Email", 2, {"Apple Privacy Open": True})]),
    }
    for source, text in files.items():
        folder = shop.settings.landing_dir / source
        folder.mkdir(parents=True)
        (folder / "rows.jsonl").write_text(text)
    shop.run(as_of="2026-01-02")
    assert shop.published("select sum(rows_quarantined)::int from quality.load_ledger") == [(0,)]
    people = shop.published(
        "select customer_id, customer_kind, orders_count from profiles.customer_profiles order by 1"
    )
    assert people == [("7", "buyer", 1), ("klaviyo:01BOB", "lead", 0)]
    sessions = shop.published("select customer_id, session_id, events_count from marts.fct_sessions order by all")
    assert [(person, count) for person, _, count in sessions] == [("7", 1), ("7", 1), ("7", 7)]
    aliases = shop.published("select customer_id, merged_into from marts.dim_customer_aliases")
    assert ("klaviyo:01ANN", "7") in aliases
