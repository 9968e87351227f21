"""What is remembered between fetches: one small JSON file per landing folder, replaced whole.

It moves only after what it speaks of lies on disk; the files themselves are written in ``files``.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from dagster_project.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


class StreamState(BaseModel):
    """How far one kind of row was fetched, and the versions of those that the next fetch will be served again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    changed_until: datetime | None = None
    recent: dict[str, str] = {}


class FetchState(BaseModel):
    """The shop, the number of its last file, how far each stream is, and files that still wait for their name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shop: str
    last_file: int = 0
    streams: dict[str, StreamState] = {}
    pending: tuple[str, ...] = ()


def read_state(path: Path, shop: str) -> FetchState:
    """The state of a folder, or that of a new one.

    Raises:
        UsageError: the folder belongs to another shop, or the file is damaged.
    """
    if not path.exists():
        return FetchState(shop=shop)
    try:
        state = FetchState.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is damaged: remove it, and the next fetch begins anew; no row counts twice."
        ) from error
    if state.shop != shop:
        raise UsageError(
            f"data/landing/{path.stem} holds what was fetched from {state.shop}, not from {shop}: ids of two shops "
            "must not meet. Copy the mapping under another name with a `shop:` of its own and give that name to --into."
        )
    return state


def write_state(path: Path, state: FetchState) -> None:
    """Replace the state, durably."""
    new = path.with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        file.write(state.model_dump_json(indent=1) + "\n")
        make_durable(file.fileno())
    new.replace(path)
    make_folder_durable(path.parent)


def make_durable(descriptor: int) -> None:
    """Wait until a file lies on disk."""
    os.fsync(descriptor)


def make_folder_durable(folder: Path) -> None:
    """Wait until the names in a folder lie on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
