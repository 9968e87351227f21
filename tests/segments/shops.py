"""A profile of a handful of people, and segments declared in a line, for the tests of this folder."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.segments.catalog import Catalog, load_catalog, profile_columns, profile_values

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

COLUMNS = profile_columns()


def shop(*people: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A warehouse whose profile has the real columns and these people; a column that is not given is null.

    Everybody is a buyer unless told otherwise.
    """
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create schema profiles")
    body = ", ".join(f"{name} {data_type}" for name, data_type in COLUMNS.items())
    connection.execute(f"create table profiles.customer_profiles ({body})")
    for person in people:
        row = {"customer_kind": "buyer", "net_revenue_amount": 0, **person}
        marks = ", ".join("?" * len(row))
        connection.execute(
            f"insert into profiles.customer_profiles ({', '.join(row)}) values ({marks})", list(row.values())
        )
    return connection


def declaration(name: str, rule: str, **fields: str) -> str:
    """One entry of a segment file; ``rule`` is YAML in one line."""
    written = {"description": "Somebody.", "owner": "crm", "purpose": "Testing.", "expected_share": "{}", **fields}
    lines = [f"- name: {name}", *(f"  {key}: {value}" for key, value in written.items()), f"  rule: {rule}"]
    return "\n".join(lines)


def file_of(*entries: str) -> str:
    """A segment file with these entries."""
    return "segments:\n" + textwrap.indent("\n".join(entries), "  ") + "\n"


def catalog_of(folder: Path, *entries: str) -> Catalog:
    """The catalog of one file with these entries."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yml").write_text(file_of(*entries), encoding="utf-8")
    return load_catalog(folder, COLUMNS, profile_values())


def members(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """Customers of a built segment, in the order of the table."""
    return [customer for (customer,) in connection.execute(f"select customer_id from segments.{name}").fetchall()]


def entered(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, date]:
    """Since when the members of a built segment are in it."""
    return dict(connection.execute(f"select customer_id, entered_date from segments.{name}").fetchall())
