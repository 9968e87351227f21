"""Who moves when a threshold moves by a tenth: how much hangs on each number, one at a time.

Thresholds stand in the rule itself, or are vars behind a flag or stage that the rule reads (``decisions.py``). Those of
other segments that a rule refers to stand at these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp, parse_one

from dagster_project.segments.compiler import SCHEMA, answer_column, column, condition, membership, sql_of, table_name
from dagster_project.segments.decisions import decisions
from dagster_project.segments.membership import forget_segments
from dagster_project.segments.rules import All, AnyOf, Comparison, Not, Within, joined, parts
from dagster_project.yaml_files import project_vars

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    import duckdb

    from dagster_project.segments.catalog import Catalog
    from dagster_project.segments.entries import Segment
    from dagster_project.segments.rules import Rule

_SHARE = Decimal("0.1")
_NUMERIC = frozenset({"at_least", "at_most", "more_than", "less_than", "between"})
_COLUMNS = (
    "segment varchar, column_name varchar, comparison varchar, var_name varchar, threshold decimal(28, 9), "
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
        connection.executemany(f"insert into {table} values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
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


@dataclass(frozen=True)
class _Trial:
    """One threshold moved, as SQL: who is in by the numbers as they are, and by the moved one."""

    told: tuple[object, ...]
    now: exp.Expr
    then: exp.Expr


def _rows(connection: duckdb.DuckDBPyConnection, segment: Segment) -> list[list[object]]:
    trials = [*_trials_of_rule(segment), *_trials_of_vars(segment)]
    if not trials:
        return []
    tried, counts = [f"{sql_of(_members(segment, segment.rule))} as is_now"], [_counted("is_now")]
    for number, trial in enumerate(trials):
        now, then = f"now_{number}", f"then_{number}"
        tried += [f"{sql_of(trial.now)} as {now}", f"{sql_of(trial.then)} as {then}"]
        counts += [_counted(f"{then} and not {now}"), _counted(f"{now} and not {then}")]
    query = f"select {', '.join(counts)} from (select {', '.join(tried)} from {_people(segment)}) as tried"
    ((members, *moved),) = connection.execute(query).fetchall()
    return [
        [segment.name, *trial.told, members, members + entering - leaving, entering, leaving]
        for trial, entering, leaving in zip(trials, moved[::2], moved[1::2], strict=True)
    ]


def _people(segment: Segment) -> str:
    """Who may be in it and, for each segment that the rule refers to, whether they are in that: looked up once."""
    answers = [f"{sql_of(condition(Within(each)))} as {sql_of(answer_column(each))}" for each in segment.within]
    asked = "true" if segment.include_anonymous else "customer_kind <> 'anonymous'"
    return f"(select {', '.join(['*', *answers])} from profiles.customer_profiles where {asked}) as people"


def _counted(answer: str) -> str:
    """Over nobody ``count_if`` says nothing."""
    return f"coalesce(count_if({answer}), 0)"


def _trials_of_rule(segment: Segment) -> Iterator[_Trial]:
    """Thresholds that stand in the rule itself."""
    for moved in moved_rules(segment.rule):
        comparison = moved.comparison
        told = (comparison.column, comparison.operator, None, moved.threshold, moved.moved_threshold)
        yield _Trial(told, _members(segment, segment.rule), _members(segment, moved.rule))


def _trials_of_vars(segment: Segment) -> Iterator[_Trial]:
    """Vars behind the columns that the rule reads."""
    read = dict.fromkeys(part.column for part in parts(segment.rule) if isinstance(part, Comparison))
    decided = {name: decisions()[name] for name in read if name in decisions() and decisions()[name].holds}
    rule = _members(segment, segment.rule)
    now = _decided(rule, {name: decision.sql({}) for name, decision in decided.items()})
    for var, behind in {var: name for name, decision in decided.items() for var in decision.movable}.items():
        value = project_vars()[var]
        for moved in (_moved(value, -1), _moved(value, 1)):
            then = {name: decision.sql({var: int(moved)}) for name, decision in decided.items()}
            yield _Trial((behind, None, var, value, moved), now, _decided(rule, then))


def _members(segment: Segment, rule: Rule) -> exp.Expr:
    rivals = [Not(Within(rival)) for rival in segment.rivals]
    answered = frozenset(segment.within)
    return membership(joined(rule, *rivals), include_anonymous=segment.include_anonymous, answered=answered)


def _decided(expression: exp.Expr, decided: Mapping[str, str]) -> exp.Expr:
    """The expression with the decision itself in place of each column that was decided by one."""
    parsed = {name: _where_known(name, parse_one(text, dialect="duckdb")) for name, text in decided.items()}

    def replaced(node: exp.Expr) -> exp.Expr:
        return parsed.get(node.name, node) if isinstance(node, exp.Column) else node

    return expression.transform(replaced)


def _where_known(name: str, decision: exp.Expr) -> exp.Expr:
    """Whom the question does not apply to stays unknown, whatever the numbers."""
    return exp.Case().when(exp.Not(this=exp.Is(this=column(name), expression=exp.null())), decision)
