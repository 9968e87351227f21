"""The linter of RFM maps: ``quality.rfm_groups``, and what is wrong with the maps that a build was made with.

What makes a map sound is said in ``transform/rfm_maps.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.transform.rfm_anchors import cut_points_in_use
from dagster_project.transform.rfm_choice import read_choice
from dagster_project.transform.rfm_maps import built_maps, map_faults, reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from dagster_project.settings import Settings
    from dagster_project.transform.rfm_choice import CutPoints
    from dagster_project.transform.rfm_maps import RfmMap

_TABLE = """
    create or replace table quality.rfm_groups (
        rfm_map varchar,
        rfm_segment varchar,
        description varchar,
        codes_count bigint,
        reachable_codes_count bigint,
        customers_count bigint,
        is_chosen boolean,
        is_scored boolean
    )
"""


def write_rfm_groups(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """``quality.rfm_groups``: every group of every map, with how many codes it has, can have and how many buyers."""
    connection.execute(_TABLE)
    choice = read_choice()
    cut_points = cut_points_in_use(settings, choice)
    rows = [
        row
        for rfm_map in built_maps(connection).values()
        for row in _rows(rfm_map, cut_points, is_chosen=rfm_map.name == choice.rfm_map.name)
    ]
    if rows:
        connection.executemany("insert into quality.rfm_groups values (?, ?, ?, ?, ?, null, ?, ?)", rows)
    connection.execute("""
        update quality.rfm_groups as groups
        set customers_count = (
            select count(*) from marts.fct_customer_rfm as customers where customers.rfm_segment = groups.rfm_segment
        )
        where groups.is_chosen and groups.is_scored
    """)


def unsound_maps(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Codes that are missing, stand twice or are off the scale, and groups without a code, of any map."""
    return [fault for rfm_map in built_maps(connection).values() for fault in map_faults(rfm_map)]


def unreachable_groups(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Groups of the chosen map that nobody can ever be in, because of where the scores are cut."""
    rows = connection.execute("""
        select rfm_map, rfm_segment, codes_count
        from quality.rfm_groups
        where is_chosen and is_scored and reachable_codes_count = 0
        order by rfm_segment
    """).fetchall()
    return [
        f"{rfm_map}: nobody can be {name}, because the cut points leave out the scores of all its {count} codes"
        for rfm_map, name, count in rows
    ]


def _rows(rfm_map: RfmMap, cut_points: CutPoints | None, *, is_chosen: bool) -> Iterator[list[object]]:
    every = range(1, (rfm_map.top_score or 0) + 1)
    reached = reach(rfm_map, cut_points.possible_scores() if cut_points and is_chosen else [every] * 3)
    for group in rfm_map.groups:
        found = reached.get(group.name)
        counts = [found.codes_count, found.reachable_codes_count] if found else [0, 0]
        yield [rfm_map.name, group.name, group.description, *counts, is_chosen, group.is_scored]
