"""Who is connected with whom, against a union-find in plain Python."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from dagster_project.clock import utc_now
from dagster_project.raw.loading import load_landing
from dagster_project.transform.outcomes import failure_sentences
from dagster_project.transform.project import parsed_manifest, run_dbt
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Pair = tuple[str, str]


def _chain(count: int) -> list[Pair]:
    """One long chain whose ids are in no order: the slowest to settle."""
    ids = [f"chain{number:04}" for number in range(count)]
    random.Random(3).shuffle(ids)  # noqa: S311 (a test wants the same people every time)
    return list(pairwise(ids))


def _random_pairs(seed: int, people: int, pairs: int) -> list[Pair]:
    dice = random.Random(seed)  # noqa: S311 (as above)
    return [(f"p{dice.randrange(people):04}", f"p{dice.randrange(people):04}") for _ in range(pairs)]


def _components(pairs: Iterable[Pair]) -> dict[str, str]:
    """Smallest id of the component of each id."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for one, other in pairs:
        small, large = sorted((root(one), root(other)))
        parent[large] = small
    return {name: root(name) for name in parent}


@pytest.mark.parametrize(
    "pairs",
    [_chain(200), _random_pairs(1, 300, 120), _random_pairs(2, 300, 290), [("alone", "alone")]],
    ids=["one long chain", "many small components", "one large and some small", "nobody linked"],
)
def test_everybody_gets_the_smallest_id_of_the_component(tmp_path: Path, pairs: list[Pair]) -> None:
    order = {"order_id": "o1", "customer_id": pairs[0][0], "ordered_at": "2026-06-01", "total_amount": "1"}
    seen = {"identifier_type": "customer_id", "seen_at": "2026-06-01"}
    with environment_taken_back():
        # Every pair is an alias, and nobody has so many that the guard against junk would look.
        shop = Shop(tmp_path, {})
        shop.land("orders", [order])
        shop.land("identities", [{"customer_id": one, "identifier": other, **seen} for one, other in pairs])
        settings = shop.settings
        load_landing(settings, now=utc_now())
        limits = {"alias_max_customers": len(pairs) + 1, "person_max_ids_count": 2 * len(pairs)}
        variables = json.dumps({"as_of_date": "2026-06-30", **limits})
        arguments = ["build", "--select", "+int_customer_ids_connected", "--vars", variables]
        arguments += ["--exclude-resource-types", "unit_test", "test"]
        result = run_dbt(settings, arguments, manifest=parsed_manifest(settings.engine), on_event=None)
        assert list(failure_sentences(result, settings)) == []
        found = dict(shop.built("select shop_customer_id, customer_id from intermediate.int_customer_ids_connected"))
        left = shop.built(
            "select table_name from duckdb_tables() where table_name like '%connected\\_\\_%' escape '\\'"
        )
    assert found == _components(pairs)
    assert left == []
