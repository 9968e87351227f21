"""The tables of the quality layer: what was loaded, refused, summed and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.quality.asking import run_checks
from dagster_project.raw.rates import lookback_days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import duckdb

    from dagster_project.quality.asking import Outcome

_HERE = Path(__file__).parent
TABLES = {
    "load_ledger": "One row per loaded file: what became of its rows.",
    "quarantine_summary": "One row per file, reason and column: how many rows were refused.",
    "reconciliation": "One row per measure: the source's total beside the build's.",
    "data_health": "One row per measure: fields that say something, days behind, duplicates, people known.",
    "rfm_groups": "One row per group of every RFM map: its codes, those that can occur, and its buyers.",
    "catalogue": "One row per way of segmenting that the literature names: what answers it, or why nothing does.",
    "check_results": "One row per test and check: whether it passed and what was found.",
}


def write_load_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """``quality.load_ledger`` and ``quality.quarantine_summary``, without raw personal data."""
    connection.execute("create schema if not exists quality")
    connection.execute(
        "create or replace table quality.load_ledger as select * from raw.load_ledger order by file, sha256"
    )
    connection.execute("""
        create or replace table quality.quarantine_summary as
        select file, sha256, reason_code, column_name, count(*) as rows_count
        from raw.quarantine
        group by all
        order by all
    """)


def write_reconciliation(connection: duckdb.DuckDBPyConnection, as_of: date, zone: str, currency: str | None) -> None:
    """``quality.reconciliation``: the source's own totals beside those of the build, and what lies between them."""
    values = {"as_of": as_of, "zone": zone, "currency": currency or "", "lookback": lookback_days()}
    connection.execute(f"create or replace temp table source_orders as {_sql('source_orders')}", values)
    ((source_orders, source_amount),) = connection.execute(_sql("source_totals")).fetchall()
    moment = {"as_of": as_of, "zone": zone}
    ((refunds_count, refunds),) = connection.execute(_sql("source_refunds"), moment).fetchall()
    totals = connection.execute(_sql("built_totals")).fetchall()
    ((orders, product, net, applied, gift_cards, not_valid, net_by_event_date),) = totals
    ((built_count, stated, built, matched, unmatched, used),) = connection.execute(_sql("built_refunds")).fetchall()
    rows = [
        ("orders", source_orders, orders),
        ("product value of all orders", source_amount, product),
        ("product value shared out", source_amount, net + applied + gift_cards + not_valid),
        ("refunds", refunds_count, built_count),
        ("amount of all refunds", refunds, stated),
        ("refunds matched and unmatched", built, matched + unmatched),
        ("refunds matched and used by orders", matched, used),
        ("net revenue by order date and by event date", net, net_by_event_date),
        ("net revenue", None, net),
        ("refunds of valid orders", None, applied),
        ("gift cards sold", None, gift_cards),
        ("orders that are not valid", None, not_valid),
        ("refunds that found no sale", None, unmatched),
    ]
    connection.execute("""
        create or replace table quality.reconciliation
        (measure varchar, source_amount decimal(18, 2), built_amount decimal(18, 2), difference_amount decimal(18, 2))
    """)
    connection.executemany(
        "insert into quality.reconciliation values ($1, $2, $3, coalesce($2 - $3, 0))", [list(row) for row in rows]
    )


def _sql(name: str) -> str:
    return (_HERE / f"{name}.sql").read_text(encoding="utf-8")


def write_segment_warnings(
    connection: duckdb.DuckDBPyConnection, topics: Mapping[str, Sequence[tuple[str, str]]]
) -> None:
    """``quality.segment_warnings``: what owners should look at: by topic (segment, sentence)."""
    connection.execute(
        "create or replace table quality.segment_warnings (topic varchar, segment varchar, warning varchar)"
    )
    rows = [[topic, *row] for topic, sentences in topics.items() for row in sentences]
    if rows:
        connection.executemany("insert into quality.segment_warnings values (?, ?, ?)", rows)


def write_previous_sizes(connection: duckdb.DuckDBPyConnection, published: Path | None) -> None:
    """``quality.previous_sizes``: segment sizes of the generation that stands, if one does."""
    empty = "select cast(null as varchar) as segment, cast(null as bigint) as members_count where false"
    query = f"select segment, members_count from read_parquet('{published}')" if published else empty
    connection.execute(f"create or replace table quality.previous_sizes as {query}")


def write_check_results(connection: duckdb.DuckDBPyConnection, *, only_segments: bool = False) -> list[Outcome]:
    """``quality.check_results``: every dbt test and every check of the build, with what was found."""
    outcomes = run_checks(connection, only_segments=only_segments)
    connection.execute("""
        create or replace table quality.check_results as
        select check_name, asset, severity, is_passed, failures_count, '' as message
        from quality.dbt_test_results
    """)
    connection.executemany(
        "insert into quality.check_results values (?, ?, ?, ?, ?, ?)",
        [
            [
                outcome.check.name,
                outcome.check.asset,
                outcome.check.severity,
                outcome.is_passed,
                len(outcome.findings),
                "; ".join(finding.replace("; ", ", ") for finding in outcome.findings),
            ]
            for outcome in outcomes
        ],
    )
    return outcomes
