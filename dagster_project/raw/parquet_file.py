"""Reader of Parquet files: a view for DuckDB, so that no row passes through Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.errors import SegmentsError
from dagster_project.raw.column_types import rendered
from dagster_project.raw.incoming import Incoming, Wanted, drop_temporary, literal, match_columns, quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


def _count(path: Path) -> int:
    try:
        with pq.ParquetFile(path) as file:
            return int(file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise SegmentsError("the file is cut off or no Parquet. Copy it into landing again") from error


def _scan(path: Path) -> str:
    """The table function that reads exactly this file, whatever its name is made of."""
    name = "".join(f"[{mark}]" if mark in "[*?" else mark for mark in str(path))
    return f"read_parquet({literal(name)}, file_row_number = true, hive_partitioning = false)"


def read_parquet(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    wanted: Wanted,
    *,
    as_text: bool,
) -> Incoming:
    """Make ``incoming`` a view of the file; ``as_text`` renders every value as text, else types stay.

    Raises:
        SegmentsError: the file is cut off, or a required column is missing.
    """
    rows_read = _count(path)
    scan = _scan(path)
    described = connection.execute(f"describe select * exclude (file_row_number) from {scan}").fetchall()
    names = [str(row[0]) for row in described]
    types = {str(row[0]): str(row[1]) for row in described}
    matched = match_columns(names, wanted)
    values, kept_types = [], {}
    for name, at in matched.known.items():
        source = quoted(names[at])
        values.append(f"{rendered(source, types[names[at]]) if as_text else source} as {quoted(name)}")
        kept_types[name] = "VARCHAR" if as_text else types[names[at]]
    extras = ", ".join(f"{literal(name)}, {quoted(names[at])}" for name, at in matched.unknown.items())
    extra = f"json_object({extras})::varchar" if extras and wanted.keeps_extra else "null::varchar"
    row = "json_object(" + ", ".join(f"{literal(name)}, {quoted(name)}" for name in names) + ")::varchar"
    head = f"file_row_number + 1 as _line, {row} as _raw, null::varchar as _code, null::varchar as _message"
    body = "".join(f", {value}" for value in values)
    drop_temporary(connection, "incoming")
    connection.execute(f"create temp view incoming as select {head}, {extra} as _extra{body} from {scan}")
    warnings = matched.warnings if rows_read else [*matched.warnings, "the file has no rows"]
    return Incoming(kept_types, rows_read, warnings, is_screened=False)
