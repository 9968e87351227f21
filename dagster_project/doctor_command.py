"""``segments doctor``: what was found sound or not, and what a file that nobody mapped looks like.

What is looked at stands in ``doctor``, what columns look like in ``raw.profiling`` and ``raw.guessing``.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dagster_project.asked_file import require_writable
from dagster_project.errors import UsageError
from dagster_project.privacy import private_files
from dagster_project.raw.contracts import contracts
from dagster_project.raw.drafting import draft
from dagster_project.raw.guessing import guesses, looks_like, normalised
from dagster_project.raw.mapped import compile_source
from dagster_project.raw.profiling import profile
from dagster_project.raw.sources import load_sources, read_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.doctor import Finding
    from dagster_project.raw.guessing import Guess
    from dagster_project.raw.profiling import Profile
    from dagster_project.settings import Settings

_console = Console(highlight=False, markup=False, soft_wrap=True)
_MARKS = {"ok": ("ok", "green"), "warning": ("look", "yellow"), "failed": ("FAILED", "bold red")}
_UNPRINTABLE = dict.fromkeys((*range(32), 127, *range(128, 160)), "\ufffd")


def show_health(findings: Sequence[Finding]) -> int:
    """Print what was found; gives the exit code."""
    for finding in findings:
        word, style = _MARKS[finding.verdict]
        line = Text(f"{word:<7}", style=style).append(f"{finding.subject}: ", style="bold")
        _console.print(line.append(finding.sentence, style="not bold default"))
    return max((finding.exit_code for finding in findings if finding.verdict == "failed"), default=0)


def show_file(settings: Settings, file: Path, write: Path | None) -> None:
    """Print what the columns of a file look like, and write a first mapping where one is asked for.

    Raises:
        UsageError: there is no such file, or the mapping would replace another or cannot be written.
        SegmentsError: the file cannot be read.
    """
    path = _found(settings, file)
    source = _source_name(settings, path, write)
    if write is not None:
        _require_new(settings, write, source)
        require_writable(write, [".yml"], make_folder=True)
    with private_files(), tempfile.TemporaryDirectory(prefix="segments-") as folder:
        seen = profile(path, Path(folder))
    best = guesses(seen)
    _print_columns(path, seen, best)
    if write is None:
        _console.print(f"A first mapping: segments doctor '{file}' --write {settings.data_dir}/sources/{source}.yml")
        return
    write.write_text(draft(source, path.name, seen, best, settings.shop_time_zone), encoding="utf-8")
    _tell_what_is_left(settings, path, write, source, best)


def _found(settings: Settings, file: Path) -> Path:
    for path in (file, settings.landing_dir / file):
        if path.is_file():
            return path
    raise UsageError(f"{file} is no file, neither here nor in {settings.landing_dir}.")


def _source_name(settings: Settings, path: Path, write: Path | None) -> str:
    """The name of the mapping: that of its file, else of the folder in landing, else of the data file."""
    if write is not None:
        return write.stem
    resolved, landing = path.resolve(), settings.landing_dir.resolve()
    is_in_folder = landing in resolved.parents and resolved.parent != landing
    stem = normalised(resolved.parent.name if is_in_folder else resolved.name.partition(".")[0])
    name = re.sub(r"^[^a-z]+", "", stem)[:48] or "shop"
    return f"my_{name}"[:48] if name in contracts() else name


def _require_new(settings: Settings, write: Path, source: str) -> None:
    if write.suffix != ".yml" or not re.fullmatch(r"[a-z][a-z0-9_]{0,47}", source):
        raise UsageError(f"--write {write}: the name must be <source>.yml, of small letters, digits and underscores.")
    if source in contracts():
        raise UsageError(f"--write {write}: {source} is a landing table; a source is named otherwise.")
    if write.exists() or source in load_sources(settings.data_dir / "sources"):
        raise UsageError(f"--write {write}: there is a source {source} already. Choose another name, or remove it.")


def _print_columns(path: Path, seen: Profile, best: Sequence[Guess]) -> None:
    shape = [seen.format, seen.encoding] + ([f"delimiter {seen.delimiter!r}"] if seen.format == "csv" else [])
    if any(values.look == "number" for values in seen.columns.values()):
        shape.append(f"decimal {seen.decimal_separator!r}")
    title = f"{path.name}: {', '.join(shape)}; {seen.rows_sampled:,} rows looked at"
    _console.print(_printable(title), style="bold")
    table = Table("column", "values", "filled")
    for name in ("examples", "may be"):
        table.add_column(name, overflow="fold")
    chosen = {name: f"{guess.contract.table}.{column}" for guess in best for column, name in guess.columns.items()}
    for name, values in seen.columns.items():
        found = looks_like(name, values)
        ordered = sorted(found, key=lambda landing: landing != chosen.get(name))[:3]
        look, examples = values.look.replace("_", " "), ", ".join(values.examples)
        cells = [name, look, f"{values.filled_share:.0%}", examples, ", ".join(ordered)]
        table.add_row(*(Text(_printable(cell)) for cell in cells))
    _console.print(table)
    tables = " and ".join(guess.contract.table for guess in best)
    _console.print(f"The rows look like {tables}.")
    for guess in best:
        if guess.missing:
            _console.print(f"No column looks like {', '.join(guess.missing)} of {guess.contract.table}.")


def _tell_what_is_left(settings: Settings, path: Path, write: Path, source: str, best: Sequence[Guess]) -> None:
    _console.print(f"Wrote {write}.")
    if missing := [f"{guess.contract.table}.{column}" for guess in best for column in guess.missing]:
        _console.print(f"Say there which column is {', '.join(missing)}; until then a run refuses the mapping.")
    else:
        compile_source(read_source(write), settings.shop_time_zone)
        _console.print("It is complete; look it over.")
    home = settings.landing_dir / source
    if path.resolve().parent != home.resolve():
        _console.print(f"Its files lie in {home}: move {path.name} there.")
    if write.resolve().parent != (settings.data_dir / "sources").resolve():
        _console.print(f"It is read from {settings.data_dir / 'sources'}: move it there.")


def _printable(text: str) -> str:
    return text.translate(_UNPRINTABLE)
