"""Segments as assets: one per declared segment, so that an edited rule makes exactly its own asset stale."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.publish.history import kept_days, kept_folders, last_two_days, memberships_of_day_before
from dagster_project.resources import Warehouse
from dagster_project.segments.candidates import write_candidates
from dagster_project.segments.catalog import Catalog, Segment, shipped_catalog
from dagster_project.segments.definitions import write_definitions
from dagster_project.segments.intervals import write_membership_intervals
from dagster_project.segments.lift import write_lift
from dagster_project.segments.membership import (
    write_dictionary,
    write_memberships,
    write_overlaps,
    write_segments,
    write_sizes,
)
from dagster_project.segments.movements import write_movements
from dagster_project.segments.reasons import write_reasons
from dagster_project.segments.sensitivity import write_sensitivity
from dagster_project.transform.assets import build_variables
from dagster_project.transform.project import manifest_json

PROFILE = dg.AssetKey(["profiles", "customer_profiles"])
_SUMMARIES = {
    "memberships": "One row per segment and member.",
    "candidates": "One row per person and segment of an exclusive group whose rule holds, and who won the person.",
    "reasons": "One row per segment and member: the operands that decided, with their thresholds.",
    "overlaps": "One row per two segments that share members, in both orders: how many, and their Jaccard share.",
    "sensitivity": "One row per threshold of a rule and direction: who moves when it moves by a tenth.",
    "sizes": "One row per segment: members, revenue, share, and whether it is too small to act on.",
    "membership_intervals": "One row per way of knowing, segment, member and unbroken stay, over all built days.",
    "movements": "One row per grouping, where people were on the day built last, where they are now, and cause.",
    "lift": "One row per kept day and segment: who bought in the 90 days after, beside all known customers.",
    "definitions": "One row per segment, for stages and for RFM groups: the version of all that they rest on.",
    "dictionary": "One row per segment: what it means, its rule in words, owner and purpose.",
}


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
            for segment, count in write_segments(connection, chosen, as_of, str(before) if before else None):
                yield dg.MaterializeResult(
                    asset_key=keys[segment.name], metadata={"dagster/row_count": count, "rule": segment.rule_text}
                )

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
            for name, text in _SUMMARIES.items()
        ],
    )
    def segment_summaries(
        context: dg.AssetExecutionContext, warehouse: Warehouse
    ) -> Iterator[dg.MaterializeResult[None]]:
        variables, manifest = build_variables(warehouse), manifest_json(warehouse.settings.engine)
        with warehouse.connect() as connection:
            ((as_of,),) = connection.execute("select as_of_date from marts.dim_generation").fetchall()
            before = memberships_of_day_before(warehouse.settings, as_of)
            write_memberships(connection, catalog)
            write_candidates(connection, catalog)
            write_reasons(connection, catalog)
            write_overlaps(connection)
            write_sensitivity(connection, catalog)
            write_dictionary(connection, catalog)
            write_sizes(connection, catalog, as_of, str(before) if before else None)
            write_membership_intervals(connection, as_of, *kept_days(warehouse.settings, as_of))
            write_definitions(connection, catalog, manifest, variables)
            write_movements(connection, catalog, last_two_days(warehouse.settings, as_of))
            write_lift(connection, as_of, kept_folders(warehouse.settings, as_of))
            sizes = connection.execute("select segment, members_count from segments.sizes order by segment").fetchall()
        context.log.info("%s segments, %s memberships", len(sizes), sum(count for _, count in sizes))
        preview = "\n".join(["| segment | members |", "|---|---|", *(f"| {name} | {count} |" for name, count in sizes)])
        for name in _SUMMARIES:
            yield dg.MaterializeResult(asset_key=["segments", name], metadata={"sizes": dg.MetadataValue.md(preview)})

    return segment_summaries
