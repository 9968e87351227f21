"""Reads one value of a comparison as the type of its column says, from the characters that stand in the file.

So ``NO`` is Norway for a text column, and never a boolean; ``"3"`` in quotes is text, and never a number.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import yaml

from dagster_project.segments import marked_yaml as marked
from dagster_project.segments.rules import KIND_WORDS, Kind, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster_project.segments.faults import Faults

_BOOLEANS = {"true": True, "false": False}


def read_value(node: yaml.Node, kind: Kind, subject: str, faults: Faults) -> Value | None:
    """The value at ``node``; None, with the fault added, where it is no such value."""
    if not isinstance(node, yaml.ScalarNode):
        faults.add(node, f"{subject} takes one value, not {marked.kind_of(node)}; is_one_of takes a list")
        return None
    if marked.is_null(node):
        faults.add(node, f"{subject} has no value; whoever wants unknowns writes is_known: false")
        return None
    if kind == "text":
        return node.value if isinstance(node.value, str) else None
    if marked.is_quoted(node):
        faults.add(node, f'{subject} takes {KIND_WORDS[kind]}, and "{marked.shown(node.value)}" is text; unquote it')
        return None
    value = _READERS[kind](node.value)
    if value is None:
        faults.add(node, f"{subject} takes {KIND_WORDS[kind]}{_HINTS[kind]}, not {marked.shown(node.value)}")
    return value


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None


def _number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?", text) else None


def _boolean(text: str) -> bool | None:
    return _BOOLEANS.get(text.lower())


def _date(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_READERS: dict[Kind, Callable[[str], Value | None]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}
_HINTS: dict[Kind, str] = {
    "integer": " such as 3",
    "number": " such as 49.90",
    "boolean": "",
    "date": " such as 2025-12-31",
}
