"""The dbt models as assets: raw tables to marts, and marts to profiles."""

from __future__ import annotations

import queue
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from dbt_common.events.base_types import EventMsg
from google.protobuf.json_format import MessageToDict

from dagster_project.resources import WRITER_POOL, Warehouse
from dagster_project.transform.outcomes import failure_sentences, record_outcomes
from dagster_project.transform.project import build, dbt_project, manifest_json
from dagster_project.transform.translator import LayerTranslator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dbt.cli.main import dbtRunnerResult

    from dagster_project.settings import Settings

SELECT_MARTS = "resource_type:seed fqn:segments.staging fqn:segments.intermediate fqn:segments.marts"
SELECT_PROFILES = "fqn:segments.profiles"


def transform_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Both groups of dbt models."""
    return [_models(settings, name="dbt_marts", select=SELECT_MARTS), _models(settings, name="dbt_profiles", select=SELECT_PROFILES)]


def _models(settings: Settings, *, name: str, select: str) -> dg.AssetsDefinition:
    manifest = manifest_json(settings)
    translator = LayerTranslator()

    @dbt_assets(
        manifest=manifest,
        select=select,
        name=name,
        project=dbt_project(settings),
        dagster_dbt_translator=translator,
        pool=WRITER_POOL,
    )
    def models(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Any]:
        yield from _build_models(context, warehouse, _selected(context, select), manifest, translator)

    return models


def _selected(context: dg.AssetExecutionContext, select: str) -> list[str]:
    if not context.is_subset:
        return select.split(" ")
    specs = context.assets_def.specs_by_key
    return [f"{specs[key].metadata['dagster_dbt/unique_id'].split('.')[-1]}" for key in context.selected_asset_keys]


def _build_models(
    context: dg.AssetExecutionContext,
    warehouse: Warehouse,
    select: Sequence[str],
    manifest: Mapping[str, Any],
    translator: DagsterDbtTranslator,
) -> Iterator[Any]:
    variables = build_variables(warehouse)
    context.log.info(f"as of {variables['as_of_date']}, time zone {variables['shop_time_zone']}")
    messages: queue.SimpleQueue[EventMsg | None] = queue.SimpleQueue()
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(build, warehouse.settings, select=select, variables=variables, on_event=messages.put)
        future.add_done_callback(lambda _: messages.put(None))
        while (message := messages.get()) is not None:
            if "node_info" in message.data.DESCRIPTOR.fields_by_name:
                raw_event = MessageToDict(message, preserving_proto_field_name=True)
                event = DbtCoreCliEventMessage(raw_event=raw_event, event_history_metadata={})
                yield from event.to_default_asset_events(manifest, translator, context=context)
        result = future.result()
    _conclude(result, warehouse, manifest)


def _conclude(result: dbtRunnerResult, warehouse: Warehouse, manifest: Mapping[str, Any]) -> None:
    if result.exception is not None:
        raise dg.Failure(description=f"dbt did not run: {result.exception}") from result.exception
    with warehouse.connect() as connection:
        record_outcomes(connection, result, manifest)
    if not result.success:
        raise dg.Failure(description="\n".join(failure_sentences(result)), allow_retries=False)


def build_variables(warehouse: Warehouse) -> dict[str, str]:
    """What every model of one build is told: the as-of date, the shop's zone and its currency."""
    return {
        "as_of_date": warehouse.choose_as_of().isoformat(),
        "shop_time_zone": warehouse.settings.shop_time_zone,
        "shop_currency": warehouse.choose_currency() or "",
    }
