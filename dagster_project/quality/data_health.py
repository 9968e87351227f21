"""Whether the data are complete, fresh, free of duplicates and known by person: ``quality.data_health``.

It counts and judges nothing; what must not be is a check.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.raw.contracts import contracts

if TYPE_CHECKING:
    import duckdb

_SQL = Path(__file__).parent / "data_health.sql"


def write_data_health(connection: duckdb.DuckDBPyConnection) -> None:
    """One row per measure: ``measured_count`` of ``whole_count``, or how many days the latest fact lies behind.

    ``completeness`` counts the rows of a landing table, as landed, in which a column says something.
    """
    connection.execute("""
        create or replace table quality.data_health (
            topic varchar, table_name varchar, column_name varchar, measured_count bigint, whole_count bigint,
            days_behind integer
        )
    """)
    for contract in contracts().values():
        names = [column.name for column in contract.columns]
        counts = ", ".join(f'count("{name}")' for name in names)
        ((whole, *filled),) = connection.execute(f"select count(*), {counts} from raw.{contract.table}").fetchall()
        if whole:
            rows = [[contract.table, name, count, whole] for name, count in zip(names, filled, strict=True)]
            connection.executemany("insert into quality.data_health values ('completeness', ?, ?, ?, ?, null)", rows)
    connection.execute(_SQL.read_text(encoding="utf-8"))
    connection.execute("""
        create or replace table quality.data_health as
        select
            topic, table_name, column_name, measured_count, whole_count,
            case when whole_count > 0 then (20000 * measured_count + whole_count) // (2 * whole_count) end as share_bp,
            days_behind
        from quality.data_health
        order by topic, table_name, column_name
    """)
