"""How many people went from where to where between two days, and why: every move has exactly one cause.

People are grouped by stage, by RFM group, by each exclusive group of segments and by each segment; docs/movements.md
says what the causes mean.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.segments.made_of import groups_among
from dagster_project.segments.moves import clear_moves, stage_moves

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    import duckdb

    from dagster_project.segments.catalog import Catalog
    from dagster_project.segments.moves import Between

STAYED = "stayed"
# In the order in which they are asked; the first that holds is the cause.
CAUSES = {
    "identity_merged": "ids became one person, or a person became several",
    "rule_changed": "the rule, or a var or seed that it rests on, is another",
    "data_corrected": "what is known now of the first day is not what was known then",
    "behaviour": "facts of the person are dated in between",
    "others_moved": "own values are the same, and the rank among all is another",
    "ageing": "only time has passed",
}
# Rows of the table, or moves, that segments and groups which were made anew can have changed.
_TOUCHED = (
    "(kind = 'segment' and list_contains($segments, name) or kind = 'group' and list_contains($groups, name) "
    "or kind = 'transition' and (list_contains($segments, from_value) or list_contains($segments, to_value)))"
)
_TABLE = (
    "create or replace table segments.transitions (kind varchar, name varchar, from_value varchar, to_value varchar, "
    "cause varchar, customers_count bigint, from_date date, to_date date)"
)


def write_movements(
    connection: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    between: Between | None,
    only: Collection[str] | None = None,
) -> int:
    """Write ``segments.transitions`` and return its rows; without an earlier day there are none.

    With ``only``, what says nothing of these segments and groups (``made_of.versions``) stays as it is.
    """
    if between is None or only is None:
        connection.execute(_TABLE)
    if between is None:
        return 0
    values: dict[str, Any] = _dates(between)
    if only is None:
        stage_moves(connection, catalog, between)
        connection.execute(f"insert into segments.transitions {_rows()}", values)
    else:
        touched = _touched(catalog, only)
        stage_moves(connection, catalog, between, touched)
        rows = f"from segments.transitions where not {_TOUCHED} union all from ({_rows()}) where {_TOUCHED}"
        connection.execute(
            f"create or replace table segments.transitions as from ({rows}) order by all", values | touched
        )
    clear_moves(connection)
    ((count,),) = connection.execute("select count(*) from segments.transitions").fetchall()
    return int(count)


def movements(connection: duckdb.DuckDBPyConnection, between: Between) -> list[tuple[Any, ...]]:
    """Rows like those of ``segments.transitions`` of the moves that were staged."""
    return connection.execute(_rows(), _dates(between)).fetchall()


def _touched(catalog: Catalog, only: Collection[str]) -> dict[str, list[str]]:
    groups = groups_among(only)
    inside = {segment.name for segment in catalog if segment.priority and segment.group in groups}
    return {"segments": sorted(inside.union(only)), "groups": sorted(groups)}


def _dates(between: Between) -> dict[str, date]:
    return {"from_date": between.first.day, "to_date": between.last.day}


def _rows() -> str:
    return (Path(__file__).parent / "sql" / "movements.sql").read_text(encoding="utf-8")
