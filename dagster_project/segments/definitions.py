"""Versions of all by which people are grouped: rules of segments, and the vars and seeds of the models behind them.

A move between two days says something about people only where both days were measured alike.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from dagster_project.segments.compiler import SCHEMA
from dagster_project.segments.rules import Comparison, parts
from dagster_project.yaml_files import project_vars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import duckdb

    from dagster_project.segments.catalog import Catalog
    from dagster_project.segments.entries import Segment

STAGE, RFM = "lifecycle_stage", "rfm_segment"
_MODELS = {STAGE: "fct_customer_lifecycle", RFM: "fct_customer_rfm"}
_PROFILE = "customer_profiles"
_VAR = re.compile(r"\bvar\(\s*['\"](\w+)['\"]")
# The day itself is no definition.
_NO_DEFINITION = {"as_of_date"}


def write_definitions(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, manifest: Mapping[str, Any], variables: Mapping[str, Any]
) -> None:
    """Write ``segments.definitions``: a version per segment, for the stages and for the RFM groups.

    Args:
        connection: to the warehouse.
        catalog: the declared segments.
        manifest: of dbt, for what the models read.
        variables: what the models of the build were told beyond ``dbt_project.yml``.
    """
    found = versions(catalog, manifest, variables)
    connection.execute(f"create schema if not exists {SCHEMA}")
    connection.execute(f"create or replace table {SCHEMA}.definitions (name varchar, version varchar)")
    connection.executemany(f"insert into {SCHEMA}.definitions values (?, ?)", sorted(found.items()))


def versions(catalog: Catalog, manifest: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, str]:
    """Version by name: it changes when a rule, or a var or seed of a model that the rule reads, does."""
    models = _Models(manifest, {**project_vars(), **variables})
    found = {name: _sha256(models.settings_of([model])) for name, model in _MODELS.items()}
    for segment in catalog:
        whole = list(with_references(catalog, segment))
        read = {column for each in whole for column in columns_read(each)}
        rules = sorted(each.rule_version for each in whole)
        found[segment.name] = _sha256([rules, models.settings_of(models.families(read))])
    return found


def with_references(catalog: Catalog, segment: Segment) -> Iterator[Segment]:
    """The segment and all that its rule refers to, each once."""
    seen: set[str] = set()
    waiting = [segment.name]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield catalog[name]
            waiting.extend(catalog[name].within)


def columns_read(segment: Segment) -> set[str]:
    """Columns of the profile that the segment's own rule reads."""
    return {part.column for part in parts(segment.whole_rule) if isinstance(part, Comparison)}


class _Models:
    """What models are made of, by the manifest."""

    def __init__(self, manifest: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        self._nodes = manifest["nodes"]
        self._macros = manifest["macros"]
        self._variables = variables
        self._by_name = {node["name"]: key for key, node in self._nodes.items() if node["resource_type"] == "model"}

    def families(self, columns: Iterable[str]) -> list[str]:
        """The models from which the profile takes these columns; the profile itself where a column has none."""
        behind = [self._nodes[key] for key in self._nodes[self._by_name[_PROFILE]]["depends_on"]["nodes"]]
        found = set()
        for column in columns:
            holders = [node["name"] for node in behind if column in node["columns"]]
            found.update(holders or [_PROFILE])
        return sorted(found)

    def settings_of(self, models: Iterable[str]) -> dict[str, Any]:
        """Values of the vars, and hashes of the seeds, that these models and all behind them read."""
        seen: set[str] = set()
        waiting = [self._by_name[model] for model in models]
        texts, found = [], {}
        while waiting:
            key = waiting.pop()
            node = self._nodes.get(key) or self._macros.get(key)
            if node is None or key in seen:
                continue
            seen.add(key)
            waiting += [*node["depends_on"].get("nodes", []), *node["depends_on"]["macros"]]
            texts.append(node.get("macro_sql") or node.get("raw_code") or "")
            if node["resource_type"] == "seed":
                found[key] = node["checksum"]["checksum"]
        names = {name for text in texts for name in _VAR.findall(text)} - _NO_DEFINITION
        return found | {name: self._variables.get(name) for name in names}


def _sha256(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:12]
