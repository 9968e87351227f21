"""What stands behind the flags that rules read: their operands and thresholds, so that reasons can tell them.

Flags are computed by the models; ``flag_operands`` says the columns that decide, ``decisions.yml`` the thresholds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dagster_project.segments.catalog import profile_columns
from dagster_project.segments.decisions import decisions
from dagster_project.settings import PROJECT_DIR
from dagster_project.yaml_files import parsed

_MACRO = PROJECT_DIR / "dbt" / "macros" / "definitions" / "flags.sql"


@dataclass(frozen=True)
class Flag:
    """The columns that decide a flag, and the numbers that they are held against, in words."""

    operands: tuple[str, ...]
    thresholds: str


@cache
def flags() -> dict[str, Flag]:
    """Every flag by its column in the profile; operands that the profile lacks are left out."""
    found = re.search(r"return\(\{(.*?)\}\)", _MACRO.read_text(encoding="utf-8"), re.DOTALL)
    operands: dict[str, list[str]] = parsed(f"{{{found.group(1)}}}") if found else {}
    readable = profile_columns()
    return {
        f"is_{name}": Flag(
            tuple(column for column in columns if column in readable), decisions()[f"is_{name}"].thresholds
        )
        for name, columns in operands.items()
    }
