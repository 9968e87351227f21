"""A shop in a folder of its own: rows land, the main job runs in this process, and what it published is read."""

from __future__ import annotations

import csv
import os
import shutil
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from dagster_project.database import look_in_both
from dagster_project.publish.generations import current_generation
from dagster_project.runs import run_history_job, run_main_job
from dagster_project.settings import Settings, load_settings
from tests.pipeline.instance import instance_in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from dagster_project.outcome import Outcome

ROOT = Path(__file__).resolve().parents[2]
ONLINE_RETAIL = (ROOT / "../shared/data/online_retail/online_retail.csv.gz").resolve()
COMPLETE_JOURNEY = (ROOT / "../shared/data/complete_journey").resolve()
TABLES = (
    "orders",
    "order_lines",
    "refunds",
    "products",
    "customers",
    "identities",
    "events",
    "messages",
    "consents",
    "offers",
    "offer_exposures",
    "offer_redemptions",
    "loyalty_memberships",
    "survey_answers",
    "fx_rates",
)


@contextmanager
def environment_taken_back() -> Iterator[None]:
    """What a run writes into the environment is gone after the block."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class Shop:
    """One data folder and the settings that go with it."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._variables = {f"SEGMENTS_{name.upper()}": str(value) for name, value in settings.items()}
        self._variables["SEGMENTS_DATA_DIR"] = str(folder)
        self.folder = folder

    @property
    def environment(self) -> dict[str, str]:
        """The variables of this shop's settings."""
        return dict(self._variables)

    @property
    def settings(self) -> Settings:
        """The settings of this shop; the environment is that of this shop from now on."""
        for name in [name for name in os.environ if name.startswith("SEGMENTS_")]:
            del os.environ[name]
        os.environ.update(self._variables)
        return load_settings()

    def land(self, table: str, rows: Sequence[Mapping[str, Any]], name: str = "rows") -> Path:
        """Write rows as a landing file."""
        path = self.settings.landing_dir / table / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        return path

    def run(self, as_of: str | None = None, accept: Sequence[str] = (), *, rebuild: bool = False) -> Outcome:
        """The main job, as the command line runs it; its events are kept in memory."""
        with instance_in_memory() as instance:
            day = date.fromisoformat(as_of) if as_of else None
            return run_main_job(self.settings, as_of=day, accept=accept, rebuild=rebuild, instance=instance)

    def build_past(self, first: str, last: str, *, rebuild: bool = False) -> None:
        """Days of the past, as the command line builds them; its events are kept in memory."""
        with instance_in_memory() as instance:
            days = (date.fromisoformat(first), date.fromisoformat(last))
            run_history_job(self.settings, *days, rebuild=rebuild, instance=instance)

    def copy(self, folder: Path) -> Shop:
        """The same shop in another folder, to go on from where this one stands."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Shop(folder, {name.removeprefix("SEGMENTS_"): value for name, value in self._variables.items()})

    def set(self, name: str, value: object) -> None:
        """Change one setting of this shop."""
        self._variables[f"SEGMENTS_{name.upper()}"] = str(value)

    def keep_build(self, name: str) -> None:
        """Keep the build, and the rollups as they are, under a name such as the day, for later questions."""
        shutil.copyfile(self.settings.warehouse_path, self.kept_build(name))
        shutil.copyfile(self.settings.working_path, kept_working(self.kept_build(name)))
        shutil.copyfile(self.settings.rollups_path, kept_rollups(self.kept_build(name)))

    def kept_build(self, name: str) -> Path:
        """Where a kept build database lies."""
        return self.folder / f"build_{name}.duckdb"

    def built(self, query: str, day: str | None = None) -> list[tuple[Any, ...]]:
        """Ask the build database, today's or a kept one."""
        build = self.kept_build(day) if day else self.settings.warehouse_path
        with opened_build(build, kept_working(build) if day else self.settings.working_path) as connection:
            return connection.execute(query).fetchall()

    def built_frame(self, query: str, day: str) -> pd.DataFrame:
        """Ask a kept build database for a frame with exact types."""
        build = self.kept_build(day)
        with opened_build(build, kept_working(build)) as connection:
            return connection.sql(query).to_arrow_table().to_pandas()

    def published(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the published file, as a BI tool would."""
        return _ask(self.settings.published_dir / "current" / "customer_segments.duckdb", "published", query)

    def raw(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the raw database."""
        return _ask(self.settings.raw_path, "raw", query)

    def raw_tables(self) -> dict[str, pd.DataFrame]:
        """Everything that landed, as frames with exact types."""
        with duckdb.connect(str(self.settings.raw_path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return {
                table: connection.sql(f"select * from raw.{table}").to_arrow_table().to_pandas() for table in TABLES
            }

    def profile(self, customer_id: str) -> dict[str, Any]:
        """The published profile of one customer."""
        path = self.settings.published_dir / "current" / "customer_segments.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            result = connection.execute(
                "select * from profiles.customer_profiles where customer_id = $id", {"id": customer_id}
            )
            names = [column[0] for column in result.description or []]
            rows = result.fetchall()
        assert len(rows) == 1, f"{customer_id} is listed {len(rows)} times"
        return dict(zip(names, rows[0], strict=True))

    @property
    def generation(self) -> str | None:
        """Name of the generation that stands."""
        standing = current_generation(self.settings)
        return standing.name if standing else None


def online_retail_shop(folder: Path) -> Shop:
    """UCI Online Retail as it landed; nothing is built."""
    if not ONLINE_RETAIL.exists():
        pytest.skip(f"the data set is not there: {ONLINE_RETAIL}")
    shop = Shop(folder, {"shop_time_zone": "Europe/London", "pii_key": "a key for tests"})
    landing = shop.settings.landing_dir / "online_retail"
    landing.mkdir(parents=True)
    (landing / ONLINE_RETAIL.name).symlink_to(ONLINE_RETAIL)
    return shop


def kept_rollups(build: Path) -> Path:
    """Where the rollups lie that were kept beside a build database."""
    return build.with_suffix(".rollups")


def kept_working(build: Path) -> Path:
    """Where what led to a kept build database lies."""
    return build.with_suffix(".working")


@contextmanager
def opened_build(warehouse: Path, working: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A build as the project opens it, read-only: staging and intermediate tables are found too."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{working}' as working (read_only)")
        look_in_both(connection)
        yield connection


def _ask(path: Path, name: str, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{path}' as {name} (read_only)")
        connection.execute(f"use {name}")
        return connection.execute(query).fetchall()
