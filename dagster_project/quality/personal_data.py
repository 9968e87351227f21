"""Looks for e-mail addresses, phone numbers and columns of personal data in what is about to be published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.quality.findings import found_before
from dagster_project.raw.contracts import contracts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

_EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
# A number with its country, and nothing else: a plus is in no order number.
_INTERNATIONAL = r"\s*\+[0-9][0-9 ()./-]{6,20}\s*"
# Digits alone could be any id. Where people get their ids these are held against the numbers that landed; a document
# that happens to have the number of a phone is no alarm.
_FEWEST_DIGITS = 6
_TABLES_OF_PEOPLE = {"marts.dim_customers", "marts.dim_shop_customers", "marts.dim_customer_aliases"}
_SCHEMAS = ("marts", "profiles", "segments")
# Texts of the project itself, and a view over numbers.
_WORDS_OF_OURS = {"marts.dim_flags", "marts.dim_generation", "marts.fct_customer_flags"}


def personal_data(connection: duckdb.DuckDBPyConnection, schemas: Sequence[str] = _SCHEMAS) -> list[str]:
    """What must not be published, in sentences that name table, column and how many rows."""
    personal = {column.name for contract in contracts().values() for column in contract.columns if column.is_personal}
    columns = _published_columns(connection, schemas)
    named = [f"{table}.{column} is a column of personal data" for table, column, _ in columns if column in personal]
    texts: dict[str, list[str]] = {}
    for table, column, data_type in columns:
        if data_type == "VARCHAR" and table not in _WORDS_OF_OURS:
            texts.setdefault(table, []).append(column)
    has_numbers = _keep_known_numbers(connection)
    suspect = {table: _suspect(connection, table, names, has_numbers=has_numbers) for table, names in texts.items()}
    found = [finding for table, names in suspect.items() for finding in _contact_values(connection, table, names)]
    return named + found


def personal_data_again(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The same where only segments were made anew: what was found elsewhere stands."""
    found = found_before(connection, "no_personal_data")
    stands = [finding for finding in found if not finding.startswith("segments.")]
    return stands + personal_data(connection, ["segments"])


def _published_columns(connection: duckdb.DuckDBPyConnection, schemas: Sequence[str]) -> list[tuple[str, str, str]]:
    query = """
        select table_schema || '.' || table_name, column_name, data_type
        from information_schema.columns
        where
            table_catalog = current_database()
            and (
                table_schema in ('marts', 'profiles')
                or (table_schema, table_name) in (('segments', 'memberships'), ('segments', 'sizes'))
            )
            and list_contains($schemas, table_schema)
        order by 1, 2
    """
    return connection.execute(query, {"schemas": list(schemas)}).fetchall()


def _keep_known_numbers(connection: duckdb.DuckDBPyConnection) -> bool:
    """Keep the digits of every phone number that landed, without the zeros in front; says whether there are any."""
    connection.execute(f"""
        create or replace temp table known_numbers as
        select distinct {_digits("phone")} as digits
        from (
            select phone from raw.customers
            union all
            select phone from raw.orders
            union all
            select identifier from raw.identities where identifier_type = 'phone'
        )
        where length({_digits("phone")}) >= {_FEWEST_DIGITS} and regexp_full_match({_digits("phone")}, '[0-9]+')
    """)
    return bool(connection.execute("select 1 from temp.known_numbers limit 1").fetchall())


def _suspect(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], *, has_numbers: bool
) -> list[str]:
    """Columns with an @ or a plus, and where people get their ids with as many characters as the shortest number."""
    at_least = f" or length({{0}}) >= {_FEWEST_DIGITS}" if has_numbers and table in _TABLES_OF_PEOPLE else ""
    asked = f"coalesce(bool_or(contains({{0}}, '@') or contains({{0}}, '+'){at_least}), false)"
    (row,) = connection.execute(f"select {', '.join(map(asked.format, columns))} from {table}").fetchall()
    return [column for column, is_suspect in zip(columns, row, strict=True) if is_suspect]


def _digits(column: str) -> str:
    return f"ltrim(translate({column}, ' +()./-', ''), '0')"


def _contact_values(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> Iterable[str]:
    """Columns of a table in which e-mail addresses or phone numbers stand, with how many rows."""
    if not columns:
        return
    counts = [count for column in columns for count in (_emails(column), _numbers(table, column))]
    used = {"email": _EMAIL, "international": _INTERNATIONAL}
    (row,) = connection.execute(f"select {', '.join(counts)} from {table}", used).fetchall()
    kinds = [(column, kind) for column in columns for kind in ("e-mail addresses", "phone numbers")]
    for (column, kind), count in zip(kinds, row, strict=True):
        if count:
            yield f"{table}.{column} carries {kind} in {count} rows: map another value to it (docs/sources.md)"


# A filter asks all of its conditions of every row; `case` asks the dear one only where the cheap one holds.
def _emails(column: str) -> str:
    return f"count(*) filter (where case when contains({column}, '@') then regexp_matches({column}, $email) end)"


def _numbers(table: str, column: str) -> str:
    shape = f"case when contains({column}, '+') then regexp_full_match({column}, $international) else false end"
    if table in _TABLES_OF_PEOPLE:
        shape = f"({shape} or {_digits(column)} in (select digits from known_numbers))"
    return f"count(*) filter (where {shape})"
