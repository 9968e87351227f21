"""Published generations: where they lie, which one stands, and the switch from one to the next."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from dagster_project.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dagster_project.settings import Settings


@dataclass(frozen=True)
class Generation:
    """One complete published generation."""

    name: str
    path: Path
    manifest: Mapping[str, Any]

    @property
    def as_of(self) -> date:
        """Last day that the generation sees."""
        return date.fromisoformat(self.manifest["as_of_date"])

    @property
    def content_sha256(self) -> str:
        """Hash of the content, the same for equal content whenever it was written."""
        return str(self.manifest["content_sha256"])


def generations(settings: Settings) -> list[Generation]:
    """All complete generations, oldest first. A folder without ``publish.json`` is not complete and is not listed."""
    folder = settings.published_dir / "generations"
    complete = sorted(folder.glob("*/publish.json"))
    return [_read(path.parent) for path in complete if not path.parent.name.startswith(".")]


def current_generation(settings: Settings) -> Generation | None:
    """The generation that readers see, if one was published."""
    link = settings.published_dir / "current"
    return _read(link.resolve()) if (link / "publish.json").exists() else None


def switch_to(settings: Settings, name: str) -> Generation:
    """Make a complete generation the current one, in one step of the file system.

    Raises:
        UsageError: there is no such generation; the message lists those that there are.
    """
    found = {generation.name: generation for generation in generations(settings)}
    if name not in found:
        message = f"There is no generation {name!r}. There are: {', '.join(found) or 'none yet'}."
        raise UsageError(message)
    link = settings.published_dir / "current"
    fresh = settings.published_dir / ".current.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(found[name].path.relative_to(settings.published_dir))
    fresh.replace(link)
    sync_folder(settings.published_dir)
    return found[name]


def prune(settings: Settings) -> list[str]:
    """Remove the oldest generations beyond ``KEEP_GENERATIONS``, and what a crash left unfinished."""
    standing = current_generation(settings)
    complete = generations(settings)
    old = [item for item in complete[: -settings.keep_generations] if standing is None or item.name != standing.name]
    unfinished = (settings.published_dir / "generations").glob(".*.draft")
    for path in [*(generation.path for generation in old), *unfinished]:
        shutil.rmtree(path, ignore_errors=True)
    return [generation.name for generation in old]


def sync_folder(path: Path) -> None:
    """Make the entries of a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> Generation:
    manifest = json.loads((path / "publish.json").read_text(encoding="utf-8"))
    return Generation(name=path.name, path=path, manifest=manifest)
