"""Why somebody is in a segment, or is not: rules as SQL that words the operands which decided.

A reason is a conjunction of true statements about the person, such as ``orders_count 5 >= 3``; where one of several
operands was enough, only those that held are told. The view and the command that asks it live beside this module.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, Literal

from sqlglot import exp

from dagster_project.segments.compiler import column, condition, literal, sql_of, table_name, text_literal
from dagster_project.segments.flags import flags
from dagster_project.segments.rules import OPERATORS, All, AnyOf, Comparison, Not, Within

if TYPE_CHECKING:
    import duckdb

    from dagster_project.segments.catalog import Catalog
    from dagster_project.segments.entries import Segment
    from dagster_project.segments.rules import Rule, Value

Verdict = Literal["true", "false", "unknown"]

_OPPOSITE: dict[Verdict, Verdict] = {"true": "false", "false": "true", "unknown": "unknown"}
_KEPT_OUT: tuple[Verdict, ...] = ("false", "unknown")
# What is said where a comparison holds, and where it does not.
_SIGNS = {
    "is": ("=", "<>"),
    "is_not": ("<>", "="),
    "is_one_of": ("in", "not in"),
    "is_none_of": ("not in", "in"),
    "at_least": (">=", "<"),
    "at_most": ("<=", ">"),
    "more_than": (">", "<="),
    "less_than": ("<", ">="),
    "between": ("between", "not between"),
    "starts_with": ("starts with", "does not start with"),
    "includes": ("includes", "does not include"),
}
# Reasons of segments inside segments stand in brackets; below this depth only the name is told.
_MAX_DEPTH = 3


def write_reasons(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    """Write the view ``segments.reasons(segment, customer_id, reason)``: one row per membership, asked when read."""
    reasons = Reasons(catalog)
    each = [
        f"select {text_literal(segment.name)} as segment, customer_id, {reasons.why(segment)} as reason "
        f"from profiles.customer_profiles where customer_id in (select customer_id from {table_name(segment.name)})"
        for segment in sorted(catalog, key=lambda segment: segment.name)
    ]
    connection.execute(f"create or replace view {table_name('reasons')} as {' union all '.join(each)}")


@dataclass(frozen=True)
class Reasons:
    """SQL over the profile, where the segments stand, that words why somebody is or is not in one of them."""

    catalog: Catalog
    # Of the profile at hand; None: as its model declares them.
    columns: frozenset[str] | None = None

    def why(self, segment: Segment) -> str:
        """For a member: the operands that decided."""
        texts = [self._text(segment.rule, "true", 0), *map(self._no_rival, segment.rivals)]
        return sql_of(exp.Anonymous(this="concat_ws", expressions=[literal(" and "), *texts]))

    def why_not(self, segment: Segment) -> str:
        """For anybody else: every operand that keeps the person out."""
        return sql_of(self._kept_out(segment, 0))

    def _no_rival(self, name: str) -> exp.Expr:
        """Who is in no rival is a candidate of none, so that the rivals of the rival need not be told."""
        kept_out = self._kept_out(replace(self.catalog[name], rivals=()), 1)
        return _concatenated(literal(f"not in {name} ("), kept_out, literal(")"))

    def _kept_out(self, segment: Segment, depth: int) -> exp.Expr:
        told = exp.Case()
        for verdict in _KEPT_OUT:
            if _can_be(segment.rule, verdict):
                told = told.when(_has(segment.rule, verdict), self._text(segment.rule, verdict, depth))
        for rival in segment.rivals:
            inside = self._within(Within(rival), "true", depth) if not depth else literal(f"in {rival}")
            told = told.when(condition(Within(rival)), inside)
        if not segment.include_anonymous:
            told = told.else_(literal("customer_kind = 'anonymous'"))
        return told

    def _text(self, rule: Rule, verdict: Verdict, depth: int) -> exp.Expr:
        """Statements about a person for whom the rule has this verdict."""
        match rule:
            case Comparison():
                return self._statement(rule, verdict)
            case Within():
                return self._within(rule, verdict, depth)
            case Not():
                return self._text(rule.rule, _OPPOSITE[verdict], depth)
            case All() | AnyOf():
                return self._parts(rule, verdict, depth)

    def _statement(self, rule: Comparison, verdict: Verdict) -> exp.Expr:
        """What is true of one operand; behind a flag stand the operands and thresholds that decided it."""
        told, flag = _comparison(rule, verdict), flags().get(rule.column)
        if flag is None:
            return told
        operands = [name for name in flag.operands if self.columns is None or name in self.columns]
        values = [_concatenated(literal(f"{name} "), _or_unknown(column(name))) for name in operands]
        shown = exp.Anonymous(this="concat_ws", expressions=[literal(", "), *values]) if values else literal("")
        return _concatenated(told, literal(" ("), shown, literal(f"; {flag.thresholds})"))

    def _parts(self, rule: All | AnyOf, verdict: Verdict, depth: int) -> exp.Expr:
        """Of several operands those that have the verdict themselves: they decided."""
        all_have_it = verdict == ("true" if isinstance(rule, All) else "false")
        texts = [(inner, self._text(inner, verdict, depth)) for inner in rule.rules if _can_be(inner, verdict)]
        told = [text if all_have_it else exp.Case().when(_has(inner, verdict), text) for inner, text in texts]
        return exp.Anonymous(this="concat_ws", expressions=[literal(" and "), *told])

    def _within(self, rule: Within, verdict: Verdict, depth: int) -> exp.Expr:
        words = f"in {rule.segment}" if verdict == "true" else f"not in {rule.segment}"
        segment = self.catalog[rule.segment]
        if depth >= _MAX_DEPTH:
            return literal(words)
        held = verdict == "true"
        nested = self._text(segment.rule, "true", depth + 1) if held else self._kept_out(segment, depth + 1)
        return _concatenated(literal(f"{words} ("), nested, literal(")"))


def _or_unknown(value: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=exp.cast(value, "varchar"), expressions=[literal("unknown")])


def _comparison(rule: Comparison, verdict: Verdict) -> exp.Expr:
    name, first = rule.column, rule.values[0]
    value = _quoted(column(name)) if isinstance(first, str) else exp.cast(column(name), "varchar")
    if rule.operator == "is_known":
        is_known = first is (verdict == "true")
        value = _quoted(exp.cast(column(name), "varchar"))
        return _concatenated(literal(f"{name} "), value, literal(" is known")) if is_known else _unknown(name)
    holds, fails = _SIGNS[rule.operator]
    if verdict == "unknown":
        return literal(f"{name} is unknown, not {holds} {_thresholds(rule)}")
    if isinstance(first, bool) or (rule.operator, verdict) in {("is", "true"), ("is_not", "false")}:
        return _concatenated(literal(f"{name} = "), value)
    sign = holds if verdict == "true" else fails
    return _concatenated(literal(f"{name} "), value, literal(f" {sign} {_thresholds(rule)}"))


def _unknown(name: str) -> exp.Expr:
    return literal(f"{name} is unknown")


def _thresholds(rule: Comparison) -> str:
    words = [_words(value) for value in rule.values]
    if OPERATORS[rule.operator].takes == "list":
        return f"({', '.join(words)})"
    return " and ".join(words)


def _words(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return sql_of(literal(value)) if isinstance(value, str) else str(value)


def _quoted(value: exp.Expr) -> exp.Expr:
    """Text in quotes as SQL writes it, so that it can be told from the words around it."""
    doubled = exp.Anonymous(this="replace", expressions=[value, literal("'"), literal("''")])
    return _concatenated(literal("'"), doubled, literal("'"))


def _concatenated(*texts: exp.Expr) -> exp.Expr:
    return reduce(lambda left, right: exp.DPipe(this=left, expression=right, safe=True), texts)


def _has(rule: Rule, verdict: Verdict) -> exp.Expr:
    held = condition(rule)
    if verdict == "unknown":
        return exp.Is(this=exp.paren(held), expression=exp.null())
    return held if verdict == "true" else exp.not_(held)


def _can_be(rule: Rule, verdict: Verdict) -> bool:
    """Whether a rule can have the verdict at all: membership, and whether something is known, are never unknown."""
    match rule:
        case Within() | Comparison(operator="is_known"):
            return verdict != "unknown"
        case Not():
            return _can_be(rule.rule, _OPPOSITE[verdict])
        case All() | AnyOf():
            return any(_can_be(inner, verdict) for inner in rule.rules)
    return True
