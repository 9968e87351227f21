"""Reads rules from YAML nodes and checks them against the columns of the profile.

Every fault is added, none is raised; a rule with a fault is None. What a rule means lives in ``rules.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from dagster_project.segments import marked_yaml as marked
from dagster_project.segments.faults import Faults, did_you_mean
from dagster_project.segments.rules import (
    KIND_WORDS,
    OPERATORS,
    All,
    AnyOf,
    Comparison,
    Kind,
    Not,
    Operator,
    Rule,
    Value,
    Within,
    column_kind,
)
from dagster_project.segments.values import read_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EQUALITIES = frozenset({"is", "is_not", "is_one_of", "is_none_of"})
_JOINS = ("all", "any", "not", "within")
_PAIR = 2
_EXAMPLE = "write comparisons such as `orders_count: {at_least: 3}`"


@dataclass(frozen=True)
class RuleReader:
    """Reads rules over ``columns`` (name to data type); ``known_values`` are all values a text column can take.

    ``notes`` say what the values of such a column depend on, as the middle of a sentence.
    """

    columns: Mapping[str, str]
    known_values: Mapping[str, Sequence[str]]
    notes: Mapping[str, str] = field(default_factory=dict)

    def read(self, node: yaml.Node, faults: Faults, subject: str = "the rule") -> Rule | None:
        """The rule that stands at ``node``."""
        if not isinstance(node, yaml.MappingNode):
            faults.add(node, self._not_a_mapping(node, subject))
            return None
        keys = marked.entries(node, faults)
        if not node.value:
            faults.add(node, f"{subject} is empty; {_EXAMPLE}")
        elif len(keys) > 1:
            named = " and ".join(map(marked.shown, keys))
            faults.add(node, f"{subject} has one key, this has {named}; give each an item under `all` or `any`")
        if len(keys) != 1:
            return None
        name, (key, value) = next(iter(keys.items()))
        if name in {"all", "any"}:
            return self._joined(name, value, faults)
        if name == "not":
            return self._negated(value, faults)
        return self._within(value, faults) if name == "within" else self._compared(name, key, value, faults)

    def _not_a_mapping(self, node: yaml.Node, subject: str) -> str:
        if isinstance(node, yaml.SequenceNode):
            return f"{subject} is a list; put it under `all` or `any`"
        text = marked.shown(node.value)
        if column_kind(self.columns.get(text, "")) == "boolean":
            return f"`{text}` says nothing yet; write `{text}: {{is: true}}`"
        if marked.is_null(node):
            return f"{subject} is empty; {_EXAMPLE}"
        return f'{subject} is text ("{text}"), and rules are not SQL; {_EXAMPLE}'

    def _joined(self, name: str, node: yaml.Node, faults: Faults) -> Rule | None:
        if not isinstance(node, yaml.SequenceNode):
            faults.add(node, f"`{name}` takes a list, not {marked.kind_of(node)}; begin each item with a dash")
            return None
        if not node.value:
            faults.add(node, f"`{name}` is empty; list at least one comparison")
            return None
        rules = [self.read(item, faults, f"an item of `{name}`") for item in node.value]
        whole = tuple(rule for rule in rules if rule is not None)
        if len(whole) < len(rules):
            return None
        return All(whole) if name == "all" else AnyOf(whole)

    def _negated(self, node: yaml.Node, faults: Faults) -> Rule | None:
        rule = self.read(node, faults, "`not`")
        return None if rule is None else Not(rule)

    @staticmethod
    def _within(node: yaml.Node, faults: Faults) -> Rule | None:
        if not isinstance(node, yaml.ScalarNode) or marked.is_null(node):
            faults.add(node, f"`within` names one segment, not {marked.kind_of(node)}; write one `within` per item")
            return None
        return Within(str(node.value), marked.line_of(node))

    def _compared(self, column: str, key: yaml.Node, node: yaml.Node, faults: Faults) -> Rule | None:
        if column not in self.columns:
            faults.add(key, self._unknown_column(column))
            return None
        if not isinstance(node, yaml.MappingNode):
            is_list = isinstance(node, yaml.SequenceNode)
            fix = "is_one_of: [...]" if is_list else f"is: {marked.shown(node.value) or '...'}"
            faults.add(node, f"`{column}` needs a named comparison; write `{column}: {{{fix}}}`")
            return None
        found = marked.entries(node, faults)
        if not node.value:
            faults.add(
                node, f"`{column}` has no comparison; write one of {', '.join(_operators_of(self._kind(column)))}"
            )
            return None
        compared = [self._one(column, name, at, value, faults) for name, (at, value) in found.items()]
        whole = tuple(rule for rule in compared if rule is not None)
        if len(whole) < len(node.value):
            return None
        return whole[0] if len(whole) == 1 else All(whole)

    def _unknown_column(self, name: str) -> str:
        if name in OPERATORS:
            return f"`{name}` compares a column; name the column first, such as `orders_count: {{at_least: 3}}`"
        if name.lower() in _JOINS:
            return f"`{name}` is not a word of rules; did you mean {name.lower()}?"
        shown = marked.shown(name)
        return f"`{shown}` is not a column of customer_profiles{did_you_mean(name, [*self.columns, *_JOINS])}"

    def _one(self, column: str, name: str, key: yaml.Node, node: yaml.Node, faults: Faults) -> Comparison | None:
        operator = OPERATORS.get(name)
        kind = self._kind(column)
        if operator is None:
            close = did_you_mean(name, _operators_of(kind))
            faults.add(key, f"`{marked.shown(name)}` is not a comparison for `{column}`{close}")
            return None
        if kind not in operator.kinds:
            usable = ", ".join(_operators_of(kind))
            faults.add(key, f"`{name}` does not fit `{column}`, which is {KIND_WORDS[kind]}; write one of {usable}")
            return None
        values = self._values(column, name, operator, node, faults)
        return None if values is None else Comparison(column, name, values)

    def _values(
        self, column: str, name: str, operator: Operator, node: yaml.Node, faults: Faults
    ) -> tuple[Value, ...] | None:
        many = operator.takes in {"list", "pair"}
        if many and not isinstance(node, yaml.SequenceNode):
            takes = "a list" if operator.takes == "list" else "two values"
            faults.add(node, f"`{name}` of `{column}` takes {takes} in brackets, not {marked.kind_of(node)}")
            return None
        items: list[yaml.Node] = node.value if many else [node]
        if operator.takes == "pair" and len(items) != _PAIR:
            faults.add(node, f"`between` of `{column}` takes two values, [low, high], not {len(items)}")
            return None
        if not items:
            faults.add(node, f"`{name}` of `{column}` has an empty list; name at least one value")
            return None
        kind: Kind = "boolean" if operator.takes == "flag" else self._kind(column)
        subject = f"`{name}` of `{column}`"
        values = [read_value(item, kind, subject, faults) for item in items]
        whole = tuple(value for value in values if value is not None)
        if len(whole) < len(items):
            return None
        return self._plausible(column, name, whole, node, faults)

    def _plausible(
        self, column: str, name: str, values: tuple[Value, ...], node: yaml.Node, faults: Faults
    ) -> tuple[Value, ...] | None:
        """The values, unless no customer can ever have them."""
        known = self.known_values.get(column)
        strangers = [str(value) for value in values if known and name in _EQUALITIES and value not in known]
        for stranger in strangers:
            close = did_you_mean(stranger, known or ())
            faults.add(node, f"`{column}` never is {marked.shown(stranger)}{self.notes.get(column, '')}{close}")
        if strangers:
            return None
        if name == "between" and values[0] > values[1]:  # type: ignore[operator]
            faults.add(node, f"`between` of `{column}` has {values[0]} before {values[1]}; write the lower one first")
            return None
        if name in {"starts_with", "includes"} and not values[0]:
            faults.add(node, f"`{name}` of `{column}` is empty, so everybody would match; write is_known: true")
            return None
        if name == "includes" and "," in str(values[0]):
            faults.add(
                node,
                f"`includes` of `{column}` takes one value, and a comma stands between those of a list; write a"
                " semicolon where a name has a comma",
            )
            return None
        return values

    def _kind(self, column: str) -> Kind:
        return column_kind(self.columns[column])


def _operators_of(kind: Kind) -> list[str]:
    return [name for name, operator in OPERATORS.items() if kind in operator.kinds]
