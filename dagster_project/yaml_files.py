"""YAML, read by libyaml: the parser in Python says the same after ten times as long."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from dagster_project.settings import PROJECT_DIR


def parsed(text: str) -> Any:
    """What a YAML text says.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, Loader=yaml.CSafeLoader)


@cache
def project_vars() -> dict[str, Any]:
    """The vars of ``dbt/dbt_project.yml``."""
    content: dict[str, dict[str, Any]] = parsed((PROJECT_DIR / "dbt" / "dbt_project.yml").read_text(encoding="utf-8"))
    return content["vars"]
