"""The tables over all segments, in their order; where only rules were edited, no more of them than that touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.errors import SegmentsError
from dagster_project.publish.history import (
    history_sha256,
    kept_days,
    kept_folders,
    last_two_days,
    memberships_of_day_before,
)
from dagster_project.segments.candidates import write_candidates
from dagster_project.segments.definitions import write_definitions
from dagster_project.segments.intervals import write_membership_intervals
from dagster_project.segments.lift import write_lift
from dagster_project.segments.made_of import forget, groups_among, remember, touched, versions
from dagster_project.segments.membership import write_dictionary, write_memberships, write_overlaps, write_sizes
from dagster_project.segments.movements import write_movements
from dagster_project.segments.reasons import write_reasons
from dagster_project.segments.sensitivity import write_sensitivity
from dagster_project.transform.assets import build_variables
from dagster_project.transform.project import manifest_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from dagster_project.resources import Warehouse
    from dagster_project.segments.catalog import Catalog

SUMMARIES = {
    "memberships": "One row per segment and member.",
    "candidates": "One row per person and segment of an exclusive group whose rule holds, and who won the person.",
    "reasons": "One row per segment and member: the operands that decided, with their thresholds.",
    "overlaps": "One row per two segments that share members, in both orders: how many, and their Jaccard share.",
    "sensitivity": "One row per threshold of a segment and direction: who moves when it moves by a tenth.",
    "sizes": "One row per segment: members, revenue, share, and whether it is too small to act on.",
    "membership_intervals": "One row per way of knowing, segment, member and unbroken stay, over all built days.",
    "transitions": "One row per grouping, where people were on the day built last, where they are now, and cause.",
    "lift": "One row per kept day and segment: who bought in the 90 days after, beside all known customers.",
    "definitions": "One row per segment, for stages and for RFM groups: the version of all that they rest on.",
    "dictionary": "One row per segment: what it means, its rule in words, owner and purpose.",
}
# What is written row by row of the segments that were touched; the rest is written whole or stays whole.
_BY_SEGMENT = ("memberships", "overlaps", "sensitivity", "sizes", "membership_intervals", "transitions")


def write_summaries(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, catalog: Catalog) -> dict[str, str]:
    """Write all summaries; gives what was made anew, by table, where it was not everything.

    Raises:
        SegmentsError: a segment is not built by its rule, or a day of the past cannot be read.
    """
    settings = warehouse.settings
    ((as_of,),) = connection.execute("select as_of_date from marts.dim_generation").fetchall()
    wanted = versions(catalog, history_sha256(settings, as_of))
    only = _touched(connection, catalog, wanted) if warehouse.segments_only else None
    day_before = memberships_of_day_before(settings, as_of)
    forget(connection, "summaries")
    write_memberships(connection, catalog, only)
    forget(connection, "members", touched(connection, "members", wanted) - {*catalog.names})
    if only is None or groups_among(only):
        write_candidates(connection, catalog)
    write_reasons(connection, catalog)
    write_overlaps(connection, only)
    write_sensitivity(connection, catalog, only)
    write_dictionary(connection, catalog)
    write_sizes(connection, catalog, as_of, str(day_before) if day_before else None, only=only)
    write_membership_intervals(connection, as_of, *kept_days(settings, as_of), only=only)
    write_definitions(connection, catalog, manifest_json(settings.engine), build_variables(warehouse))
    write_movements(connection, catalog, last_two_days(settings, as_of), only)
    if only is None:  # it reads orders and kept days, and no rule
        write_lift(connection, as_of, kept_folders(settings, as_of))
    remember(connection, "summaries", wanted)
    return {} if only is None else _told(only)


def _touched(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, wanted: Mapping[str, str]
) -> frozenset[str] | None:
    """Segments and groups of which rows must be made anew; none where that is all of them.

    Raises:
        SegmentsError: a segment is not built by its rule.
    """
    late = sorted(touched(connection, "members", wanted).intersection(catalog.names))
    if late:
        raise SegmentsError(f"{', '.join(late)}: another run built them by another rule meanwhile; run again.")
    only = touched(connection, "summaries", wanted)
    return None if only.issuperset(wanted) else only


def _told(only: frozenset[str]) -> dict[str, str]:
    untouched = ["lift"] if groups_among(only) else ["lift", "candidates"]
    return dict.fromkeys(_BY_SEGMENT, ", ".join(sorted(only)) or "nothing") | dict.fromkeys(untouched, "nothing")
