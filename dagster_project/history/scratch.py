"""The scratch database: a warehouse in memory, where one day after the other is built and nobody else reads.

In memory, because a killed process then leaves nothing behind; what does not fit is spilled like anywhere else. Which
days are built, and what is kept of them, is not decided here.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.database import connection, look_in_both
from dagster_project.errors import SegmentsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    import duckdb

    from dagster_project.history.plan import Plan, Seed, Step
    from dagster_project.settings import Settings

_MOST_ROUNDS = 99


@dataclass(frozen=True)
class Scratch:
    """An open scratch database that has the timeless tables and waits for a day."""

    connection: duckdb.DuckDBPyConnection
    plan: Plan

    def build(self, day: date) -> None:
        """Build every dated model as of this day, in place of the day before."""
        for step in self.plan.steps:
            if step.is_dated:
                _make(self.connection, step, step.query_of(day), self.plan.rounds)


@contextmanager
def open_scratch(settings: Settings, plan: Plan) -> Iterator[Scratch]:
    """A scratch database with raw attached read-only and everything timeless built; gone with the block."""
    with connection(Path(":memory:"), settings) as opened:
        opened.execute("set preserve_insertion_order = false")
        _attach(opened, settings, plan)
        for seed in plan.seeds:
            _load(opened, seed)
        for step in plan.steps:
            if not (step.is_dated or plan.is_there(step.database)):
                _make(opened, step, step.query, plan.rounds)
        yield Scratch(opened, plan)


def _attach(opened: duckdb.DuckDBPyConnection, settings: Settings, plan: Plan) -> None:
    """What is read is attached read-only, what is built has empty schemas in memory."""
    opened.execute(f"attach '{_quoted(settings.raw_path)}' as raw (read_only)")
    for database in sorted({database for database, _ in plan.schemas}):
        if plan.rollups and plan.is_there(database):
            opened.execute(f"attach '{_quoted(plan.rollups)}' as {database} (read_only)")
            continue
        opened.execute(f"attach ':memory:' as {database}")
        for schema in [schema for home, schema in plan.schemas if home == database]:
            opened.execute(f"create schema {database}.{schema}")
    look_in_both(opened)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _load(opened: duckdb.DuckDBPyConnection, seed: Seed) -> None:
    """As dbt-duckdb loads a seed."""
    columns = ", ".join(f"{name} {data_type}" for name, data_type in seed.types.items())
    path = seed.path.replace("'", "''")
    opened.execute(f"create table {seed.table} ({columns})")
    opened.execute(f"copy {seed.table} from '{path}' (format csv, header true, delimiter ',')")


def _make(opened: duckdb.DuckDBPyConnection, step: Step, query: str, rounds: Mapping[str, str]) -> None:
    if step.kind == "components":
        _connect(opened, step.path, query, rounds)
    else:
        opened.execute(f"create or replace {step.kind} {step.path} as {query}")


def _connect(opened: duckdb.DuckDBPyConnection, table: str, pairs: str, rounds: Mapping[str, str]) -> None:
    """The materialization ``connected_components``: the same queries, in rounds until one changes nothing."""
    opened.execute(f"create or replace temp table component_pairs as {pairs}")
    described = opened.execute("describe temp.component_pairs").fetchall()
    words = {"node": described[0][0], "label": described[1][0], "pairs": "temp.component_pairs"}
    words |= {"edges": "temp.component_edges", "labels": "temp.component_labels", "after": "temp.component_after"}

    def put(target: str, name: str) -> None:
        opened.execute(f"create or replace temp table {target} as {_filled(rounds[name], words)}")

    put("component_edges", "edges")
    put("component_labels", "first_labels")
    for _ in range(_MOST_ROUNDS):
        put("component_after", "next_labels")
        ((changed,),) = opened.execute(_filled(rounds["changes"], words)).fetchall()
        opened.execute("create or replace temp table component_labels as from temp.component_after")
        if changed == 0:
            opened.execute(f"create or replace table {table} as {_filled(rounds['members'], words)}")
            return
    raise SegmentsError(f"the components of {table} were not settled after {_MOST_ROUNDS} rounds")


def _filled(query: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        query = query.replace(f"<{name}>", word)
    return query
