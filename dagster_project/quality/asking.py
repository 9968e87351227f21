"""Asks the checks of a build, and keeps what they found for the time when only segments are made anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.quality.checks import Check, checks
from dagster_project.quality.findings import found_before, remember_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

_BEFORE_SEGMENTS = ("raw/", "seeds/", "marts/", "profiles/")


@dataclass(frozen=True)
class Outcome:
    """The answer: what was found wrong, in sentences; nothing found is passed."""

    check: Check
    findings: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Nothing was found."""
        return not self.findings


def run_checks(connection: duckdb.DuckDBPyConnection, *, only_segments: bool = False) -> list[Outcome]:
    """Ask every check of a finished build, or of one in which only segments were made anew."""
    ask = _ask_again if only_segments else _ask
    outcomes = [Outcome(check, tuple(ask(check, connection))) for check in checks()]
    remember_findings(connection, {outcome.check.name: outcome.findings for outcome in outcomes})
    return outcomes


def _ask(check: Check, connection: duckdb.DuckDBPyConnection) -> Sequence[str]:
    return check.find(connection)


def _ask_again(check: Check, connection: duckdb.DuckDBPyConnection) -> Sequence[str]:
    """What lies before the segments was looked at when it was made, and that stands."""
    if check.find_again:
        return check.find_again(connection)
    return found_before(connection, check.name) if check.asset.startswith(_BEFORE_SEGMENTS) else check.find(connection)
