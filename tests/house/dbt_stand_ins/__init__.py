"""What dbt hands to a template, as far as the SQL formatter needs it: `.sqlfluff` loads this package by path.

The formatter looks at layout only, so a portable macro becomes a call of its own name. The real words of each engine
stand in `dbt/macros/portable/`; nothing here is used by a build.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

_PROJECT = Path(__file__).resolve().parents[3] / "dbt" / "dbt_project.yml"
_TOLD = {"as_of_date": "2026-06-30", "rollups_cover_until": "2026-06-30 00:00:00"}
_VARS: dict[str, Any] = yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["vars"] | _TOLD

execute = True


def var(name: str, default: object = None) -> object:
    """The project's own default."""
    return _VARS.get(name, default)


class adapter:  # noqa: N801 (the name that templates use)
    """Dispatches to a call of the macro's own name."""

    @staticmethod
    def dispatch(name: str, _package: str | None = None) -> Callable[..., str]:
        """A macro of one engine."""
        return lambda *arguments: f"{name}({', '.join(map(str, arguments))})"


class target:  # noqa: N801 (the name that templates use)
    """The engine that a build runs on."""

    name = "duckdb"
    type = "duckdb"
    schema = "main"
