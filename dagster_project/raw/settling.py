"""Whether a landing file is written to its end: one that looks half written waits until nobody writes it any more."""

from __future__ import annotations

from time import sleep, time
from typing import TYPE_CHECKING

from dagster_project.raw.opening import is_packed

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.raw.discovery import FileFormat, LandingFile

_ENDS: dict[FileFormat, tuple[bytes, ...]] = {
    "csv": (b"\n",),
    "jsonl": (b"\n",),
    "json": (b"\n", b"]"),
    "parquet": (b"PAR1",),
}
_LONGEST_END = 4


class StillWrittenError(Exception):
    """The file changed while it was waited for."""


def is_settled(file: LandingFile, settle_seconds: float) -> bool:
    """Whether nobody writes the file; waits until one without an end has lain unchanged for so long.

    A file with an end needs no waiting, and one whose time lies in the future is not waited for.
    """
    before = file.path.stat()
    age = time() - before.st_mtime
    if not 0 <= age < settle_seconds or _has_end(file.path, file.format):
        return True
    sleep(settle_seconds - age)
    after = file.path.stat()
    return (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


def _has_end(path: Path, file_format: FileFormat) -> bool:
    """Whether the last bytes are those of a whole file; of a compressed file they say nothing."""
    if is_packed(path):
        return False
    with path.open("rb") as content:
        size = content.seek(0, 2)
        content.seek(max(size - _LONGEST_END, 0))
        return content.read().endswith(_ENDS[file_format])
