"""The JSON schema of segment files, for editors: it completes names and marks typos while they are written.

It is made of what the reader knows, so that it says the same; the reader checks more (references, circles, limits that
contradict each other) and has the last word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster_project.segments.audiences import PLATFORM_NAMES
from dagster_project.segments.catalog import profile_columns, profile_descriptions, profile_values
from dagster_project.segments.entries import SegmentEntry
from dagster_project.segments.rules import OPERATORS, column_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster_project.segments.rules import Kind

Schema = dict[str, Any]

_NAME = "^[a-z][a-z0-9_]{0,47}$"
_VALUES: dict[Kind, Schema] = {
    "text": {"type": ["string", "number", "boolean"]},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
}


def json_schema() -> Schema:
    """Schema (draft 7, which editors understand) of a file of ``models/segments``."""
    entry = _plain(SegmentEntry.model_json_schema(ref_template="#/definitions/{model}"))
    definitions = entry.pop("$defs")
    # A platform alone may be written as its name.
    definitions["Audience"] = {"anyOf": [{"enum": list(PLATFORM_NAMES)}, definitions["Audience"]]}
    entry["properties"]["name"]["pattern"] = _NAME
    entry["properties"]["rule"] = {"$ref": "#/definitions/rule"}
    entry["required"].append("rule")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Customer segments",
        "type": "object",
        "additionalProperties": False,
        "required": ["segments"],
        "properties": {
            "segments": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/segment"}},
        },
        "definitions": {"segment": entry, **definitions, "rule": _rule(), **_comparisons()},
    }


def _rule() -> Schema:
    values, descriptions = profile_values(), profile_descriptions()
    columns = {
        name: {"description": descriptions[name], "allOf": [_compared(column_kind(data_type), values.get(name))]}
        for name, data_type in profile_columns().items()
    }
    rule = {"$ref": "#/definitions/rule"}
    several = {"type": "array", "minItems": 1, "items": rule}
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {
            "all": {"description": "Every one of these.", **several},
            "any": {"description": "At least one of these.", **several},
            "not": {"description": "The opposite of this.", "allOf": [rule]},
            "within": {"description": "Members of this segment.", "type": "string"},
            **columns,
        },
    }


def _compared(kind: Kind, values: Sequence[str] | None) -> Schema:
    return _comparison(kind, {"enum": list(values)}) if values else {"$ref": f"#/definitions/compared_{kind}"}


def _comparisons() -> dict[str, Schema]:
    kinds: Sequence[Kind] = ("text", "integer", "number", "boolean", "date", "other")
    return {f"compared_{kind}": _comparison(kind, _VALUES.get(kind, {})) for kind in kinds}


def _comparison(kind: Kind, value: Schema) -> Schema:
    taken: dict[str, Schema] = {
        "one": value,
        "list": {"type": "array", "minItems": 1, "items": value},
        "pair": {"type": "array", "minItems": 2, "maxItems": 2, "items": value},
        "flag": {"type": "boolean"},
    }
    # A comma stands between the values of a list, and in none of them.
    free_text = {"starts_with": _VALUES["text"], "includes": {**_VALUES["text"], "pattern": "^[^,]*$"}}
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            name: free_text.get(name, taken[operator.takes])
            for name, operator in OPERATORS.items()
            if kind in operator.kinds
        },
    }


def _plain(schema: Any) -> Any:
    """A schema of pydantic without what is for programs: titles made of names, defaults, and null beside a type."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        (only,) = (choice for choice in schema["anyOf"] if choice != {"type": "null"})
        schema = {**schema, **only}
    dropped = {"anyOf", "default"} | ({"title"} if isinstance(schema.get("title"), str) else set())
    return {key: _plain(value) for key, value in schema.items() if key not in dropped}
