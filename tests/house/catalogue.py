"""The catalogue of ways of segmenting: reads `docs/catalogue.yml` and knows what its references point to. No tests."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import typer
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dagster_project.cli import app
from dagster_project.quality.assets import quality_assets
from dagster_project.quality.checks import checks
from dagster_project.report.assets import report_views
from dagster_project.segments.assets import segment_assets
from dagster_project.segments.catalog import profile_columns, shipped_catalog
from tests.house.tree import DBT, DOCS, MODELS, PACKAGE, flags, models

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import click

CATALOGUE = DOCS / "catalogue.yml"
STATUS_WORDS = {"works": "works", "off": "off by default", "absent": "not here", "open": "open"}


class Item(BaseModel):
    """One way of segmenting, and what answers it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    name: str
    status: Literal["works", "off", "absent", "open"]
    answers: tuple[str, ...] = Field(default=())
    default: str = ""
    origin: Literal["seed", "peer", "choice", ""] = ""
    note: str = ""

    @model_validator(mode="after")
    def _says_enough(self) -> Item:
        if self.status in {"works", "off"} and not (self.answers and self.default and self.origin):
            message = f"{self.number} says not what answers it, with which default and whence"
            raise ValueError(message)
        if self.status in {"off", "absent"} and not self.note:
            message = f"{self.number} is {STATUS_WORDS[self.status]} and says not why"
            raise ValueError(message)
        return self


@cache
def items() -> tuple[Item, ...]:
    """Every item, in the order of the file."""
    entries = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["items"]
    return tuple(Item.model_validate(entry) for entry in entries)


@cache
def known_names() -> Mapping[str, frozenset[str]]:
    """By kind of reference, every name that exists."""
    mart_columns = {f"{model['name']}.{column['name']}" for model in _declared() for column in model.get("columns", [])}
    assets = [*segment_assets(), quality_assets(), report_views]
    return {
        "column": frozenset(profile_columns()) | mart_columns,
        "flag": frozenset(row["flag"] for row in flags()),
        "segment": frozenset(shipped_catalog().names),
        "model": frozenset(model.name for model in models()),
        "table": frozenset(".".join(key.path) for definition in assets for key in definition.keys),
        "check": frozenset(check.name for check in checks()) | frozenset(_dbt_tests()),
        "command": frozenset(_commands(typer.main.get_command(app))),
        "doc": frozenset(path.name for path in DOCS.glob("*.md")),
        "var": frozenset(yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]),
        "source": frozenset(path.stem for path in (PACKAGE / "raw" / "sources").glob("*.yml")),
    }


def dangling(item: Item) -> list[str]:
    """References of an item that point nowhere."""
    known = known_names()
    found = (answer.partition(":") for answer in item.answers)
    return [f"{kind}:{name}" for kind, _, name in found if name not in known.get(kind, ())]


def shown(answer: str) -> str:
    """A reference as people read it."""
    kind, _, name = answer.partition(":")
    words = {"doc": f"[{name}]({name})", "command": f"`segments {name}`", "segment": f"`segments.{name}`"}
    return words.get(kind, f"`is_{name}`" if kind == "flag" else f"`{name}`")


def _declared() -> Iterator[dict[str, Any]]:
    for path in sorted(MODELS.rglob("_*__models.yml")):
        yield from yaml.safe_load(path.read_text(encoding="utf-8"))["models"]


def _dbt_tests() -> Iterator[str]:
    yield from (path.stem for path in (MODELS.parent / "tests" / "sql").glob("*.sql"))
    for model in _declared():
        for test in model.get("data_tests", []):
            yield from (named["name"] for named in test.values() if "name" in named)


def _commands(group: click.Command, prefix: str = "") -> Iterator[str]:
    for name, command in getattr(group, "commands", {}).items():
        yield f"{prefix}{name}"
        yield from _commands(command, f"{prefix}{name} ")
