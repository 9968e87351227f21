"""Who went from where to where between two days, and why, person by person, in temporary tables.

Which days are held against each other, and where they are kept, is decided by whoever calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.segments.definitions import RFM, columns_read, with_references
from dagster_project.segments.kept import relation
from dagster_project.segments.previous import aliases_query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    import duckdb

    from dagster_project.segments.catalog import Catalog

_SQL_DIR = Path(__file__).parent / "sql"
_SCORES = ("rfm_segment", "recency_score", "frequency_score", "monetary_score")
# Columns of the profile that say how somebody stands among all, and which kept columns show that it changed.
_SCORED = {**dict.fromkeys([*_SCORES, "rfm_code", "frequency_monetary_score"], _SCORES)}
_AVERAGED = {"is_high_spender": ("is_high_spender",), "mean_net_revenue_amount": ("is_high_spender",)}
# What the shop sends or offers changes these, whatever the person does.
_OF_OUTREACH = {"recent_emails_received_count", "is_email_unengaged", "decided_offers_count", "is_offer_ignorer"}
_COLUMNS = {
    **dict.fromkeys(("customer_id", "customer_kind", "lifecycle_stage", "rfm_segment"), "varchar"),
    **dict.fromkeys(("customer_ids_count", "orders_count"), "bigint"),
    "net_revenue_amount": "decimal(18, 2)",
    **dict.fromkeys(("recency_score", "frequency_score", "monetary_score"), "integer"),
    "is_high_spender": "boolean",
    **dict.fromkeys(("first_seen_date", "last_activity_date", "last_order_date"), "date"),
}
_DAYS = ("then", "now")
_VIEWS = tuple(f"{day}_{name}" for name in ("groups", "customers", "members") for day in _DAYS)
_TABLES = (
    "groups",
    "then_facts",
    "known_aliases",
    "linked",
    "people",
    "moves",
    "stays",
    "again_values",
    "caused_moves",
    "touched_people",
    "then_chosen",
    "now_chosen",
)


@dataclass(frozen=True)
class State:
    """One day: where it is kept, or nowhere for the build at hand."""

    day: date
    folder: Path | None = None


@dataclass(frozen=True)
class Between:
    """Two days; ``again`` is the first one as it is known now, where what was known then is held against the second."""

    first: State
    last: State
    again: Path | None = None


def stage_moves(
    connection: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    between: Between,
    touched: Mapping[str, list[str]] | None = None,
) -> None:
    """Fill ``temp.caused_moves``, who went somewhere and why, and ``temp.stays``, how many stayed where.

    Args:
        connection: to a build or a published file with the facts of all people.
        catalog: the declared segments; those of a group that excludes are also one way of grouping.
        between: the two days.
        touched: segments and groups; of others only the moves are staged that people made who moved in these too.
    """
    for name, state in zip(_DAYS, (between.first, between.last), strict=True):
        connection.execute(f"create or replace temp view {name}_customers as {_customers(state.folder)}")
        connection.execute(
            f"create or replace temp view {name}_members as "
            f"select segment, customer_id from {relation(state.folder, 'memberships')}"
        )
    connection.execute(
        "create or replace temp table known_aliases as select customer_id, min(merged_into) as merged_into "
        f"from ({aliases_query(connection)}) group by customer_id"
    )
    connection.execute(f"create or replace temp table then_facts as {_facts_then(between)}")
    connection.execute(_sql("linked"))
    if touched:
        _leave_out(connection, between, touched["segments"])
    _stage_groups(connection, catalog, between)
    for query in ("people", "moves", "stays"):
        connection.execute(_sql(query))
    if touched:
        kept = "kind = 'segment' or kind = 'group' and list_contains($groups, name)"
        connection.execute(f"delete from temp.moves where not ({kept})", {"groups": touched["groups"]})
    groups = _groups(catalog)
    before, after = (_definitions(connection, state.folder) for state in (between.first, between.last))
    again = _definitions(connection, between.again) if between.again else {}
    connection.execute(f"create or replace temp table again_values as {_again(between.again, groups)}")
    read = _columns_behind(catalog)
    query = _sql("causes").replace("{facts}", _sql("facts"))
    connection.execute(
        query.replace("{relative}", _ranks(connection, read)),
        {
            **_dates(between),
            "of_outreach": [name for name, columns in read.items() if columns & _OF_OUTREACH] or [""],
            "changed": sorted(_different(before, after, groups)),
            "built_again": sorted({*again, *groups.values()} - _different(before, again, groups)) if again else [""],
        },
    )


def clear_moves(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what was staged."""
    for kind, names in (("view", _VIEWS), ("table", _TABLES)):
        for name in names:
            connection.execute(f"drop {kind} if exists temp.{name}")


def known_facts() -> str:
    """The query that counts the facts of known customers in a build, for a later look whether others came to them."""
    return _sql("known_facts").replace("{facts}", _sql("facts"))


def _dates(between: Between) -> dict[str, date]:
    return {"from_date": between.first.day, "to_date": between.last.day}


def _leave_out(connection: duckdb.DuckDBPyConnection, between: Between, segments: list[str]) -> None:
    """Leave out members of other segments who neither left nor entered one of these."""
    connection.execute(_sql("touched_people"), {"segments": segments})
    for name, state in (("then", between.first), ("now", between.last)):
        connection.execute(
            f"create or replace temp table {name}_chosen as "
            f"select segment, customer_id from {relation(state.folder, 'memberships')} as members "
            "where list_contains($segments, segment) or customer_id in (from temp.touched_people)",
            {"segments": segments},
        )
        connection.execute(f"create or replace temp view {name}_members as from temp.{name}_chosen")


def _customers(folder: Path | None) -> str:
    empty = ", ".join(f"cast(null as {data_type}) as {name}" for name, data_type in _COLUMNS.items())
    rows = f"select {empty} where false union all by name from {relation(folder, 'customers')}"
    return f"select {', '.join(_COLUMNS)} from ({rows})"


def _facts_then(between: Between) -> str:
    folder = between.first.folder
    if folder and (folder / "facts.parquet").exists():
        return f"from {relation(folder, 'facts')}"
    return "select cast(null as varchar) as customer_id, 0 as facts_count, 0 as facts_amount where false"


def _groups(catalog: Catalog) -> dict[str, str]:
    """Group by segment, of groups whose segments exclude each other; of a group the first by priority comes first."""
    ranked = sorted((segment.priority, segment.name, str(segment.group)) for segment in catalog if segment.priority)
    return {name: group for _, name, group in ranked}


def _stage_groups(connection: duckdb.DuckDBPyConnection, catalog: Catalog, between: Between) -> None:
    """Say who stood where in each group; by other rules than those of today somebody may have been in several."""
    groups = _groups(catalog)
    today = {(name, catalog[name].rule_version) for name in groups}
    loose = {
        groups[name]
        for state in (between.first, between.last)
        for name, _ in today - _rules(connection, state.folder, today)
    }
    lists = {"segments": list(groups), "names": list(groups.values()), "loose": sorted(loose) or [""]}
    connection.execute(_sql("groups"), lists)
    for day in _DAYS:
        connection.execute(_sql("group_places").replace("{day}", day))


def _rules(
    connection: duckdb.DuckDBPyConnection, folder: Path | None, today: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Segments with the versions of their rules, as kept of a day."""
    if folder is None:
        return today
    if not (folder / "rules.parquet").exists():
        return set()
    return set(connection.execute(f"select segment, rule_version from {relation(folder, 'rules')}").fetchall())


def _definitions(connection: duckdb.DuckDBPyConnection, folder: Path | None) -> dict[str, str]:
    """Version by name; of a day that kept none nothing is known."""
    if folder and not (folder / "definitions.parquet").exists():
        return {}
    return dict(connection.execute(f"select name, version from {relation(folder, 'definitions')}").fetchall())


def _different(one: Mapping[str, str], other: Mapping[str, str], groups: Mapping[str, str]) -> set[str]:
    """Names that mean another thing, or are missing on one side; a group does where one of its segments does."""
    if not (one and other):
        return set()
    names = {name for name in {*one, *other} if one.get(name) != other.get(name)}
    return names | {group for segment, group in groups.items() if segment in names}


def _again(folder: Path | None, groups: Mapping[str, str]) -> str:
    """What each way of grouping says of people on the first day, as it is known now."""
    if folder is None:
        return "select '' as kind, '' as name, '' as customer_id, '' as to_value where false"
    customers, members = relation(folder, "customers"), relation(folder, "memberships")
    grouped = " ".join(f"when '{segment}' then '{group}'" for segment, group in groups.items())
    group = f"case segment {grouped} end" if groups else "cast(null as varchar)"
    place = f"list_position({list(groups)}::varchar[], segment)"
    return f"""
        select 'stage' as kind, 'lifecycle_stage' as name, customer_id, lifecycle_stage as to_value from {customers}
        union all select 'rfm', 'rfm_segment', customer_id, coalesce(rfm_segment, 'unscored') from {customers}
        union all select 'segment', segment, customer_id, segment from {members}
        union all
        select 'group', names.name, people.customer_id, coalesce(grouped.segment, 'rest')
        from {customers} as people
        cross join (select distinct unnest({sorted(set(groups.values()))}::varchar[]) as name) as names
        left join (
            select {group} as name, customer_id, arg_min(segment, {place}) as segment from {members} group by all
        ) as grouped
            on people.customer_id = grouped.customer_id and names.name = grouped.name
    """


def _columns_behind(catalog: Catalog) -> dict[str, set[str]]:
    """Columns of the profile on which each way of grouping people rests."""
    read = {RFM: {RFM}}
    for segment in catalog:
        read[segment.name] = {column for each in with_references(catalog, segment) for column in columns_read(each)}
        if segment.priority:
            read.setdefault(str(segment.group), set()).update(read[segment.name])
    return read


def _ranks(connection: duckdb.DuckDBPyConnection, read: Mapping[str, set[str]]) -> str:
    """SQL that says whether the rank among all changed, of moves whose definition reads one."""
    methods = connection.execute("select distinct rfm_method from marts.fct_customer_rfm").fetchall()
    relative = {**(_SCORED if ("relative",) in methods else {}), **_AVERAGED}
    cases = list(_rank_cases(read, relative))
    return f"coalesce(case moves.name {' '.join(cases)} end, false)" if cases else "false"


def _rank_cases(read: Mapping[str, set[str]], relative: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, columns in sorted(read.items()):
        shown = sorted({kept for column in columns for kept in relative.get(column, ())})
        if shown:
            yield f"when '{name}' then " + " or ".join(f"earlier.{column} <> later.{column}" for column in shown)


def _sql(name: str) -> str:
    return (_SQL_DIR / f"{name}.sql").read_text(encoding="utf-8")
