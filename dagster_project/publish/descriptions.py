"""What the published tables are, in words that stand in the published file as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster_project.quality.tables import TABLES
from dagster_project.report.views import VIEWS
from dagster_project.segments.summaries import SUMMARIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

_OF_MEMBERS = {
    "customer_id": "Person, resolved from all identifiers; text, stable.",
    "entered_date": "First day of the unbroken stay, as far as days were built.",
}


def descriptions(
    build: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]
) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Of every published table and of its columns where they are described, by ``schema.name``."""
    models = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    written = {"segments": SUMMARIES, "quality": TABLES, "report": VIEWS}
    members = build.execute("select segment, description, rule from segments.dictionary").fetchall()
    return {
        **{
            f"{node['schema']}.{node['name']}": (
                node["description"],
                {name: column["description"] for name, column in node["columns"].items()},
            )
            for node in models
        },
        **{f"{schema}.{name}": (text, {}) for schema, texts in written.items() for name, text in texts.items()},
        **{f"segments.{name}": (f"{about} Rule: {rule}", _OF_MEMBERS) for name, about, rule in members},
    }
