"""What would change in each segment if the build stood: who enters, who leaves, and why.

Pure functions over a connection whose schema ``segments`` holds the new state; which state is the old one, and what is
shown of the differences, is decided by whoever calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dagster_project.errors import SegmentsError
from dagster_project.segments.candidates import write_candidates
from dagster_project.segments.membership import write_memberships, write_segments, write_sizes
from dagster_project.segments.previous import stage_previous
from dagster_project.segments.reasons import Reasons
from dagster_project.segments.rules import Comparison, parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import duckdb

    from dagster_project.segments.catalog import Catalog
    from dagster_project.segments.entries import Segment

Kind = Literal["new", "gone", "edited", "same"]
_SQL = Path(__file__).parent / "sql" / "changes.sql"
_NOT_LISTED = "no longer a listed customer"
_NOT_DECLARED = "the segment is no longer declared"


@dataclass(frozen=True)
class Move:
    """Some of the people who enter or leave a segment, the first by id, each with the reason."""

    count: int
    first: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Change:
    """What would become of one segment; ``rule_before`` is None where it is new, ``rule`` where it is gone."""

    segment: str
    kind: Kind
    rule_before: str | None
    rule: str | None
    members_before: int
    members: int
    contactable: int | None
    entering: Move
    leaving: Move

    @property
    def is_none(self) -> bool:
        """Neither the rule nor a member changes."""
        return self.kind == "same" and not self.entering.count and not self.leaving.count


@dataclass(frozen=True)
class Standing:
    """The old state: memberships as Parquet, and rule and version of each segment by name."""

    memberships: Path
    rules: Mapping[str, tuple[str, str]]


def try_out(connection: duckdb.DuckDBPyConnection, catalog: Catalog, as_of: date) -> None:
    """Build segments and sizes from the profile at hand, with dates of entry that mean nothing.

    Raises:
        SegmentsError: a rule reads a column that this profile does not have.
    """
    require_columns(catalog, readable_columns(connection))
    list(write_segments(connection, catalog, as_of))
    write_candidates(connection, catalog)
    write_memberships(connection, catalog)
    write_sizes(connection, catalog, as_of)


def readable_columns(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The columns that the profile at hand has."""
    described = connection.execute("select column_name from (describe profiles.customer_profiles)").fetchall()
    return frozenset(name for (name,) in described)


def require_columns(segments: Iterable[Segment], columns: frozenset[str]) -> None:
    """Refuse rules that read what the published profile lacks.

    Raises:
        SegmentsError: names segment and column.
    """
    for segment in segments:
        for part in parts(segment.rule):
            if isinstance(part, Comparison) and part.column not in columns:
                raise SegmentsError(
                    f"segment {segment.name} reads `{part.column}`, which the published profile does not have yet: "
                    "`segments plan --with-data` builds the profile anew, and publishes nothing."
                )


def changes(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, as_of: date, standing: Standing, shown: int
) -> list[Change]:
    """One change per segment that is declared or was, by name; of each move the first ``shown`` people.

    Raises:
        SegmentsError: the old memberships cannot be read.
    """
    names = sorted({*catalog.names, *standing.rules})
    stage_previous(connection, as_of, str(standing.memberships), names)
    connection.execute(_SQL.read_text(encoding="utf-8"))
    before = dict(_counts(connection, "temp.previous_memberships"))
    moves = _Moves(connection, catalog, shown)
    found = [_change(name, catalog, standing, before, moves) for name in names]
    for table in ("previous_memberships", "membership_changes"):
        connection.execute(f"drop table temp.{table}")
    return found


@dataclass(frozen=True)
class _Moves:
    connection: duckdb.DuckDBPyConnection
    catalog: Catalog
    shown: int

    def of(self, name: str, *, is_entering: bool) -> Move:
        """Who enters or leaves a segment; reasons are asked for the people shown only."""
        values = {"segment": name, "is_entering": is_entering}
        rows = self.connection.execute(
            "select customer_id from temp.membership_changes "
            "where segment = $segment and is_entering = $is_entering order by customer_id",
            values,
        ).fetchall()
        first = [customer for (customer,) in rows[: self.shown]]
        return Move(len(rows), tuple(self._reasons(name, first, is_entering=is_entering)))

    def _reasons(self, name: str, people: Sequence[str], *, is_entering: bool) -> Iterable[tuple[str, str]]:
        if name not in self.catalog.names:
            return [(person, _NOT_DECLARED) for person in people]
        reasons = Reasons(self.catalog, readable_columns(self.connection))
        segment = self.catalog[name]
        text = reasons.why(segment) if is_entering else reasons.why_not(segment)
        query = f"select customer_id, {text} from profiles.customer_profiles where list_contains($people, customer_id)"
        told = dict(self.connection.execute(query, {"people": list(people)}).fetchall()) if people else {}
        return [(person, told.get(person, _NOT_LISTED)) for person in people]

    def sizes(self, name: str) -> tuple[int, int | None]:
        """Members and, where consents landed, how many of them may be contacted."""
        query = "select members_count, contactable_count from segments.sizes where segment = ?"
        rows = self.connection.execute(query, [name]).fetchall()
        return rows[0] if rows else (0, None)


def _change(name: str, catalog: Catalog, standing: Standing, before: Mapping[str, int], moves: _Moves) -> Change:
    segment = catalog[name] if name in catalog.names else None
    rule_before, version = standing.rules.get(name, (None, None))
    members, contactable = moves.sizes(name)
    return Change(
        segment=segment.path if segment else name,
        kind=_kind(segment, version),
        rule_before=rule_before,
        rule=segment.rule_text if segment else None,
        members_before=before.get(name, 0),
        members=members if segment else 0,
        contactable=contactable,
        entering=moves.of(name, is_entering=True),
        leaving=moves.of(name, is_entering=False),
    )


def _kind(segment: Segment | None, version: str | None) -> Kind:
    if segment is None:
        return "gone"
    if version is None:
        return "new"
    return "same" if segment.rule_version == version else "edited"


def _counts(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, int]]:
    return connection.execute(f"select segment, count(*) from {table} group by segment").fetchall()
