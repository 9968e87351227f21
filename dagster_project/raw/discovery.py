"""Which landing files there are, and which contract or source mapping each belongs to.

Nothing here opens a data file; the only file read is the marker of the sample shop.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dagster_project.errors import UsageError
from dagster_project.raw.contracts import contracts
from dagster_project.raw.expressions import close_match
from dagster_project.raw.opening import is_packed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster_project.raw.sources import SourceMapping

FileFormat = Literal["csv", "jsonl", "json", "parquet"]
# Those of the landing tables; a source mapping may name any.
FORMATS: tuple[FileFormat, ...] = ("csv", "jsonl", "parquet")
SAMPLE_MARKER = ".sample.json"


@dataclass(frozen=True)
class LandingFile:
    """A file to load: ``folder`` is a landing table or a source; ``name`` is its posix path inside landing."""

    path: Path
    name: str
    folder: str
    format: FileFormat


@dataclass(frozen=True)
class Discovered:
    """Files in loading order, and a sentence for each file that nobody claims."""

    files: tuple[LandingFile, ...]
    warnings: tuple[str, ...]


def discover(landing: Path, sources: Mapping[str, SourceMapping]) -> Discovered:
    """Find all landing files; tables in contract order first, then sources by name, files by name.

    Sources of exchange rates come before all: orders are judged by them.

    Raises:
        UsageError: the sample shop and other files lie together.
    """
    files: list[LandingFile] = []
    warnings: list[str] = []
    for path in sorted(landing.rglob("*")) if landing.is_dir() else []:
        relative = path.relative_to(landing)
        if any(part.startswith(".") for part in relative.parts) or (path.is_dir() and not path.is_symlink()):
            continue
        claimed = _unreadable(path) or _claim(path, relative.parts, sources)
        if isinstance(claimed, LandingFile):
            files.append(claimed)
        else:
            warnings.append(f"{_shown(relative.as_posix())}: not loaded, {claimed}")
    rates = [name for name in sorted(sources) if "fx_rates" in sources[name].tables]
    order = {name: at for at, name in enumerate(dict.fromkeys([*rates, *contracts(), *sorted(sources)]))}
    files.sort(key=lambda file: (order[file.folder], file.name))
    _refuse_mixed_sample(landing, files)
    return Discovered(tuple(files), tuple(warnings))


def _unreadable(path: Path) -> str | None:
    if path.is_dir():
        return "it is a link to a folder, and links are followed to files only"
    if not path.is_file():
        return "it is a link that leads nowhere" if path.is_symlink() else "it is no plain file"
    return None if _shown(path.name) == path.name else "its name is no UTF-8. Rename it"


def _shown(name: str) -> str:
    """The name with what is no text written out."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _claim(path: Path, parts: tuple[str, ...], sources: Mapping[str, SourceMapping]) -> LandingFile | str:
    folders = [*contracts(), *sorted(sources)]
    if len(parts) == 1:
        return f"it must lie in a folder: one of {', '.join(folders)}"
    folder = parts[0]
    if folder not in folders:
        hint = close_match(folder, folders)
        return f"no landing table or source is named {folder!r}{hint}. Folders are {', '.join(folders)}"
    if parts != (folder, path.name):
        return f"files must lie directly in {folder}/"
    if folder not in sources:
        return _claim_canonical(path, folder)
    mapping = sources[folder]
    if any(fnmatchcase(path.name, pattern) for pattern in mapping.files):
        return LandingFile(path, f"{folder}/{path.name}", folder, mapping.format)
    return f"the source {folder} reads files named {' or '.join(mapping.files)}"


def _claim_canonical(path: Path, folder: str) -> LandingFile | str:
    plain = Path(path.name.lower())
    name = plain.stem if is_packed(plain) else plain.name
    for file_format in FORMATS:
        if name.endswith(f".{file_format}"):
            return LandingFile(path, f"{folder}/{path.name}", folder, file_format)
    return "the name must end in .csv, .jsonl or .parquet, or in one of them and .gz or .zst"


def _refuse_mixed_sample(landing: Path, files: list[LandingFile]) -> None:
    marker = landing / SAMPLE_MARKER
    if not marker.is_file():
        return
    try:
        listed = json.loads(marker.read_text(encoding="utf-8"))["files"]
        sample = {str(name) for name in listed}
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{marker}: is no list of sample files. Remove it, or run `segments sample` again.") from error
    own = [file.name for file in files if file.name not in sample]
    if own:
        raise UsageError(
            f"{landing} holds the sample shop and other files ({own[0]}): they must not be mixed. "
            "`segments sample --remove` removes the sample.",
        )
