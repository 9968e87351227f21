"""The published tables as Parquet: what says the same as in the generation before is linked, the rest is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from dagster_project.errors import SegmentsError
from dagster_project.raw.opening import sha256_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from dagster_project.publish.content import Part
    from dagster_project.publish.generations import Generation

# Half the CPU-seconds of the default level, and files three hundredths larger. A column of more values is found out
# before a dictionary of a fifth of its rows was made in vain: an eighth of the CPU-seconds, and files a little smaller.
_FORMAT = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 4096"
# It names its generation, so it is never that of another one.
_OF_ONE_GENERATION = "marts.dim_generation"


def write_parquet(
    build: duckdb.DuckDBPyConnection,
    parts: Sequence[Part],
    draft: Path,
    *,
    generation: str,
    before: Generation | None,
) -> dict[str, str]:
    """Bring every part into a draft of a generation; gives the files that were linked, with their hashes.

    Raises:
        SegmentsError: a file does not hold the rows that were to be published.
    """
    linked: dict[str, str] = {}
    for part in parts:
        target = draft / part.file
        target.parent.mkdir(parents=True, exist_ok=True)
        if before and (sha256 := _unchanged(part, before)):
            target.hardlink_to(before.path / part.file)
            linked[part.file] = sha256
        else:
            _write(build, part, target, generation)
    _verify(parts, draft)
    return linked


def _unchanged(part: Part, before: Generation) -> str | None:
    """Hash of the file that says the same in the generation before; none where it does not or was damaged since."""
    there = before.path / part.file
    is_said = before.manifest.get("parquet_content", {}).get(part.file) == part.sha256
    if not is_said or part.table.path == _OF_ONE_GENERATION or not there.is_file():
        return None
    sha256 = sha256_of(there)
    return sha256 if sha256 == before.manifest["files"].get(part.file) else None


def _write(build: duckdb.DuckDBPyConnection, part: Part, target: Path, generation: str) -> None:
    names_itself = part.table.path == _OF_ONE_GENERATION
    columns = "* replace ($name as generation)" if names_itself else "*"
    build.execute(
        f"copy (select {columns} from {part.table.path} where {part.condition}) to {_literal(target)} ({_FORMAT})",
        {"name": generation} if names_itself else {},
    )
    # Several generations may share it.
    target.chmod(0o444)


def _verify(parts: Sequence[Part], draft: Path) -> None:
    for part in parts:
        found = pq.read_metadata(draft / part.file).num_rows
        if found != part.rows_count:
            raise SegmentsError(f"{part.file} has {found} rows, {part.rows_count} were built")


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
