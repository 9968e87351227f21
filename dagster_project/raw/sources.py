"""Source mappings: the YAML files that say how a foreign file shape becomes landing rows.

This module reads and checks their form; their expressions are checked in ``compiling``. Shipped mappings lie in
``sources/``, a user's own in the folder ``sources`` of the data folder.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from dagster_project.errors import UsageError
from dagster_project.raw.contracts import contracts

SHIPPED_DIR = Path(__file__).parent / "sources"
# In these, newline, quote and delimiter are single bytes that occur in no other character.
NARROW_ENCODINGS = ("utf-8", "ascii", "iso8859", "cp12", "cp437", "cp85", "koi8", "mac")
WIDE_ENCODINGS = ("utf-16", "utf-32")


def _as_expression(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


Expression = Annotated[str, BeforeValidator(_as_expression)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]


class TableMapping(BaseModel):
    """Which foreign rows feed a landing table, and how: one landing row per foreign row, or per group."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: Expression = "true"
    one_row_per: tuple[Expression, ...] = ()
    columns: dict[str, Expression]


class SourceMapping(BaseModel):
    """One foreign file shape; ``columns`` says which columns the file has and which of them it must have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Name
    description: str
    files: str = "*"
    format: Literal["csv", "jsonl", "parquet"]
    encoding: str = "utf-8"
    delimiter: str = Field(",", min_length=1, max_length=1)
    decimal_separator: Literal[".", ","] = "."
    thousands_separator: Literal[".", ",", " ", "'", "\u00a0", "\u202f"] | None = None
    time_zone: str | None = None
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    shop: str | None = Field(None, pattern="^[A-Za-z0-9_.-]+$")
    columns: dict[str, bool]
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
        names = [name.strip().lower() for name in self.columns]
        clash = {name for name in names if names.count(name) > 1 or name in self.let or name.startswith("_")}
        if clash:
            raise ValueError(f"the name {min(clash)!r} is used twice or starts with an underscore")
        if self.source in contracts():
            raise ValueError(f"{self.source!r} is the name of a landing table; name the source otherwise")
        return self


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
        parsed: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is no YAML: {' '.join(str(error).split())}") from error
    try:
        mapping = SourceMapping.model_validate(parsed)
    except ValidationError as error:
        faults = [
            f"{path}: {'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg'].removeprefix('Value error, ')}."
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise UsageError("\n".join(faults)) from error
    if mapping.source != path.stem:
        raise UsageError(f"{path}: source: is {mapping.source!r} and must be the file's name, {path.stem!r}.")
    return mapping
