"""The language of rules: named comparisons on profile columns, joined by all, any, not and within.

Comparisons follow three-valued logic: what is unknown about a person neither holds nor fails to hold, so an unknown
keeps the person out, under ``not`` as well; whoever wants unknowns says ``is_known: false``. Reading rules from files
and turning them into SQL live beside this module.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["text", "integer", "number", "boolean", "date", "other"]
Value = str | int | Decimal | bool | date
Takes = Literal["one", "list", "pair", "flag"]

KIND_WORDS: dict[Kind, str] = {
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date",
    "other": "of a type that rules cannot compare",
}

_KINDS: dict[str, Kind] = {
    "string": "text",
    "varchar": "text",
    "text": "text",
    "tinyint": "integer",
    "smallint": "integer",
    "int": "integer",
    "integer": "integer",
    "bigint": "integer",
    "hugeint": "integer",
    "decimal": "number",
    "numeric": "number",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
}


@dataclass(frozen=True)
class Operator:
    """One named comparison: how it reads, what it takes, and for which kinds of column it makes sense."""

    words: str
    takes: Takes
    kinds: frozenset[Kind]


_ORDERED: frozenset[Kind] = frozenset({"integer", "number", "date"})
_LISTABLE: frozenset[Kind] = _ORDERED | {"text"}
_EQUATABLE: frozenset[Kind] = _LISTABLE | {"boolean"}

OPERATORS: dict[str, Operator] = {
    "is": Operator("is", "one", _EQUATABLE),
    "is_not": Operator("is not", "one", _EQUATABLE),
    "is_one_of": Operator("is one of", "list", _LISTABLE),
    "is_none_of": Operator("is none of", "list", _LISTABLE),
    "at_least": Operator("at least", "one", _ORDERED),
    "at_most": Operator("at most", "one", _ORDERED),
    "more_than": Operator("more than", "one", _ORDERED),
    "less_than": Operator("less than", "one", _ORDERED),
    "between": Operator("between", "pair", _ORDERED),
    "starts_with": Operator("starts with", "one", frozenset({"text"})),
    "includes": Operator("includes", "one", frozenset({"text"})),
    "is_known": Operator("is known", "flag", _EQUATABLE | {"other"}),
}


@dataclass(frozen=True)
class Comparison:
    """One column, one operator and the values it compares with."""

    column: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Within:
    """Membership of another segment; ``line`` is where the file says so."""

    segment: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Not:
    """The opposite of a rule."""

    rule: Rule


@dataclass(frozen=True)
class All:
    """Every one of the rules."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of the rules."""

    rules: tuple[Rule, ...]


Rule = Comparison | Within | Not | All | AnyOf


def column_kind(data_type: str) -> Kind:
    """What a column holds, from its declared type, for example ``decimal(18, 2)``."""
    return _KINDS.get(data_type.lower().split("(")[0].strip(), "other")


def joined(*rules: Rule) -> Rule:
    """Every one of the rules, without an ``all`` inside an ``all``."""
    flat = tuple(inner for rule in rules for inner in (rule.rules if isinstance(rule, All) else (rule,)))
    return flat[0] if len(flat) == 1 else All(flat)


def parts(rule: Rule) -> Iterator[Comparison | Within]:
    """Every comparison and every reference to a segment, in reading order."""
    if isinstance(rule, Comparison | Within):
        yield rule
    elif isinstance(rule, Not):
        yield from parts(rule.rule)
    else:
        for inner in rule.rules:
            yield from parts(inner)
