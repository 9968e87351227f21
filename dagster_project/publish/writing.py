"""Writing one generation: room for it, and the manifest that is written last."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from dagster_project.errors import SegmentsError
from dagster_project.raw.opening import sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_manifest(folder: Path, content: Mapping[str, Any], known: Mapping[str, str]) -> None:
    """``publish.json``, last: a folder that has it is complete. Files whose hash is known are not read again."""
    hashes = {(folder / name).stat().st_ino: sha256 for name, sha256 in known.items()}
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        number = path.stat().st_ino  # the same for both names of the DuckDB file
        hashes[number] = hashes.get(number) or sha256_of(path)
        files[str(path.relative_to(folder))] = hashes[number]
    text = json.dumps({**content, "files": files}, indent=2, default=str)
    (folder / "publish.json").write_text(text + "\n", encoding="utf-8")


def require_space(folder: Path, source: Path) -> None:
    """Refuse to start writing what would not fit.

    The DuckDB file is as large as the warehouse at most, and Parquet packs the same tighter.

    Raises:
        SegmentsError: less free space than twice the warehouse takes.
    """
    needed = 2 * source.stat().st_size
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SegmentsError(
            f"{folder} has {free // 2**20} MB free and {needed // 2**20} MB are needed to publish: free some space "
            "or lower SEGMENTS_KEEP_GENERATIONS."
        )
