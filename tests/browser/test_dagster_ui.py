"""What the command line did is seen in Dagster's own pages."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from playwright.sync_api import expect

from dagster_project.quality.checks import checks
from tests.browser.conftest import box

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.conftest import BuiltShop, Visit

pytestmark = pytest.mark.browser

_FLOW = ("landing", "raw", "staging", "intermediate", "marts", "profiles", "segments", "report", "publish")
_WINDOW = {"viewport": {"width": 1600, "height": 1000}}
_PATIENCE_MS = 60_000


@pytest.fixture
def ui(visit: Callable[..., Visit], dagster_address: str) -> Callable[[str], Visit]:
    """Opens a page of Dagster."""
    return lambda path: visit(f"{dagster_address}{path}", **_WINDOW)


def test_the_lineage_flows_from_landing_to_publish(ui: Callable[[str], Visit], tmp_path: Path) -> None:
    visited = ui("/asset-groups")
    graph = visited.page.locator("svg")
    for group in (*_FLOW, "quality"):
        node = graph.get_by_text(group, exact=True).first
        expect(node).to_be_visible(timeout=_PATIENCE_MS)
    visited.page.screenshot(path=tmp_path / "lineage.png")
    lefts = [box(graph.get_by_text(group, exact=True).first)["x"] for group in _FLOW]

    assert all(left < right for left, right in itertools.pairwise(lefts)), dict(zip(_FLOW, lefts, strict=True))
    assert visited.outside == []


def test_every_check_has_an_answer(ui: Callable[[str], Visit]) -> None:
    page = ui("/assets/quality/check_results?view=checks").page

    expect(page.get_by_text(f"Checks ({len(checks())})")).to_be_visible(timeout=_PATIENCE_MS)
    for check in checks():
        expect(page.get_by_title(check.name).or_(page.get_by_text(check.name, exact=True)).first).to_be_visible()
    expect(page.get_by_text("Not evaluated", exact=True)).to_have_count(0)
    answers = page.get_by_text("Succeeded", exact=True).count() + page.get_by_text("Failed", exact=True).count()
    assert answers >= len(checks())


def test_the_run_of_the_command_line_is_listed(
    ui: Callable[[str], Visit], built_shop: BuiltShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(built_shop.folder / "dagster"))
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
    page = ui("/runs").page

    expect(page.locator(f"a[href='/runs/{run.run_id}']").first).to_be_visible(timeout=_PATIENCE_MS)
    expect(page.get_by_text("segments_run").first).to_be_visible()
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()
