"""Days of the past as one partitioned asset; a range of days is one run in one process."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from dagster_project.clock import FIRST_DAY, require_complete, utc_now
from dagster_project.history.days import recompute
from dagster_project.resources import Warehouse
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.settings import Settings
from dagster_project.transform.assets import build_variables

RECOMPUTED = dg.AssetKey(["history", "recomputed"])


def history_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Who was in which segment on a day of the past, as it is known now."""

    @dg.asset(
        key=RECOMPUTED,
        group_name="history",
        kinds={"duckdb", "parquet"},
        partitions_def=dg.DailyPartitionsDefinition(start_date=FIRST_DAY.isoformat(), timezone=settings.shop_time_zone),
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[dg.AssetKey(["raw", "load_ledger"])],
    )
    def recomputed(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult[None]]:
        """Members, sizes and stages of each day, built from what has landed by now; kept, never published."""
        days = [require_complete(date.fromisoformat(key), settings, utc_now()) for key in context.partition_keys]
        built = recompute(
            warehouse.settings,
            days,
            variables=build_variables(warehouse),
            facts_sha256=warehouse.facts_sha256(),
            catalog=shipped_catalog(),
            rebuild=warehouse.rebuild,
        )
        for day in built:
            what = f"built in {day.cpu_seconds:.1f} CPU-seconds" if day.is_built else "made of the same before"
            context.log.info("%s %s", day.as_of, what)
            context.add_asset_metadata(
                {"is_built": day.is_built, "cpu_seconds": day.cpu_seconds, "path": dg.MetadataValue.path(day.folder)},
                partition_key=day.as_of.isoformat(),
            )
        yield dg.MaterializeResult()

    return [recomputed]
