"""From a rule to SQL, to a line of text and to a version.

Names and values become SQL through sqlglot's expressions, never by pasting strings. Running the SQL is the work of
``membership.py``.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from dagster_project.segments.rules import OPERATORS, All, AnyOf, Comparison, Not, Rule, Value, Within

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = "segments"
# Raise when the meaning of rules changes while their text stays: it changes every rule_version.
LANGUAGE_VERSION = 1


def predicate(rule: Rule, *, include_anonymous: bool, answered: frozenset[str] = frozenset()) -> str:
    """SQL over columns of the profile that is true for members and false, never null, for everybody else.

    Of the segments in ``answered`` a column of the same query says who is a member; of others their tables do.
    """
    return sql_of(membership(rule, include_anonymous=include_anonymous, answered=answered))


def membership(rule: Rule, *, include_anonymous: bool, answered: frozenset[str] = frozenset()) -> exp.Expr:
    """As ``predicate``, as an expression."""
    whole = condition(rule, answered)
    if not include_anonymous:
        whole = exp.and_(whole, exp.NEQ(this=column("customer_kind"), expression=literal("anonymous")))
    return exp.Coalesce(this=whole, expressions=[exp.false()])


def rule_text(rule: Rule, *, include_anonymous: bool) -> str:
    """The rule in one line that a person can read, for example ``orders_count at least 3``."""
    text = _words(rule, is_outermost=True)
    return f"{text}, anonymous people included" if include_anonymous else text


def rule_version(rule: Rule, *, include_anonymous: bool) -> str:
    """Twelve hexadecimal digits that change when, and only when, the rule does; the order of its parts is no change."""
    meaning = [LANGUAGE_VERSION, include_anonymous, _canonical(rule)]
    return hashlib.sha256(json.dumps(meaning, ensure_ascii=True).encode()).hexdigest()[:12]


def table_name(name: str) -> str:
    """Quoted name of the table that holds a segment or something about all of them."""
    return sql_of(exp.table_(name, db=SCHEMA, quoted=True))


def text_literal(text: str) -> str:
    """Text as SQL writes it."""
    return sql_of(literal(text))


def sql_of(expression: exp.Expr) -> str:
    """An expression as DuckDB reads it."""
    return expression.sql(dialect="duckdb", normalize_functions="lower")


def column(name: str) -> exp.Column:
    """A column of the profile, in quotes."""
    return exp.column(name, quoted=True)


def answer_column(segment: str) -> exp.Column:
    """The column that says whether somebody is in a segment; with its dot it is none of the profile."""
    return exp.column(f"{SCHEMA}.{segment}", quoted=True)


def literal(value: Value) -> exp.Expr:
    """A value of a rule, of its own type."""
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    return exp.Literal.string(value) if isinstance(value, str) else exp.Literal.number(value)


def condition(rule: Rule, answered: frozenset[str] = frozenset()) -> exp.Expr:
    """The rule alone: true, false, or null where what is unknown decides."""
    match rule:
        case Comparison():
            return _COMPARISONS[rule.operator](column(rule.column), *map(literal, rule.values))
        case Within():
            if rule.segment in answered:
                return answer_column(rule.segment)
            members = exp.select(column("customer_id")).from_(exp.table_(rule.segment, db=SCHEMA, quoted=True))
            return column("customer_id").isin(query=members)
        case Not():
            return exp.not_(condition(rule.rule, answered))
        case All():
            return exp.and_(*(condition(inner, answered) for inner in rule.rules))
        case AnyOf():
            return exp.or_(*(condition(inner, answered) for inner in rule.rules))


def _is_known(column: exp.Expr, wanted: exp.Expr) -> exp.Expr:
    unknown = exp.Is(this=column, expression=exp.null())
    return exp.not_(unknown) if wanted == exp.true() else unknown


def _includes(column: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Lists are text with commas between what they hold."""
    comma = exp.Literal.string(",")
    held, sought = (reduce(_beside, (comma, text, comma)) for text in (column, value))
    return exp.Anonymous(this="contains", expressions=[held, sought])


def _beside(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.DPipe(this=left, expression=right, safe=True)


_COMPARISONS: dict[str, Callable[..., exp.Expr]] = {
    "is": lambda column, value: exp.EQ(this=column, expression=value),
    "is_not": lambda column, value: exp.NEQ(this=column, expression=value),
    "is_one_of": lambda column, *values: exp.In(this=column, expressions=list(values)),
    "is_none_of": lambda column, *values: exp.not_(exp.In(this=column, expressions=list(values))),
    "at_least": lambda column, value: exp.GTE(this=column, expression=value),
    "at_most": lambda column, value: exp.LTE(this=column, expression=value),
    "more_than": lambda column, value: exp.GT(this=column, expression=value),
    "less_than": lambda column, value: exp.LT(this=column, expression=value),
    "between": lambda column, low, high: exp.Between(this=column, low=low, high=high),
    "starts_with": lambda column, value: exp.StartsWith(this=column, expression=value),
    "includes": _includes,
    "is_known": _is_known,
}


def _words(rule: Rule, *, is_outermost: bool = False) -> str:
    match rule:
        case Comparison(operator="is_known"):
            return f"{rule.column} is {'known' if rule.values[0] else 'unknown'}"
        case Comparison():
            joint = " and " if rule.operator == "between" else ", "
            return f"{rule.column} {OPERATORS[rule.operator].words} {joint.join(map(_value_words, rule.values))}"
        case Within():
            return f"within {rule.segment}"
        case Not():
            return f"not ({_words(rule.rule, is_outermost=True)})"
        case All() | AnyOf():
            joint = " and " if isinstance(rule, All) else " or "
            text = joint.join(_words(inner) for inner in rule.rules)
            return text if is_outermost or len(rule.rules) == 1 else f"({text})"


def _value_words(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    is_plain = not isinstance(value, str) or re.fullmatch(r"\w([\w '&/-]*\w)?", value)
    return str(value) if is_plain else json.dumps(value, ensure_ascii=False)


def _canonical(rule: Rule) -> list[Any]:
    match rule:
        case Comparison():
            values = [_canonical_value(value) for value in rule.values]
            is_set = OPERATORS[rule.operator].takes == "list"
            return [rule.operator, rule.column, *(sorted(set(values)) if is_set else values)]
        case Within():
            return ["within", rule.segment]
        case Not():
            return ["not", _canonical(rule.rule)]
        case All() | AnyOf():
            inner = sorted((_canonical(part) for part in rule.rules), key=json.dumps)
            return inner[0] if len(inner) == 1 else ["all" if isinstance(rule, All) else "any", *inner]


def _canonical_value(value: Value) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)
