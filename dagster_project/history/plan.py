"""How a day of the past is built: the models compiled once by dbt, with a hole where the day goes.

Nothing is built here, and nothing is decided about which day. A model that does not lead to the date, over any number
of models before it, is timeless: one build of it serves every day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster_project.errors import SegmentsError
from dagster_project.transform.project import DBT_DIR, manifest_json, parsed_manifest, run_dbt
from dagster_project.transform.rollups import complete_rollups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from dagster_project.settings import Settings

# What segments and the history read; whatever else is built only for readers of the present.
NEEDED = ("profiles.customer_profiles", "marts.dim_generation", "marts.dim_customer_aliases")

ROLLUPS = "rollups"
_DAY = "<as_of_date>"
# A rollup that outlives builds is made as a whole where it is made here at all.
_KINDS = {"view": "view", "scratch": "view", "table": "table", "rollup": "table", "connected_components": "components"}
_BETWEEN = "-- next round"
_ROUNDS = {
    "edges": "component_edges_sql('<pairs>', '<node>', '<label>')",
    "first_labels": "component_first_labels_sql('<edges>', '<node>', '<label>')",
    "next_labels": "component_next_labels_sql('<edges>', '<labels>', '<node>', '<label>')",
    "changes": "component_changes_sql('<labels>', '<after>', '<node>', '<label>')",
    "members": "component_members_sql('<pairs>', '<labels>', '<node>', '<label>')",
}


@dataclass(frozen=True)
class Step:
    """One relation and the query that makes it."""

    database: str
    table: str
    kind: str
    is_dated: bool
    query: str

    @property
    def path(self) -> str:
        """``database.schema.name``."""
        return f"{self.database}.{self.table}"

    def query_of(self, day: date) -> str:
        """The query for one day, word for word as dbt would run it."""
        return self.query.replace(_DAY, day.isoformat())


@dataclass(frozen=True)
class Seed:
    """A list or map: its file and the types of its columns."""

    table: str
    path: str
    types: Mapping[str, str]


@dataclass(frozen=True)
class Plan:
    """Everything that leads to what is needed, in an order in which it can be built.

    ``rollups`` is the file of the timeless rollups where it covers all that has landed; else they are built too.
    """

    seeds: tuple[Seed, ...]
    steps: tuple[Step, ...]
    rounds: Mapping[str, str]
    rollups: Path | None

    @property
    def database(self) -> str:
        """The database of what is needed."""
        return self.steps[-1].database

    def is_there(self, database: str) -> bool:
        """Whether what a database holds is read where it stands, not built."""
        return database == ROLLUPS and self.rollups is not None

    @property
    def schemas(self) -> list[tuple[str, str]]:
        """Database and schema of all relations."""
        homes = [(self.database, seed.table) for seed in self.seeds] + [
            (step.database, step.table) for step in self.steps
        ]
        return sorted({(database, table.split(".")[0]) for database, table in homes})


def make_plan(settings: Settings, variables: Mapping[str, Any]) -> Plan:
    """Compile the models that lead to ``NEEDED``; ``variables`` are those of a build, its as-of date aside.

    Raises:
        SegmentsError: a model does not compile; the message is dbt's own.
    """
    duckdb = settings.model_copy(update={"engine": "duckdb"})
    nodes = manifest_json(duckdb.engine)["nodes"]
    order = list(_in_order(nodes))
    names = [nodes[key]["name"] for key in order if nodes[key]["resource_type"] == "model"]
    selected = ["--select", *names, "--indirect-selection", "empty", "--full-refresh"]
    queries = _compiled(duckdb, selected, {**variables, "as_of_date": _DAY})
    inline = f"\n{_BETWEEN}\n".join(f"{{{{ {macro} }}}}" for macro in _ROUNDS.values())
    (rounds,) = _compiled(duckdb, ["--inline", inline], variables).values()
    return Plan(
        seeds=tuple(_seed(nodes[key]) for key in order if nodes[key]["resource_type"] == "seed"),
        steps=tuple(_steps([nodes[key] for key in order if key in queries], queries)),
        rounds=dict(zip(_ROUNDS, rounds.split(_BETWEEN), strict=True)),
        rollups=complete_rollups(duckdb, variables, manifest_json(duckdb.engine)),
    )


def _in_order(nodes: Mapping[str, Any]) -> Iterator[str]:
    """Models and seeds that lead to what is needed, each after those that it reads."""
    known: set[str] = set()
    waiting = [key for key, node in nodes.items() if _table(node) in NEEDED and node["resource_type"] == "model"]
    while waiting:
        key = waiting[-1]
        ahead = [other for other in nodes[key]["depends_on"].get("nodes", []) if other in nodes and other not in known]
        if ahead:
            waiting.extend(ahead)
            continue
        waiting.pop()
        if key not in known:
            known.add(key)
            yield key


def _steps(nodes: Sequence[Mapping[str, Any]], queries: Mapping[str, str]) -> Iterator[Step]:
    dated: set[str] = set()
    for node in nodes:
        key, query, kind = node["unique_id"], queries[node["unique_id"]], node["config"]["materialized"]
        if kind not in _KINDS:
            raise SegmentsError(f"{node['name']} is made as {kind}, and no day of the past can be built so.")
        if _DAY in query or not dated.isdisjoint(node["depends_on"]["nodes"]):
            dated.add(key)
        if node["config"]["contract"]["enforced"] and kind != "view":
            query = f"select {', '.join(node['columns'])} from (\n{query}\n)"
        yield Step(node["database"], _table(node), _KINDS[kind], key in dated, query)


def _seed(node: Mapping[str, Any]) -> Seed:
    return Seed(_table(node), str(DBT_DIR / node["original_file_path"]), node["config"]["column_types"])


def _table(node: Mapping[str, Any]) -> str:
    return f"{node['schema']}.{node['name']}"


def _compiled(settings: Settings, arguments: Sequence[str], variables: Mapping[str, Any]) -> dict[str, str]:
    """Compiled code by unique id. No database is opened."""
    result = run_dbt(
        settings,
        ["compile", "--no-introspect", "--no-populate-cache", *arguments, "--vars", json.dumps(variables)],
        manifest=parsed_manifest(settings.engine),
        on_event=None,
    )
    if not result.success:
        raise SegmentsError(f"The models do not compile: {result.exception or result.result}")
    outcome: Any = result.result
    return {item.node.unique_id: str(item.node.compiled_code) for item in outcome.results}
