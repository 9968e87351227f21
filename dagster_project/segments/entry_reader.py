"""Reads one entry of a segment file and words what is wrong with it.

The fields of an entry and their limits live in ``entries.py``; the rule inside it is read by ``rule_reader.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from dagster_project.segments import marked_yaml as marked
from dagster_project.segments.audiences import PLATFORM_NAMES, Audience
from dagster_project.segments.entries import CONSENTS, ExpectedShare, Pack, Segment, SegmentEntry
from dagster_project.segments.faults import Faults, did_you_mean
from dagster_project.segments.rules import Comparison, Rule, Within, joined

if TYPE_CHECKING:
    from dagster_project.segments.rule_reader import RuleReader

Fields = dict[str, tuple[yaml.Node, yaml.Node]]

_HINTS = {
    "name": "name it like late_shoppers",
    "description": "say in a sentence who is in it",
    "owner": "say who answers for it",
    "purpose": "say what it is for",
    "expected_share": "write the share of known customers you expect, such as {at_least: 0.0, at_most: 0.3}",
    "rule": "write a rule such as `rule: {orders_count: {at_least: 3}}`",
}


@dataclass(frozen=True)
class Declared:
    """An entry with its place; ``segment`` is None where the entry has faults."""

    name: str | None
    file: str
    line: int
    segment: Segment | None


@dataclass(frozen=True)
class EntryReader:
    """Reads entries of segment files; faults are added, not raised."""

    rules: RuleReader

    def read(self, node: yaml.Node, faults: Faults) -> Declared:
        """The entry that stands at ``node``."""
        line = marked.line_of(node)
        if not isinstance(node, yaml.MappingNode):
            faults.add(node, f"a segment is a mapping that begins with `- name:`, not {marked.kind_of(node)}")
            return Declared(None, faults.file, line, None)
        fields = marked.entries(node, faults)
        name = _text(fields, "name")
        own = faults.in_segment(marked.shown(name) if name else None)
        entry = _entry(node, fields, own)
        rule = None
        if "rule" in fields:
            rule = self.rules.read(fields["rule"][1], own)
        else:
            own.add(node, f"`rule` is missing; {_HINTS['rule']}")
        segment = None if entry is None or rule is None else _segment(entry, rule, fields)
        return Declared(name, faults.file, line, segment)


def _text(fields: Fields, name: str) -> str | None:
    node = fields[name][1] if name in fields else None
    return str(node.value) if isinstance(node, yaml.ScalarNode) and not marked.is_null(node) else None


def _segment(entry: SegmentEntry, rule: Rule, fields: Fields) -> Segment:
    conditions: list[Rule] = []
    if entry.within:
        conditions.append(Within(entry.within, marked.line_of(fields["within"][1])))
    if entry.consent == "profiling":
        conditions.append(Comparison(CONSENTS["profiling"], "is", (True,)))
    return Segment(
        name=entry.name,
        title=entry.title or entry.name.replace("_", " ").capitalize(),
        description=entry.description,
        owner=entry.owner,
        purpose=entry.purpose,
        group=entry.group,
        expected_share=entry.expected_share,
        include_anonymous=entry.include_anonymous,
        rule=joined(*conditions, rule) if conditions else rule,
        parent=entry.within,
        priority=entry.priority,
        consent=entry.consent,
        pack=entry.pack,
        consent_purpose=entry.consent_purpose,
        audiences=entry.audiences,
    )


def _entry(node: yaml.MappingNode, fields: Fields, faults: Faults) -> SegmentEntry | None:
    written = {name: marked.plain(value) for name, (_, value) in fields.items() if name != "rule"}
    try:
        return SegmentEntry.model_validate(written)
    except ValidationError as error:
        for fault in error.errors():
            faults.add(_place(node, fault["loc"]), _sentence(fault))
    return None


def _place(node: yaml.Node, location: tuple[int | str, ...]) -> yaml.Node:
    """The innermost node that stands in the file on the way to a location."""
    for step in location:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            continue
        if not isinstance(node, yaml.MappingNode):
            break
        node = next((value for key, value in node.value if key.value == step), node)
    return node


def _sentence(fault: Any) -> str:
    """A fault that pydantic found, as a sentence with its fix."""
    path = ".".join(map(str, fault["loc"]))
    last, kind, given = str(fault["loc"][-1]), fault["type"], fault["input"]
    if kind == "extra_forbidden":
        inner: dict[Any, type[BaseModel]] = {"expected_share": ExpectedShare, "audiences": Audience}
        known = inner.get(fault["loc"][0] if len(fault["loc"]) > 1 else None, SegmentEntry)
        options = [*known.model_fields, *(["rule"] if known is SegmentEntry else [])]
        return f"`{marked.shown(path)}` is not known here{did_you_mean(last, options)}"
    hint = f"; {_HINTS[last]}" if last in _HINTS else ""
    if kind == "missing":
        return f"`{path}` is missing{hint}"
    if given is None or kind == "string_too_short":
        return f"`{path}` is empty{hint or '; write something or leave it out'}"
    if kind == "value_error":
        return f"`{path}`: {fault['ctx']['error']}" if path != "name" else f"{fault['ctx']['error']}"
    what = "a list" if isinstance(given, list) else "a mapping" if isinstance(given, dict) else marked.shown(str(given))
    requirement = _OWN_REQUIREMENTS.get(last) or _REQUIREMENTS.get(kind, fault["msg"])
    return f"`{path}` {requirement}, not {what}"


_SHARE = "must be a share between 0 and 1 (0.3 for 30 %)"
_OWN_REQUIREMENTS = {
    "consent": f"must be one of {', '.join(CONSENTS)}",
    "pack": f"must be one of {', '.join(get_args(Pack))}",
    "priority": "must be a whole number from 1 (first) to 1000",
}
_REQUIREMENTS = {
    "string_type": "must be one text",
    "string_too_long": "must be at most 1000 characters",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "float_parsing": _SHARE,
    "float_type": _SHARE,
    "finite_number": _SHARE,
    "greater_than_equal": _SHARE,
    "less_than_equal": _SHARE,
    "model_type": "takes at_least and at_most",
    "tuple_type": "must be a list such as [email, google_ads]",
    "literal_error": f"must be one of {', '.join(PLATFORM_NAMES)}",
}
