"""Which landing files a ledger does not know; what the ledger says of those it knows is written by ``storing.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.raw.discovery import discover
from dagster_project.raw.opening import sha256_of
from dagster_project.raw.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from dagster_project.settings import Settings


def files_not_in(known: AbstractSet[tuple[str, str]], settings: Settings) -> list[str]:
    """Names of the landing files whose content is not among the (folder, sha256) that are known.

    Raises:
        UsageError: a source mapping is wrong, or the sample shop lies beside other files.
    """
    found = discover(settings.landing_dir, load_sources(settings.data_dir / "sources")).files
    return [file.name for file in found if (file.folder, sha256_of(file.path)) not in known]
