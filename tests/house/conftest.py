from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.transform.project import manifest_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import dagster as dg


@pytest.fixture(scope="session")
def empty_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="session")
def manifest(empty_data_dir: Path) -> Mapping[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTS_DATA_DIR", str(empty_data_dir))
        return manifest_json("duckdb")


@pytest.fixture(scope="session")
def nodes(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Every model of the manifest by name."""
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


@pytest.fixture(scope="session")
def asset_graph(empty_data_dir: Path) -> dg.AssetGraph:
    from dagster_project.definitions import defs  # noqa: PLC0415 (other rules hold while a layer does not import)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTS_DATA_DIR", str(empty_data_dir))
        return defs().resolve_asset_graph()
