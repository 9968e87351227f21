"""Who of a segment may be reached over a channel, and why the others may not, as the build database has it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    import duckdb

    from dagster_project.activation.platforms import Cells, Platform
    from dagster_project.segments.audiences import Audience

_SQL_DIR = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class Recipient:
    """One member of a segment whom a consent covers, in the order of the columns of ``recipients.sql``.

    ``objection`` is who has forbidden it; none where nobody has.
    """

    customer_id: str
    objection: str | None
    may_be_texted: bool
    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    country_code: str | None
    postal_code: str | None
    lifecycle_stage: str | None
    rfm_segment: str | None
    orders_count: int | None
    last_order_date: date | None


@dataclass
class Reached:
    """The rows of one audience and the count of everybody who is not in it, and of every cell that is empty."""

    members_count: int = 0
    rows: list[tuple[str, ...]] = field(default_factory=list)
    excluded: Counter[str] = field(default_factory=Counter)
    left_empty: Counter[tuple[str, str]] = field(default_factory=Counter)


def members(
    connection: duckdb.DuckDBPyConnection, segment: str, audience: Audience, platform: Platform, as_of: date
) -> tuple[list[Recipient], Counter[str]]:
    """Members whom a consent covers, by id, and how many of the others there are by what refuses them."""
    query = (_SQL_DIR / "recipients.sql").read_text(encoding="utf-8")
    asked = {
        "segment": segment,
        "channel": platform.channel,
        "purpose": audience.purpose,
        "is_for_ads": platform.is_for_ads,
        "as_of": as_of,
        "quiet_days": audience.quiet_days_after_order,
        "unless_in": list(audience.unless_in),
    }
    connection.execute(f"create or replace temp table asked_members as {query}", asked)
    refused = "select refusal, count(*) from temp.asked_members where refusal is not null group by refusal"
    covered = "select * exclude (refusal) from temp.asked_members where refusal is null order by customer_id"
    counts = Counter(dict(connection.execute(refused).fetchall()))
    people = [Recipient(*row) for row in connection.execute(covered).fetchall()]
    connection.execute("drop table temp.asked_members")
    return people, counts


def forbidden_keys(connection: duckdb.DuckDBPyConnection, platform: Platform) -> frozenset[str]:
    """Every address and number that must not be reached, as the platform would recognize it."""
    query = (_SQL_DIR / "forbidden.sql").read_text(encoding="utf-8")
    rows = connection.execute(query, {"channel": platform.channel}).fetchall()
    return frozenset(key for email, phone in rows for key in platform.keys(email, phone))


def reached(
    people: Iterable[Recipient],
    refused: Counter[str],
    to_cells: Callable[[Recipient], Cells],
    forbidden: frozenset[str],
) -> Reached:
    """Sort out who is written: consent, then an identifier, then no twin, and last, over everything, no objection."""
    result = Reached(members_count=refused.total(), excluded=refused.copy())
    seen: set[str] = set()
    for person in people:
        result.members_count += 1
        cells = to_cells(person)
        reason = cells.fault
        if reason is None and not seen.isdisjoint(cells.keys):
            reason = "duplicate"
        if reason is None:
            seen.update(cells.keys)
            reason = person.objection or ("suppressed" if not forbidden.isdisjoint(cells.keys) else None)
        if reason is not None:
            result.excluded[reason] += 1
            continue
        result.rows.append(cells.values)
        result.left_empty.update(cells.left_empty)
    # Rows in the order of ids would say who is who behind the hashes.
    result.rows.sort()
    return result
