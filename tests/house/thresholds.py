"""The vars of the dbt project as their comments tell them: section, default, meaning and origin. No rules here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from tests.house.tree import DBT

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN = r"seed|choice|peer: [^\]\s][^\]]*"


@dataclass(frozen=True)
class Threshold:
    """One var; meaning and origin are empty where its line does not say them."""

    section: str
    name: str
    default: str
    meaning: str
    origin: str


def thresholds(text: str) -> Iterator[Threshold]:
    """Every var of the text of a dbt project file, in its order."""
    block = text.split("\nvars:\n", 1)[1]
    values = yaml.safe_load(block)
    section = ""
    for line in block.splitlines():
        heading = re.fullmatch(r"  # (.+)", line)
        section = heading.group(1) if heading else section
        var = re.match(r"  (\w+):(.*)$", line)
        if var:
            comment = re.search(rf"#\s*(\w.*?)?\s*(?:\[({ORIGIN})\])?$", var.group(2))
            meaning, origin = (part or "" for part in comment.groups()) if comment else ("", "")
            yield Threshold(section, var.group(1), _shown(values[var.group(1)]), meaning, origin)


def shipped() -> tuple[Threshold, ...]:
    """Those of the project."""
    return tuple(thresholds((DBT / "dbt_project.yml").read_text(encoding="utf-8")))


def _shown(value: object) -> str:
    """As somebody would write it on one line of the file."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(part)}" for key, part in value.items())
    if isinstance(value, bool) or value == "":
        return {True: "true", False: "false"}.get(value, "unset")  # type: ignore[call-overload,no-any-return]
    return str(value)
