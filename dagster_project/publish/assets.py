"""The last asset: one complete audited generation, or none."""

import dagster as dg

from dagster_project.activation.files import audiences_path
from dagster_project.inputs import published_as, remember_published, remember_segments
from dagster_project.publish.publishing import publish
from dagster_project.report.assets import report_path
from dagster_project.report.views import VIEWS
from dagster_project.resources import Warehouse
from dagster_project.transform.project import manifest_json

_READS = [
    *(["activation", "audiences"], ["report", "index"], ["quality", "check_results"]),
    *(["report", name] for name in VIEWS),
]


@dg.asset(
    key=["publish", "current"],
    group_name="publish",
    kinds={"duckdb", "parquet"},
    deps=[dg.AssetKey(key) for key in _READS],
)
def current(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """The generation that BI tools and people read."""
    settings = warehouse.settings
    with warehouse.connect() as build:
        done = publish(
            build,
            settings,
            manifest=manifest_json(warehouse.settings.engine),
            report=report_path(settings),
            audiences=audiences_path(settings),
            accepted=warehouse.accept,
            standing_of=published_as(build) if warehouse.segments_only else None,
        )
        says_the_same = done.generation if done.generation and done.generation.as_of == done.as_of else None
        if warehouse.segments_only:
            remember_segments(build, warehouse.inputs_sha256(), warehouse.profile_sha256())
        remember_published(build, warehouse.inputs_sha256(), says_the_same.name if says_the_same else None)
    context.log.info(done.outcome)
    name = done.generation.name if done.generation else "none"
    return dg.MaterializeResult(
        metadata={
            "outcome": done.outcome,
            "generation": name,
            "as_of_date": done.as_of.isoformat(),
            **{f"publish_{part}": figure for part, figure in done.cost.items()},
            "path": dg.MetadataValue.path(str(settings.published_dir / "current")),
        },
    )
