"""Layers of SQL over the rows of a foreign file: filled down, joined with their parents, exploded, computed.

Which layers a mapping needs is decided in ``compiling`` and ``scopes``; here stands how each is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.raw.column_types import cleaned
from dagster_project.raw.incoming import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dagster_project.raw.sources import FillDown, Parent

# Ids of exploded rows are below zero, apart from line numbers; a line has fewer elements than fit into the low bits.
ELEMENT_BITS = 24
FIRST_ROW_ID = -(1 << 62)


@dataclass(frozen=True)
class Computed:
    """One column more, from columns that it names in quotes."""

    name: str
    sql: str


@dataclass(frozen=True)
class Elements:
    """One row per element of a JSON list; a row whose list is missing or empty gives none.

    A row whose ``text`` is no ``checked`` list gives one without element, so that it can be told.
    """

    name: str
    text: str
    checked: str

    def over(self, below: str) -> str:
        """An element is text: JSON where it is nested, else its plain value; ``<name>_number`` counts from one."""
        is_wrong = f"{quoted(self.text)} is not null and {quoted(self.checked)} is null"
        found = f"json_extract({quoted(self.checked)}, '$[*]')"
        lists = f"select *, case when {is_wrong} then [null::json] else {found} end as _list from ({below})"
        element = f"nullif(json_extract_string(unnest(_list), '$'), '') as {quoted(self.name)}"
        number = f"unnest(range(1, len(_list) + 1)) as {quoted(element_number(self.name))}"
        return f"select * exclude (_list), {element}, {number} from ({lists})"


Layer = Computed | Elements


def stacked(below: str, layers: Sequence[Layer]) -> str:
    """The rows of ``below`` with the columns of the layers, as few selects above each other as these allow."""
    levels: list[list[Computed]] = []
    for layer in layers:
        if isinstance(layer, Elements):
            below, levels = layer.over(_selected(below, levels)), []
            continue
        needed = [at for at, level in enumerate(levels, 1) if any(quoted(part.name) in layer.sql for part in level)]
        level_at = max(needed, default=0)
        levels[level_at : level_at + 1] = [[*(levels[level_at] if level_at < len(levels) else []), layer]]
    return _selected(below, levels)


def _selected(below: str, levels: list[list[Computed]]) -> str:
    for level in levels:
        columns = ", ".join(f"{layer.sql} as {quoted(layer.name)}" for layer in level)
        below = f"select *, {columns} from ({below})"
    return below


def element_number(name: str) -> str:
    """The column that counts the elements called ``name``."""
    return f"{name}_number"


def row_ids(names: Sequence[str]) -> list[Layer]:
    """``_row`` of rows exploded into elements of these names, in the order of lines and elements."""
    position = quoted(element_number(names[0]))
    layers: list[Layer] = []
    if len(names) > 1:
        order = ", ".join(quoted(element_number(name)) for name in names)
        layers.append(Computed("_position", f"row_number() over (partition by _line order by {order})"))
        position = quoted("_position")
    return [*layers, Computed("_row", f"{FIRST_ROW_ID} + (_line * {1 << ELEMENT_BITS}) + {position}")]


def line_of(row: str) -> str:
    """The line of a row id, which is a line itself or the id of an exploded row."""
    return f"case when {row} < 0 then ({row} - ({FIRST_ROW_ID})) >> {ELEMENT_BITS} else {row} end"


def base(columns: Iterable[str], present: frozenset[str], fill: FillDown | None) -> str:
    """SQL of the readable rows, their text cleaned and filled down; absent columns are null."""
    values = "".join(
        f", {cleaned(quoted(name), 'VARCHAR') if name in present else 'null::varchar'} as {quoted(name)}"
        for name in columns
    )
    rows = f"select _line, _code{values} from incoming"
    if fill is not None:
        rows = _filled_down(rows, fill)
    return f"select * exclude (_code) from ({rows}) where _code is null"


def _filled_down(rows: str, fill: FillDown) -> str:
    """An unreadable row begins a group of its own, so that no row below it takes the values of the group above."""
    if fill.within is not None:
        group, key = quoted(fill.within), quoted(fill.within)
    else:
        starts = f"{quoted(fill.starts_at or '')} is not null or _code is not null"
        rows = f"select *, count(case when {starts} then 1 end) over (order by _line) as _group from ({rows})"
        group, key = "_group", "_group"
    filled = ", ".join(
        f"case when {key} is null then {quoted(name)} else last_value({quoted(name)} ignore nulls) over above end "
        f"as {quoted(name)}"
        for name in fill.columns
    )
    exclude = "" if fill.within is not None else "exclude (_group) "
    window = f"partition by {group} order by _line rows between unbounded preceding and current row"
    return f"select * {exclude}replace ({filled}) from ({rows}) window above as ({window})"


def parent_name(depth: int, column: str) -> str:
    """The column of a row that holds what its parent (1), or the parent's parent (2), has in ``column``."""
    return f"_parent{depth}_{column}"


def with_parents(rows: str, parent: Parent, wanted: Mapping[int, Sequence[str]]) -> str:
    """SQL that joins each row with its parents by ``parent``; ``wanted`` says which of their columns by depth.

    Where two rows have the same key, values are those of the first that has one.
    """
    names = dict.fromkeys(name for columns in wanted.values() for name in columns)
    values = "".join(f", arg_min({quoted(name)}, _line) as {quoted(f'_v_{name}')}" for name in names)
    parents = (
        f"select {quoted(parent.key)} as _key, arg_min({quoted(parent.reference)}, _line) as _up{values} "
        f"from rows where {quoted(parent.key)} is not null group by {quoted(parent.key)}"
    )
    joins, columns, reference = "", "", f"rows.{quoted(parent.reference)}"
    for depth in range(1, max(wanted) + 1):
        joins += f" left join parents as up{depth} on up{depth}._key = {reference}"
        reference = f"up{depth}._up"
        columns += "".join(
            f", up{depth}.{quoted(f'_v_{name}')} as {quoted(parent_name(depth, name))}"
            for name in wanted.get(depth, ())
        )
    return f"with rows as ({rows}), parents as ({parents}) select rows.*{columns} from rows{joins}"
