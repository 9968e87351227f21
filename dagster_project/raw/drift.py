"""How the shape of a file differs from the last file of its folder: a column that went, a column of another type.

Where each record names its own columns, as in JSONL, one that is not always there is no drift: gone is what every file
of the folder had.
New columns, and what a misspelt one may be meant for, are told by the readers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from dagster_project.raw.discovery import LandingFile
    from dagster_project.raw.incoming import Incoming


def drift_warnings(connection: duckdb.DuckDBPyConnection, file: LandingFile, incoming: Incoming) -> list[str]:
    """One sentence per known column that the last loaded file of the folder had, or had in another type."""
    if not incoming.found:
        return []
    rows = connection.execute(
        "select file, columns_found from raw.load_ledger where split_part(file, '/', 1) = ? and columns_found <> '{}' "
        "order by loaded_at desc, file desc",
        [file.folder],
    ).fetchall()
    if not rows:
        return []
    before, found = str(rows[0][0]), json.loads(rows[0][1])
    others = rows[1:] if incoming.seen is not None else []
    always = set(found).intersection(*(json.loads(columns) for _, columns in others))
    gone = [
        f"drift: the column {name!r}, which {before} had, is missing"
        for name in found
        if name in always and name not in incoming.found
    ]
    if not (file.format == "parquet" and ".parquet" in before):
        return gone
    return gone + [
        f"drift: {name} is {incoming.types[name]}, it was {kind} in {before}; values that do not fit are quarantined"
        for name, kind in found.items()
        if incoming.types.get(name, kind) != kind
    ]
