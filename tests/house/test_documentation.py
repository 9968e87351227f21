"""Documentation is under test: what the code has and a page does not say, fails."""

from __future__ import annotations

import pytest

from dagster_project.cli import app
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.settings import Settings
from tests.house.generated_docs import pages
from tests.house.tree import DOCS, ROOT, flags


@pytest.mark.parametrize("name", list(pages()))
def test_the_page_is_what_the_code_says(name: str) -> None:
    page = DOCS / name
    written = page.read_text(encoding="utf-8") if page.exists() else ""
    assert written == pages()[name], f"docs/{name} is stale: run `python -m tests.house.generated_docs`"


def test_every_setting_is_documented_and_described() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"`SEGMENTS_{name.upper()}`" in text
        assert field.description, f"{name} says nothing about itself"


def test_every_command_is_documented() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    names += [str(group.name) for group in app.registered_groups]
    assert names
    for name in names:
        assert f"## segments {name}" in text


def test_every_flag_is_documented() -> None:
    text = (DOCS / "flags.md").read_text(encoding="utf-8")
    for row in flags():
        assert f"`is_{row['flag']}`" in text


def test_every_segment_is_documented() -> None:
    text = (DOCS / "segments.md").read_text(encoding="utf-8")
    for segment in shipped_catalog():
        assert f"`segments.{segment.name}`" in text


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    targets = [line.split(":", 1)[1].strip() for line in lines if line.startswith(".PHONY:")]
    assert targets
    for target in targets:
        assert any(line.startswith(f"{target}:") and "## " in line for line in lines), f"make {target} says nothing"
