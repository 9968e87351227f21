"""Writes the sample shop into the landing folder, and takes it away again. Never touches the warehouse.

A marker file lists what was written, so that exactly that can be removed, and so that the sample is never mixed with
the files of a real shop.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from dagster_project.errors import UsageError
from dagster_project.sample.landing import LandingFile, landing_files
from dagster_project.sample.personas import PERSONAS
from dagster_project.sample.shop import plan_shop
from dagster_project.sample.truth import read_truth
from dagster_project.sample.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MARKER = ".sample.json"
FEWEST_CUSTOMERS = 2 * len(PERSONAS)
DAYS = (30, 3650)


class Marker(BaseModel):
    """What ``.sample.json`` says: how the sample was made and which files belong to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    customers: int
    days: int
    last_day: date
    files: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """A written sample.

    ``truth``: see ``dagster_project.sample.truth``. ``faults``: what is odd on purpose, as ``file, reason, rows,
    is_bad``; see ``LandingFile``. ``row_counts``: data rows by table, bad rows and duplicates included.
    """

    files: list[Path]
    truth: pd.DataFrame
    last_day: date
    faults: pd.DataFrame
    row_counts: dict[str, int]


def write_sample(
    landing_dir: Path,
    *,
    customers: int = 5000,
    days: int = 730,
    seed: int = 7,
    last_day: date = date(2026, 6, 30),
    log: Callable[[str], None] = lambda _: None,
) -> Sample:
    """Write the landing files of a sample shop; the same arguments give the same bytes.

    ``customers`` are people with a name; unnamed devices and one-time guests come with them. An earlier sample in the
    folder is replaced.

    Raises:
        UsageError: the folder holds files of somebody else, or a number is out of range.

    """
    _check_numbers(customers, days, seed)
    _check_folder(landing_dir)
    remove_sample(landing_dir)
    log(f"Planning {customers} customers over {days} days up to {last_day}")
    shop = plan_shop(customers, Window(last_day, days), seed)
    written = list(landing_files(shop))
    marker = Marker(
        seed=seed, customers=customers, days=days, last_day=last_day, files=tuple(file.name for file in written)
    )
    landing_dir.mkdir(parents=True, exist_ok=True)
    # First, so that a write that breaks off half way can still be removed.
    (landing_dir / MARKER).write_text(marker.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for file in written:
        path = landing_dir / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        log(f"{file.name}: {file.rows} rows")
    return Sample(
        files=[landing_dir / file.name for file in written],
        truth=read_truth(shop),
        last_day=last_day,
        faults=_faults(written),
        row_counts=_row_counts(written),
    )


def remove_sample(landing_dir: Path) -> list[Path]:
    """Remove the files that the marker lists, folders left empty by that, and the marker; returns the files removed.

    Raises:
        UsageError: the marker is damaged or names a file outside the folder.

    """
    if not sample_is_present(landing_dir):
        return []
    files = [landing_dir / name for name in _read_marker(landing_dir).files]
    present = [path for path in files if path.exists()]
    for path in present:
        path.unlink()
    for folder in {path.parent for path in files if path.parent.is_dir()}:
        if not any(folder.iterdir()):
            folder.rmdir()
    (landing_dir / MARKER).unlink()
    return present


def sample_is_present(landing_dir: Path) -> bool:
    """Whether the folder holds a sample."""
    return (landing_dir / MARKER).is_file()


def foreign_files(landing_dir: Path) -> list[Path]:
    """Files in the folder that no sample has written; hidden files are nobody's data."""
    own = set(_read_marker(landing_dir).files) if sample_is_present(landing_dir) else set()
    found = (path for path in sorted(landing_dir.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return [path for path in found if path.relative_to(landing_dir).as_posix() not in own]


def _read_marker(landing_dir: Path) -> Marker:
    path = landing_dir / MARKER
    try:
        marker = Marker.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        message = f"{path} is damaged: remove the sample's files and this marker by hand."
        raise UsageError(message) from error
    for name in marker.files:
        if not (landing_dir / name).resolve().is_relative_to(landing_dir.resolve()):
            message = f"{path} names {name}, which lies outside the folder: correct or remove the marker by hand."
            raise UsageError(message)
    return marker


def _check_numbers(customers: int, days: int, seed: int) -> None:
    if customers < FEWEST_CUSTOMERS:
        message = f"--customers {customers} is too few for one of each kind: give {FEWEST_CUSTOMERS} or more."
        raise UsageError(message)
    if not DAYS[0] <= days <= DAYS[1]:
        message = f"--days {days} is out of range: give {DAYS[0]} to {DAYS[1]}."
        raise UsageError(message)
    if seed < 0:
        message = f"--seed {seed} is negative: give 0 or more."
        raise UsageError(message)


def _check_folder(landing_dir: Path) -> None:
    strangers = foreign_files(landing_dir) if landing_dir.is_dir() else []
    if strangers:
        message = (
            f"{landing_dir} holds {len(strangers)} file(s) that are not the sample's, such as "
            f"{strangers[0].relative_to(landing_dir)}: move them away or point SEGMENTS_DATA_DIR to another folder."
        )
        raise UsageError(message)


def _faults(written: list[LandingFile]) -> pd.DataFrame:
    rows = [
        (file.name, reason, count, is_bad)
        for file in written
        for counts, is_bad in ((file.bad_rows, True), (file.odd_rows, False))
        for reason, count in counts.items()
        if count
    ]
    return pd.DataFrame(rows, columns=["file", "reason", "rows", "is_bad"]).astype({"rows": int, "is_bad": bool})


def _row_counts(written: list[LandingFile]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for file in written:
        table = file.name.split("/")[0]
        counts[table] = counts.get(table, 0) + file.rows
    return counts
