"""An edited rule makes exactly its own segment stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleCauseCategory, StaleStatus
from dagster._core.loader import LoadingContextForTest

from dagster_project.definitions import defs
from dagster_project.runs import run_main_job
from dagster_project.segments import assets, catalog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.pipeline.shop import Shop

ORDERS = [
    {"order_id": number, "customer_id": number % 7, "ordered_at": f"2026-03-{number + 1:02d}", "total_amount": "20.00"}
    for number in range(20)
]


def own_code_changed(instance: dg.DagsterInstance) -> set[str]:
    """Every asset that is stale because its own code changed, as ``layer/name``."""
    graph = defs().resolve_asset_graph()
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    return {
        key.to_user_string()
        for key in graph.materializable_asset_keys
        if resolver.get_status(key) is StaleStatus.STALE
        and any(
            cause.category is StaleCauseCategory.CODE and cause.key.asset_key == key
            for cause in resolver.get_stale_causes(key)
        )
    }


def test_an_edited_rule_makes_exactly_its_segment_stale(
    new_shop: Callable[..., Shop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = new_shop()
    shop.land("orders", ORDERS)
    folder = tmp_path / "segments"
    folder.mkdir()
    for path in catalog.SEGMENTS_DIR.glob("*.yml"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    declared = {"columns": catalog.profile_columns(), "known_values": catalog.profile_values()}
    with dg.DagsterInstance.ephemeral() as instance:
        run_main_job(shop.settings, as_of=None, accept=[], instance=instance)
        monkeypatch.setattr(assets, "shipped_catalog", lambda: catalog.load_catalog(folder, **declared))
        assert own_code_changed(instance) == set()

        for path in folder.glob("*.yml"):
            text = path.read_text(encoding="utf-8")
            edited = text.replace("- name: one_timers\n", "- name: one_timers\n    include_anonymous: true\n")
            path.write_text(edited, encoding="utf-8")
        assert own_code_changed(instance) == {"segments/one_timers"}
