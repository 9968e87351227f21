"""What the tables of segments in a build were made of, so that an edited rule makes anew only what it touches.

A version stands for one segment, or for one group whose segments exclude each other. It is taken away before tables
change and written when they stand: what a broken run leaves counts as nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import duckdb

from dagster_project.segments.definitions import with_references

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dagster_project.segments.catalog import Catalog

# The tables of segments, and the tables over all of them.
Layer = Literal["members", "summaries"]

_TABLE = "create table if not exists main.segment_versions (layer varchar, name varchar, version varchar)"
_GROUP = "group {}"


def versions(catalog: Catalog, history: str) -> dict[str, str]:
    """Version by segment and exclusive group: of all that decides members and dates, where the profile stands.

    Args:
        catalog: the declared segments.
        history: hash of what is kept of earlier days.
    """
    found: dict[str, str] = {}
    groups: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    predicates = {segment.name: segment.predicate for segment in catalog}
    for segment in catalog:
        rules = sorted((each.name, predicates[each.name]) for each in with_references(catalog, segment))
        found[segment.name] = _sha256([rules, segment.group, segment.priority, segment.consent, history])
        if segment.priority:
            groups[_GROUP.format(segment.group)].append((segment.priority, segment.name, found[segment.name]))
    return found | {name: _sha256(sorted(members)) for name, members in groups.items()}


def touched(connection: duckdb.DuckDBPyConnection, layer: Layer, wanted: Mapping[str, str]) -> frozenset[str]:
    """Names whose version is another one, is new or is no longer wanted."""
    try:
        query = "select name, version from main.segment_versions where layer = ?"
        standing = dict(connection.execute(query, [layer]).fetchall())
    except duckdb.CatalogException:
        standing = {}
    return frozenset(name for name in {*standing, *wanted} if standing.get(name) != wanted.get(name))


def groups_among(names: Iterable[str]) -> frozenset[str]:
    """The exclusive groups of which a version is named; no segment has such a name."""
    prefix = _GROUP.format("")
    return frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))


def forget(connection: duckdb.DuckDBPyConnection, layer: Layer, names: Iterable[str] | None = None) -> None:
    """Nothing is known of these names, or of any, until it is remembered again."""
    connection.execute(_TABLE)
    only = "true" if names is None else "list_contains($names, name)"
    values = {"layer": layer} | ({} if names is None else {"names": [*names]})
    connection.execute(f"delete from main.segment_versions where layer = $layer and {only}", values)


def remember(connection: duckdb.DuckDBPyConnection, layer: Layer, made: Mapping[str, str]) -> None:
    """These versions stand."""
    forget(connection, layer, made)
    rows = [[layer, name, version] for name, version in made.items()]
    if rows:
        connection.executemany("insert into main.segment_versions values (?, ?, ?)", rows)


def _sha256(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
