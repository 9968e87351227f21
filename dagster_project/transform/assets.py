"""The dbt models as assets: raw tables to marts, and marts to profiles."""

import queue
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DbtProject, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from google.protobuf.json_format import MessageToDict

from dagster_project.advice import explained
from dagster_project.inputs import forget_published, remember_build
from dagster_project.resources import Warehouse
from dagster_project.settings import Settings
from dagster_project.transform.engines import conclude, make_room
from dagster_project.transform.outcomes import failure_sentences, record_outcomes
from dagster_project.transform.project import build, dbt_project, manifest_json
from dagster_project.transform.rfm_anchors import rfm_variables
from dagster_project.transform.rfm_choice import read_choice
from dagster_project.transform.translator import LayerTranslator

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt_common.events.base_types import EventMsg

SELECT_MARTS = "resource_type:seed fqn:segments.staging fqn:segments.intermediate fqn:segments.marts"
SELECT_PROFILES = "fqn:segments.profiles"

_RESULTS = frozenset({"LogModelResult", "LogSeedResult", "LogTestResult"})


@dataclass(frozen=True)
class _Project:
    """The dbt project as Dagster needs it: parsed once, translated one way."""

    manifest: Mapping[str, Any]
    project: DbtProject
    translator: LayerTranslator


def transform_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Both groups of dbt models: those that lead to marts, and the profiles after them.

    Raises:
        UsageError: the RFM map, method or cut points of the project are wrong.
    """
    read_choice()
    project = _Project(manifest_json(settings.engine), dbt_project(settings), LayerTranslator())
    return [_models(project, "dbt_marts", SELECT_MARTS), _models(project, "dbt_profiles", SELECT_PROFILES)]


def _models(project: _Project, name: str, select: str) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=project.manifest,
        select=select,
        name=name,
        project=project.project,
        dagster_dbt_translator=project.translator,
    )
    def models(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Any]:
        yield from _build_models(context, warehouse, project, _selected(context, select))

    return models


def _selected(context: dg.AssetExecutionContext, select: str) -> list[str]:
    if not context.is_subset:
        return select.split(" ")
    specs = context.assets_def.specs_by_key
    return [specs[key].metadata["dagster_dbt/unique_id"].split(".")[-1] for key in context.selected_asset_keys]


def _build_models(
    context: dg.AssetExecutionContext,
    warehouse: Warehouse,
    project: _Project,
    select: Sequence[str],
) -> Iterator[Any]:
    if SELECT_MARTS.split(" ") == select:
        if generation := warehouse.published_generation():
            context.log.info("nothing has changed since generation %s: nothing to build", generation)
            return
        warehouse.start_afresh()
        with warehouse.connect() as connection:
            remember_build(connection, warehouse.inputs_sha256(), warehouse.profile_sha256())
    elif context.is_subset:
        with warehouse.connect() as connection:
            forget_published(connection)
    variables = build_variables(warehouse)
    tables = [key.to_user_string() for key in context.selected_asset_keys]
    variables |= make_room(warehouse.settings, tables, variables, is_whole=not context.is_subset)
    context.log.info("as of %s, time zone %s", variables["as_of_date"], variables["shop_time_zone"])
    messages: queue.SimpleQueue[EventMsg | None] = queue.SimpleQueue()
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(build, warehouse.settings, select=select, variables=variables, on_event=messages.put)
        future.add_done_callback(lambda _: messages.put(None))
        while (message := messages.get()) is not None:
            yield from _dagster_events(context, project, message)
        result = future.result()
    _conclude(result, warehouse, project, variables)


def _dagster_events(context: dg.AssetExecutionContext, project: _Project, message: "EventMsg") -> Iterator[Any]:
    if message.info.name not in _RESULTS:
        return
    raw_event = MessageToDict(message, preserving_proto_field_name=True)
    event = DbtCoreCliEventMessage(raw_event=raw_event, event_history_metadata={})
    yield from event.to_default_asset_events(
        project.manifest, project.translator, context=context, project=project.project
    )


def _conclude(result: "dbtRunnerResult", warehouse: Warehouse, project: _Project, variables: Mapping[str, Any]) -> None:
    if result.exception is not None:
        said = explained(str(result.exception), warehouse.settings)
        raise dg.Failure(description=f"dbt did not run: {said}") from result.exception
    with warehouse.connect() as connection:
        conclude(connection, warehouse.settings, variables, result, project.manifest)
        record_outcomes(connection, result, project.manifest)
    if not result.success:
        raise dg.Failure(description="\n".join(failure_sentences(result, warehouse.settings)), allow_retries=False)


def build_variables(warehouse: Warehouse) -> dict[str, Any]:
    """What every model of one build is told: the as-of date, the shop's zone and currency, and how RFM is scored."""
    return {
        "as_of_date": warehouse.choose_as_of().isoformat(),
        "shop_time_zone": warehouse.settings.shop_time_zone,
        "shop_currency": warehouse.choose_currency() or "",
        **rfm_variables(warehouse.settings),
    }
