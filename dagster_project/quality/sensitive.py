"""Looks for sensitive data of people who did not allow its purpose, in segments and in what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.segments.compiler import text_literal
from dagster_project.segments.sensitive import sensitive_fields, wanted_purposes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import duckdb

    from dagster_project.segments.sensitive import Read

# Tables whose rows name a trait in a column of its own: column with the name, column with the value.
_LONG_TABLES = {"marts.fct_customer_trait_values": "trait"}


def write_sensitive_reads(connection: duckdb.DuckDBPyConnection, reads: Sequence[Read]) -> None:
    """``quality.sensitive_reads``: one row per segment and sensitive column that it reads."""
    connection.execute(
        "create or replace table quality.sensitive_reads (segment varchar, column_name varchar, "
        "wanted_purpose varchar, consent varchar, declared_purpose varchar)"
    )
    if reads:
        connection.executemany("insert into quality.sensitive_reads values (?, ?, ?, ?, ?)", reads)


def sensitive_without_consent(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What must not be published, in sentences that name segment or table and column."""
    return [*_undeclared(connection), *_members_without(connection), *_rows_without(connection)]


def _undeclared(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = connection.execute("""
        select segment, column_name, wanted_purpose
        from quality.sensitive_reads
        where consent is distinct from 'profiling' or declared_purpose is distinct from wanted_purpose
        order by all
    """).fetchall()
    for segment, column, purpose in rows:
        yield f"{segment} reads {column} without declaring `consent: profiling` and `consent_purpose: {purpose}`"


def _members_without(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = connection.execute("""
        select reads.segment, reads.column_name, reads.wanted_purpose, count(*)
        from quality.sensitive_reads as reads
        inner join segments.memberships as members on reads.segment = members.segment
        anti join intermediate.int_consents_resolved as consents
            on
                members.customer_id = consents.customer_id
                and consents.channel = 'profiling'
                and consents.purpose = reads.wanted_purpose
                and consents.is_granted
        group by all
        order by all
    """).fetchall()
    for segment, column, purpose, count in rows:
        yield f"{segment} reads {column}, and {count} members did not allow profiling for {purpose}"


def _rows_without(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    columns: dict[str, list[str]] = {}
    for table, column in _published_columns(connection):
        columns.setdefault(table, []).append(column)
    for table, names in columns.items():
        for column, purpose in wanted_purposes(names).items():
            if table.startswith("segments."):
                yield f"{table}.{column} carries a sensitive field: tables of segments say who, never why"
            elif "customer_id" in names:
                yield from _counted(
                    connection, table, column, f"cast(told.{column} as varchar) not in ('unknown', 'false')", purpose
                )
        if table in _LONG_TABLES:
            yield from _named_in_rows(connection, table, _LONG_TABLES[table])


def _named_in_rows(connection: duckdb.DuckDBPyConnection, table: str, name: str) -> Iterator[str]:
    fields = sensitive_fields()
    query = f"select distinct {name} from {table} where {name} in (select unnest($fields)) order by 1"
    for (field,) in connection.execute(query, {"fields": list(fields)}).fetchall():
        yield from _counted(connection, table, name, f"told.{name} = {text_literal(field)}", fields[field])


def _published_columns(connection: duckdb.DuckDBPyConnection) -> Iterable[tuple[str, str]]:
    return connection.execute("""
        select table_schema || '.' || table_name, column_name
        from information_schema.columns
        where table_catalog = current_database() and table_schema in ('marts', 'profiles', 'segments')
        order by all
    """).fetchall()


def _counted(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, condition: str, purpose: str
) -> Iterator[str]:
    """One sentence where rows of people who did not allow the purpose say something."""
    ((count,),) = connection.execute(
        f"""
        select count(*)
        from {table} as told
        anti join intermediate.int_consents_resolved as consents
            on
                told.customer_id = consents.customer_id
                and consents.channel = 'profiling'
                and consents.purpose = $purpose
                and consents.is_granted
        where {condition}
        """,
        {"purpose": purpose},
    ).fetchall()
    if count:
        yield f"{table}.{column} is told of {count} people who did not allow profiling for {purpose}"
