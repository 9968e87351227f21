"""Fetching: what a shop's API serves becomes landing files, whole and once. Never touches the warehouse.

One fetch: read all pages into hidden files, wait until they lie on disk, remember how far it came, give them their
names. A fetch that breaks off before is forgotten, one that breaks off after is finished by the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.errors import UsageError
from dagster_project.fetch.files import Parts, number_of, remove_unfinished, reveal
from dagster_project.fetch.shops import Shop, ShopKind, open_shop
from dagster_project.fetch.state import FetchState, StreamState, read_state, write_state
from dagster_project.fetch.versions import Versions
from dagster_project.lock import writer_lock
from dagster_project.privacy import private_files
from dagster_project.raw.sources import load_sources
from dagster_project.sample.writing import sample_is_present

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from dagster_project.settings import Settings


@dataclass(frozen=True)
class Fetched:
    """What a fetch did: rows that the shop served, those that are new, and their files in landing."""

    rows_served: int
    rows_landed: int
    files: tuple[Path, ...]


def fetch_from(
    kind: ShopKind,
    settings: Settings,
    *,
    since: datetime | None,
    into: str | None,
    log: Callable[[str], None],
) -> Fetched:
    """Fetch from the shop that the settings name; see ``fetch``."""
    return fetch(open_shop(kind, settings, log), settings, since=since, into=into, log=log)


def fetch(
    shop: Shop,
    settings: Settings,
    *,
    since: datetime | None = None,
    into: str | None = None,
    log: Callable[[str], None] = lambda _: None,
) -> Fetched:
    """Fetch what has changed in the shop since the last fetch, or since a moment, into ``data/landing/<into>``.

    Raises:
        UsageError: there is no such source mapping, or the folder belongs to another shop or to the sample.
        SegmentsError: the shop refuses or fails; nothing has landed of the stream that was being read.
        BusyError: another fetch writes into this folder.
    """
    source = into or shop.source
    _refuse_useless(settings, source)
    inbox = _Inbox(settings.landing_dir / source, settings.fetch_dir / f"{source}.json")
    lock = writer_lock(
        settings.fetch_dir / f"{source}.lock",
        holder=f"segments fetch into {source}",
        timeout_seconds=settings.lock_timeout_seconds,
    )
    with private_files(), lock:
        inbox.folder.mkdir(parents=True, exist_ok=True)
        done = [_fetch(shop, stream, inbox, since, log) for stream in shop.streams]
    return Fetched(
        sum(each.rows_served for each in done),
        sum(each.rows_landed for each in done),
        tuple(path for each in done for path in each.files),
    )


@dataclass(frozen=True)
class _Inbox:
    """A folder of landing and what is remembered about it."""

    folder: Path
    state_path: Path

    def commit(self, state: FetchState) -> None:
        """Remember how far the fetch came, its files being durable, and let them be seen."""
        write_state(self.state_path, state)
        self.finish(state)

    def finish(self, state: FetchState) -> FetchState:
        """Give finished files their names, remove unfinished ones."""
        reveal(self.folder, state.pending)
        remove_unfinished(self.folder)
        if state.pending:
            state = state.model_copy(update={"pending": ()})
            write_state(self.state_path, state)
        return state


def _fetch(shop: Shop, stream: str, inbox: _Inbox, since: datetime | None, log: Callable[[str], None]) -> Fetched:
    state = inbox.finish(read_state(inbox.state_path, shop.shop))
    before = state.streams.get(stream, StreamState())
    versions = Versions(before.recent)
    served = landed = 0
    started_at: datetime | None = None
    with Parts(inbox.folder, stream, state.last_file) as parts:
        for page in shop.pages(stream, since or before.changed_until):
            started_at = started_at or page.served_at
            for row in page.rows:
                served += 1
                if part := versions.part_of(row):
                    parts.write(part, row.text())
                    landed += 1
            log(f"{stream}: {served:,} served, {landed:,} new")
        names = parts.finish()
    # A fetch that begins after the end of the last one leaves a gap, so the next must begin where the last ended.
    leaves_gap = since is not None and before.changed_until is not None and since > before.changed_until
    after = before if leaves_gap or started_at is None else versions.state_after(before, started_at)
    inbox.commit(
        FetchState(
            shop=state.shop,
            last_file=max([state.last_file, *map(number_of, names)]),
            streams=state.streams | {stream: after},
            pending=names,
        )
    )
    return Fetched(served, landed, tuple(inbox.folder / name for name in names))


def _refuse_useless(settings: Settings, source: str) -> None:
    known = load_sources(settings.data_dir / "sources")
    if source not in known:
        raise UsageError(f"There is no source mapping {source!r} to read what is fetched: {', '.join(sorted(known))}.")
    if sample_is_present(settings.landing_dir):
        raise UsageError(
            f"{settings.landing_dir} holds the sample shop, and a real shop must not be mixed with it: "
            "run `segments sample --remove` first."
        )
