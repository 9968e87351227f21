"""Segments as assets: one per declared segment, so that an edited rule makes exactly its own asset stale."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.publish.history import history_sha256, memberships_of_day_before
from dagster_project.resources import Warehouse
from dagster_project.segments.catalog import Catalog, Segment, shipped_catalog
from dagster_project.segments.made_of import forget, remember, versions
from dagster_project.segments.membership import write_segments
from dagster_project.segments.summaries import SUMMARIES, write_summaries

PROFILE = dg.AssetKey(["profiles", "customer_profiles"])


def segment_assets() -> list[dg.AssetsDefinition]:
    """One asset per segment and the summaries over all of them."""
    catalog = shipped_catalog()
    return [_segment_tables(catalog), _summary_tables(catalog)]


def _segment_tables(catalog: Catalog) -> dg.AssetsDefinition:
    @dg.multi_asset(name="segments", specs=[_spec(segment) for segment in catalog.segments], can_subset=True)
    def segments(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult[None]]:
        with warehouse.connect() as connection:
            ((as_of,),) = connection.execute("select as_of_date from marts.dim_generation").fetchall()
            before = memberships_of_day_before(warehouse.settings, as_of)
            keys = {segment.name: dg.AssetKey(["segments", segment.name]) for segment in catalog.segments}
            chosen = [segment for segment in catalog.segments if keys[segment.name] in context.selected_asset_keys]
            wanted = versions(catalog, history_sha256(warehouse.settings, as_of))
            forget(connection, "members", [segment.name for segment in chosen])
            for segment, count in write_segments(connection, chosen, as_of, str(before) if before else None):
                yield dg.MaterializeResult(
                    asset_key=keys[segment.name], metadata={"dagster/row_count": count, "rule": segment.rule_text}
                )
            remember(connection, "members", {segment.name: wanted[segment.name] for segment in chosen})

    return segments


def _spec(segment: Segment) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["segments", segment.name],
        description=f"{segment.description}\n\nRule: {segment.rule_text}",
        group_name="segments",
        owners=[f"team:{segment.owner}"],
        kinds={"duckdb"},
        code_version=segment.rule_version,
        deps=[PROFILE, *(dg.AssetKey(["segments", name]) for name in segment.within)],
        metadata={"purpose": segment.purpose},
    )


def _summary_tables(catalog: Catalog) -> dg.AssetsDefinition:
    deps = [PROFILE, *(dg.AssetKey(["segments", segment.name]) for segment in catalog.segments)]

    @dg.multi_asset(
        name="segment_summaries",
        specs=[
            dg.AssetSpec(["segments", name], description=text, group_name="segments", kinds={"duckdb"}, deps=deps)
            for name, text in SUMMARIES.items()
        ],
    )
    def segment_summaries(
        context: dg.AssetExecutionContext, warehouse: Warehouse
    ) -> Iterator[dg.MaterializeResult[None]]:
        with warehouse.connect() as connection:
            made = write_summaries(connection, warehouse, catalog)
            sizes = connection.execute("select segment, members_count from segments.sizes order by segment").fetchall()
        context.log.info("%s segments, %s memberships", len(sizes), sum(count for _, count in sizes))
        preview = "\n".join(["| segment | members |", "|---|---|", *(f"| {name} | {count} |" for name, count in sizes)])
        for name in SUMMARIES:
            yield dg.MaterializeResult(
                asset_key=["segments", name],
                metadata={"sizes": dg.MetadataValue.md(preview), "made_anew": made.get(name, "everything")},
            )

    return segment_summaries
