"""The unit tests of the dbt models, run over an empty warehouse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dagster_project.clock import utc_now
from dagster_project.raw.loading import load_landing
from dagster_project.transform.outcomes import failure_sentences
from dagster_project.transform.project import parsed_manifest, run_dbt
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from pathlib import Path


def test_every_decision_of_the_models(tmp_path: Path) -> None:
    with environment_taken_back():
        settings = Shop(tmp_path, {}).settings
        load_landing(settings, now=utc_now())
        arguments = [
            "build",
            "--empty",
            "--exclude-resource-type",
            "test",
            "--vars",
            json.dumps({"as_of_date": "2026-06-30"}),
        ]
        result = run_dbt(settings, arguments, manifest=parsed_manifest(settings.engine), on_event=None)
    assert list(failure_sentences(result, settings)) == []
    assert result.exception is None
    ran = [node for node in result.result.results if node.node.resource_type == "unit_test"]  # type: ignore[union-attr]
    assert len(ran) > 100
