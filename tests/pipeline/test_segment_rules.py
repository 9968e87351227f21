"""Segments as code, over one shop that is published: planned, explained, edited and built again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from dagster_project import runs
from dagster_project.cli import app
from dagster_project.errors import UsageError
from dagster_project.segments import catalog, membership
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Each with so many orders, one a month, the last in June.
ORDERS = {"ann": 6, "bob": 4, "cat": 3, "dan": 2, "eve": 1, "fay": 1}
RULES = """\
segments:
  - name: regulars
    description: At least three orders.
    owner: crm
    purpose: Testing.
    expected_share: {}
    rule: {orders_count: {at_least: 3}}
  - name: big_regulars
    description: Regulars worth 70 or more.
    owner: crm
    purpose: Testing.
    within: regulars
    group: next
    priority: 1
    expected_share: {}
    rule: {net_revenue_amount: {at_least: 70}}
  - name: one_timers
    description: One order.
    owner: crm
    purpose: Testing.
    expected_share: {}
    rule: {is_one_timer: {is: true}}
"""
MORE_RULES = """\
  - name: some_regulars
    description: Regulars who are not worth much.
    owner: crm
    purpose: Testing.
    within: regulars
    group: next
    priority: 2
    expected_share: {}
    rule: {net_revenue_amount: {less_than: 100}}
  - name: buyers_beside
    description: Who is no regular.
    owner: crm
    purpose: Testing.
    expected_share: {}
    rule: {not: {within: regulars}}
"""


def _orders(**people: int) -> list[dict[str, str]]:
    return [
        {
            "order_id": f"{person}-{number}",
            "customer_id": person,
            "ordered_at": f"2026-{6 - number:02d}-15",
            "total_amount": "20.00",
        }
        for person, count in people.items()
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, Path]]:
    """A published shop and the folder of its segment files."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rules.yml").write_text(RULES, encoding="utf-8")
    with environment_taken_back(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(catalog, "SEGMENTS_DIR", folder)
        shop = Shop(tmp_path_factory.mktemp("published") / "shop", {})
        shop.land("orders", _orders(**ORDERS))
        shop.run(as_of="2026-06-14")
        shop.run()
        yield shop, folder


@pytest.fixture
def shop(published: tuple[Shop, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A copy of the shop, with segment files of its own."""
    shutil.copytree(published[1], tmp_path / "rules")
    monkeypatch.setattr(catalog, "SEGMENTS_DIR", tmp_path / "rules")
    with environment_taken_back():
        yield published[0].copy(tmp_path / "shop")


def _edit(old: str, new: str) -> None:
    path = catalog.SEGMENTS_DIR / "rules.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _said(shop: Shop, *arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments), env=shop.environment)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def test_every_membership_has_its_reason(published: tuple[Shop, Path]) -> None:
    shop, _ = published
    rows = shop.published("select * from segments.reasons order by all")
    assert rows == [
        ("big_regulars", "ann", "in regulars (orders_count 6 >= 3) and net_revenue_amount 120.00 >= 70"),
        ("big_regulars", "bob", "in regulars (orders_count 4 >= 3) and net_revenue_amount 80.00 >= 70"),
        ("one_timers", "eve", "is_one_timer = true (orders_count 1; 1 order)"),
        ("one_timers", "fay", "is_one_timer = true (orders_count 1; 1 order)"),
        ("regulars", "ann", "orders_count 6 >= 3"),
        ("regulars", "bob", "orders_count 4 >= 3"),
        ("regulars", "cat", "orders_count 3 >= 3"),
    ]
    assert [row[:2] for row in rows] == shop.published(
        "select segment, customer_id from segments.memberships order by all"
    )
    ((path,),) = shop.published("select path from segments.dictionary where segment = 'big_regulars'")
    assert path == "regulars/big_regulars"


def test_why_and_why_not(published: tuple[Shop, Path]) -> None:
    shop, _ = published
    assert "dan is not in regulars: orders_count 2 < 3" in _said(shop, "why", "dan", "regulars")
    said = _said(shop, "why", "cat", "big_regulars")
    assert "cat is not in regulars/big_regulars: net_revenue_amount 60.00 < 70" in said
    assert "ann is in regulars since 2026-06-14: orders_count 6 >= 3" in _said(shop, "why", "ann")
    for arguments, sentence in {
        ("zoe", "regulars"): "Nobody in generation .* has the id zoe",
        ("ann", "regular"): "There is no segment regular; did you mean regulars?",
    }.items():
        failed = CliRunner().invoke(app, ["why", *arguments], env=shop.environment)
        with pytest.raises(UsageError, match=sentence):
            raise failed.exception or AssertionError


def test_a_plan_tells_what_the_next_run_publishes_and_publishes_nothing(shop: Shop) -> None:
    generation = shop.generation
    assert "3 segments stay as they are." in _said(shop, "plan")
    _edit("{orders_count: {at_least: 3}}", "{orders_count: {at_least: 2}}")
    _edit("at_least: 70", "at_least: 100")
    _edit("name: one_timers", "name: singles")
    said = _said(shop, "plan")
    assert shop.generation == generation
    for sentence in (
        "regulars (edited): 3 members now, 4 then",
        "  rule   orders_count at least 2\n  was    orders_count at least 3\n  enter  1\n",
        "         dan: orders_count 2 >= 2\n",
        "regulars/big_regulars (edited): 2 members now, 1 then",
        "bob: net_revenue_amount 80.00 < 100",
        "singles (new): 0 members now, 2 then",
        "one_timers (no longer declared): 2 members now, 0 then",
    ):
        assert sentence in said, said
    assert "By the rule as it stands now" in _said(shop, "why", "dan", "regulars")

    shop.run()
    sizes = shop.published("select segment, members_count from segments.sizes order by segment")
    assert sizes == [("big_regulars", 1), ("regulars", 4), ("singles", 2)]
    assert "3 segments stay as they are." in _said(shop, "plan")


def test_an_edited_rule_builds_segments_only_and_says_what_building_all_says(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []
    real = runs._execute  # noqa: SLF001 (what is built is asked where it is decided)

    def watched(*arguments: object, **more: object) -> object:
        result = real(*arguments, **more)  # type: ignore[arg-type]
        built.extend(event.step_key or "" for event in result.all_events if event.is_step_success)
        return result

    monkeypatch.setattr(runs, "_execute", watched)
    first = shop.generation
    _edit("{orders_count: {at_least: 3}}", "{orders_count: {at_least: 2}}")
    assert shop.run().text == "published"
    assert set(built) == {
        "segments",
        "segment_summaries",
        "activation__audiences",
        "quality",
        "report__index",
        "report_views",
        "publish__current",
    }
    assert shop.generation != first
    ((members,),) = shop.published("select members_count from segments.sizes where segment = 'regulars'")
    assert members == 4

    built.clear()
    shop.run()
    assert set(built) == {"raw", "dbt_marts"}, "nothing has changed since, and what has nothing to build says so"
    second = shop.generation
    assert shop.run(rebuild=True).text.startswith("unchanged")
    assert shop.generation == second
    assert any("dbt" in step for step in built)


def _tables(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """Rows of every published table and view of segments, checks and report, without the name of the generation."""
    names = shop.published(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_catalog = 'published' and table_schema in ('segments', 'quality', 'report') order by all"
    )
    return {name: shop.published(f"select * from {name} order by all") for (name,) in names}


def test_rules_edited_one_after_the_other_say_what_building_all_says(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Edited, new, renamed and deleted segments, some inside others, and an exclusive group in another order."""
    judged: list[list[str]] = []
    real = membership.judged
    monkeypatch.setattr(membership, "judged", lambda each: judged.append([one.name for one in each]) or real(each))
    path = catalog.SEGMENTS_DIR / "rules.yml"

    path.write_text(path.read_text(encoding="utf-8") + MORE_RULES, encoding="utf-8")
    shop.run()
    assert judged.pop() == ["some_regulars", "buyers_beside"]

    _edit("name: one_timers", "name: singles")
    _edit("{net_revenue_amount: {less_than: 100}}", "{net_revenue_amount: {less_than: 50}}")
    shop.run()
    assert judged.pop() == ["singles", "some_regulars"]

    _edit("priority: 1", "priority: 3")
    _edit("{net_revenue_amount: {less_than: 50}}", "{net_revenue_amount: {less_than: 100}}")
    shop.run()
    assert judged.pop() == ["some_regulars", "big_regulars"]
    assert shop.published("select customer_id from segments.big_regulars") == [("ann",)]

    _edit("{orders_count: {at_least: 3}}", "{orders_count: {at_least: 4}}")
    _edit("Who is no regular.", "Whoever is no regular.")
    shop.run()
    assert judged.pop() == ["regulars", "some_regulars", "big_regulars", "buyers_beside"]

    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("  - name: buyers_beside")], encoding="utf-8")
    shop.run()
    assert not judged, "who only goes leaves nobody to be judged anew"
    assert shop.published("select segment from segments.sizes") == [
        ("big_regulars",),
        ("regulars",),
        ("singles",),
        ("some_regulars",),
    ]

    in_parts, generation = _tables(shop), shop.generation
    shop.run(rebuild=True)
    whole = _tables(shop)
    assert set(in_parts) == set(whole)
    for name, rows in in_parts.items():
        assert rows == whole[name], name
    assert shop.generation == generation


def test_an_edited_rule_beside_new_data_builds_everything(shop: Shop) -> None:
    _edit("{orders_count: {at_least: 3}}", "{orders_count: {at_least: 2}}")
    shop.land("orders", _orders(gus=5), name="more")
    said = _said(shop, "plan")
    assert "1 file in landing is not in it (orders/more.csv): `segments plan --with-data` loads and builds" in said
    assert "gus" not in said

    generation = shop.generation
    said = _said(shop, "plan", "--with-data")
    assert "gus: orders_count 5 >= 2" in said
    assert shop.generation == generation

    shop.run()
    assert shop.published("select count(*) from segments.regulars where customer_id = 'gus'") == [(1,)]
    assert shop.published("select count(*) from segments.regulars") == [(5,)]
