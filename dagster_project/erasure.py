"""A person erased: who that is, by the last build, and every place from which they go, in an order that can be resumed.

Tombstones come first, so that whatever happens later the person does not come back. How rows are found and landing
files written anew stands in ``raw``.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import duckdb

from dagster_project.database import open_build
from dagster_project.errors import SegmentsError
from dagster_project.lock import writer_lock
from dagster_project.privacy import private_files
from dagster_project.publish.generations import current_generation, generations
from dagster_project.raw import tombstones
from dagster_project.raw.database import open_raw
from dagster_project.raw.erasing import bury_orders, erase_from_files, erase_from_tables, rewrite_database
from dagster_project.remains import files_with
from dagster_project.transform.rollups import rollup_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from dagster_project.settings import Settings

Values = set[tuple[str, str]]
# Ids that the published tables and the history call the person by.
PERSON = "person_id"
_WHO = """
    select customer_id from intermediate.int_customer_ids_connected
    where shop_customer_id = $customer_id or customer_id = $customer_id
    union
    select customer_id from intermediate.int_emails_resolved where email = $email
"""
_KNOWN_BY = """
    with people as (select unnest($people) as customer_id)
    select 'customer_id', shop_customer_id
    from intermediate.int_customer_ids_connected semi join people using (customer_id)
    union
    select split_part(identifier, ':', 1), substr(identifier, instr(identifier, ':') + 1)
    from intermediate.int_identifiers_resolved semi join people using (customer_id)
    union
    select 'anonymous_id', anonymous_id from intermediate.int_devices_owned semi join people using (customer_id)
    union
    select 'person_id', aliases.customer_id from marts.dim_customer_aliases as aliases
    inner join people on aliases.merged_into = people.customer_id
    union
    select 'person_id', customer_id from people
"""
_OPEN_REQUESTS = "select distinct customer_id, email from raw.erasure_requests order by all"


def requested(settings: Settings) -> list[tuple[str | None, str | None]]:
    """Customer id and address of every erasure request that landed and is not done."""
    with open_raw(settings) as raw:
        return [(row[0], row[1]) for row in raw.execute(_OPEN_REQUESTS).fetchall()]


def known_values(settings: Settings, customer_id: str | None, email: str | None) -> Values:
    """What the last build knows one person by, as (kind, value); without a build what was given alone."""
    given = {"customer_id": customer_id, "email": email}
    values = {(kind, tombstones.normalised(kind, value)) for kind, value in given.items() if value and value.strip()}
    if not (settings.warehouse_path.exists() and settings.raw_path.exists()):
        return values
    asked = dict.fromkeys(given) | dict(values)
    try:
        with open_build(settings, read_only=True) as build:
            people = [row[0] for row in build.execute(_WHO, asked).fetchall()]
            rows = build.execute(_KNOWN_BY, {"people": people}).fetchall() if people else []
    except duckdb.Error:
        # A build that broke off knows nobody.
        return values
    return values | {(str(kind), str(value)) for kind, value in rows if value}


def is_known(settings: Settings, values: Values) -> bool:
    """Whether anything that landed, or a tombstone, has one of these values."""
    key = settings.pseudonym_key
    with open_raw(settings) as raw:
        tombstones.require_key(raw, key)
        if any(tombstones.is_buried(raw, key, kind, value) for kind, value in values):
            return True
        where = {"customer_id": "customer_id = $value", "email": "lower(trim(email)) = $value"}
        tables = {"customer_id": ("orders", "customers", "identities", "events", "messages"), "email": ("orders",)}
        tables["email"] += ("customers", "events", "messages", "consents", "suppressions", "erasure_requests")
        return any(
            raw.execute(f"select 1 from raw.{table} where {where[kind]} limit 1", {"value": value}).fetchall()
            for kind, value in values
            if kind in tables
            for table in tables[kind]
        )


def erase(
    settings: Settings, values: Values, *, now: datetime, log: Callable[[str], None], rebuild: Callable[..., object]
) -> None:
    """Take everybody who has a tombstone, and who has these values, out of every place; publish anew without them.

    Args:
        settings: of this process.
        values: what the people are known by; none: those that have tombstones are taken out again.
        now: the clock, with time zone.
        log: gets a sentence per step.
        rebuild: builds and publishes with ``as_of`` and ``accept``; takes the writer lock itself.

    Raises:
        SegmentsError: a step failed or something of them is left; the same command goes on from there.
    """
    with _only_writer(settings), private_files():
        _erase_from_raw(settings, values, now, log)
        _forget_build(settings, values)
        _erase_from_history(settings)
    standing = current_generation(settings)
    if standing is not None:
        log("Building and publishing without them")
        rebuild(as_of=standing.as_of, accept=standing.manifest.get("accepted_checks", []))
    with _only_writer(settings):
        _drop_old_generations(settings)
        _require_nothing_left(settings, values)
        with open_raw(settings) as raw:
            raw.execute("update raw.tombstones set is_applied = true").fetchall()


def _only_writer(settings: Settings) -> AbstractContextManager[None]:
    return writer_lock(settings.lock_path, holder="segments erase", timeout_seconds=settings.lock_timeout_seconds)


def _erase_from_raw(settings: Settings, values: Values, now: datetime, log: Callable[[str], None]) -> None:
    key = settings.pseudonym_key
    with open_raw(settings) as raw:
        tombstones.require_key(raw, key)
        tombstones.bury(raw, key, values, now)
        bury_orders(raw, key)
        landed = erase_from_files(raw, settings, now, log)
        count = erase_from_tables(raw, key, landed)
        log(f"{count:,} rows deleted from raw tables and quarantine")
    rewrite_database(settings)


def _forget_build(settings: Settings, values: Values) -> None:
    """Remove what the next run makes again, and the records of runs where they name one of them."""
    builds = (settings.warehouse_path, settings.working_path)
    folders = [settings.raw_parquet, settings.spark_tables, settings.spill_folder]
    inside = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    left = [*settings.data_dir.glob(".unpacked-*"), *settings.landing_dir.rglob(".erasing-*")]
    names = ("audiences", "report", "last_error.txt")
    for path in [
        *builds,
        *(path.with_name(f"{path.name}.wal") for path in builds),
        *rollup_files(settings),
        *inside,
        *left,
        *(settings.data_dir / name for name in names),
    ]:
        _remove(path)
    if settings.dagster_home.is_dir() and files_with(settings.dagster_home, values):
        for path in settings.dagster_home.iterdir():
            if path.name != "dagster.yaml":
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _erase_from_history(settings: Settings) -> None:
    """Write every file of the history anew that names one of them."""
    with open_raw(settings, read_only=True) as raw:
        for path in sorted(settings.history_dir.rglob("*.parquet")):
            file = str(path).replace("'", "''")
            rows = f"read_parquet('{file}', file_row_number = true, hive_partitioning = false)"
            columns = [row[0] for row in raw.execute(f"describe select * from {rows}").fetchall()]
            if "customer_id" not in columns:
                continue
            pairs = " union all ".join(
                f"select file_row_number as _line, '{kind}' as kind, customer_id as value from {rows}"
                for kind in (PERSON, "customer_id")
            )
            tombstones.find_buried(raw, settings.pseudonym_key, pairs, "erased_rows")
            if not raw.execute("select 1 from erased_rows limit 1").fetchall():
                continue
            draft = path.with_name(f".{path.name}")
            target = str(draft).replace("'", "''")
            raw.execute(
                f"copy (select * exclude (file_row_number) from {rows} where file_row_number not in "
                f"(select _line from erased_rows)) to '{target}' (format parquet, compression zstd)"
            ).fetchall()
            draft.replace(path)


def _drop_old_generations(settings: Settings) -> None:
    standing = current_generation(settings)
    for generation in generations(settings):
        if standing is None or generation.name != standing.name:
            shutil.rmtree(generation.path)
    for draft in (settings.published_dir / "generations").glob(".*.draft"):
        shutil.rmtree(draft)


def _require_nothing_left(settings: Settings, values: Iterable[tuple[str, str]]) -> None:
    found = files_with(settings.data_dir, values)
    if found:
        listed = "\n".join(f"  {path}" for path in found)
        raise SegmentsError(
            f"What they are known by still stands in these files, in rows that no rule could tell:\n{listed}\n"
            "Take it out by hand and erase again."
        )
