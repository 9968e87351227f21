"""The published page as a person sees it: from disk, with nobody to ask."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.browser.conftest import box

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import BuiltShop, Visit

pytestmark = pytest.mark.browser

_CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
_LEGIBLE = 4.5
_SCROLL_SECONDS = 10


@pytest.fixture
def report(visit: Callable[..., Visit], built_shop: BuiltShop) -> Callable[..., Visit]:
    """Opens the published page in a window of a given width and colour scheme."""

    def opened(width: int = 1280, colour_scheme: str = "light") -> Visit:
        window = {"viewport": {"width": width, "height": 900}, "color_scheme": colour_scheme}
        return visit(built_shop.report.resolve().as_uri(), **window)

    return opened


def eventually(is_so: Callable[[], bool]) -> bool:
    """Whether it becomes so; the page forbids the scripts by which a browser would wait itself."""
    deadline = time.monotonic() + _SCROLL_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_the_page_asks_nobody_and_complains_about_nothing(report: Callable[..., Visit]) -> None:
    visited = report()
    visited.page.wait_for_load_state("networkidle")

    assert visited.page.locator("h1").inner_text() == "Customer segments"
    assert visited.outside == []
    assert visited.errors == []


def test_the_figures_are_those_of_the_published_tables(report: Callable[..., Visit], built_shop: BuiltShop) -> None:
    customers, orders = built_shop.parquet("marts.dim_customers"), built_shop.parquet("marts.fct_orders")
    ((known, buyers, counted, revenue),) = duckdb.execute(f"""
        select
            (select count(*) from '{customers}' where customer_kind <> 'anonymous'),
            (select count(*) from '{customers}' where customer_kind = 'buyer'),
            (select count(*) from '{orders}' where is_counted),
            (select sum(net_revenue_amount) from '{orders}')
    """).fetchall()
    page = report().page

    assert known > buyers > 0
    assert page.locator("[data-kpi=known_customers]").inner_text() == f"{known:,}"
    assert page.locator("[data-kpi=buyers]").inner_text() == f"{buyers:,}"
    assert page.locator("[data-kpi=orders]").inner_text() == f"{counted:,}"
    assert page.locator("[data-kpi=net_revenue]").inner_text() == f"{revenue:,.2f}"


def test_every_published_segment_is_shown_with_its_size(report: Callable[..., Visit], built_shop: BuiltShop) -> None:
    sizes = duckdb.execute(f"select segment, members_count from '{built_shop.parquet('segments.sizes')}'").fetchall()
    page = report().page

    assert page.locator("tr[data-segment]").count() == len(sizes) > 0
    for segment, members in sizes:
        assert page.locator(f"tr[data-segment={segment}] td").first.inner_text() == f"{members:,}"
        assert page.locator(f"#segment-{segment} .size").inner_text().startswith(f"{members:,} member")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_never_scrolls_sideways(report: Callable[..., Visit], width: int, tmp_path: Path) -> None:
    page = report(width).page
    page.screenshot(path=tmp_path / f"report-{width}.png", full_page=True)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.evaluate("window.scrollTo(10000, 0)")
    assert page.evaluate("window.scrollX") == 0


def test_a_wide_table_scrolls_in_its_own_box_and_by_keyboard(report: Callable[..., Visit]) -> None:
    heat = report(390).page.locator("#rfm .scroll").first

    assert heat.evaluate("box => box.scrollWidth > box.clientWidth")
    heat.press("ArrowRight")

    assert eventually(lambda: heat.evaluate("box => box.scrollLeft") > 0)


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(report: Callable[..., Visit], colour_scheme: str) -> None:
    found = report(colour_scheme=colour_scheme).page.evaluate(_CONTRAST, _LEGIBLE)

    assert found["seen"] > 300
    assert found["weak"] == []


def test_light_and_dark_are_two_designs(report: Callable[..., Visit]) -> None:
    grounds = {
        scheme: report(colour_scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }

    assert grounds["light"] != grounds["dark"]


def test_a_segment_can_be_linked_to(report: Callable[..., Visit]) -> None:
    page = report().page
    page.locator("tr[data-segment=champions] a").click()

    assert page.url.endswith("#segment-champions")
    card = page.locator("#segment-champions")
    # Below the list of sections, which stays at the top and must not cover it.
    sections = box(page.locator("nav"))["height"]
    assert eventually(lambda: sections - 1 <= box(card)["y"] < sections + 100)


def test_nothing_runs_on_the_page(report: Callable[..., Visit]) -> None:
    page = report().page
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )

    assert page.evaluate("window.ran") is None
