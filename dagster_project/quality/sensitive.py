"""Looks for sensitive data of people who did not allow its purpose, in segments and in what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.segments.compiler import text_literal
from dagster_project.segments.sensitive import (
    LIFE_STAGE_PURPOSE,
    sensitive_fields,
    sensitive_life_stages,
    wanted_purposes,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import duckdb

    from dagster_project.segments.sensitive import Read


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
    return sorted([*_undeclared(connection), *_members_without(connection), *_rows_without(connection)])


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
    for (table, name), values in _sensitive_values().items():
        if name in columns.get(table, []):
            yield from _named_in_rows(connection, table, name, values)


def _sensitive_values() -> dict[tuple[str, str], dict[str, str]]:
    """Purpose by value, for columns that are sensitive where they say this and not where they say that."""
    stages = sensitive_life_stages()
    return {
        ("marts.fct_customer_trait_values", "trait"): sensitive_fields(),
        ("marts.fct_customer_next_steps", "purchase_rule"): dict.fromkeys(stages, LIFE_STAGE_PURPOSE),
        ("profiles.customer_profiles", "life_stage"): dict.fromkeys(stages.values(), LIFE_STAGE_PURPOSE),
    }


def _named_in_rows(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, purposes: dict[str, str]
) -> Iterator[str]:
    query = f"select distinct {name} from {table} where {name} in (select unnest($fields)) order by 1"
    for (field,) in connection.execute(query, {"fields": list(purposes)}).fetchall():
        yield from _counted(connection, table, name, f"told.{name} = {text_literal(field)}", purposes[field])


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
