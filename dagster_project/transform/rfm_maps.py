"""The RFM maps of ``dbt/seeds``, and the proof that each of them is total, disjoint and reachable.

A map is data: ``rfm_scales.csv`` says how far its scores go, ``rfm_groups.csv`` which groups it promises,
``rfm_maps.csv`` which group each combination of scores is. Which map a shop uses stands in ``rfm_choice.py``.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from dagster_project.errors import UsageError
from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    import duckdb

SEEDS_DIR = PROJECT_DIR / "dbt" / "seeds"
# A code has one digit per score.
_SCALES = range(2, 10)
_SHOWN = 5

Code = tuple[int, int, int]


@dataclass(frozen=True)
class Group:
    """A group that a map promises; one that is not scored is of people without an order."""

    name: str
    is_scored: bool
    description: str


@dataclass(frozen=True)
class RfmMap:
    """One map as it was declared, right or wrong."""

    name: str
    top_score: int | None
    groups: tuple[Group, ...]
    cells: tuple[tuple[Code, str], ...]

    def codes(self, group: str) -> list[Code]:
        """The combinations of recency, frequency and monetary score that are this group."""
        return [code for code, name in self.cells if name == group]


@dataclass(frozen=True)
class GroupReach:
    """Of how many combinations of scores a group consists, and how many of them can occur."""

    codes_count: int
    reachable_codes_count: int


def declared_maps(folder: Path = SEEDS_DIR) -> dict[str, RfmMap]:
    """The maps of the seed files, by name.

    Raises:
        UsageError: a score is no whole number; the message names file and line.
    """
    return _maps(*(_file_rows(folder / f"{name}.csv") for name in ("rfm_scales", "rfm_groups", "rfm_maps")))


def built_maps(build: duckdb.DuckDBPyConnection) -> dict[str, RfmMap]:
    """The maps that a build was made with, by name."""
    return _maps(*(_table_rows(build, name) for name in ("rfm_scales", "rfm_groups", "rfm_maps")))


def map_faults(rfm_map: RfmMap) -> list[str]:
    """Why the map is not total, not disjoint or not reachable, in sentences; a sound map has none."""
    top = rfm_map.top_score
    if top is None or top not in _SCALES:
        return [f"{rfm_map.name}: rfm_scales.csv gives no top_score between {_SCALES[0]} and {_SCALES[-1]}"]
    scores = range(top, 0, -1)
    wanted = list(product(scores, scores, scores))
    counts = Counter(code for code, _ in rfm_map.cells)
    return [
        f"{rfm_map.name}: {sentence}"
        for sentence in (
            *_about("is missing", "are missing", [code for code in wanted if code not in counts]),
            *_about("stands twice", "stand twice", [code for code, count in counts.items() if count > 1]),
            *_about("is off the scale", "are off the scale", sorted(set(counts) - set(wanted))),
            *_group_faults(rfm_map),
        )
    ]


def reach(rfm_map: RfmMap, scores: Sequence[Collection[int]]) -> dict[str, GroupReach]:
    """Per scored group how many of its codes can occur, where these are the scores that can.

    Args:
        rfm_map: a sound map.
        scores: those that a buyer can get in recency, frequency and money.
    """
    possible = set(product(*scores))
    return {
        group.name: GroupReach(len(codes), sum(code in possible for code in codes))
        for group in rfm_map.groups
        if group.is_scored
        for codes in [rfm_map.codes(group.name)]
    }


def _group_faults(rfm_map: RfmMap) -> list[str]:
    promised = {group.name: group.is_scored for group in rfm_map.groups}
    used = {name for _, name in rfm_map.cells}
    faults = [f"rfm_groups.csv does not list the group {name!r}" for name in sorted(used - set(promised))]
    faults += [f"no code is {name}" for name, is_scored in promised.items() if is_scored and name not in used]
    return faults + [
        f"{name} has codes, and rfm_groups.csv says that it is not scored"
        for name, is_scored in promised.items()
        if not is_scored and name in used
    ]


def _about(one: str, many: str, codes: Sequence[Code]) -> list[str]:
    if not codes:
        return []
    shown = ", ".join("".join(map(str, code)) for code in codes[:_SHOWN])
    more = f" and {len(codes) - _SHOWN} more" if len(codes) > _SHOWN else ""
    return [f"{shown}{more} {one if len(codes) == 1 else many}"]


def _maps(
    scales: Iterable[Mapping[str, Any]], groups: Iterable[Mapping[str, Any]], cells: Iterable[Mapping[str, Any]]
) -> dict[str, RfmMap]:
    tops = {row["rfm_map"]: int(row["top_score"]) for row in scales}
    promised: defaultdict[str, list[Group]] = defaultdict(list)
    for row in groups:
        is_scored = str(row["is_scored"]).lower() == "true"
        promised[row["rfm_map"]].append(Group(row["rfm_segment"], is_scored, row["description"]))
    coded: defaultdict[str, list[tuple[Code, str]]] = defaultdict(list)
    for row in cells:
        code = (int(row["recency_score"]), int(row["frequency_score"]), int(row["monetary_score"]))
        coded[row["rfm_map"]].append((code, row["rfm_segment"]))
    names = dict.fromkeys([*tops, *promised, *coded])
    return {name: RfmMap(name, tops.get(name), tuple(promised[name]), tuple(coded[name])) for name in names}


def _file_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for line, row in enumerate(rows, start=2):
        for name, value in row.items():
            if name.endswith("_score") and not (value or "").isdecimal():
                message = f"{path.relative_to(path.parents[2])}:{line}: {name} is {value!r}, and a score is a number."
                raise UsageError(message)
    return rows


def _table_rows(build: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    found = build.sql(f"select * from seeds.{name}")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
