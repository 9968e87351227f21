"""The audience files as an asset: whom other systems may reach, and a count of everybody whom they may not."""

import dagster as dg

from dagster_project.activation.files import audiences_path, write_audiences
from dagster_project.resources import Warehouse
from dagster_project.segments.catalog import shipped_catalog

_READS = [
    ["intermediate", "int_recipients_joined"],
    ["intermediate", "int_contacts_resolved"],
    ["intermediate", "int_consents_resolved"],
    ["intermediate", "int_suppressions_resolved"],
    ["marts", "dim_generation"],
    ["profiles", "customer_profiles"],
    ["segments", "memberships"],
    ["segments", "sizes"],
]


@dg.asset(
    key=["activation", "audiences"],
    group_name="activation",
    kinds={"csv"},
    deps=[dg.AssetKey(key) for key in _READS],
)
def audiences(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """Files for e-mail tools and ad platforms, one per segment and platform that its declaration names."""
    folder = audiences_path(warehouse.settings)
    with warehouse.connect() as connection:
        written = write_audiences(connection, shipped_catalog(), folder)
    context.log.info("%s audience files, %s rows", len(written), sum(one["written_count"] for one in written))
    lines = [
        f"| {one['segment']} | {one['platform']} | {one['members_count']} | {one['written_count']} |" for one in written
    ]
    preview = "\n".join(["| segment | platform | members | written |", "|---|---|---|---|", *lines])
    return dg.MaterializeResult(
        metadata={"audiences": dg.MetadataValue.md(preview), "path": dg.MetadataValue.path(str(folder))}
    )
