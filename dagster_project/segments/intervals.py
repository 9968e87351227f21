"""From when to when each person was in a segment, made of every day that was built.

Two ways of knowing stand beside each other: ``known_then`` is what was published of each day, ``known_now`` what the
days come to when they are built again from all that has landed since. Where the days lie is decided by whoever calls.

Reading every day anew would cost more each day. So the runs of days that were read are kept in a file, under the ids
that people had then; only days that came since are added. Where a day was replaced, all are read again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.errors import SegmentsError
from dagster_project.segments.membership import forget_segments
from dagster_project.segments.previous import aliases_query

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

_SQL_DIR = Path(__file__).parent / "sql"
_DAYS_AT_ONCE = 31
_TABLE = """
    create or replace table segments.membership_intervals (
        as_of_mode varchar, segment varchar, customer_id varchar,
        is_left_censored boolean, is_right_censored boolean, valid_from date, valid_to date
    )
"""
_READ_DAYS = """
    insert into temp.membership_runs
    select segment, customer_id, day, day
    from (
        select segment, customer_id, cast($days as date[])[cast(file_index + 1 as bigint)] as day
        from read_parquet($files, hive_partitioning = false)
    )
"""
_READ_RUNS = """
    insert into temp.membership_runs
    select segment, customer_id, first_date, last_date
    from read_parquet($path)
    where $wanted is null or list_contains($wanted, segment)
"""
_READ_DAY = """
    create or replace temp table members_of_day as
    select segment, customer_id from read_parquet($file, hive_partitioning = false)
"""


@dataclass(frozen=True)
class KeptDays:
    """Days before the as-of date in one way of knowing: Parquet of memberships, and where their runs are kept."""

    mode: str
    files: Mapping[date, Path]
    runs: Path | None = None


def write_membership_intervals(
    connection: duckdb.DuckDBPyConnection, as_of: date, *kept: KeptDays, only: Collection[str] | None = None
) -> int:
    """Write ``segments.membership_intervals`` and return the number of rows.

    ``valid_to`` is exclusive; null says that the person is a member on the as-of date. ``is_left_censored`` and
    ``is_right_censored`` say that the day before the first, or after the last, was not built. People carry the ids that
    they have today.

    Args:
        connection: to the warehouse, where ``segments.memberships`` is written for the as-of date.
        as_of: the last day; it counts in every way of knowing.
        kept: what is kept of earlier days.
        only: rows of other segments than these stay as they are.

    Raises:
        SegmentsError: a file of an earlier day cannot be read.
    """
    if only is None:
        connection.execute(_TABLE)
    else:
        forget_segments(connection, "membership_intervals", only)
    for days in kept:
        _stage_runs(connection, days, only)
        _bring_under_ids_of_today(connection)
        built = {"days": [*days.files, as_of]}
        connection.execute("create or replace temp table built_days as select unnest($days) as as_of_date", built)
        values = {"mode": days.mode, "as_of": as_of, "only": None if only is None else sorted(only)}
        for query in ("intervals", "ended_intervals"):
            connection.execute(_sql(query), values)
    for table in ("membership_runs", "members_of_day", "built_days"):
        connection.execute(f"drop table if exists temp.{table}")
    ((count,),) = connection.execute("select count(*) from segments.membership_intervals").fetchall()
    return int(count)


def _stage_runs(connection: duckdb.DuckDBPyConnection, days: KeptDays, only: Collection[str] | None) -> None:
    """Fill ``temp.membership_runs(segment, customer_id, first_date, last_date)`` with the runs of all kept days.

    ``only`` these segments, where nothing but what was kept is needed.
    """
    connection.execute(
        "create or replace temp table membership_runs "
        "(segment varchar, customer_id varchar, first_date date, last_date date)"
    )
    known = _stage_known_runs(connection, days, only)
    fresh = [day for day in sorted(days.files) if day not in known]
    if len(fresh) == 1 and fresh[0] == max(days.files):
        _add_last_day(connection, fresh[0], days.files[fresh[0]])
    else:
        for start in range(0, len(fresh), _DAYS_AT_ONCE):
            _add_days(connection, {day: days.files[day] for day in fresh[start : start + _DAYS_AT_ONCE]})
    if days.runs and fresh:
        _keep_runs(connection, days.runs, days.files)


def _stage_known_runs(connection: duckdb.DuckDBPyConnection, days: KeptDays, only: Collection[str] | None) -> set[date]:
    """Take the runs that were kept, if all days in them still lie there as they were read; gives those days."""
    if days.runs is None or not days.runs.exists():
        return set()
    path = {"path": str(days.runs)}
    try:
        rows = connection.execute("select decode(value) from parquet_kv_metadata($path)", path).fetchall()
        made_of: dict[str, str] = json.loads(rows[0][0]) if rows else {}
        found = {day: _identity(file) for day, file in days.files.items() if day.isoformat() in made_of}
        if not made_of or {day.isoformat(): identity for day, identity in found.items()} != made_of:
            return set()
        # What is kept again must be whole.
        wanted = sorted(only) if only is not None and len(found) == len(days.files) else None
        connection.execute(_READ_RUNS, {**path, "wanted": wanted})
    except (duckdb.Error, ValueError):
        # Runs that cannot be read are made again.
        return set()
    return set(found)


def _add_days(connection: duckdb.DuckDBPyConnection, files: Mapping[date, Path]) -> None:
    """Runs of several days that may lie anywhere between those that are known."""
    _read(connection, _READ_DAYS, {"days": list(files), "files": [str(path) for path in files.values()]})
    connection.execute(_sql("runs").format(table="membership_runs"))


def _add_last_day(connection: duckdb.DuckDBPyConnection, day: date, file: Path) -> None:
    """The common case, a day later than all that are known: whoever was a member on the day before stays on."""
    _read(connection, _READ_DAY, {"file": str(file)})
    connection.execute(_sql("one_more_day"), {"day": day})


def _read(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object]) -> None:
    try:
        connection.execute(query, values)
    except duckdb.Error as error:
        fault = str(error).splitlines()[0]
        raise SegmentsError(f"Memberships of earlier days cannot be read ({fault}): build that day again.") from error


def _bring_under_ids_of_today(connection: duckdb.DuckDBPyConnection) -> None:
    """Rename who was merged into somebody since, and join the runs of those who became one; all others stay."""
    connection.execute(f"create or replace temp table known_aliases as {aliases_query(connection)}")
    ((count,),) = connection.execute(_sql("met_runs")).fetchall()
    if count:
        connection.execute(_sql("unmet_runs"))
        connection.execute(_sql("runs").format(table="met_runs"))
        connection.execute("insert into temp.membership_runs select * from temp.met_runs")
    for table in ("known_aliases", "met_runs"):
        connection.execute(f"drop table temp.{table}")


def _keep_runs(connection: duckdb.DuckDBPyConnection, path: Path, files: Mapping[date, Path]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}")
    target = str(draft).replace("'", "''")
    made_of = json.dumps({day.isoformat(): _identity(file) for day, file in files.items()}).replace("'", "''")
    connection.execute(
        f"copy temp.membership_runs to '{target}' "
        f"(format parquet, compression zstd, compression_level 1, kv_metadata {{made_of: '{made_of}'}})"
    )
    draft.replace(path)


def _identity(file: Path) -> str:
    stat = file.stat()
    return f"{file.parent.name} {stat.st_size} {stat.st_mtime_ns}"


def _sql(name: str) -> str:
    return (_SQL_DIR / f"{name}.sql").read_text(encoding="utf-8")
