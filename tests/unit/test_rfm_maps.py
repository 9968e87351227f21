"""The shipped RFM maps against their authors' lists, and the linter of maps against maps that fail."""

from __future__ import annotations

import ast
import csv
import re
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from dagster_project.errors import UsageError
from dagster_project.quality import rfm_groups
from dagster_project.transform import rfm_choice
from dagster_project.transform.rfm_choice import CutPoints, project_vars, read_choice
from dagster_project.transform.rfm_maps import SEEDS_DIR, Group, RfmMap, declared_maps, map_faults, reach
from tests.pipeline.shop import Shop
from tests.reference.maps import TOP, group

if TYPE_CHECKING:
    from pathlib import Path

TWO = range(1, 3)
GOOD = RfmMap(
    name="mine",
    top_score=2,
    groups=(Group("Best", True, "The best."), Group("Rest", True, "The rest."), Group("None yet", False, "No order.")),
    cells=tuple((code, "Best" if code == (2, 2, 2) else "Rest") for code in product(TWO, TWO, TWO)),
)


def test_every_shipped_map_names_each_code_as_its_author_does() -> None:
    maps = declared_maps()
    assert {name: one.top_score for name, one in maps.items()} == TOP
    for name, one in maps.items():
        scores = range(1, TOP[name] + 1)
        assert dict(one.cells) == {code: group(name, *code) for code in product(scores, scores, scores)}
        assert len(one.cells) == TOP[name] ** 3


@pytest.mark.parametrize(
    ("name", "groups", "unscored"), [("grid11", 11, 0), ("klaviyo6", 6, 0), ("shopify11", 11, 1), ("pymc5", 6, 0)]
)
def test_every_shipped_map_is_sound_and_has_as_many_groups_as_promised(name: str, groups: int, unscored: int) -> None:
    one = declared_maps()[name]
    assert map_faults(one) == []
    assert (len(one.groups), sum(not group.is_scored for group in one.groups)) == (groups, unscored)


def test_the_groups_without_scores_are_those_that_leads_get() -> None:
    text = (SEEDS_DIR.parent / "macros" / "definitions" / "scores.sql").read_text(encoding="utf-8")
    (said,) = re.findall(r"macro rfm_groups_of_leads\(\).*?return\((\{.*?\})\)", text)
    unscored = [
        (name, group.name) for name, one in declared_maps().items() for group in one.groups if not group.is_scored
    ]
    assert list(ast.literal_eval(said).items()) == unscored


def test_a_sound_map_has_no_fault() -> None:
    assert map_faults(GOOD) == []


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (replace(GOOD, cells=GOOD.cells[1:]), "mine: 111 is missing"),
        (replace(GOOD, cells=GOOD.cells[6:]), "mine: 212, 211, 122, 121, 112 and 1 more are missing"),
        (replace(GOOD, cells=(*GOOD.cells, ((2, 2, 2), "Rest"))), "mine: 222 stands twice"),
        (replace(GOOD, cells=(*GOOD.cells, ((2, 2, 2), "Best"))), "mine: 222 stands twice"),
        (replace(GOOD, cells=(*GOOD.cells, ((3, 2, 2), "Best"))), "mine: 322 is off the scale"),
        (replace(GOOD, cells=(*GOOD.cells, ((0, 2, 2), "Best"))), "mine: 022 is off the scale"),
        (replace(GOOD, groups=(*GOOD.groups, Group("Gone", True, ""))), "mine: no code is Gone"),
        (replace(GOOD, groups=GOOD.groups[1:]), "mine: rfm_groups.csv does not list the group 'Best'"),
        (
            replace(GOOD, cells=(*GOOD.cells[:-1], ((2, 2, 2), "None yet"))),
            "mine: None yet has codes, and rfm_groups.csv says that it is not scored",
        ),
        (replace(GOOD, top_score=None), "mine: rfm_scales.csv gives no top_score between 2 and 9"),
        (replace(GOOD, top_score=1), "mine: rfm_scales.csv gives no top_score between 2 and 9"),
        (replace(GOOD, top_score=10), "mine: rfm_scales.csv gives no top_score between 2 and 9"),
    ],
)
def test_a_map_that_is_not_total_disjoint_or_reachable_is_named(broken: RfmMap, fault: str) -> None:
    assert fault in map_faults(broken)


def test_the_linter_reads_what_was_built() -> None:
    with duckdb.connect() as build:
        _seed(build)
        assert rfm_groups.unsound_maps(build) == []
        build.execute(
            "delete from seeds.rfm_maps where rfm_map = 'pymc5' and recency_score = 4 and rfm_segment = 'Other'"
        )
        (fault,) = rfm_groups.unsound_maps(build)
        assert fault.startswith("pymc5: 442, 441, 432, 431, 421 are missing")
        build.execute("insert into seeds.rfm_scales values ('mine', 2, 'A map of the shop, half done.')")
        build.execute("insert into seeds.rfm_maps values ('mine', 1, 1, 1, 'Rest')")
        assert [fault.partition(":")[0] for fault in rfm_groups.unsound_maps(build)] == ["pymc5", "mine", "mine"]


def test_groups_that_nobody_can_be_in_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect() as build:
        _seed(build)
        build.execute("insert into marts.fct_customer_rfm values ('anna', 'Champions'), ('finn', 'Lost')")
        rfm_groups.write_rfm_groups(build, Shop(tmp_path, {}).settings)
        assert rfm_groups.unreachable_groups(build) == []
        counted = "select rfm_segment, customers_count from quality.rfm_groups where customers_count > 0 order by all"
        assert build.execute(counted).fetchall() == [("Champions", 1), ("Lost", 1)]
        ((rows, codes),) = build.execute("""
            select count(*), sum(codes_count) from quality.rfm_groups where codes_count = reachable_codes_count
        """).fetchall()
        assert (rows, codes) == (11 + 6 + 11 + 6, 125 + 27 + 125 + 64)

        everybody_orders = {"rfm_method": "fixed", "rfm_fixed_frequency_orders": {"grid11": [0, 1, 2, 10]}}
        everybody_spends = {"rfm_fixed_monetary_amounts": {"grid11": [0, 0.01, 5, 10]}}
        chosen = dict(VARS)
        monkeypatch.setattr(rfm_choice, "project_vars", lambda: chosen)
        lowest = {"Recent", "Promising", "About To Sleep", "Lost"}
        for changes, unreachable in ((everybody_orders, lowest), (everybody_spends, lowest | {"Hibernating"})):
            chosen.update(changes)
            rfm_groups.write_rfm_groups(build, Shop(tmp_path, {}).settings)
            found = [fault.partition(" nobody can be ")[2] for fault in rfm_groups.unreachable_groups(build)]
            assert {name.partition(",")[0] for name in found} == unreachable


VARS = project_vars()


def _seed(build: duckdb.DuckDBPyConnection) -> None:
    for schema in ("seeds", "marts", "quality"):
        build.execute(f"create schema {schema}")
    for name in ("rfm_maps", "rfm_scales", "rfm_groups"):
        build.execute(f"create table seeds.{name} as from read_csv('{SEEDS_DIR / name}.csv')")
    build.execute("create table marts.fct_customer_rfm (customer_id varchar, rfm_segment varchar)")


@pytest.mark.parametrize(
    ("cut_points", "possible"),
    [
        (CutPoints((365, 180), (2, 3), (Decimal(1), Decimal(2))), ([1, 2, 3], [1, 2, 3], [1, 2, 3])),
        (CutPoints((180, 180), (2, 2), (Decimal(1), Decimal(1))), ([1, 3], [1, 3], [1, 3])),
        (CutPoints((180, 0), (1, 2), (Decimal("0.01"), Decimal(2))), ([1, 2, 3], [2, 3], [2, 3])),
        (CutPoints((180, None), (2, None), (Decimal("0.02"), None)), ([1, 2], [1, 2], [1, 2])),
        (CutPoints((None, None), (None, None), (None, None)), ([1], [1], [1])),
        (CutPoints((180, 30), (0, 1), (Decimal(0), Decimal("0.01"))), ([1, 2, 3], [3], [3])),
    ],
)
def test_scores_between_cut_points_can_occur_and_others_cannot(
    cut_points: CutPoints, possible: tuple[list[int], ...]
) -> None:
    assert cut_points.possible_scores() == possible


def test_a_group_reaches_as_far_as_its_codes() -> None:
    found = reach(GOOD, [TWO, TWO, [1]])
    assert {name: (one.codes_count, one.reachable_codes_count) for name, one in found.items()} == {
        "Best": (1, 0),
        "Rest": (7, 4),
    }


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"rfm_map": "grid12"}, "rfm_map: there is no map 'grid12'; dbt/seeds/rfm_scales.csv has grid11, klaviyo6, "),
    (
        {"rfm_method": "quintiles"},
        "rfm_method: there is no method 'quintiles'; write one of relative, fixed, anchored.",
    ),
    ({"rfm_min_scored_customers": -1}, "rfm_min_scored_customers: -1 is not a whole number from 0 on."),
    ({"rfm_min_orders_for_top_frequency": 2.5}, "rfm_min_orders_for_top_frequency: 2.5 is not a whole number"),
    (
        {"rfm_map": "klaviyo6", "rfm_fixed_recency_days": {"klaviyo6": [365, 180, 90]}},
        "rfm_fixed_recency_days: the map klaviyo6 has scores 1 to 3 and needs a list of 2 cut points, and has 3: ",
    ),
    (
        {"rfm_fixed_recency_days": {"klaviyo6": [365, 180]}},
        "grid11 has scores 1 to 5 and needs a list of 4 cut points,",
    ),
    ({"rfm_fixed_recency_days": {"grid11": [365, 180, 180, 30]}}, "needs shorter silence, and 180 stands after 180."),
    ({"rfm_fixed_recency_days": {"grid11": [365, 180, 90, -1]}}, "nobody's last order is -1 days old."),
    ({"rfm_fixed_frequency_orders": {"grid11": [2, 5, 3, 10]}}, "needs more orders, and 3 stands after 5."),
    ({"rfm_fixed_frequency_orders": {"grid11": [2, 2.5, 3, 10]}}, "[2, 2.5, 3, 10] are not all whole numbers."),
    ({"rfm_fixed_frequency_orders": {"grid11": [2, True, 3, 10]}}, "are not all whole numbers."),
    ({"rfm_fixed_monetary_amounts": {"grid11": [1, 2, 4, 3]}}, "needs more money, and 3 stands after 4."),
    ({"rfm_fixed_monetary_amounts": {"grid11": [1, 2, 3.005, 4]}}, "3.005 is not an amount with at most two decimals."),
    ({"rfm_fixed_monetary_amounts": {"grid11": [1, 2, "3", 4]}}, "'3' is not an amount with at most two decimals."),
    ({"rfm_fixed_monetary_amounts": {"grid11": [1, 2, 3, 1e30]}}, "1e+30 is not an amount with at most two decimals."),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_a_wrong_choice_is_refused_with_its_variable_and_the_fix(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_choice({**VARS, "rfm_method": "fixed", **changes})
    assert str(raised.value).startswith("dbt/dbt_project.yml: rfm_")
    assert sentence in str(raised.value)


@pytest.mark.parametrize("rfm_map", TOP)
@pytest.mark.parametrize("method", ["relative", "fixed", "anchored"])
def test_every_shipped_choice_is_right(rfm_map: str, method: str) -> None:
    choice = read_choice({**VARS, "rfm_map": rfm_map, "rfm_method": method})
    assert (choice.top_score, choice.fixed is not None) == (TOP[rfm_map], method == "fixed")


def test_a_choice_of_an_unsound_map_is_refused() -> None:
    maps = {"mine": replace(GOOD, cells=GOOD.cells[1:])}
    with pytest.raises(UsageError, match="rfm_map: mine: 111 is missing"):
        read_choice({**VARS, "rfm_map": "mine"}, maps)
    assert read_choice({**VARS, "rfm_map": "mine"}, {"mine": GOOD}).groups == ("Best", "Rest")


def test_a_score_that_is_no_number_is_named_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "dbt" / "seeds"
    folder.mkdir(parents=True)
    for name in ("rfm_maps", "rfm_scales", "rfm_groups"):
        (folder / f"{name}.csv").write_bytes((SEEDS_DIR / f"{name}.csv").read_bytes())
    with (folder / "rfm_maps.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["mine", "1", "high", "1", "Rest"])
    with pytest.raises(UsageError, match=r"rfm_maps.csv:343: frequency_score is 'high'"):
        declared_maps(folder)
