"""Segments whose rule reads what is known of nobody, and which landing table would fill it.

Sentences about segments as a whole stand in ``doubts.py``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dagster_project.segments.rules import Comparison, parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from dagster_project.segments.catalog import Catalog
    from dagster_project.segments.rules import Rule

# By a word in the name of a column, the landing table that fills it; the first that is found.
_INPUTS = {
    "contactable|profiling": "consents",
    "email|newsletter": "messages",
    "offer": "offer_exposures",
    "loyalty": "loyalty_memberships",
    "session|cart|view|browser|request|download|visit": "events",
    "discount|full_price|product|categor|collection|line": "order_lines",
    "country|region|home|registered|acquisition|age|gender|birth": "customers",
    "order|revenue|amount|score|rfm|buyer|silence": "orders",
}


def starved(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> list[tuple[str, str]]:
    """(segment, sentence) for every segment that reads columns which say nothing of anybody listed."""
    read = {segment.name: compared_columns(segment.rule) for segment in catalog}
    empty = _empty(connection, sorted({column for columns in read.values() for column in columns}))
    return [
        (name, _sentence(name, [column for column in columns if column in empty]))
        for name, columns in sorted(read.items())
        if not empty.isdisjoint(columns)
    ]


def compared_columns(rule: Rule) -> list[str]:
    """Columns that a rule compares, each once; whether a value is known may be asked of an empty column."""
    read = [part for part in parts(rule) if isinstance(part, Comparison) and part.operator != "is_known"]
    return list(dict.fromkeys(part.column for part in read))


def empty_columns(connection: duckdb.DuckDBPyConnection, rule: Rule) -> list[str]:
    """Columns that a rule compares and that say nothing of anybody."""
    columns = compared_columns(rule)
    empty = _empty(connection, columns)
    return [column for column in columns if column in empty]


def _empty(connection: duckdb.DuckDBPyConnection, columns: list[str]) -> set[str]:
    if not columns:
        return set()
    counts = ", ".join(f'count("{name}")' for name in columns)
    (row,) = connection.execute(f"select {counts} from profiles.customer_profiles").fetchall()
    return {name for name, count in zip(columns, row, strict=True) if not count}


def _sentence(name: str, columns: list[str]) -> str:
    tables = dict.fromkeys(table for column in columns for table in _input(column, _INPUTS))
    fed_by = f": nothing that says so has landed in {', '.join(tables)}" if tables else ""
    return f"{name} reads {', '.join(columns)}, unknown of everybody{fed_by}"


def _input(column: str, inputs: Mapping[str, str]) -> list[str]:
    return [table for words, table in inputs.items() if re.search(words, column)][:1]
