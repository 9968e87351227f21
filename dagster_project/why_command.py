"""``segments why``: the operands that make somebody a member of a segment, or keep them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from dagster_project.errors import UsageError
from dagster_project.published_rules import Published, published_profile
from dagster_project.segments.catalog import Catalog, shipped_catalog
from dagster_project.segments.changes import readable_columns, require_columns
from dagster_project.segments.faults import did_you_mean
from dagster_project.segments.membership import write_segment
from dagster_project.segments.reasons import Reasons

if TYPE_CHECKING:
    from datetime import date

    from dagster_project.segments.entries import Segment
    from dagster_project.settings import Settings

_console = Console(highlight=False, markup=False, soft_wrap=True)


def why(settings: Settings, customer: str, segment: str | None) -> None:
    """Say of one segment, or of all that the customer is in, why; by the rules as they stand.

    Raises:
        UsageError: there is no such customer or segment.
        SegmentsError: nothing is published yet.
    """
    catalog = shipped_catalog()
    if segment is not None and segment not in catalog.names:
        raise UsageError(f"There is no segment {segment}{did_you_mean(segment, catalog.names)}")
    asked = [catalog[segment]] if segment else list(catalog)
    with published_profile(settings) as published:
        person = _listed(published, customer)
        _build(published, catalog, asked)
        reasons = Reasons(catalog, readable_columns(published.connection))
        for each in asked:
            _tell(published, reasons, each, person, is_asked=segment is not None)


def _listed(published: Published, customer: str) -> str:
    """The id under which the profile lists a person: the own one, one from before a merge, or the shop's."""
    rows = published.connection.execute(
        """
        select customer_id from published.profiles.customer_profiles where customer_id = $id
        union all
        select merged_into from published.marts.dim_customer_aliases where customer_id = $id
        union all
        select customer_id from published.marts.dim_shop_customers where shop_customer_id = $id
        """,
        {"id": customer},
    ).fetchall()
    if not rows:
        raise UsageError(
            f"Nobody in generation {published.generation.name} has the id {customer}: it takes customer_id of "
            "profiles.customer_profiles or shop_customer_id of marts.dim_shop_customers."
        )
    found = str(rows[0][0])
    if found != customer:
        _console.print(f"{customer} is {found}.")
    return found


def _build(published: Published, catalog: Catalog, asked: list[Segment]) -> None:
    """The segments that are asked and all that they refer to, on the published profile."""
    needed = _with_references(catalog, asked)
    require_columns(needed, readable_columns(published.connection))
    for segment in needed:
        write_segment(published.connection, segment, published.generation.as_of)


def _with_references(catalog: Catalog, asked: list[Segment]) -> list[Segment]:
    wanted: set[str] = set()
    open_names = [segment.name for segment in asked]
    while open_names:
        name = open_names.pop()
        if name not in wanted:
            wanted.add(name)
            open_names.extend(catalog[name].within)
    return [segment for segment in catalog if segment.name in wanted]


def _tell(published: Published, reasons: Reasons, segment: Segment, person: str, *, is_asked: bool) -> None:
    query = f"""
        select {segment.predicate}, {reasons.why(segment)}, {reasons.why_not(segment)}
        from profiles.customer_profiles
        where customer_id = $id
    """
    ((is_member, why_so, why_not),) = published.connection.execute(query, {"id": person}).fetchall()
    if not is_member and not is_asked:
        return
    since = _entered(published, segment.name, person)
    words = f"is in {segment.path}" if is_member else f"is not in {segment.path}"
    _console.print(
        f"{person} {words}{f' since {since}' if since and is_member else ''}: {why_so if is_member else why_not}"
    )
    if not is_asked:
        return
    _console.print(f"Rule: {segment.rule_text}")
    if is_member != (since is not None):
        was = "was in it" if since else "was not in it"
        _console.print(f"By the rule as it stands now; in generation {published.generation.name} {person} {was}.")


def _entered(published: Published, segment: str, person: str) -> date | None:
    rows = published.connection.execute(
        "select entered_date from published.segments.memberships where segment = $segment and customer_id = $id",
        {"segment": segment, "id": person},
    ).fetchall()
    return rows[0][0] if rows else None
