"""Is everything sound: the machine, the settings, what landed, what was loaded and what is published.

Looks and says; changes nothing. What to do with a file that nobody mapped stands in ``raw.guessing``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb

from dagster_project import spark
from dagster_project.errors import SegmentsError
from dagster_project.publish.generations import current_generation
from dagster_project.raw.database import conservation_violations, open_raw
from dagster_project.raw.loading import found_and_compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dagster_project.settings import Settings

Verdict = Literal["ok", "warning", "failed"]

# File systems of other machines: DuckDB's locks and the one switch of publish do not hold there.
_REMOTE = (
    "nfs",
    "nfs4",
    "cifs",
    "smb",
    "smb2",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "fuse.sshfs",
    "fuse.s3fs",
    "davfs",
)
_MOUNTS = Path("/proc/mounts")
_SMALLEST_FREE_BYTES = 1 << 30
_SPARE_FACTOR = 2


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``exit_code`` is what the command ends with where it failed."""

    subject: str
    verdict: Verdict
    sentence: str
    exit_code: int = 1


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; whatever fails is a finding and keeps nothing else from being looked at."""
    looks: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("file system", _file_system),
        ("free space", _free_space),
        ("engine", _engine),
        ("private files", _private_files),
        ("landing", _landing),
        ("raw", _raw),
        ("published", _published),
    )
    found: list[Finding] = []
    for subject, look in looks:
        try:
            found += look(settings)
        except SegmentsError as error:
            found.append(Finding(subject, "failed", str(error), error.exit_code))
        except (OSError, ValueError, KeyError, duckdb.Error) as error:
            found.append(Finding(subject, "failed", f"{type(error).__name__}: {str(error).splitlines()[0]}"))
    return found


def _file_system(settings: Settings) -> Iterator[Finding]:
    with tempfile.NamedTemporaryFile(dir=_nearest_folder(settings.data_dir), prefix=".doctor-") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fsync(file.fileno())
    kind = file_system_of(settings.data_dir, _MOUNTS.read_text(encoding="utf-8") if _MOUNTS.exists() else "")
    if kind in _REMOTE:
        sentence = f"{settings.data_dir} lies on {kind}, where locks do not hold: set SEGMENTS_DATA_DIR to a local disk"
        yield Finding("file system", "failed", sentence, 2)
    else:
        yield Finding("file system", "ok", f"{settings.data_dir} can be written and locked")


def _nearest_folder(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def file_system_of(path: Path, mounts: str) -> str:
    """Kind of the file system that holds the path, by the longest mount point above it; empty where none is known."""
    kinds: dict[Path, str] = {}
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        kinds[Path(point.encode().decode("unicode_escape"))] = kind
    above = [point for point in (path, *path.parents) if point in kinds]
    return kinds[above[0]] if above else ""


def _free_space(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(_nearest_folder(settings.data_dir)).free
    held = [*settings.databases, settings.published_dir / "current" / "customer_segments.duckdb"]
    needed = max(_SMALLEST_FREE_BYTES, _SPARE_FACTOR * sum(path.stat().st_size for path in held if path.exists()))
    told = f"{free / 1e9:,.1f} GB are free, a run may need {needed / 1e9:,.1f} GB"
    yield Finding("free space", "ok" if free >= needed else "failed", told)


def _engine(settings: Settings) -> Iterator[Finding]:
    spark.require_engine(settings)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    told = f"{settings.engine}, {settings.memory_limit} of memory, {settings.threads} threads"
    if settings.memory_limit_bytes > memory:
        sentence = f"{told}; the machine has {memory / 1e9:,.1f} GB: lower SEGMENTS_MEMORY_LIMIT"
        yield Finding("engine", "warning", sentence)
    else:
        yield Finding("engine", "ok", told)


def _private_files(settings: Settings) -> Iterator[Finding]:
    private = [*settings.databases, settings.data_dir / "pii.key"]
    private += [*settings.data_dir.glob("audiences/*/*"), *settings.published_dir.glob("current/audiences/*/*")]
    there = [path for path in private if path.exists()]
    for path in there:
        if mode := stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("private files", "failed", f"others may open {path} ({mode:03o}): chmod 600 {path}")
            return
    yield Finding("private files", "ok", f"{len(there)} files with personal data are the owner's alone")


def _landing(settings: Settings) -> Iterator[Finding]:
    found, compiled = found_and_compiled(settings)
    for warning in found.warnings:
        file = warning.partition(": ")[0]
        yield Finding("landing", "warning", f"{warning}. `segments doctor {file!r}` shows what it looks like")
    told = f"{len(found.files):,} files belong to a table or source; {len(compiled)} source mappings are sound"
    yield Finding("landing", "ok", told)


def _raw(settings: Settings) -> Iterator[Finding]:
    if not settings.raw_path.exists():
        yield Finding("raw", "ok", "nothing has been loaded yet")
        return
    with open_raw(settings, read_only=True) as raw:
        broken = conservation_violations(raw)
        ((files, read),) = raw.execute("select count(*), coalesce(sum(rows_read), 0) from raw.load_ledger").fetchall()
        ((refused,),) = raw.execute("select count(*) from raw.quarantine").fetchall()
    for violation in broken:
        yield Finding("raw", "failed", f"{violation.file}: {violation.message}")
    if refused:
        yield Finding("raw", "warning", f"{refused:,} rows are quarantined: `segments quarantine list` says why")
    if not broken:
        yield Finding("raw", "ok", f"the {read:,} rows of {files:,} files add up")


def _published(settings: Settings) -> Iterator[Finding]:
    link = settings.published_dir / "current"
    standing = current_generation(settings)
    if standing is None:
        verdict: Verdict = "failed" if link.is_symlink() else "ok"
        told = "current leads to no complete generation: segments publish --to" if link.is_symlink() else "nothing yet"
        yield Finding("published", verdict, told)
        return
    faults = [f"{name} {fault}" for name, sha256 in standing.manifest["files"].items()
              if (fault := _file_fault(standing.path / name, sha256))]  # fmt: skip
    faults += [f"{path.name} lies beside it" for path in standing.path.glob("*.wal")]
    for fault in faults:
        sentence = f"generation {standing.name}: {fault}. Go back with segments publish --to, or segments run --rebuild"
        yield Finding("published", "failed", sentence)
    if not faults:
        told = f"the {len(standing.manifest['files'])} files of generation {standing.name} are as they were published"
        yield Finding("published", "ok", told)


def _file_fault(path: Path, sha256: str) -> str | None:
    if not path.is_file():
        return "is gone"
    with path.open("rb") as file:
        is_same = hashlib.file_digest(file, "sha256").hexdigest() == sha256
    return None if is_same else "is not as it was published"
