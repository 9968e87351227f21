"""Which tables are published. How they are described stands in ``descriptions``, what they say in ``content``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

PUBLISHED_SCHEMAS = ("marts", "profiles", "segments", "quality", "report")

# Working tables of the quality layer, and what differs from build to build without a difference in content.
_INTERNAL = {
    ("quality", "dbt_test_results"),
    ("quality", "previous_sizes"),
    ("quality", "segment_warnings"),
    ("quality", "sensitive_reads"),
    ("segments", "definitions"),
}
_NO_CONTENT = {("marts", "dim_generation"), ("quality", "check_results")}


@dataclass(frozen=True)
class Table:
    """A published table or view."""

    schema: str
    name: str
    view_sql: str | None

    @property
    def path(self) -> str:
        """``schema.name``."""
        return f"{self.schema}.{self.name}"

    @property
    def file(self) -> str:
        """Path of its Parquet file within a generation; that of a table by month is a folder that reads like a file."""
        return f"parquet/{self.schema}/{self.name}.parquet"

    @property
    def is_content(self) -> bool:
        """Whether a difference in this table makes a new generation."""
        return self.view_sql is None and (self.schema, self.name) not in _NO_CONTENT


def published_tables(build: duckdb.DuckDBPyConnection) -> list[Table]:
    """All tables of the published schemas, tables before the views over them."""
    rows = build.execute(
        """
        select tables.table_schema, tables.table_name, views.sql
        from information_schema.tables as tables
        left join duckdb_views() as views
            on tables.table_schema = views.schema_name
            and tables.table_name = views.view_name
            and views.database_name = tables.table_catalog
        where tables.table_catalog = current_database() and list_contains($schemas, tables.table_schema)
        order by views.sql is not null, tables.table_schema, tables.table_name
        """,
        {"schemas": list(PUBLISHED_SCHEMAS)},
    ).fetchall()
    catalog = _database(build)
    return [
        Table(schema, name, _portable_view(sql, catalog) if sql else None)
        for schema, name, sql in rows
        if (schema, name) not in _INTERNAL
    ]


def _database(build: duckdb.DuckDBPyConnection) -> str:
    ((name,),) = build.execute("select current_database()").fetchall()
    return str(name)


def _portable_view(sql: str, catalog: str) -> str:
    """A view over tables of the same file: the name of the build database is taken out."""
    return re.sub(rf'(?<![\w.])"?{re.escape(catalog)}"?\.', "", sql)
