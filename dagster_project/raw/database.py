"""The durable database ``raw.duckdb``: opening it, its tables, and the law its ledger keeps.

Rows are written by ``storing`` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.database import open_database, transaction
from dagster_project.errors import SegmentsError
from dagster_project.privacy import private_files
from dagster_project.raw.contracts import SQL_TYPES, contracts

if TYPE_CHECKING:
    from dagster_project.settings import Settings

TABLES_SQL = Path(__file__).with_name("tables.sql")
CONSERVATION_SQL = Path(__file__).with_name("conservation.sql")


@dataclass(frozen=True)
class ConservationViolation:
    """A loaded file whose rows do not add up."""

    file: str
    sha256: str
    message: str


def open_raw(settings: Settings, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open ``raw.duckdb``; for writing, make the file (mode 0600) and its tables where they are missing.

    Raises:
        SegmentsError: nothing has been loaded yet, or the file cannot be opened.
    """
    path = settings.raw_path
    if read_only and not path.exists():
        raise SegmentsError(f"{path} is not there: nothing has been loaded yet. Put files into {settings.landing_dir}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with private_files():
            connection = open_database(path, settings, read_only=read_only)
    except duckdb.Error as error:
        raise SegmentsError(f"{path} cannot be opened: {str(error).splitlines()[0]}") from error
    if not read_only:
        path.chmod(0o600)
        # One checkpoint at the end writes whole row groups; one after every 16 MB rewrites the last of them each time.
        connection.execute("set checkpoint_threshold = '256MB'")
        _create_tables(connection)
    return connection


def _create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(TABLES_SQL.read_text(encoding="utf-8"))
    for contract in contracts().values():
        connection.execute(contract.ddl())
    there = connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = current_database()"
    ).fetchall()
    # A file of an older version gains the columns that contracts have gained since.
    for contract in contracts().values():
        for column in contract.columns:
            if (contract.table, column.name) not in there:
                added = f"{column.name} {SQL_TYPES[column.type]}"
                connection.execute(f"alter table raw.{contract.table} add column {added}")


def keep_pseudonym_key(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Let ``raw.pseudonym_key`` hold exactly this key."""
    if connection.execute("select key from raw.pseudonym_key").fetchall() != [(key,)]:
        with transaction(connection):
            connection.execute("delete from raw.pseudonym_key").fetchall()
            connection.execute("insert into raw.pseudonym_key values (?)", [key]).fetchall()


def conservation_violations(connection: duckdb.DuckDBPyConnection) -> list[ConservationViolation]:
    """Files for which read is not used + quarantined + duplicate + skipped, or whose quarantine is not as counted."""
    rows = connection.execute(CONSERVATION_SQL.read_text(encoding="utf-8")).fetchall()
    return [ConservationViolation(*row) for row in rows]
