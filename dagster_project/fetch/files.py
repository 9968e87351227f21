"""Landing files of a fetch: written under a name that nobody loads, durable, then renamed; never changed again.

What is remembered about them stands in ``state``.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self, TextIO

from dagster_project.fetch.state import make_durable, make_folder_durable

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_NAME = re.compile(r"(\d{6,})-[a-z_]+\.jsonl(?:\.gz)?")


class Parts:
    """Files under way, by part: a hidden file each, numbered on from ``last_file`` when they are all written."""

    def __init__(self, folder: Path, stream: str, last_file: int) -> None:
        self._folder = folder
        self._stream = stream
        self._first = max([last_file, *_numbers(folder)]) + 1
        self._open = ExitStack()
        self._files: dict[int, TextIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if error is not None:
            remove_unfinished(self._folder)

    def write(self, part: int, text: str) -> None:
        """Add lines to a part; parts begin in order, 1, 2, ..."""
        if part not in self._files:
            path = part_path(self._folder, self._name(part))
            self._files[part] = self._open.enter_context(path.open("w", encoding="ascii"))
        self._files[part].write(text)

    def finish(self) -> tuple[str, ...]:
        """Wait until every part lies on disk; gives the names that they shall have, in loading order."""
        for file in self._files.values():
            file.flush()
            make_durable(file.fileno())
        self._open.close()
        if self._files:
            make_folder_durable(self._folder)
        return tuple(self._name(part) for part in sorted(self._files))

    def _name(self, part: int) -> str:
        return f"{self._first + part - 1:06d}-{self._stream}.jsonl"


def number_of(name: str) -> int:
    """The number of a landing file of a fetch; 0 for any other file."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else 0


def part_path(folder: Path, name: str) -> Path:
    """Where a landing file lies while it is not one yet: hidden, so that no run loads it."""
    return folder / f".{name}.part"


def reveal(folder: Path, names: tuple[str, ...]) -> None:
    """Give finished parts their names, in order; those that have it already keep it."""
    for name in names:
        part = part_path(folder, name)
        if part.exists():
            part.rename(folder / name)
    if names:
        make_folder_durable(folder)


def remove_unfinished(folder: Path) -> None:
    """Remove what a fetch that broke off has left."""
    for part in folder.glob(".*.part"):
        part.unlink()


def _numbers(folder: Path) -> list[int]:
    return [number_of(path.name) for path in folder.iterdir()]
