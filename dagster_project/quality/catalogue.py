"""Every way of segmenting that the literature names, as published: ``quality.catalogue``, made of ``catalogue.csv``.

What answers each is written and tested elsewhere (``docs/catalogue.yml``).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_FILE = Path(__file__).with_name("catalogue.csv")
_TYPES = {"item_number": "integer"} | dict.fromkeys(
    ("title", "status", "answered_by", "default_rule", "origin", "note"), "varchar"
)


def write_catalogue(connection: duckdb.DuckDBPyConnection) -> None:
    """One row per way: whether it works, by what it is answered, or why nothing does."""
    connection.execute(
        "create or replace table quality.catalogue as "
        "from read_csv($file, header = true, columns = $types, auto_detect = false, quote = '\"', escape = '\"')",
        {"file": str(_FILE), "types": _TYPES},
    )
