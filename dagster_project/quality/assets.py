"""The quality layer as assets: it looks at everything and feeds nothing but the report and the gate of publish."""

from collections.abc import Iterator

import dagster as dg
import duckdb

from dagster_project.publish.generations import current_generation
from dagster_project.quality.asking import Outcome
from dagster_project.quality.catalogue import write_catalogue
from dagster_project.quality.checks import checks
from dagster_project.quality.data_health import write_data_health
from dagster_project.quality.partitions import add_partitions
from dagster_project.quality.rfm_groups import write_rfm_groups
from dagster_project.quality.sensitive import write_sensitive_reads
from dagster_project.quality.tables import (
    TABLES,
    write_check_results,
    write_load_tables,
    write_previous_sizes,
    write_reconciliation,
    write_segment_warnings,
)
from dagster_project.resources import Warehouse
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.segments.doubts import doubts
from dagster_project.segments.membership import size_warnings
from dagster_project.segments.sensitive import sensitive_reads
from dagster_project.segments.starved import starved
from dagster_project.settings import Settings

# What stands as it is where only segments were made anew.
_WITHOUT_SEGMENTS = ("load_ledger", "quarantine_summary", "data_health", "rfm_groups", "catalogue")


def quality_assets() -> dg.AssetsDefinition:
    """All tables and checks of the quality layer, in one step."""
    deps = [["raw", "load_ledger"], ["raw", "quarantine"], ["marts", "fct_orders"], ["marts", "fct_refunds"]]
    deps += [["marts", "rpt_revenue_by_day"], ["marts", "fct_customer_rfm"], ["seeds", "rfm_maps"]]
    deps += [["marts", "dim_customers"], ["marts", "fct_sessions"], ["marts", "fct_messages"]]
    deps += [["profiles", "customer_profiles"], ["segments", "sizes"], ["segments", "memberships"]]
    deps += [["segments", "overlaps"], ["segments", "candidates"]]
    deps += [["intermediate", "int_consents_resolved"]]

    @dg.multi_asset(
        name="quality",
        specs=[
            dg.AssetSpec(
                ["quality", name],
                description=description,
                group_name="quality",
                kinds={"duckdb"},
                deps=[dg.AssetKey(key) for key in deps],
            )
            for name, description in TABLES.items()
        ],
        check_specs=[
            dg.AssetCheckSpec(
                check.name,
                asset=["quality", "check_results"],
                description=check.description,
                blocking=check.severity == "error",
            )
            for check in checks()
        ],
    )
    def quality(
        context: dg.AssetExecutionContext, warehouse: Warehouse
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        outcomes = _look(warehouse)
        for name in TABLES:
            stands = warehouse.segments_only and name in _WITHOUT_SEGMENTS
            metadata = {"made_anew": "nothing"} if stands else {}
            yield dg.MaterializeResult(asset_key=["quality", name], metadata=metadata)
        for outcome in outcomes:
            findings = "\n".join(f"- {line}" for line in outcome.findings)
            if not outcome.is_passed:
                context.log.warning("%s: %s", outcome.check.name, "; ".join(outcome.findings[:5]))
            yield dg.AssetCheckResult(
                check_name=outcome.check.name,
                asset_key=["quality", "check_results"],
                passed=outcome.is_passed,
                severity=_severity(outcome, warehouse),
                metadata={"findings": dg.MetadataValue.md(findings or "none")},
            )

    return quality


def _severity(outcome: Outcome, warehouse: Warehouse) -> dg.AssetCheckSeverity:
    """A blocking check that a person accepted for this run only warns."""
    if outcome.check.severity == "warn" or outcome.check.name in warehouse.accept:
        return dg.AssetCheckSeverity.WARN
    return dg.AssetCheckSeverity.ERROR


def _look(warehouse: Warehouse) -> list[Outcome]:
    settings = warehouse.settings
    standing = current_generation(settings)
    with warehouse.connect() as connection:
        if not warehouse.segments_only:
            _look_at_facts(connection, settings)
        catalog = shipped_catalog()
        write_sensitive_reads(connection, sensitive_reads(catalog))
        topics = {"size": size_warnings(connection, catalog), "doubt": doubts(connection, catalog)}
        add_partitions(connection, catalog)
        write_segment_warnings(connection, {**topics, "starved": starved(connection, catalog)})
        write_previous_sizes(connection, standing.path / "parquet/segments/sizes.parquet" if standing else None)
        return write_check_results(connection, only_segments=warehouse.segments_only)


def _look_at_facts(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Whatever rests on no segment."""
    write_load_tables(connection)
    write_data_health(connection)
    query = "select as_of_date, shop_currency from marts.dim_generation"
    ((as_of, currency),) = connection.execute(query).fetchall()
    write_reconciliation(connection, as_of, settings.shop_time_zone, currency)
    write_rfm_groups(connection, settings)
    write_catalogue(connection)
