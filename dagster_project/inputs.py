"""What a build is made of, as one hash, and whether what is published was made of the same.

A run whose facts, code, settings and day are those of the published generation has nothing to do.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import duckdb

from dagster_project.publish.history import history_sha256
from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
    digest = hashlib.sha256()
    digest.update(json.dumps(settings.model_dump(mode="json", exclude=_NO_INPUT), sort_keys=True).encode())
    digest.update(f"{settings.pseudonym_key} {duckdb.__version__}\n".encode())
    for path in sorted(_code_files()):
        digest.update(f"{path.relative_to(PROJECT_DIR)}\n".encode())
        digest.update(path.read_bytes())
    if settings.rfm_anchors_path.exists():
        digest.update(settings.rfm_anchors_path.read_bytes())
    for row in (row for query in _LOADED for row in raw.execute(query).fetchall()):
        digest.update(f"{row}\n".encode())
    return digest.hexdigest()


def _code_files() -> Iterator[Path]:
    for folder in _CODE_FOLDERS:
        for path in (PROJECT_DIR / folder).rglob("*"):
            if path.suffix in _CODE_KINDS and "target" not in path.parts:
                yield path


def remember_build(build: duckdb.DuckDBPyConnection, sha256: str) -> None:
    """Write into a build database what all of it is made of."""
    build.execute(
        "create or replace table main.build_inputs as select $sha256 as sha256, null::varchar as generation",
        {
            "sha256": sha256,
        },
    )


def remember_published(build: duckdb.DuckDBPyConnection, sha256: str, generation: str | None) -> None:
    """Write which generation says what the build says; nothing where a part was built anew of other inputs."""
    build.execute("create table if not exists main.build_inputs (sha256 varchar, generation varchar)")
    build.execute(
        "update main.build_inputs set generation = case when sha256 = $sha256 then $generation end",
        {"sha256": sha256, "generation": generation},
    )


def published_inputs(path: Path) -> tuple[str, str] | None:
    """What a build database was made of and the generation that it became; none where it was not published."""
    if not path.exists():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as build:
            rows = build.execute("select sha256, generation from build_inputs where generation is not null").fetchall()
    except duckdb.Error:
        return None
    return rows[0] if rows else None
