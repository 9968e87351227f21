"""Who moves when a threshold of a rule moves by a tenth: how much hangs on each number.

Thresholds of flags and stages stand in the models and are not moved here; those of rules are, one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dagster_project.segments.compiler import SCHEMA, predicate, table_name
from dagster_project.segments.membership import forget_segments
from dagster_project.segments.rules import All, AnyOf, Comparison, Not, Within, joined

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import duckdb

    from dagster_project.segments.catalog import Catalog
    from dagster_project.segments.entries import Segment
    from dagster_project.segments.rules import Rule

_SHARE = Decimal("0.1")
_NUMERIC = frozenset({"at_least", "at_most", "more_than", "less_than", "between"})
_COLUMNS = (
    "segment varchar, column_name varchar, comparison varchar, threshold decimal(28, 9), "
    "moved_threshold decimal(28, 9), members_count bigint, moved_members_count bigint, "
    "entering_count bigint, leaving_count bigint"
)


@dataclass(frozen=True)
class Moved:
    """A rule with one of its thresholds moved."""

    comparison: Comparison
    threshold: int | Decimal
    moved_threshold: int | Decimal
    rule: Rule


def write_sensitivity(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, only: Collection[str] | None = None
) -> int:
    """Write ``segments.sensitivity``: per threshold, down and up, who would be in, enter and leave; return its rows.

    With ``only``, rows of other segments than these stay as they are.
    """
    table = table_name("sensitivity")
    connection.execute(f"create schema if not exists {SCHEMA}")
    if only is None:
        connection.execute(f"create or replace table {table} ({_COLUMNS})")
    else:
        forget_segments(connection, "sensitivity", only)
    chosen = sorted((each for each in catalog if only is None or each.name in only), key=lambda each: each.name)
    rows = [row for segment in chosen for row in _rows(connection, segment)]
    if rows:
        connection.executemany(f"insert into {table} values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return len(rows)


def moved_rules(rule: Rule) -> Iterator[Moved]:
    """The rule once for every threshold and direction, the threshold moved by a tenth, whole numbers at least by 1."""
    match rule:
        case Comparison():
            yield from _moved_comparison(rule)
        case Not():
            for moved in moved_rules(rule.rule):
                yield replace(moved, rule=Not(moved.rule))
        case All() | AnyOf():
            for place, inner in enumerate(rule.rules):
                for moved in moved_rules(inner):
                    rules = (*rule.rules[:place], moved.rule, *rule.rules[place + 1 :])
                    yield replace(moved, rule=replace(rule, rules=rules))
        case Within():
            return


def _moved_comparison(comparison: Comparison) -> Iterator[Moved]:
    if comparison.operator not in _NUMERIC:
        return
    for place, value in enumerate(comparison.values):
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            continue
        for direction in (-1, 1):
            moved = _moved(value, direction)
            values: tuple[Any, ...] = (*comparison.values[:place], moved, *comparison.values[place + 1 :])
            if moved != value and values[0] <= values[-1]:
                yield Moved(comparison, value, moved, replace(comparison, values=values))


def _moved(value: int | Decimal, direction: int) -> int | Decimal:
    tenth = abs(Decimal(value)) * _SHARE
    if isinstance(value, int):
        return value + direction * max(1, int(tenth + Decimal("0.5")))
    return value + direction * tenth


def _rows(connection: duckdb.DuckDBPyConnection, segment: Segment) -> list[list[object]]:
    moved = list(moved_rules(segment.rule))
    if not moved:
        return []
    rivals = [Not(Within(rival)) for rival in segment.rivals]
    now = segment.predicate
    counts = ["count_if(is_now)"]
    tried = []
    for number, each in enumerate(moved):
        then = predicate(joined(each.rule, *rivals), include_anonymous=segment.include_anonymous)
        tried.append(f"{then} as then_{number}")
        counts += [f"count_if({words})" for words in _counted(f"then_{number}")]
    query = (
        f"select {', '.join(counts)} from "
        f"(select {now} as is_now, {', '.join(tried)} from profiles.customer_profiles) as tried"
    )
    (found,) = connection.execute(query).fetchall()
    return [
        [
            segment.name,
            each.comparison.column,
            each.comparison.operator,
            each.threshold,
            each.moved_threshold,
            found[0],
            *found[1 + 3 * number : 4 + 3 * number],
        ]
        for number, each in enumerate(moved)
    ]


def _counted(then: str) -> tuple[str, str, str]:
    return then, f"{then} and not is_now", f"is_now and not {then}"
