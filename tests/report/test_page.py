"""The page says what the build says, asks nobody else, and names nobody."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest

from dagster_project.report.formats import UNKNOWN
from dagster_project.report.page import render_page
from tests.report.reading import Page
from tests.report.shop import empty_shop, put, put_check, put_file, put_map, put_segment, small_shop

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


@pytest.fixture
def shop() -> duckdb.DuckDBPyConnection:
    return small_shop()


def texts(page: Page, attribute: str) -> dict[str | None, str]:
    """Text by the value of an attribute."""
    return {element.attributes[attribute]: element.text for element in page.elements if attribute in element.attributes}


def test_the_figures_of_the_shop_are_those_of_its_orders(shop: duckdb.DuckDBPyConnection) -> None:
    figures = texts(Page(render_page(shop)), "data-kpi")

    # 1200.00 + 89.90 + 50.05 + 20.00 + 9.99; ada alone ordered twice, and one of cleo's two orders was sent back.
    assert figures == {
        "known_customers": "5",
        "buyers": "3",
        "repeat_share": "33.3%",
        "orders": "5",
        "net_revenue": "1,369.94",
        "average_order": "273.99",
    }


def test_the_head_says_how_to_read_times_and_amounts(shop: duckdb.DuckDBPyConnection) -> None:
    facts = texts(Page(render_page(shop)), "data-fact")

    assert facts == {"as_of": "2026-06-30", "time_zone": "Europe/London", "currency": "EUR", "engine": "duckdb"}


def test_refunds_of_orders_that_are_not_valid_are_not_told_twice(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("update marts.fct_orders set refund_amount = 500 where order_id = 'o7'")

    assert "after refunds of 30.10" in Page(render_page(shop)).one("section", id="shop").text


def test_a_segment_has_its_size_its_rule_and_its_purpose(shop: duckdb.DuckDBPyConnection) -> None:
    page = Page(render_page(shop))

    assert page.cells(data_segment="champions") == ["champions", "1", "20.0%", "1,289.90"]
    card = page.one("article", id="segment-champions").text
    assert card == (
        "champions 1 member, 20.0% of known customers Somebody. "
        "What to do Thank them. Rule orders_count at least 3 Owner crm"
    )


def test_anonymous_members_have_no_share_of_known_customers(shop: duckdb.DuckDBPyConnection) -> None:
    page = Page(render_page(shop))

    assert page.cells(data_segment="curious_browsers") == ["curious browsers anonymous", "1", UNKNOWN, "0.00"]
    assert "of known customers" not in page.one("article", id="segment-curious_browsers").text


def test_groups_and_segments_come_by_size() -> None:
    shop = empty_shop()
    for name, group, members in (
        ("a", "value", 5),
        ("b", "value", 50),
        ("c", "age", 7),
        ("d", "age", 7),
        ("e", "zeal", 60),
    ):
        put_segment(shop, name, group=group, members_count=members)
    page = Page(render_page(shop))

    assert list(texts(page, "data-segment")) == ["e", "b", "a", "c", "d"]
    assert [heading.text for heading in page.all("h3")][:3] == ["Zeal", "Value", "Age"]


def test_who_entered_and_left_is_shown_where_it_is_known(shop: duckdb.DuckDBPyConnection) -> None:
    assert "Nobody knows who entered or left" in render_page(shop)
    put_segment(shop, "movers", members_count=3000, share=0.5, entered_count=1200, left_count=0)
    html = render_page(shop)

    assert "Nobody knows who entered or left" not in html
    assert Page(html).cells(data_segment="movers") == ["movers", "3,000", "50.0%", "+1,200", "0", "0.00"]
    assert Page(html).cells(data_segment="champions")[3:5] == [UNKNOWN, UNKNOWN]


def test_who_bought_afterwards_is_shown_for_the_latest_day(shop: duckdb.DuckDBPyConnection) -> None:
    assert "No day of the past is kept whose 90 days are over" in render_page(shop)
    row = {"members_count": 10, "purchase_share": 0.8, "low_purchase_share": 0.49, "high_purchase_share": 0.943}
    row |= {"base_purchase_share": 0.18, "lift": 4.444, "revenue_lift": None, "is_significant": True}
    put(shop, "segments.lift", segment="champions", as_of_date="2026-04-01", outcome_until_date="2026-06-30", **row)
    put(shop, "segments.lift", segment="champions", as_of_date="2026-03-01", outcome_until_date="2026-05-30", **row)
    page = Page(render_page(shop))

    assert page.cells(data_lift="champions") == ["champions differs", "10", "80.0%", "49.0% to 94.3%", "4.44", ""]
    assert "Members of 1 April 2026" in page.one("section", id="segments").text


def test_a_segment_without_a_group_stands_among_others(shop: duckdb.DuckDBPyConnection) -> None:
    put_segment(shop, "alone", group=None, members_count=2)
    page = Page(render_page(shop))
    assert page.cells(data_segment="alone")[1] == "2"
    assert "Other" in [element.text for element in page.elements if element.attributes.get("scope") == "rowgroup"]


def test_a_segment_too_small_to_act_on_is_marked_and_others_are_not(shop: duckdb.DuckDBPyConnection) -> None:
    put_segment(shop, "tiny", members_count=2, is_too_small=True)
    page = Page(render_page(shop))

    assert page.cells(data_segment="tiny")[0] == "tiny too small"
    assert "too small to act on" in page.one("article", id="segment-tiny").text
    assert "too small" not in page.one("article", id="segment-champions").text


def test_a_title_is_text_and_never_markup(shop: duckdb.DuckDBPyConnection) -> None:
    title = "<script>alert(1)</script>"
    put_segment(shop, "evil", title=title)
    shop.execute("""update segments.dictionary set "group" = '"><img src=x onerror=alert(1)>' where segment = 'evil'""")
    page = Page(render_page(shop))

    assert not page.all("script")
    assert not page.all("img")
    assert page.one("article", id="segment-evil").text.startswith(title)


def test_the_heat_map_and_the_groups_show_every_buyer(shop: duckdb.DuckDBPyConnection) -> None:
    page = Page(render_page(shop))
    cells = texts(page, "data-cell")

    assert len(cells) == 25
    assert cells["55"] == "1 Champions"
    assert cells["11"] == "2 Lost"
    assert page.cells(data_rfm_group="Lost") == ["Lost", "2", "66.7%", "70.05", "5.2%"]
    assert "Champions: 33.3% of buyers and 94.8% of net revenue" in page.one("section", id="rfm").text


def test_a_field_of_several_groups_names_them_all_the_largest_first(shop: duckdb.DuckDBPyConnection) -> None:
    put_map(shop, "klaviyo6")
    for code, count in (("313", 2), ("322", 5)):
        shop.execute(f"update marts.rpt_rfm_distribution set customers_count = {count} where rfm_code = '{code}'")
    page = Page(render_page(shop))
    cells = texts(page, "data-cell")

    assert len(cells) == 9
    assert cells["32"] == "7 Loyal, Recent"
    assert cells["33"] == "0 Champions"
    assert page.cells(data_rfm_group="Loyal")[:3] == ["Loyal", "5", "71.4%"]
    assert "Scores go from 1 to 3 and compare buyers with each other" in page.one("section", id="rfm").text


def test_scores_by_cut_points_and_scales_of_few_buyers_are_said_to_be(shop: duckdb.DuckDBPyConnection) -> None:
    assert "Low confidence" not in Page(render_page(shop)).one("section", id="rfm").text
    put(shop, "marts.dim_rfm_cut_points", rfm_method="anchored", rfm_score=1)
    put(shop, "marts.fct_customer_rfm", customer_id="ada", is_low_confidence=True)
    said = Page(render_page(shop)).one("section", id="rfm").text

    assert "go by cut points: one buyer's scores do not depend on another's. Low confidence: few buyers" in said


def test_the_heat_is_strongest_where_most_buyers_are(shop: duckdb.DuckDBPyConnection) -> None:
    page = Page(render_page(shop))

    assert page.one("td", data_cell="11").attributes["style"] == "--heat: 100.00%"
    assert page.one("td", data_cell="55").attributes["style"] == "--heat: 50.00%"
    assert page.one("td", data_cell="33").attributes["style"] == "--heat: 0.00%"


def test_every_stage_has_its_people_and_its_meaning(shop: duckdb.DuckDBPyConnection) -> None:
    page = Page(render_page(shop))

    assert page.cells(data_stage="6") == ["Active", "4", "66.7%", "Bought lately"]
    assert page.cells(data_stage="9")[1] == "0"


def test_a_flag_tells_no_from_not_applicable(shop: duckdb.DuckDBPyConnection) -> None:
    page = Page(render_page(shop))

    assert page.cells(data_flag="one_timer")[1:] == ["3", "1", "2", "75.0%"]
    assert page.cells(data_flag="idle")[1:] == ["0", "0", "6", UNKNOWN]


def test_carts_are_shown_by_what_became_of_them(shop: duckdb.DuckDBPyConnection) -> None:
    page = Page(render_page(shop))

    assert page.cells(data_outcome="abandoned")[1:3] == ["2", "50.0%"]
    assert page.cells(data_outcome="emptied")[1:3] == ["0", "0.0%"]
    assert "3 visits, 66.7% of them by somebody who is known" in page.one("section", id="visits").text


def test_rows_read_are_accounted_for_per_file_and_in_all(shop: duckdb.DuckDBPyConnection) -> None:
    put_file(shop, "orders/a.csv", read=1000, used=990, quarantined=6, duplicate=3, skipped=1)
    put_file(shop, "orders/b.csv", read=10, used=9)
    page = Page(render_page(shop))
    rows = [element for element in page.all("tr") if "data-load" in element.attributes]

    assert [row.text for row in rows] == [
        "All files 1,010 999 6 3 1 does not add up",
        "orders/a.csv 1,000 990 6 3 1 adds up",
        "orders/b.csv 10 9 0 0 0 does not add up",
    ]


def test_files_with_quarantined_rows_are_never_crowded_out(shop: duckdb.DuckDBPyConnection) -> None:
    for number in range(250):
        put_file(shop, f"orders/{number:03}.csv", read=10, used=10)
    put_file(shop, "orders/999.csv", read=10, used=9, quarantined=1)
    page = Page(render_page(shop))
    rows = [element.text for element in page.all("tr") if "data-load" in element.attributes]

    assert rows[0].startswith("All files 2,510 2,509 1 0 0")
    assert rows[1].startswith("orders/999.csv")
    assert len(rows) == 101
    assert "151 more files are in the sum" in page.one("section", id="quality").text


def test_quarantined_rows_are_summed_by_reason_and_column(shop: duckdb.DuckDBPyConnection) -> None:
    for file, column, rows in (("a.csv", "total_amount", 2), ("b.csv", "total_amount", 1000), ("a.csv", None, 5)):
        put(
            shop, "quality.quarantine_summary", file=file, reason_code="bad_number", column_name=column, rows_count=rows
        )
    page = Page(render_page(shop))
    rows_shown = [row.text for row in page.all("tr", data_reason="bad_number")]

    assert rows_shown == ["Bad number total_amount 2 1,002", "Bad number the whole row 1 5"]


def test_failed_checks_come_before_warnings_and_passed_ones_last(shop: duckdb.DuckDBPyConnection) -> None:
    put_check(shop, "a_passes", "error")
    put_check(shop, "b_warns", "warn", "one thing", "another")
    put_check(shop, "c_fails", "error", *(f"thing {number}" for number in range(8)))
    page = Page(render_page(shop))
    shown = texts(page, "data-check")

    assert list(shown) == ["c_fails", "b_warns"]
    assert shown["c_fails"].startswith("failed C fails marts/fct_orders 8 findings thing 0")
    assert shown["c_fails"].endswith("thing 4 and 3 more")
    assert shown["b_warns"] == "warning B warns marts/fct_orders 2 findings one thing another"
    assert page.one("details").text == "1 check passed A passes marts/fct_orders"
    assert [mark.text for mark in page.all("span") if page.one("header") in mark.inside] == ["1 failed", "1 warning"]


def test_the_reconciliation_is_exact_to_the_cent(shop: duckdb.DuckDBPyConnection) -> None:
    people = {"source_amount": 6, "built_amount": 6, "difference_amount": 0}
    put(shop, "quality.reconciliation", measure="customers over stages", **people)
    page = Page(render_page(shop))

    assert page.cells(data_measure="orders") == ["Orders", "7", "7", "0"]
    assert page.cells(data_measure="customers over stages") == ["Customers over stages", "6", "6", "0"]
    assert page.cells(data_measure="product value") == ["Product value", "1,900.04", "1,900.03", "0.01"]


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("shop", "No orders have landed."),
        ("segments", "No segments are declared."),
        ("rfm", "Nobody has bought yet, so there is nobody to score."),
        ("lifecycle", "Nobody is known yet."),
        ("flags", "No flags are declared."),
        ("visits", "No events have landed, so nothing is known about visits and carts."),
        ("quality", "No files have landed."),
        ("quality", "No row was quarantined."),
        ("quality", "No checks ran."),
    ],
)
def test_an_empty_shop_is_told_what_is_missing(section: str, sentence: str) -> None:
    assert sentence in Page(render_page(empty_shop())).one("section", id=section).text


def test_segments_without_members_are_listed_and_said_to_be_empty() -> None:
    shop = empty_shop()
    put_segment(shop, "champions")
    page = Page(render_page(shop))

    assert "No segment has members yet." in page.one("section", id="segments").text
    assert page.cells(data_segment="champions") == ["champions", "0", UNKNOWN, "0.00"]


@pytest.mark.parametrize("make", [empty_shop, small_shop])
def test_nothing_unknown_is_written_as_a_word_of_python(make: Callable[[], duckdb.DuckDBPyConnection]) -> None:
    assert not re.search(r"\b(None|nan|True|False|Decimal|NaT)\b", Page(render_page(make())).one("body").text)


@pytest.mark.parametrize("make", [empty_shop, small_shop])
def test_the_page_names_no_address_and_loads_nothing(make: Callable[[], duckdb.DuckDBPyConnection]) -> None:
    html = render_page(make())
    page = Page(html)

    assert "//" not in html
    assert "url(" not in html
    assert "@import" not in html
    assert not [element for element in page.elements if "src" in element.attributes or element.tag == "script"]
    links = {str(element.attributes["href"]) for element in page.elements if "href" in element.attributes}
    assert {link for link in links if not link.startswith("#")} == {"data:,"}


def test_the_page_forbids_itself_to_load_anything(shop: duckdb.DuckDBPyConnection) -> None:
    policy = Page(render_page(shop)).one("meta", http_equiv="Content-Security-Policy").attributes["content"]

    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def test_an_email_address_never_reaches_the_page(shop: duckdb.DuckDBPyConnection) -> None:
    put_file(shop, "orders/ada.lovelace@example.com.csv", read=1, used=1)
    put_check(shop, "c_fails", "error", "Ada+x@mail.example.co.uk is in marts.dim_customers")
    put_segment(shop, "mailed", title="Mail ada@example.org")
    html = render_page(shop)

    assert not EMAIL.search(html)
    assert "orders/[address removed]" in html
    assert "[address removed] is in marts.dim_customers" in html


@pytest.mark.parametrize("make", [empty_shop, small_shop])
def test_headings_anchors_and_tables_can_be_followed_by_a_screen_reader(
    make: Callable[[], duckdb.DuckDBPyConnection],
) -> None:
    shop = make()
    put_file(shop, "a.csv", read=1, used=1)
    put_check(shop, "a_passes", "error")
    page = Page(render_page(shop))
    levels = [int(element.tag[1]) for element in page.elements if re.fullmatch(r"h[1-6]", element.tag)]
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]

    assert page.one("html").attributes["lang"] == "en"
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(following - level <= 1 for level, following in itertools.pairwise(levels))
    assert len(ids) == len(set(ids))
    assert {link.attributes["href"] for link in page.all("a")} <= {f"#{name}" for name in ids}
    assert len(page.all("caption")) == len(page.all("table")) > 0
    assert all("scope" in cell.attributes for cell in page.all("th"))


def test_the_same_build_gives_the_same_page(shop: duckdb.DuckDBPyConnection) -> None:
    assert render_page(shop) == render_page(shop)


def test_a_page_of_many_files_checks_and_segments_stays_small(shop: duckdb.DuckDBPyConnection) -> None:
    shop.execute("""
        insert into quality.load_ledger by name
        select 'orders/' || range || '.csv' as file, 9 as rows_read, 9 as rows_used, 0 as rows_quarantined,
            0 as rows_duplicate, 0 as rows_skipped
        from range(20000)
    """)
    for number in range(100):
        put_segment(shop, f"segment_{number}", members_count=number)
    for number in range(600):
        put_check(shop, f"fct_orders__something_holds_{number}", "warn", *(["word " * 200] * (number % 9)))

    html = render_page(shop)

    assert len(html.encode()) < 500_000
    assert "433 more are in quality.check_results" in Page(html).one("section", id="quality").text
