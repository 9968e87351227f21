"""What people did on the site: visits, and what became of their carts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.report.formats import share_of

if TYPE_CHECKING:
    import duckdb

# How a cart can end, the best end first, and what that means.
_OUTCOMES = {
    "ordered": "An order followed",
    "open": "Touched within the grace period before the end of the as-of date",
    "abandoned": "Left with something in it, and no order since",
    "emptied": "Everything was taken out again",
}
_UNKNOWN = {
    "unknown": "Left with something in it; neither orders nor purchase events say whether it was bought",
}


@dataclass(frozen=True)
class CartOutcome:
    """How many carts ended one way, and their part of all carts (0 to 1)."""

    name: str
    meaning: str
    carts_count: int
    share: float | None


@dataclass(frozen=True)
class Visits:
    """Sessions that began by the as-of date and the carts in them."""

    sessions_count: int
    identified_sessions_count: int
    outcomes: tuple[CartOutcome, ...]

    @property
    def identified_share(self) -> float | None:
        """Share of sessions that belong to a known person."""
        return share_of(self.identified_sessions_count, self.sessions_count)

    @property
    def carts_count(self) -> int:
        """All carts, whatever became of them."""
        return sum(outcome.carts_count for outcome in self.outcomes)


def read_visits(connection: duckdb.DuckDBPyConnection) -> Visits:
    """Count sessions, and carts by outcome."""
    ((sessions, identified),) = connection.execute(
        "select count(*), count(*) filter (where is_identified) from marts.fct_sessions"
    ).fetchall()
    found = connection.execute(
        "select coalesce(outcome, 'unknown'), count(*) from marts.fct_carts group by outcome order by outcome"
    ).fetchall()
    counts = dict.fromkeys(_OUTCOMES, 0) | dict(found)
    total = sum(counts.values())
    outcomes = (
        CartOutcome(name, (_OUTCOMES | _UNKNOWN)[name], count, share_of(count, total)) for name, count in counts.items()
    )
    return Visits(sessions, identified, tuple(outcomes))
