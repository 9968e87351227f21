"""Who is like the members of a segment and is none: those nearest to their middle, by all that the profile counts.

Where the profile lies, and what becomes of the list, is decided by whoever calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.segments.entries import CONSENTS

if TYPE_CHECKING:
    import duckdb

    from dagster_project.segments.entries import Segment

TOP_SHARE = 0.01
# Beyond so many interquartile ranges somebody is far, however far: one number shall not decide alone.
_FARTHEST = 3.0
_NUMBERS = """
    select column_name
    from (describe profiles.customer_profiles)
    where regexp_matches(column_type, '^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|DOUBLE|DECIMAL)')
    order by column_name
"""


@dataclass(frozen=True)
class Similar:
    """One person who is like the members: place in the list, and distance from their middle."""

    rank: int
    customer_id: str
    distance: float


def similar(connection: duckdb.DuckDBPyConnection, segment: Segment, share: float = TOP_SHARE) -> list[Similar]:
    """The nearest of those who are no members, the nearest first.

    Each number of the profile is taken from its median and by its interquartile range (by 1 where that is 0), an
    unknown one as the median. A segment that asks for consent to profiling is compared with those who gave it. The
    distance is Euclid's from the mean of the members.

    Args:
        connection: to a profile and the segments that the rule refers to.
        segment: whose members are the pattern.
        share: of those who are no members (0 to 1), rounded up.
    """
    names = [name for (name,) in connection.execute(_NUMBERS).fetchall()]
    is_member, people, features = _people(connection, segment, names)
    if not is_member.any() or is_member.all():
        return []
    scaled = _scaled(features)
    distances = np.sqrt(((scaled - scaled[is_member].mean(axis=0)) ** 2).sum(axis=1))[~is_member]
    others = people[~is_member]
    # Stable, so that of equal distances the smaller id comes first.
    nearest = np.argsort(np.round(distances, 9), kind="stable")[: int(np.ceil(len(others) * share))]
    return [Similar(rank, str(others[at]), float(distances[at])) for rank, at in enumerate(nearest, start=1)]


def _people(
    connection: duckdb.DuckDBPyConnection, segment: Segment, names: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether they are members, their ids and their numbers (people by columns), in the order of ids."""
    columns = ", ".join(f'cast("{name}" as double) as "{name}"' for name in names)
    kinds = "true" if segment.include_anonymous else "customer_kind <> 'anonymous'"
    asked = CONSENTS["profiling"] if segment.consent == "profiling" else "true"
    found = connection.execute(
        f"select customer_id, {segment.predicate} as is_member, {columns} from profiles.customer_profiles "
        f"where {kinds} and {asked} order by customer_id"
    ).fetchnumpy()
    features = np.column_stack([np.ma.filled(found[name], np.nan) for name in names])
    return np.asarray(found["is_member"], dtype=bool), np.asarray(found["customer_id"], dtype=object), features


def _scaled(features: np.ndarray) -> np.ndarray:
    known = features[:, ~np.isnan(features).all(axis=0)]
    low, middle, high = np.nanpercentile(known, [25, 50, 75], axis=0)
    reach = np.where(high > low, high - low, 1.0)
    scaled: np.ndarray = np.clip(np.nan_to_num((known - middle) / reach, nan=0.0), -_FARTHEST, _FARTHEST)
    return scaled
