"""Sensitive fields: what the law protects most, which columns carry it, and which segments read it.

The fields and the purpose that people must have allowed for each stand in ``dbt/seeds/sensitive_fields.csv``. That
members did allow it is checked in the layer ``quality``.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

from dagster_project.segments.rules import Comparison, Within, parts
from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dagster_project.segments.catalog import Catalog

FIELDS = PROJECT_DIR / "dbt" / "seeds" / "sensitive_fields.csv"
PURCHASE_RULES = PROJECT_DIR / "dbt" / "seeds" / "purchase_rules.csv"
# What people must allow by name before a purchase may tell of such a stage of their life.
LIFE_STAGE_PURPOSE = "life_stage"


class Read(NamedTuple):
    """A segment whose rule, or the rule of a segment that it refers to, reads a sensitive column."""

    segment: str
    column: str
    wanted_purpose: str
    consent: str | None
    declared_purpose: str | None


def sensitive_fields(path: Path = FIELDS) -> dict[str, str]:
    """The purpose that must be allowed, by field."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["field"]: row["consent_purpose"] for row in csv.DictReader(file)}


def sensitive_life_stages(path: Path = PURCHASE_RULES) -> dict[str, str]:
    """Life stage by purchase rule, of those rules whose stages are sensitive, enabled or not."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["purchase_rule"]: row["next_name"] for row in csv.DictReader(file) if row["is_sensitive"] == "true"}


def wanted_purpose(column: str, fields: Mapping[str, str]) -> str | None:
    """The purpose for which a column's values may be used; None where its name has the words of no sensitive field."""
    return next((purpose for field, purpose in fields.items() if f"_{field}_" in f"_{column}_"), None)


def wanted_purposes(columns: Iterable[str], fields: Mapping[str, str] | None = None) -> dict[str, str]:
    """The purposes by column, for those columns that carry a sensitive field."""
    known = sensitive_fields() if fields is None else fields
    found = {column: wanted_purpose(column, known) for column in columns}
    return {column: purpose for column, purpose in found.items() if purpose is not None}


def sensitive_reads(catalog: Catalog, fields: Mapping[str, str] | None = None) -> list[Read]:
    """Every sensitive column that a segment reads, also by way of others: who is not in them tells as much."""
    known = sensitive_fields() if fields is None else fields
    columns: dict[str, set[str]] = {}
    for segment in catalog:  # those referred to stand first
        own = columns.setdefault(segment.name, set())
        for part in parts(segment.whole_rule):
            if isinstance(part, Within):
                own |= columns[part.segment]
            elif isinstance(part, Comparison):
                own.add(part.column)
    return [
        Read(name, column, purpose, catalog[name].consent, catalog[name].consent_purpose)
        for name in sorted(columns)
        for column, purpose in wanted_purposes(sorted(columns[name]), known).items()
    ]
