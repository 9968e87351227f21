"""Holds the tables of two engines against each other, row for row and type for type.

Spark's tables are Parquet, so DuckDB reads both sides and no JVM is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from tests.pipeline.shop import kept_rollups, kept_working

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMAS = ("seeds", "intermediate", "marts", "profiles")

# The one value that may differ: it says which engine built the generation.
_ALLOWED = {"marts.dim_generation": {"engine"}}

# What a build touched of what outlives it: Spark makes all of it.
_NO_CONTENT = ("intermediate.int_event_days_touched", "intermediate.int_events_restated")

# Spark writes instants that know their zone; both engines run in UTC.
_SAME_TYPES = {("TIMESTAMP", "TIMESTAMP WITH TIME ZONE")}


class Comparison:
    """A build of DuckDB and the folder in which Spark built the same."""

    def __init__(self, build: Path, spark_tables: Path) -> None:
        self._spark_tables = spark_tables
        self._connection = duckdb.connect()
        self._connection.execute("set TimeZone = 'UTC'")
        self._connection.execute(f"attach '{build}' as build (read_only)")
        self._connection.execute(f"attach '{kept_working(build)}' as working (read_only)")
        self._connection.execute(f"attach '{kept_rollups(build)}' as rollups (read_only)")
        self._ours = self._places()

    def tables(self) -> list[str]:
        """Every table of DuckDB's build and rollups that Spark has to have too."""
        return list(self._ours)

    def _places(self) -> dict[str, str]:
        rows = self._connection.execute(
            "select schema_name || '.' || table_name as name, database_name || '.' || name from duckdb_tables() "
            "where database_name in ('build', 'working', 'rollups') and list_contains($schemas, schema_name) "
            "and not list_contains($no_content, name) order by all",
            {"schemas": list(SCHEMAS), "no_content": list(_NO_CONTENT)},
        ).fetchall()
        return dict(rows)

    def rows_count(self, table: str) -> int:
        """Rows of a table in DuckDB's build."""
        return int(self._one(f"select count(*) from {self._ours[table]}"))

    def differences(self, table: str) -> Iterator[str]:
        """Sentences that name table, column and an example; none where both engines agree."""
        schema, name = table.split(".")
        folder = self._spark_tables / schema / name
        if not list(folder.glob("*.parquet")):
            yield f"{table}: Spark did not build it"
            return
        theirs = f"read_parquet('{folder}/*.parquet')"
        ours_types, their_types = self._types(self._ours[table]), self._types(theirs)
        if list(ours_types) != list(their_types):
            yield f"{table}: columns are {list(ours_types)} on DuckDB and {list(their_types)} on Spark"
            return
        for column, ours in ours_types.items():
            if ours != their_types[column] and (ours, their_types[column]) not in _SAME_TYPES:
                yield f"{table}.{column} is {ours} on DuckDB and {their_types[column]} on Spark"
        allowed = _ALLOWED.get(table, set())
        compared = {column: data_type for column, data_type in ours_types.items() if column not in allowed}
        yield from self._row_differences(table, theirs, compared)

    def _row_differences(self, table: str, theirs: str, types: dict[str, str]) -> Iterator[str]:
        count = self._differing(table, theirs, types)
        if not count:
            return
        guilty = [
            column
            for column in types
            if not self._differing(table, theirs, {name: kind for name, kind in types.items() if name != column})
        ]
        ours, spark = self._sides(table, theirs, types)
        only_ours = self._connection.execute(f"{ours} except all {spark} order by all limit 1").fetchall()
        only_theirs = self._connection.execute(f"{spark} except all {ours} order by all limit 1").fetchall()
        where = f" in {', '.join(guilty)}" if guilty else ""
        yield (f"{table}: {count} rows differ{where}; {list(types)}: {only_ours} on DuckDB, {only_theirs} on Spark")

    def _differing(self, table: str, theirs: str, types: dict[str, str]) -> int:
        ours, spark = self._sides(table, theirs, types)
        missing = f"select count(*) from ({ours} except all {spark})"
        surplus = f"select count(*) from ({spark} except all {ours})"
        return int(max(self._one(missing), self._one(surplus)))

    def _sides(self, table: str, theirs: str, types: dict[str, str]) -> tuple[str, str]:
        columns = ", ".join(f"cast({column} as {data_type}) as {column}" for column, data_type in types.items())
        return f"(select {columns} from {self._ours[table]})", f"(select {columns} from {theirs})"

    def _types(self, relation: str) -> dict[str, str]:
        query = f"select column_name, column_type from (describe select * from {relation})"
        return dict(self._connection.execute(query).fetchall())

    def _one(self, query: str) -> Any:
        return self._connection.execute(query).fetchall()[0][0]
