"""The schema for editors says what the reader says: it is current, accepts what is right and marks what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings

from dagster_project.errors import UsageError
from dagster_project.segments.catalog import SEGMENTS_DIR, load_catalog, profile_values
from dagster_project.segments.json_schema import json_schema
from tests.house.generated_docs import SCHEMA, schema_text
from tests.segments.shops import COLUMNS, declaration, file_of
from tests.segments.test_any_file import RULES
from tests.segments.test_catalog import WRONG_FIELDS, WRONG_RULES

if TYPE_CHECKING:
    from pathlib import Path

# What an editor cannot know: it reads one file, and YAML has lost the quotes when it is held against the schema.
BEYOND_A_SCHEMA = (
    "is not a segment",
    "in a circle",
    "is text; unquote it",
    "stands twice",
    "before",
    "is empty, so everybody",
    "is a word of SQL",
    "is the name of a table",
    "swap them",
    "not 2025-02-30",
    "a key must be text",
    "is empty; say",
    "not .inf",
    "not .nan",
)


class _Plain(yaml.SafeLoader):
    """YAML as editors read it (version 1.2): dates are text, and of words only true and false are booleans."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    if first not in "yYnNoO"
}


def _read(text: str) -> Any:
    return yaml.load(text, Loader=_Plain)  # noqa: S506 (a safe loader with fewer types)


VALIDATOR = jsonschema.Draft7Validator(json_schema())


def _is_valid(text: str) -> bool:
    return VALIDATOR.is_valid(_read(text))


def _is_seen(said: str) -> bool:
    return not any(words in said for words in BEYOND_A_SCHEMA)


def test_the_file_is_what_the_code_says() -> None:
    written = SCHEMA.read_text(encoding="utf-8") if SCHEMA.exists() else ""
    assert written == schema_text(), "the schema is stale: run `python -m tests.house.generated_docs`"
    jsonschema.Draft7Validator.check_schema(json.loads(written))


@pytest.mark.parametrize("path", sorted(SEGMENTS_DIR.glob("*.yml")), ids=lambda path: path.name)
def test_shipped_files_name_the_schema_and_are_valid_by_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={SCHEMA.name}"
    assert SCHEMA.parent == path.parent
    VALIDATOR.validate(_read(text))


@pytest.mark.parametrize("rule", [rule for rule, said in WRONG_RULES.items() if _is_seen(said)])
def test_a_wrong_rule_is_marked(rule: str) -> None:
    assert not _is_valid(file_of(declaration("chosen", rule)))


@pytest.mark.parametrize(("field", "value"), [key for key, said in WRONG_FIELDS.items() if _is_seen(said)])
def test_a_wrong_field_is_marked(field: str, value: str) -> None:
    fields = {"name": "chosen", "description": "A.", "owner": "crm", "purpose": "B.", "expected_share": "{}"}
    body = "\n".join(
        f"  {key}: {text}" for key, text in {**fields, field: value, "rule": "{orders_count: {is: 1}}"}.items()
    )
    assert not _is_valid(file_of("-" + body[1:]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schema")


@settings(max_examples=150, deadline=None)
@given(rule=RULES)
def test_what_the_reader_takes_the_schema_takes(folder: Path, rule: object) -> None:
    entry = {"name": "chosen", "description": "A.", "owner": "crm", "purpose": "B.", "expected_share": {}, "rule": rule}
    text = yaml.safe_dump({"segments": [entry]}, allow_unicode=True)
    (folder / "pack.yml").write_text(text, encoding="utf-8")
    try:
        load_catalog(folder, COLUMNS, profile_values())
    except UsageError:
        return
    assert _is_valid(text)
