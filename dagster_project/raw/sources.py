"""Source mappings: the YAML files that say how a foreign file shape becomes landing rows.

This module reads and checks their form; their expressions are checked in ``compiling``. Shipped mappings lie in
``sources/``, a user's own in the folder ``sources`` of the data folder.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from dagster_project.errors import UsageError
from dagster_project.raw.contracts import contracts
from dagster_project.raw.expressions import close_match
from dagster_project.yaml_files import parsed

OWN_NAME = re.compile("_(?!_)")
SHIPPED_DIR = Path(__file__).parent / "sources"
# In these, newline, quote and delimiter are single bytes that occur in no other character.
NARROW_ENCODINGS = ("utf-8", "ascii", "iso8859", "cp12", "cp437", "cp85", "koi8", "mac")
WIDE_ENCODINGS = ("utf-16", "utf-32")


def _as_expression(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Expression = Annotated[str, BeforeValidator(_as_expression)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]


class FillDown(BaseModel):
    """Columns that stand only on the first row of a group.

    Rows of a group have one value in ``within``, or follow a row that has a value in ``starts_at``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: tuple[str, ...] = Field(min_length=1)
    within: str | None = None
    starts_at: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> FillDown:
        if (self.within is None) == (self.starts_at is None):
            raise ValueError("needs either within or starts_at")
        return self


class Parent(BaseModel):
    """How a row names another row of the same file: ``reference`` holds the parent's ``key``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    reference: str


class TableMapping(BaseModel):
    """Which foreign rows feed a landing table, and how: one landing row per foreign row, list element, or group."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    explode: dict[Name, Expression] = {}
    let: dict[Name, Expression] = {}
    where: Expression = "true"
    one_row_per: Annotated[tuple[Expression, ...], BeforeValidator(_as_list)] = ()
    columns: dict[str, Expression]

    @model_validator(mode="after")
    def _let_of_elements(self) -> TableMapping:
        if self.let and not self.explode:
            raise ValueError("let of a table is for the elements of explode; name it in the source's let")
        return self


class SourceMapping(BaseModel):
    """One foreign file shape; ``columns`` says which columns the file has and which of them it must have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Name
    description: str
    files: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ("*",)
    format: Literal["csv", "jsonl", "json", "parquet"]
    encoding: str = "utf-8"
    delimiter: str = Field(",", min_length=1, max_length=1)
    header: bool = True
    quotes: bool = True
    decimal_separator: Literal[".", ","] = "."
    thousands_separator: Literal[".", ",", " ", "'", "\u00a0", "\u202f"] | None = None
    time_zone: str | None = None
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    shop: str | None = Field(None, pattern="^[A-Za-z0-9_.-]+$")
    columns: dict[str, bool]
    fill_down: FillDown | None = None
    parent: Parent | None = None
    let: dict[Name, Expression] = {}
    skip: dict[Name, Expression] = {}
    tables: dict[str, TableMapping] = Field(min_length=1)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            name = codecs.lookup(value).name
        except LookupError:
            name = ""
        if not name.startswith((*NARROW_ENCODINGS, *WIDE_ENCODINGS)):
            raise ValueError(f"{value!r} is not an encoding such as utf-8, cp1252 or utf-16")
        return value

    @field_validator("delimiter")
    @classmethod
    def _plain_delimiter(cls, value: str) -> str:
        if not value.isascii() or value in '"\r\n':
            raise ValueError(f"{value!r} cannot separate fields")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            return value and ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is not an IANA time zone such as Europe/London") from error

    @model_validator(mode="after")
    def _names_apart(self) -> SourceMapping:
        if self.decimal_separator == self.thousands_separator:
            raise ValueError("decimal_separator and thousands_separator are the same")
        self._require_columns()
        names = [name.strip().lower() for name in self.columns]
        # Names of one underscore are the loader's own.
        clash = {name for name in names if names.count(name) > 1 or name in self.let or OWN_NAME.match(name)}
        if clash:
            raise ValueError(f"the name {min(clash)!r} is used twice or starts with one underscore")
        if self.format != "csv" and not (self.header and self.quotes):
            raise ValueError("header and quotes are for format: csv")
        if self.source in contracts():
            raise ValueError(f"{self.source!r} is the name of a landing table; name the source otherwise")
        return self

    def _require_columns(self) -> None:
        named: list[tuple[str, str]] = []
        if self.fill_down:
            rule = self.fill_down
            named += [("fill_down", name) for name in (*rule.columns, rule.within or rule.starts_at or "")]
        if self.parent:
            named += [("parent", name) for name in (self.parent.key, self.parent.reference)]
        for key, name in named:
            if name not in self.columns:
                raise ValueError(f"{key}: {name!r} is no column of the file{close_match(name, list(self.columns))}")


def load_sources(user_dir: Path) -> dict[str, SourceMapping]:
    """Every mapping by source name: the shipped ones and those in the user's folder.

    Raises:
        UsageError: a mapping is no YAML, lacks a key, or two mappings have one name; names file and key.
    """
    found: dict[str, SourceMapping] = {}
    for path in [*sorted(SHIPPED_DIR.glob("*.yml")), *sorted(user_dir.glob("*.yml"))]:
        mapping = read_source(path)
        if mapping.source in found:
            raise UsageError(f"{path}: there is a source {mapping.source!r} already. Rename this one.")
        found[mapping.source] = mapping
    return found


def read_source(path: Path) -> SourceMapping:
    """One mapping.

    Raises:
        UsageError: the file is no mapping; names file and key.
    """
    try:
        content: Any = parsed(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is no YAML: {' '.join(str(error).split())}") from error
    try:
        mapping = SourceMapping.model_validate(content)
    except ValidationError as error:
        faults = [
            f"{path}: {'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg'].removeprefix('Value error, ')}."
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise UsageError("\n".join(faults)) from error
    if mapping.source != path.stem:
        raise UsageError(f"{path}: source: is {mapping.source!r} and must be the file's name, {path.stem!r}.")
    return mapping
