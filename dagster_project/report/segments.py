"""The segments of the page: who is in them, what they are worth, what they mean and what they are for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    import duckdb


@dataclass(frozen=True)
class Segment:
    """One declared segment with its size; ``share`` (0 to 1) is of known customers.

    ``entered_count`` and ``left_count`` are None where the day before was not built, ``contactable_count`` where
    nothing is known about consent.
    """

    name: str
    title: str
    description: str
    rule: str
    owner: str
    purpose: str
    group: str
    members_count: int
    anonymous_members_count: int
    contactable_count: int | None
    net_revenue_amount: Decimal
    share: float | None
    is_too_small: bool
    entered_count: int | None
    left_count: int | None

    @property
    def is_anonymous(self) -> bool:
        """All its members are anonymous visitors, who have no part in shares of known customers."""
        return 0 < self.members_count == self.anonymous_members_count


@dataclass(frozen=True)
class SegmentGroup:
    """Segments that belong together, the largest first."""

    name: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Segments:
    """All segments of the build, the group with the largest segment first."""

    groups: tuple[SegmentGroup, ...]

    @property
    def count(self) -> int:
        """How many segments are declared."""
        return sum(len(group.segments) for group in self.groups)

    @property
    def has_members(self) -> bool:
        """Somebody is in one of them."""
        return any(segment.members_count for group in self.groups for segment in group.segments)

    @property
    def knows_changes(self) -> bool:
        """The day before was built, so that it is known who entered and who left."""
        return any(segment.entered_count is not None for group in self.groups for segment in group.segments)


def read_segments(connection: duckdb.DuckDBPyConnection) -> Segments:
    """Every segment of the dictionary with its size on the as-of date."""
    rows = connection.execute("""
        select
            dictionary.segment,
            dictionary.title,
            dictionary.description,
            dictionary.rule,
            dictionary.owner,
            dictionary.purpose,
            coalesce(dictionary."group", 'other') as shown_group,
            sizes.members_count,
            sizes.anonymous_members_count,
            sizes.contactable_count,
            sizes.net_revenue_amount,
            sizes.share,
            sizes.is_too_small,
            sizes.entered_count,
            sizes.left_count
        from segments.dictionary as dictionary
        inner join segments.sizes as sizes on dictionary.segment = sizes.segment
        order by
            max(sizes.members_count) over (partition by coalesce(dictionary."group", 'other')) desc,
            shown_group,
            sizes.members_count desc,
            dictionary.segment
    """).fetchall()
    found = [Segment(*row) for row in rows]
    return Segments(
        tuple(SegmentGroup(name, tuple(members)) for name, members in groupby(found, key=lambda segment: segment.group))
    )
