"""Raw tables as Parquet folders, one file per landing file and table: what an engine that cannot open DuckDB reads.

The copy follows ``raw.duckdb`` and is never edited: what is missing is written, what raw no longer has is removed.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from dagster_project.errors import SegmentsError
from dagster_project.privacy import private_files
from dagster_project.raw.contracts import contracts
from dagster_project.raw.database import open_raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from dagster_project.raw.contracts import Contract
    from dagster_project.settings import Settings


def copy_raw(settings: Settings) -> int:
    """Bring the Parquet folders under ``settings.raw_parquet`` up to date; gives the number of files written.

    Times are UTC with microseconds and say so (``isAdjustedToUTC``).

    Raises:
        SegmentsError: a file cannot be written; names the folder.
    """
    written = 0
    with private_files(), open_raw(settings, read_only=True) as connection:
        for table, contract in contracts().items():
            folder = settings.raw_parquet / table
            wanted = dict(_pieces(connection, contract))
            written += sum(_write(connection, table, folder / name, where) for name, where in wanted.items())
            for stale in {path.name for path in folder.iterdir()} - set(wanted):
                (folder / stale).unlink()
        key = settings.raw_parquet / "pseudonym_key" / "key.parquet"
        key.unlink(missing_ok=True)
        written += _write(connection, "pseudonym_key", key, "true")
    return written


def _pieces(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Iterator[tuple[str, str]]:
    """File name and condition of what each load of each landing file brought into a table.

    A replay is a new name, and so is a column that the contract has gained. Without a single row an engine must still
    learn the columns: one file has no rows.
    """
    table, columns = contract.table, contract.ddl()
    yield f"columns_{hashlib.sha256(columns.encode()).hexdigest()[:8]}.parquet", "false"
    loads = connection.execute(
        f"select source_file, epoch_us(brought.loaded_at), epoch_us(replayed_at) "
        f"from (select distinct source_file, loaded_at from raw.{table}) as brought left join raw.load_ledger "
        f"on file = source_file and load_ledger.loaded_at = brought.loaded_at order by all"
    ).fetchall()
    for file, loaded_at_us, replayed_at_us in loads:
        name = hashlib.sha256(f"{file}\n{loaded_at_us}\n{replayed_at_us}\n{columns}".encode()).hexdigest()[:32]
        quoted = file.replace("'", "''")
        yield f"{name}.parquet", f"source_file = '{quoted}' and loaded_at = make_timestamptz({loaded_at_us})"


def _write(connection: duckdb.DuckDBPyConnection, table: str, path: Path, where: str) -> int:
    if path.exists():
        return 0
    draft = path.with_name(f".{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        target = str(draft).replace("'", "''")
        connection.execute(f"copy (select * from raw.{table} where {where}) to '{target}' (format parquet)").fetchall()
        draft.replace(path)
    except OSError as error:
        raise SegmentsError(f"{path.parent} cannot be written: {error}. See SEGMENTS_RAW_PARQUET_DIR.") from error
    return 1
