"""Reads a YAML file into nodes that know their line, and refuses what such a file has no use for.

Scalars stay the characters that stand in the file: the meaning of ``NO`` or ``555`` depends on the column it is
compared with, so whoever reads the node decides. What the nodes mean is decided elsewhere in this package.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.segments.faults import Faults

MAX_FILE_BYTES = 1_000_000
MAX_DEPTH = 40

# What an escape such as "\0" can smuggle into a text: control characters, and halves that no database takes.
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_KIND_NAMES = {yaml.MappingNode: "a mapping", yaml.SequenceNode: "a list", yaml.ScalarNode: "text"}


class _Composer(yaml.SafeLoader):
    """Composes nodes without aliases, without tags and to a limited depth."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="`*` repeats an earlier part; write it out", problem_mark=mark)
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise yaml.MarkedYAMLError(problem=f"`{tag}` is a tag; leave it out", problem_mark=mark)
        if isinstance(event, yaml.ScalarEvent) and (escaped := _UNREADABLE.search(event.value)):
            problem = f"{escaped.group()!a} is no character that can be read; take it out"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            problem = f"more than {MAX_DEPTH} levels stand inside each other; flatten the rule"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def read_nodes(path: Path, faults: Faults) -> yaml.Node | None:
    """The root node of a file; None, with the fault added, where there is none to be had."""
    content = path.read_bytes()
    if len(content) > MAX_FILE_BYTES:
        faults.add(1, f"the file is larger than {MAX_FILE_BYTES:,} bytes; split it")
        return None
    try:
        root: yaml.Node | None = yaml.compose(content.decode("utf-8-sig"), Loader=_Composer)
    except UnicodeDecodeError:
        faults.add(1, "the file is not UTF-8 text; save it as UTF-8")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.add(mark.line + 1 if mark else 1, f"this is not YAML that can be read: {_problem(error)}")
    except yaml.YAMLError as error:
        faults.add(1, f"this is not YAML that can be read: {str(error).splitlines()[0]}")
    else:
        if root is None:
            faults.add(1, "the file is empty; declare `segments:` in it or delete it")
        return root
    return None


def _problem(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "it cannot be parsed"
    return f"{problem} (indent with spaces, not tabs)" if r"'\t'" in problem else problem


def entries(node: yaml.MappingNode, faults: Faults) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Key node and value node by key; keys that are no text or stand twice are faults."""
    found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            faults.add(key, f"a key must be text, not {kind_of(key)}")
        elif key.value in found:
            faults.add(key, f"`{key.value}` stands twice; keep one (first on line {line_of(found[key.value][0])})")
        else:
            found[key.value] = (key, value)
    return found


def is_null(node: yaml.Node) -> bool:
    """Whether nothing, ``~`` or ``null`` stands there without quotes."""
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value in _NULLS


def is_quoted(node: yaml.ScalarNode) -> bool:
    """Whether the scalar stands in quotes or in a block, and so can only be text."""
    return node.style is not None


def plain(node: yaml.Node) -> Any:
    """The node as dict, list, text or None."""
    if isinstance(node, yaml.MappingNode):
        return {key.value if isinstance(key, yaml.ScalarNode) else "?": plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    return None if is_null(node) else node.value


def line_of(node: yaml.Node) -> int:
    """The line on which a node starts, counted from 1."""
    return int(node.start_mark.line) + 1


def kind_of(node: yaml.Node) -> str:
    """A mapping, a list, text or nothing, in words."""
    return "nothing" if is_null(node) else _KIND_NAMES[type(node)]


def shown(text: str, limit: int = 60) -> str:
    """Text from a file as it may stand in a message: one line, cut."""
    line = " ".join(text.split())
    return f"{line[: limit - 3]}..." if len(line) > limit else line
