"""What outlives a rebuild: who was in which segment and stage, as it was known on the day and as it is known now.

``known/as_of_date=D/generation=G`` is written once and never replaced; ``recomputed/as_of_date=D`` is replaced whole;
``runs/`` is made of both and can be made again. A folder without a dot before its name is complete.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dagster_project.errors import UsageError
from dagster_project.segments.intervals import KeptDays
from dagster_project.segments.kept import KEPT
from dagster_project.segments.moves import Between, State, known_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb

    from dagster_project.publish.generations import Generation
    from dagster_project.settings import Settings

_ABOUT = "about.json"
_LEFT_BEHIND = (".*.draft", ".*.old")


def write_known(
    build: duckdb.DuckDBPyConnection, settings: Settings, published: Generation, standing_of: str | None = None
) -> Path:
    """Keep what this generation says of its day, and how many facts of each person it knew.

    What is published in the same words is linked, and so is what was kept of people by ``standing_of``, a generation
    of the same profile, if there is one.
    """
    day = settings.history_dir / "known" / f"as_of_date={published.as_of}"
    files = {"memberships": published.path / "parquet" / "segments" / "memberships.parquet"}
    if standing_of:
        files |= {name: day / f"generation={standing_of}" / f"{name}.parquet" for name in ("customers", "facts")}
    return _write(build, day / f"generation={published.name}", more={"facts": known_facts()}, same=files)


def write_recomputed(
    build: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, made_of: str | None = None
) -> Path:
    """Keep what is known now about a day of the past, in place of what was known before.

    ``made_of`` is the hash of all that the day was built from, for ``is_made_of``.
    """
    return _write(build, recomputed_folder(settings, as_of), made_of)


def recomputed_folder(settings: Settings, as_of: date) -> Path:
    """Where a day of the past is kept as it is known now."""
    return settings.history_dir / "recomputed" / f"as_of_date={as_of}"


def is_made_of(settings: Settings, as_of: date, sha256: str) -> bool:
    """Whether the day is kept, and was built from exactly this."""
    about = recomputed_folder(settings, as_of) / _ABOUT
    return about.exists() and json.loads(about.read_text(encoding="utf-8"))["made_of"] == sha256


def memberships_of_day_before(settings: Settings, as_of: date) -> Path | None:
    """Memberships of the day before the as-of date, if that day was built: recomputed before known, newest first."""
    day = as_of - timedelta(days=1)
    return recomputed_days(settings, as_of).get(day) or known_days(settings, as_of).get(day)


def known_days(settings: Settings, as_of: date) -> dict[date, Path]:
    """Memberships of the days before this one as the last generation of each day had them, in the order of days."""
    return dict(_days(settings.history_dir / "known", "as_of_date=*/generation=*/memberships.parquet", as_of))


def recomputed_days(settings: Settings, as_of: date) -> dict[date, Path]:
    """Memberships of the days before this one as they are known now, in the order of days."""
    return dict(_days(settings.history_dir / "recomputed", "as_of_date=*/memberships.parquet", as_of))


def kept_days(settings: Settings, as_of: date) -> tuple[KeptDays, ...]:
    """All that is kept of the days before this one, in both ways of knowing, for membership intervals."""
    days = {"known_then": known_days(settings, as_of), "known_now": recomputed_days(settings, as_of)}
    runs = settings.history_dir / "runs"
    return tuple(KeptDays(mode, files, runs / f"{mode}.parquet") for mode, files in days.items())


def last_two_days(settings: Settings, as_of: date) -> Between | None:
    """The build at hand and the latest day built before it, for movements; none where there is no such day."""
    known, again = known_days(settings, as_of), recomputed_days(settings, as_of)
    if not {**known, **again}:
        return None
    day = max({**known, **again})
    return days_between(known, again, State(day), State(as_of))


def between_built_days(settings: Settings, first: date, last: date, *, is_known_now: bool) -> Between:
    """Two built days for movements, both as they were known then or both as they are known now.

    Raises:
        UsageError: they are in no order, or one of them was not built in that way.
    """
    if first >= last:
        raise UsageError(f"--from {first} --to {last} are no days in their order.")
    known, again = (find(settings, last + timedelta(days=1)) for find in (known_days, recomputed_days))
    # The published day is known now as it was published.
    newest = max(known, default=None)
    days = again | ({newest: known[newest]} if newest else {}) if is_known_now else known
    for day in [day for day in (first, last) if day not in days]:
        built = f"`segments history --from {day} --to {day}` builds it"
        how = built if is_known_now else f"it was not published; {built}, to be looked at with --known-now"
        near = ", ".join(map(str, sorted(days)[-5:])) or "none"
        raise UsageError(f"{day} is not kept as known {'now' if is_known_now else 'then'}: {how}. Latest: {near}.")
    state = State(last, days[last].parent)
    return days_between({} if is_known_now else known, days if is_known_now else again, State(first), state)


def kept_folders(settings: Settings, as_of: date) -> dict[date, Path]:
    """Folder of every day built before this one: as it is known now where it was built again, else as it was then."""
    files = {**known_days(settings, as_of), **recomputed_days(settings, as_of)}
    return {day: path.parent for day, path in files.items()}


def days_between(known: Mapping[date, Path], again: Mapping[date, Path], first: State, last: State) -> Between:
    """Two days with the first one as it was known then, if it was, and as it is known now, if it was built again."""
    folder = (known.get(first.day) or again[first.day]).parent
    is_both = first.day in known and first.day in again
    return Between(State(first.day, folder), last, again[first.day].parent if is_both else None)


def history_sha256(settings: Settings, as_of: date) -> str:
    """Hash of what is kept of the days before this one."""
    known = [str(path.parent.relative_to(settings.history_dir)) for path in known_days(settings, as_of).values()]
    digest = hashlib.sha256("\n".join(known).encode())
    for day, path in recomputed_days(settings, as_of).items():
        digest.update(f"{day} {file_sha256(path)}".encode())
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Hash of the bytes of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def remove_left_behind(settings: Settings) -> None:
    """Remove days that a killed process left half written or half removed."""
    for pattern in _LEFT_BEHIND:
        for path in [path for path in settings.history_dir.rglob(pattern) if path.is_dir()]:
            shutil.rmtree(path, ignore_errors=True)


def _days(folder: Path, pattern: str, before: date) -> Iterator[tuple[date, Path]]:
    """Day and file, sorted by path: of several generations of a day the newest comes last."""
    for path in sorted(folder.glob(pattern)):
        parts = path.relative_to(folder).parts
        day = date.fromisoformat(parts[0].removeprefix("as_of_date="))
        if day < before and not any(part.startswith(".") for part in parts):
            yield day, path


def _write(
    build: duckdb.DuckDBPyConnection,
    folder: Path,
    made_of: str | None = None,
    *,
    more: Mapping[str, str] | None = None,
    same: Mapping[str, Path] | None = None,
) -> Path:
    draft, old = (folder.with_name(f".{folder.name}.{kind}") for kind in ("draft", "old"))
    for path in (draft, old):
        shutil.rmtree(path, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, query in {**KEPT, **(more or {})}.items():
        file = draft / f"{name}.parquet"
        if same and name in same and same[name].is_file():
            _link(same[name], file)
            continue
        target = str(file).replace("'", "''")
        build.execute(f"copy ({query}) to '{target}' (format parquet, compression zstd, compression_level 1)")
    if made_of:
        (draft / _ABOUT).write_text(json.dumps({"made_of": made_of}) + "\n", encoding="utf-8")
    # A folder is there whole or not at all: it is moved away before it is removed.
    if folder.exists():
        folder.replace(old)
    draft.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
    return folder


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # another disk
        shutil.copyfile(source, target)
