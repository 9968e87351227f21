"""What outlives a rebuild: who was in which segment and stage, as it was known on the day and as it is known now.

``known/as_of_date=D/generation=G`` is written once and never replaced; ``recomputed/as_of_date=D`` is replaced whole.
"""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from dagster_project.settings import Settings

_KEPT = {
    "memberships": "select segment, customer_id, entered_date from segments.memberships order by all",
    "sizes": "select * from segments.sizes order by segment",
    "customers": """
        select customer_id, customer_kind, lifecycle_stage, stage_entered_date, rfm_segment, net_revenue_amount
        from profiles.customer_profiles order by customer_id
    """,
}


def write_known(build: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, generation: str) -> Path:
    """Keep what this generation says of its day."""
    return _write(build, settings.history_dir / "known" / f"as_of_date={as_of}" / f"generation={generation}")


def write_recomputed(build: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> Path:
    """Keep what is known now about a day of the past, in place of what was known before."""
    return _write(build, recomputed_folder(settings, as_of))


def recomputed_folder(settings: Settings, as_of: date) -> Path:
    """Where a day of the past is kept as it is known now."""
    return settings.history_dir / "recomputed" / f"as_of_date={as_of}"


def memberships_of_day_before(settings: Settings, as_of: date) -> Path | None:
    """Memberships of the day before the as-of date, if that day was built: recomputed before known, newest first."""
    day = f"as_of_date={as_of - timedelta(days=1)}"
    recomputed = settings.history_dir / "recomputed" / day / "memberships.parquet"
    known = sorted((settings.history_dir / "known" / day).glob("generation=*/memberships.parquet"))
    return next((path for path in (recomputed, *reversed(known)) if path.exists()), None)


def _write(build: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, query in _KEPT.items():
        target = str(draft / f"{name}.parquet").replace("'", "''")
        build.execute(f"copy ({query}) to '{target}' (format parquet, compression zstd, compression_level 1)")
    shutil.rmtree(folder, ignore_errors=True)
    draft.replace(folder)
    return folder
