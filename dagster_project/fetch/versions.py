"""What a shop serves, page by page, and which of it is new: the same row served twice lands once.

Nothing here speaks to a shop or touches a file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dagster_project.fetch.state import StreamState

if TYPE_CHECKING:
    from collections.abc import Mapping

# A shop books a change, and its search finds it, a little later than the change says it happened.
OVERLAP = timedelta(minutes=10)


@dataclass(frozen=True)
class Row:
    """One order (or the like): its id in the shop, when it was last changed, and the JSON lines that say it."""

    key: str
    changed_at: datetime | None
    lines: tuple[dict[str, Any], ...]

    def text(self) -> str:
        """The lines as JSON, one per line; ASCII, so that whatever a shop holds can be written."""
        return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in self.lines)


@dataclass(frozen=True)
class Page:
    """Rows of one answer, and when the shop gave it by its own clock."""

    rows: tuple[Row, ...]
    served_at: datetime


class Versions:
    """The versions of each row that this fetch, and the end of the one before, have seen."""

    def __init__(self, recent: Mapping[str, str]) -> None:
        self._seen = {key: (0, version) for key, version in recent.items()}
        self._changed_at: dict[str, datetime] = {}

    def part_of(self, row: Row) -> int | None:
        """1 for the first new version of a row, 2 for the next, ...; None for a version that is known.

        A file holds one version of a row, because its further lines name their parent by the id alone.
        """
        version = hashlib.blake2b(row.text().encode("ascii"), digest_size=16).hexdigest()
        part, known = self._seen.get(row.key, (0, None))
        if row.changed_at is not None:
            self._changed_at[row.key] = row.changed_at
        if version == known:
            return None
        self._seen[row.key] = (part + 1, version)
        return part + 1

    def newest(self) -> datetime | None:
        """The latest change seen."""
        return max(self._changed_at.values(), default=None)

    def state_after(self, before: StreamState, started_at: datetime) -> StreamState:
        """Where the next fetch begins: before what may have changed behind the back of this one.

        ``started_at`` is when the shop served the first page: a row read early and changed later is served again.
        """
        newest = self.newest()
        if newest is None:
            return before
        until = max(min(newest, started_at) - OVERLAP, before.changed_until or datetime.min.replace(tzinfo=UTC))
        recent = {key: self._seen[key][1] for key, moment in self._changed_at.items() if moment >= until}
        return StreamState(changed_until=until, recent=recent)


def instant(text: object) -> datetime | None:
    """An ISO 8601 time as an instant, UTC where it carries no offset; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
