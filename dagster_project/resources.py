"""What assets share: the settings of the run, its databases, and the one writer lock."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg
import duckdb
from pydantic import Field, PrivateAttr

from dagster_project import spark
from dagster_project.clock import default_as_of, require_complete, utc_now
from dagster_project.database import connection, create_private, open_build
from dagster_project.errors import UsageError
from dagster_project.inputs import facts_sha256, inputs_sha256, profile_sha256, published_inputs
from dagster_project.lock import writer_lock
from dagster_project.publish.history import history_sha256
from dagster_project.raw.ledger import files_not_in
from dagster_project.raw.rates import require_rates
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.segments.made_of import touched, versions
from dagster_project.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.inputs import PublishedInputs


class Warehouse(dg.ConfigurableResource["Warehouse"]):
    """The databases of one run, what a person decided about it, and the exclusive right to write while it lasts."""

    as_of_date: str | None = None
    accept: list[str] = Field(default_factory=list)
    rebuild: bool = False
    # Set where a run builds segments and what follows only, on the profile that stands published.
    segments_only: bool = False
    _settings: Settings | None = PrivateAttr(default=None)

    @property
    def settings(self) -> Settings:
        """Settings of the process, read once."""
        if self._settings is None:
            self._settings = load_settings()
        return self._settings

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Warehouse]:
        """Hold the writer lock from the first step of a run to its last."""
        spark.require_engine(self.settings)
        holder = f"run {context.run.run_id}" if context.run else "a run"
        with writer_lock(self.settings.lock_path, holder=holder, timeout_seconds=self.settings.lock_timeout_seconds):
            _close_dead_runs(context)
            try:
                yield self
            finally:
                spark.stop_session()

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The build, with everything that landed attached read-only as ``raw``."""
        with open_build(self.settings) as build:
            yield build

    def start_afresh(self) -> None:
        """Throw the build away: all of it is made again from raw, and a broken one is never repaired.

        The warehouse is written as it is published, for older clients of DuckDB.
        """
        settings = self.settings
        versions = {settings.warehouse_path: settings.publish_storage_version, settings.working_path: None}
        for path, storage_version in versions.items():
            for file in (path, path.with_name(f"{path.name}.wal")):
                file.unlink(missing_ok=True)
            create_private(path, storage_version)

    def inputs_sha256(self) -> str:
        """Hash of what a build of this run is made of."""
        as_of = self.choose_as_of()
        with self._raw() as raw:
            return inputs_sha256(raw, self.settings, as_of, self.accept)

    def profile_sha256(self) -> str:
        """Hash of what the profile of this run is made of."""
        as_of = self.choose_as_of()
        with self._raw() as raw:
            return profile_sha256(raw, self.settings, as_of)

    def facts_sha256(self) -> str:
        """Hash of what every day is built from."""
        with self._raw() as raw:
            return facts_sha256(raw, self.settings)

    def published_generation(self) -> str | None:
        """The current generation, if it was made of exactly what this run would build from; else none."""
        made_of = self._published_inputs()
        return made_of.generation if made_of and made_of.sha256 == self.inputs_sha256() else None

    def only_segments_changed(self) -> bool:
        """Whether this run would build the profile that stands published, and something else after it."""
        made_of = self._published_inputs()
        if made_of is None or not all(path.exists() for path in self.settings.databases):
            return False
        try:
            with self._raw() as raw:
                known = raw.execute("select split_part(file, '/', 1), sha256 from raw.load_ledger").fetchall()
        except duckdb.IOException:  # another run is writing; this one will wait for it and then look at everything
            return False
        if files_not_in(set(known), self.settings) or made_of.sha256 == self.inputs_sha256():
            return False
        return made_of.profile_sha256 == self.profile_sha256()

    def segments_as_built(self) -> frozenset[str]:
        """Segments whose tables stand in the build database, of their rule and of what is kept of earlier days."""
        wanted = versions(shipped_catalog(), history_sha256(self.settings, self.choose_as_of()))
        try:
            with connection(self.settings.warehouse_path, self.settings, read_only=True) as build:
                return frozenset(wanted) - touched(build, "members", wanted)
        except duckdb.IOException:  # another run is writing
            return frozenset()

    def _published_inputs(self) -> PublishedInputs | None:
        made_of = published_inputs(self.settings.warehouse_path)
        if self.rebuild or made_of is None:
            return None
        standing = (self.settings.published_dir / "current").resolve().name
        return made_of if made_of.generation == standing else None

    def choose_as_of(self) -> date:
        """The as-of date of the run: asked for, else set, else the last complete day with facts."""
        if self.as_of_date:
            return require_complete(_parsed_date(self.as_of_date), self.settings, utc_now())
        if self.settings.as_of_date:
            return require_complete(self.settings.as_of_date, self.settings, utc_now())
        with self._raw() as raw:
            return default_as_of(raw, self.settings, utc_now())

    def choose_currency(self) -> str | None:
        """The shop's currency: set, else the only one that orders carry; null when they carry none.

        Raises:
            UsageError: orders carry several currencies and none was set.
            SegmentsError: an order in another currency has no rate.
        """
        with self._raw() as raw:
            if self.settings.shop_currency:
                require_rates(raw, self.settings.shop_currency, self.settings.shop_time_zone)
                return self.settings.shop_currency
            query = "select distinct currency from raw.orders where currency is not null order by currency"
            currencies = [currency for (currency,) in raw.execute(query).fetchall()]
        if len(currencies) > 1:
            message = (
                f"Orders carry several currencies ({', '.join(currencies)}), and amounts of different currencies are "
                f"never added up: set SEGMENTS_SHOP_CURRENCY to one of them and put the rates of the others into "
                f"data/landing/fx_rates/."
            )
            raise UsageError(message)
        return currencies[0] if currencies else None

    @contextmanager
    def _raw(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with connection(self.settings.raw_path, self.settings, read_only=True) as raw:
            yield raw


def _close_dead_runs(context: dg.InitResourceContext) -> None:
    """Whoever holds the writer lock is the only one at work: what still counts as started was killed."""
    if context.instance is None or context.run is None:
        return
    started = dg.RunsFilter(job_name=context.run.job_name, statuses=[dg.DagsterRunStatus.STARTED])
    for run in context.instance.get_runs(started):
        if run.run_id != context.run.run_id:
            context.instance.report_run_failed(run, "The process of this run died.")


def _parsed_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"as-of date {text!r} is not a date such as 2026-06-30."
        raise UsageError(message) from error
