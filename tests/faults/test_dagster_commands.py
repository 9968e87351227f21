"""Dagster's own commands accept the project as it lies there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "command", [["dagster", "definitions", "validate", "-w", "workspace.yaml"], ["dg", "check", "defs"]], ids=" ".join
)
def test_the_definitions_are_valid(command: list[str], tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SEGMENTS_", "DAGSTER_"))}
    done = subprocess.run(  # noqa: S603 (commands of this environment)
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=ROOT,
        env={
            **clean,
            "SEGMENTS_DATA_DIR": str(tmp_path),
            "PATH": f"{Path(sys.executable).parent}:{clean['PATH']}",
            "DAGSTER_DISABLE_TELEMETRY": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
