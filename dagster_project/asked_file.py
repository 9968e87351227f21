"""The file that ``--write`` asks for: it is there whole, or as it was before."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from dagster_project.errors import UsageError
from dagster_project.privacy import private_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


def require_writable(path: Path, suffixes: Collection[str], *, make_folder: bool = False) -> None:
    """Refuse what cannot become a file of one of these kinds, before any work is done.

    Raises:
        UsageError: the name has another ending, there is no folder, or it may not be written to.
    """
    if path.suffix not in suffixes:
        raise UsageError(f"--write {path}: a file ends in {', '.join(suffixes)}.")
    if path.is_dir():
        raise UsageError(f"--write {path}: this is a folder.")
    if not make_folder and not path.parent.is_dir():
        raise UsageError(f"--write {path}: there is no folder {path.parent}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _draft(path).touch(mode=0o600)
    except OSError as error:
        raise UsageError(f"--write {path}: {path.parent} cannot be written to ({error.strerror}).") from error
    _draft(path).unlink()


@contextmanager
def asked_file(path: Path) -> Iterator[Path]:
    """Where to write, for the owner alone; the file takes its name when it is whole, and else nothing is left."""
    draft = _draft(path)
    try:
        with private_files():
            yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.draft")
