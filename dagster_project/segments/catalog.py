"""The declared segments: reads ``models/segments/*.yml``, checks every line before anything runs, orders the result.

What rules look like inside lives in ``rules.py``, their SQL in ``compiler.py``, what segments say about each other in
``relations.py``, who belongs where in ``membership.py``.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from dagster_project.errors import UsageError
from dagster_project.segments import marked_yaml as marked
from dagster_project.segments.entries import ExpectedShare, Segment
from dagster_project.segments.entry_reader import EntryReader
from dagster_project.segments.faults import Faults, did_you_mean
from dagster_project.segments.relations import relate
from dagster_project.segments.rule_reader import RuleReader
from dagster_project.segments.rules import Comparison, parts
from dagster_project.segments.sensitive import wanted_purposes
from dagster_project.settings import PROJECT_DIR
from dagster_project.transform.rfm_choice import read_choice
from dagster_project.yaml_files import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dagster_project.segments.entry_reader import Declared

__all__ = [
    "Catalog",
    "ExpectedShare",
    "Segment",
    "load_catalog",
    "profile_columns",
    "profile_descriptions",
    "profile_values",
    "sensitive_columns",
    "shipped_catalog",
]

SEGMENTS_DIR = PROJECT_DIR / "models" / "segments"
PROFILE_MODEL = PROJECT_DIR / "models" / "profiles" / "_profiles__models.yml"
SEEDS_DIR = PROJECT_DIR / "dbt" / "seeds"
CUSTOMER_KINDS = ("anonymous", "lead", "guest", "buyer")


@dataclass(frozen=True)
class Catalog:
    """All declared segments; a segment stands after those that it refers to."""

    segments: tuple[Segment, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in the order in which segments are built."""
        return tuple(segment.name for segment in self.segments)

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.segments)

    def __len__(self) -> int:
        return len(self.segments)

    def __getitem__(self, name: str) -> Segment:
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Segment]:
        return {segment.name: segment for segment in self.segments}


def load_catalog(
    folder: Path,
    columns: Mapping[str, str],
    known_values: Mapping[str, Sequence[str]] | None = None,
    notes: Mapping[str, str] | None = None,
    sensitive: Mapping[str, str | None] | None = None,
) -> Catalog:
    """Read and check every segment file of a folder.

    Args:
        folder: holds ``*.yml`` (or ``*.yaml``) files, each with a list ``segments``.
        columns: data type by column name of the profile (``profile_columns``).
        known_values: all values that a text column can take, where that is known (``profile_values``).
        notes: by such a column, what its values depend on (``value_notes``).
        sensitive: columns that only a segment of people who allow profiling may read, each with the purpose that they
            must have allowed by name, if there is one (``sensitive_columns``).

    Raises:
        UsageError: anything is wrong; one line per fault with file, line, segment and fix.
    """
    faults = Faults()
    reader = EntryReader(RuleReader(columns, known_values or {}, notes or {}))
    paths = sorted(path for path in folder.glob("*.y*ml") if path.suffix in {".yml", ".yaml"} and path.is_file())
    if not paths:
        raise UsageError(f"{_shown_path(folder)} has no segment files; add one such as value.yml.")
    declared = [entry for path in paths for entry in _file_entries(path, reader, faults.in_file(_shown_path(path)))]
    _check_consent(declared, sensitive or {}, faults)
    related = relate(declared, faults)
    faults.raise_if_any()
    return Catalog(related)


def shipped_catalog() -> Catalog:
    """The segments in ``models/segments``, checked against the profile as its YAML declares it.

    Raises:
        UsageError: anything is wrong with them.
    """
    checked_against = (profile_columns(), profile_values(), value_notes(), sensitive_columns())
    files = tuple((path.name, path.read_bytes()) for path in sorted(SEGMENTS_DIR.glob("*.y*ml")) if path.is_file())
    return _read_once(SEGMENTS_DIR, files, tuple(tuple(mapping.items()) for mapping in checked_against))


@lru_cache(maxsize=1)
def _read_once(folder: Path, _files: tuple[Any, ...], checked_against: tuple[Any, ...]) -> Catalog:
    """A run asks for the segments in each of its layers; they are read again where any word of them is another."""
    return load_catalog(folder, *map(dict, checked_against))


def profile_columns(path: Path = PROFILE_MODEL, model: str = "customer_profiles") -> dict[str, str]:
    """Data type by column name, as the YAML of the profile model declares them.

    Raises:
        UsageError: the file does not declare the model or its types.
    """
    return {column["name"]: column["data_type"] for column in _declared_columns(path, model)}


def profile_descriptions(path: Path = PROFILE_MODEL, model: str = "customer_profiles") -> dict[str, str]:
    """Description by column name, empty where there is none."""
    return {column["name"]: column.get("description", "") for column in _declared_columns(path, model)}


def sensitive_columns(path: Path = PROFILE_MODEL, model: str = "customer_profiles") -> dict[str, str | None]:
    """Columns of special categories of personal data, each with the purpose that people must have allowed by name.

    They are those with the words of a field of ``sensitive_fields.csv``, and those with
    ``config: {meta: {is_sensitive: true}}``, for which any consent to profiling is enough.
    """
    columns = _declared_columns(path, model)
    tagged = [each["name"] for each in columns if each.get("config", {}).get("meta", {}).get("is_sensitive")]
    return dict.fromkeys(tagged) | wanted_purposes(each["name"] for each in columns)


def _declared_columns(path: Path, model: str) -> list[dict[str, Any]]:
    try:
        models = _models(path.read_text(encoding="utf-8"))
        columns: list[dict[str, Any]] = next(entry["columns"] for entry in models if entry["name"] == model)
        if all(column["name"] and column["data_type"] for column in columns):
            return columns
    except (OSError, yaml.YAMLError, StopIteration, KeyError, TypeError) as error:
        raise UsageError(_undeclared(path, model)) from error
    raise UsageError(_undeclared(path, model))


@lru_cache(maxsize=1)
def _models(text: str) -> list[dict[str, Any]]:
    """The largest of our YAML files is asked for often: parsed once."""
    declared: dict[str, Any] = parsed(text)
    models: list[dict[str, Any]] = declared["models"]
    return models


def _undeclared(path: Path, model: str) -> str:
    return f"{_shown_path(path)} does not say which columns {model} has; give each a name and a data_type."


def profile_values(seeds: Path = SEEDS_DIR) -> dict[str, tuple[str, ...]]:
    """All values of the text columns whose values are a closed list: stages, RFM groups, kinds of customer."""
    return {
        "customer_kind": CUSTOMER_KINDS,
        "lifecycle_stage": _seed_values(seeds / "lifecycle_stages.csv", "lifecycle_stage"),
        "personal_stage": _seed_values(seeds / "lifecycle_stages.csv", "lifecycle_stage"),
        "rfm_segment": read_choice().groups,
    }


def value_notes() -> dict[str, str]:
    """Where the values of a text column depend on a choice: which one was made, as the middle of a sentence."""
    return {"rfm_segment": f" under the RFM map {read_choice().rfm_map.name}"}


def _seed_values(path: Path, column: str) -> tuple[str, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(dict.fromkeys(row[column] for row in csv.DictReader(file)))


def _file_entries(path: Path, reader: EntryReader, faults: Faults) -> list[Declared]:
    root = marked.read_nodes(path, faults)
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        faults.add(root, f"the file holds {marked.kind_of(root)}; begin it with `segments:`")
        return []
    found = marked.entries(root, faults)
    for name, (key, _) in found.items():
        if name != "segments":
            close = did_you_mean(name, ["segments"])
            faults.add(key, f"`{marked.shown(name)}` is not known here{close}")
    if "segments" not in found:
        return []
    listed = found["segments"][1]
    if not isinstance(listed, yaml.SequenceNode) or not listed.value:
        faults.add(listed, "`segments` takes a list; begin each segment with `- name:`")
        return []
    return [reader.read(node, faults) for node in listed.value]


def _check_consent(declared: Sequence[Declared], sensitive: Mapping[str, str | None], faults: Faults) -> None:
    """Sensitive data make a segment of people who allowed that, or none."""
    for entry in declared:
        if entry.segment is None:
            continue
        read = dict.fromkeys(part.column for part in parts(entry.segment.rule) if isinstance(part, Comparison))
        own = faults.in_file(entry.file).in_segment(entry.name)
        for column in (name for name in read if name in sensitive):
            purpose = sensitive[column]
            if entry.segment.consent != "profiling":
                own.add(
                    entry.line,
                    f"`{column}` is sensitive, and the law wants consent for its use; write `consent: profiling`, "
                    "so that only people who allowed profiling are members",
                )
            elif purpose and entry.segment.consent_purpose != purpose:
                own.add(
                    entry.line,
                    f"`{column}` is sensitive, and people allow its use for a purpose by name; write "
                    f"`consent_purpose: {purpose}` beside `consent: profiling`",
                )


def _shown_path(path: Path) -> str:
    return os.path.relpath(path, PROJECT_DIR) if path.is_relative_to(PROJECT_DIR) else str(path)
