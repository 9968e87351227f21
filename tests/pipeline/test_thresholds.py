"""Thresholds on the sample shop: decisions follow from published columns, and moving one moves people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project.segments.catalog import shipped_catalog
from dagster_project.segments.decisions import decisions
from dagster_project.segments.rules import Comparison, parts

if TYPE_CHECKING:
    from dagster_project.sample.writing import Sample
    from tests.pipeline.shop import Shop


def test_every_decision_says_the_published_column_again(sample_shop: tuple[Shop, Sample]) -> None:
    assert all(assert_decisions_say_the_columns_again(sample_shop[0]).values())


def assert_decisions_say_the_columns_again(shop: Shop) -> dict[str, int]:
    """An unknown flag is none, as its question does not apply. Gives how often each is known."""
    known_counts = {}
    for name, sql in {name: each.sql({}) for name, each in decisions().items() if each.holds}.items():
        different = f"count(*) filter (where {name} is distinct from ({sql}))"
        query = f"select {different}, count(*) from profiles.customer_profiles where {name} is not null"
        ((others, known_counts[name]),) = shop.published(query)
        assert others == 0, name
    return known_counts


def test_every_threshold_behind_a_segment_is_moved(sample_shop: tuple[Shop, Sample]) -> None:
    rows = sample_shop[0].published("select segment, var_name, count(*) from segments.sensitivity group by all")
    found = {(segment, var): count for segment, var, count in rows}
    for segment in shipped_catalog():
        read = {part.column for part in parts(segment.rule) if isinstance(part, Comparison)} & set(decisions())
        for var in {var for column in read for var in decisions()[column].movable}:
            assert found[segment.name, var] == 2, (segment.name, var)


# Segment, var, its value, the moved value, and who is in by the moved one as the definition says it.
MOVED = [
    ("lapsed_buyers", "lapsed_buyer_days", 90, 99, "days_since_last_order >= 99"),
    ("recent_buyers", "recent_buyer_days", 30, 27, "days_since_last_order < 27"),
    ("regular_customers", "regular_customer_orders_count", 4, 5, "days_since_first_order >= 365 and orders_count >= 5"),
    (
        "churned_customers",
        "dormant_days",
        365,
        328,
        "days_since_last_order >= 328 and orders_count >= 2",
    ),
    (
        "at_risk_customers",
        "active_days",
        90,
        81,
        "days_since_last_order between 81 and 179 and orders_count >= 2 and lifecycle_stage <> 'reactivated'",
    ),
]


@pytest.mark.parametrize("case", MOVED)
def test_who_moves_with_a_var(sample_shop: tuple[Shop, Sample], case: tuple[str, str, int, int, str]) -> None:
    shop, (segment, var, value, moved, members) = sample_shop[0], case
    ids = f"select customer_id from profiles.customer_profiles where {members}"
    before = {row[0] for row in shop.published(f"select customer_id from segments.{segment}")}
    then = {row[0] for row in shop.published(ids)}
    assert then != before
    assert shop.published(
        f"""
        select threshold, members_count, moved_members_count, entering_count, leaving_count
        from segments.sensitivity
        where segment = '{segment}' and var_name = '{var}' and moved_threshold = {moved}
        """
    ) == [(value, len(before), len(then), len(then - before), len(before - then))]
