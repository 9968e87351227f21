"""What the house rules look at: models, modules, flags and tracked files of the project, read once. No rules here."""

from __future__ import annotations

import csv
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
DBT = ROOT / "dbt"
PACKAGE = ROOT / "dagster_project"
DOCS = ROOT / "docs"


@dataclass(frozen=True)
class Model:
    """One SQL file under ``models/``."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """Name of the file, of the relation and of the YAML entry."""
        return self.path.stem

    @property
    def layer(self) -> str:
        """First folder under ``models/``."""
        return self.path.relative_to(MODELS).parts[0]


@cache
def models() -> tuple[Model, ...]:
    """Every model, by name."""
    return tuple(Model(path, path.read_text(encoding="utf-8")) for path in sorted(MODELS.rglob("*.sql")))


@cache
def modules() -> dict[str, str]:
    """Text of every module of the package, by its path inside the package."""
    return {
        path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(PACKAGE.rglob("*.py"))
        if "__pycache__" not in path.parts
    }


@cache
def flags() -> tuple[dict[str, str], ...]:
    """Every flag: the rows of the seed."""
    with (DBT / "seeds" / "flags.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def tracked_texts() -> dict[str, str]:
    """Text of every file that belongs to the project (tracked, or new and not ignored), by path."""
    texts = {}
    for name in _listed():
        try:
            texts[name] = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
    return texts


def _listed() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout  # noqa: S603
    except (subprocess.CalledProcessError, FileNotFoundError):  # an unpacked archive is no checkout
        folders = ("dagster_project", "dbt", "docs", "models", "tests")
        found = [path for folder in folders for path in (ROOT / folder).rglob("*")] + list(ROOT.glob("*.*"))
        return [path.relative_to(ROOT).as_posix() for path in found if path.is_file()]
    return [name for name in listing.split("\0") if name]
