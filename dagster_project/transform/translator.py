"""How dbt resources appear in Dagster: the asset key is the path of the relation, the group is the layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

if TYPE_CHECKING:
    from collections.abc import Mapping


class LayerTranslator(DagsterDbtTranslator):
    """Key ``layer/name``, group ``layer``."""

    def __init__(self) -> None:
        super().__init__(settings=DagsterDbtTranslatorSettings(enable_code_references=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """``raw/orders`` for a source, ``marts/fct_orders`` for a model."""
        return dg.AssetKey([_layer(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The layer."""
        return _layer(dbt_resource_props)


def _layer(dbt_resource_props: Mapping[str, Any]) -> str:
    if dbt_resource_props["resource_type"] == "source":
        return str(dbt_resource_props["source_name"])
    return str(dbt_resource_props["schema"])
