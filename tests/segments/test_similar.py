"""Who is nearest to the members of a segment, against plain pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.segments.similar import similar
from tests.segments.shops import catalog_of, declaration, shop

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


def _people(count: int = 400) -> tuple[duckdb.DuckDBPyConnection, pd.DataFrame]:
    draw = np.random.default_rng(3)
    rows = [
        {
            "customer_id": f"p{number:03}",
            "orders_count": int(draw.choice([1, 1, 2, 3, 5, 9])),
            "net_revenue_amount": round(float(draw.exponential(100)), 2),
            "days_since_last_order": int(draw.integers(400)),
            "sessions_count": int(draw.choice([0, 0, 0, 0, 7])),
            "average_order_amount": None if number % 7 == 0 else round(float(draw.uniform(10, 90)), 2),
        }
        for number in range(count)
    ]
    return shop(*rows), pd.DataFrame(rows)


def _expected(people: pd.DataFrame, share: float) -> list[str]:
    frame = people.set_index("customer_id").astype(float)
    spread = (frame.quantile(0.75) - frame.quantile(0.25)).replace(0, 1)
    scaled = ((frame - frame.median()) / spread).fillna(0).clip(-3, 3)
    is_member = (frame["orders_count"] >= 5) & (frame["net_revenue_amount"] >= 100)
    distance = ((scaled - scaled[is_member].mean()) ** 2).sum(axis=1).pow(0.5)[~is_member].round(9)
    nearest = distance.reset_index().sort_values([0, "customer_id"])
    return list(nearest["customer_id"][: int(np.ceil(len(nearest) * share))])


def test_the_nearest_are_those_of_plain_pandas(tmp_path: Path) -> None:
    rule = "{all: [orders_count: {at_least: 5}, net_revenue_amount: {at_least: 100}]}"
    catalog = catalog_of(tmp_path, declaration("best", rule))
    connection, people = _people()
    for share in (0.01, 0.1, 1.0):
        found = similar(connection, catalog["best"], share)
        assert [person.customer_id for person in found] == _expected(people, share)
        assert [person.rank for person in found] == list(range(1, len(found) + 1))
        assert sorted(person.distance for person in found) == [person.distance for person in found]
    assert len(similar(connection, catalog["best"])) == 4, "one in a hundred, rounded up"


def test_who_is_anonymous_or_gave_no_consent_that_is_asked_for_is_in_no_list(tmp_path: Path) -> None:
    asking = declaration("asking", "{orders_count: {at_least: 5}}", consent="profiling")
    catalog = catalog_of(tmp_path, declaration("best", "{orders_count: {at_least: 5}}"), asking)
    twin = {"orders_count": 4, "is_profiling_allowed": True}
    connection = shop(
        {"customer_id": "member", "orders_count": 5, "is_profiling_allowed": True},
        {"customer_id": "asked", **twin},
        {"customer_id": "refused", **twin, "is_profiling_allowed": False},
        {"customer_id": "device", **twin, "customer_kind": "anonymous"},
    )
    found = {name: [person.customer_id for person in similar(connection, catalog[name], 1.0)] for name in catalog.names}
    assert found == {"best": ["asked", "refused"], "asking": ["asked"]}


def test_a_segment_of_nobody_or_of_all_has_nobody_similar(tmp_path: Path) -> None:
    entries = [
        declaration(name, f"{{orders_count: {{at_least: {least}}}}}") for name, least in (("all", 0), ("no", 99))
    ]
    entries[0] = entries[0].replace("name: all", "name: everyone")
    catalog = catalog_of(tmp_path, *entries)
    connection, _ = _people(5)
    assert similar(connection, catalog["everyone"]) == similar(connection, catalog["no"]) == []
