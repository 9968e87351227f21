"""What a build is made of, as one hash, and whether what is published was made of the same.

A run whose facts, code, settings and day are those of the published generation has nothing to do.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from dagster_project.publish.history import history_sha256
from dagster_project.segments import catalog
from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from dagster_project.settings import Settings

_CODE_FOLDERS = ("dagster_project", "dbt", "models")
_CODE_KINDS = frozenset({".py", ".sql", ".yml", ".yaml", ".csv", ".html", ".css", ".js", ".j2"})

# How a run works, not what it says.
_NO_INPUT = {
    *("data_dir", "memory_limit", "threads", "spill_dir", "spill_limit", "lock_timeout_seconds", "keep_generations"),
    "settle_seconds",
    *("spark_master", "spark_driver_host", "spark_partitions", "spark_dir", "raw_parquet_dir"),
    *("spark_thrift_host", "spark_thrift_port"),
    *(
        "shopify_url",
        "shopify_token",
        "shopify_api_version",
        "woocommerce_url",
        "woocommerce_key",
        "woocommerce_secret",
    ),
    *("fetch_tries", "fetch_longest_wait_seconds"),
    # Hashed as what they come to.
    *("as_of_date", "pii_key"),
}

_TABLE = "create table if not exists main.build_inputs (sha256 varchar, profile_sha256 varchar, generation varchar)"

_LOADED = (
    "select file, sha256, loaded_at::varchar, replayed_at::varchar from raw.load_ledger order by all",
    "select file, sha256, count(*) from raw.purged_rows group by all order by all",
    "select count(*) from raw.tombstones",
)


def inputs_sha256(raw: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, accepted: Sequence[str]) -> str:
    """Hash of all that decides what a build says and whether it is fit: that of every day, the day, accepted checks."""
    digest = hashlib.sha256(f"{facts_sha256(raw, settings)} {as_of} {sorted(accepted)}\n".encode())
    digest.update(history_sha256(settings, as_of).encode())
    return digest.hexdigest()


def facts_sha256(raw: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """Hash of what every day is built from: files, code and settings."""
    digest = _facts_and_code(raw, settings, [*_code_files(), *catalog.SEGMENTS_DIR.rglob("*.y*ml")])
    return digest.hexdigest()


def profile_sha256(raw: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> str:
    """Hash of all that decides what the profile says: the same, without the segment files that read it."""
    digest = _facts_and_code(raw, settings, _code_files())
    digest.update(f"{as_of}\n".encode())
    return digest.hexdigest()


def _facts_and_code(raw: duckdb.DuckDBPyConnection, settings: Settings, code: Iterable[Path]) -> hashlib._Hash:
    digest = hashlib.sha256()
    digest.update(json.dumps(settings.model_dump(mode="json", exclude=_NO_INPUT), sort_keys=True).encode())
    digest.update(f"{settings.pseudonym_key} {duckdb.__version__}\n".encode())
    for path in sorted(code):
        name = path.relative_to(PROJECT_DIR) if path.is_relative_to(PROJECT_DIR) else path.name
        digest.update(f"{name}\n".encode())
        digest.update(path.read_bytes())
    if settings.rfm_anchors_path.exists():
        digest.update(settings.rfm_anchors_path.read_bytes())
    for row in (row for query in _LOADED for row in raw.execute(query).fetchall()):
        digest.update(f"{row}\n".encode())
    return digest


def _code_files() -> Iterator[Path]:
    """Code that the profile is made by: all but the segment files."""
    for folder in _CODE_FOLDERS:
        for path in (PROJECT_DIR / folder).rglob("*"):
            is_segment = path.is_relative_to(PROJECT_DIR / "models" / "segments")
            if path.suffix in _CODE_KINDS and "target" not in path.parts and not is_segment:
                yield path


def remember_build(build: duckdb.DuckDBPyConnection, sha256: str, profile_sha256: str) -> None:
    """Write into a build database what all of it, and what its profile is made of."""
    build.execute(
        "create or replace table main.build_inputs as "
        "select $sha256 as sha256, $profile as profile_sha256, null::varchar as generation",
        {"sha256": sha256, "profile": profile_sha256},
    )


def remember_segments(build: duckdb.DuckDBPyConnection, sha256: str, profile_sha256: str) -> None:
    """Write that everything after the profile was built anew; the profile must be the one that is asked for."""
    build.execute(
        "update main.build_inputs set sha256 = $sha256 where profile_sha256 = $profile",
        {"sha256": sha256, "profile": profile_sha256},
    )


def remember_published(build: duckdb.DuckDBPyConnection, sha256: str, generation: str | None) -> None:
    """Write which generation says what the build says; nothing where a part was built anew of other inputs."""
    build.execute(_TABLE)
    build.execute(
        "update main.build_inputs set generation = case when sha256 = $sha256 then $generation end",
        {"sha256": sha256, "generation": generation},
    )


@dataclass(frozen=True)
class PublishedInputs:
    """What a build database was made of, and the generation that it became."""

    sha256: str
    profile_sha256: str | None
    generation: str


def forget_published(build: duckdb.DuckDBPyConnection) -> None:
    """A part was built apart from the rest: no generation says what the build says, until all of it is made again."""
    build.execute(_TABLE)
    build.execute("update main.build_inputs set generation = null")


def published_as(build: duckdb.DuckDBPyConnection) -> str | None:
    """The generation that says what the build said before this run; none where it was not published."""
    rows = build.execute("select generation from main.build_inputs").fetchall()
    return str(rows[0][0]) if rows and rows[0][0] else None


def published_inputs(path: Path) -> PublishedInputs | None:
    """What a build database was made of and the generation that it became; none where it was not published."""
    if not path.exists():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as build:
            rows = build.execute(
                "select sha256, profile_sha256, generation from build_inputs where generation is not null"
            ).fetchall()
    except duckdb.Error:
        return None
    return PublishedInputs(*rows[0]) if rows else None
