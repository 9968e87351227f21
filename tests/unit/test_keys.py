"""The tables of a folder are asked for their keys in one question, and the answer says whose key is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.raw.loading import load_landing
from dagster_project.transform.outcomes import failure_sentences
from dagster_project.transform.project import parsed_manifest, run_dbt
from tests.pipeline.landings import FIRST_LOAD
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEMBERS = "int_customer_memberships_summed (customer_id)"
MEMBERSHIPS = "int_memberships_connected (shop_customer_id, joined_at)"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop with an order, so that there is something to attach."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("keys"), {})
        shop.land("orders", [{"order_id": "o", "customer_id": "c", "ordered_at": "2026-06-01", "total_amount": "1"}])
        load_landing(shop.settings, now=FIRST_LOAD)
        yield shop


@pytest.mark.parametrize(
    ("members", "memberships", "broken"),
    [
        ("('a'), ('b')", "('a', 1), ('a', 2), ('b', 1)", None),
        ("('a'), ('a')", "('a', 1), ('a', 2)", MEMBERS),
        ("('a'), (null)", "('a', 1)", MEMBERS),
        ("('a'), ('b')", "('a', 1), ('a', 1), ('b', 1)", MEMBERSHIPS),
        ("('a'), ('b')", "('a', 1), ('b', null)", MEMBERSHIPS),
        ("('a'), ('a'), ('b'), ('b')", "('a', null)", f"{MEMBERS}; {MEMBERSHIPS}"),
    ],
)
def test_a_broken_key_is_named(shop: Shop, members: str, memberships: str, broken: str | None) -> None:
    _write(shop.settings.working_path, members, memberships)
    arguments = ["test", "--select", "keys_of_intermediate_loyalty"]
    result = run_dbt(shop.settings, arguments, manifest=parsed_manifest("duckdb"), on_event=None)
    told = list(failure_sentences(result, shop.settings))
    assert result.success == (broken is None)
    assert len(told) == (broken is not None), told
    assert all(f"null or twice: {broken}\n" in sentence for sentence in told), told


def _write(path: Path, members: str, memberships: str) -> None:
    with duckdb.connect(str(path)) as build:
        build.execute("create schema if not exists intermediate")
        made = "create or replace table intermediate."
        build.execute(f"{made}int_customer_memberships_summed as from (values {members}) as t (customer_id)")
        build.execute(
            f"{made}int_memberships_connected as from (values {memberships}) as t (shop_customer_id, joined_at)"
        )
