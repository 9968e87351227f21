"""How customers are spread over RFM groups and lifecycle stages, and what the flags say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.report.formats import share_of

if TYPE_CHECKING:
    from decimal import Decimal

    import duckdb


@dataclass(frozen=True)
class Cell:
    """One field of the heat map: buyers with these two scores; ``heat`` is 1 where most buyers are.

    Where a map tells frequency from money, a field is of several groups: the largest first.
    """

    rfm_segment: str
    recency_score: int
    frequency_monetary_score: int
    customers_count: int
    net_revenue_amount: Decimal
    heat: float


@dataclass(frozen=True)
class RfmGroup:
    """One group of the map with its part of buyers and of their net revenue (0 to 1)."""

    name: str
    customers_count: int
    net_revenue_amount: Decimal
    share: float | None
    revenue_share: float | None


@dataclass(frozen=True)
class Rfm:
    """The heat map, one row per frequency-monetary score from 5 down, and its groups, the largest first."""

    rows: tuple[tuple[int, tuple[Cell | None, ...]], ...]
    groups: tuple[RfmGroup, ...]
    buyers_count: int
    scores: tuple[int, ...]
    method: str
    is_low_confidence: bool

    @property
    def leader(self) -> RfmGroup | None:
        """The group that brought in most, if anybody brought in anything."""
        best = max(self.groups, key=lambda group: group.net_revenue_amount, default=None)
        return best if best and best.net_revenue_amount > 0 else None


@dataclass(frozen=True)
class Stage:
    """One stage of the lifecycle with its part of all listed customers (0 to 1)."""

    title: str
    order: int
    definition: str
    customers_count: int
    share: float | None


@dataclass(frozen=True)
class Flag:
    """One flag: for how many its answer is yes or no, and whom the question does not apply to."""

    name: str
    family: str
    question: str
    definition: str
    yes_count: int
    no_count: int
    not_applicable_count: int

    @property
    def yes_share(self) -> float | None:
        """Share of yes among those whom the question applies to."""
        return share_of(self.yes_count, self.yes_count + self.no_count)


def read_rfm(connection: duckdb.DuckDBPyConnection) -> Rfm:
    """Buyers by recency (columns, from 1 up) and frequency-monetary score (rows, from the top down)."""
    found = connection.execute("""
        with grouped as (
            select
                rfm_segment,
                recency_score,
                frequency_monetary_score,
                sum(customers_count) as group_customers_count,
                sum(net_revenue_amount) as group_revenue_amount
            from marts.rpt_rfm_distribution
            group by rfm_segment, recency_score, frequency_monetary_score
        )
        select
            string_agg(rfm_segment, ', ' order by group_customers_count desc, rfm_segment),
            recency_score,
            frequency_monetary_score,
            cast(sum(group_customers_count) as bigint) as customers_count,
            cast(sum(group_revenue_amount) as decimal(18, 2)),
            coalesce(customers_count / nullif(max(customers_count) over (), 0), 0)
        from grouped
        group by recency_score, frequency_monetary_score
    """).fetchall()
    cells = [Cell(*row) for row in found]
    by_score = {(cell.frequency_monetary_score, cell.recency_score): cell for cell in cells}
    scores = tuple(range(1, 1 + max((cell.recency_score for cell in cells), default=0)))
    rows = tuple((level, tuple(by_score.get((level, recency)) for recency in scores)) for level in reversed(scores))
    method, is_low = _scoring(connection)
    groups = _rfm_groups(connection)
    return Rfm(rows, groups, sum(cell.customers_count for cell in cells), scores, method, is_low)


def _scoring(connection: duckdb.DuckDBPyConnection) -> tuple[str, bool]:
    ((method, is_low),) = connection.execute("""
        select
            coalesce((select any_value(rfm_method) from marts.dim_rfm_cut_points), 'relative'),
            coalesce((select bool_or(is_low_confidence) from marts.fct_customer_rfm), false)
    """).fetchall()
    return method, is_low


def _rfm_groups(connection: duckdb.DuckDBPyConnection) -> tuple[RfmGroup, ...]:
    rows = connection.execute("""
        select rfm_segment, cast(sum(customers_count) as bigint), cast(sum(net_revenue_amount) as decimal(18, 2))
        from marts.rpt_rfm_distribution
        group by rfm_segment
        order by sum(customers_count) desc, rfm_segment
    """).fetchall()
    buyers, revenue = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return tuple(
        RfmGroup(name, count, amount, share_of(count, buyers), share_of(amount, revenue))
        for name, count, amount in rows
    )


def read_stages(connection: duckdb.DuckDBPyConnection) -> tuple[Stage, ...]:
    """Listed customers by stage, in the order in which the rules are asked."""
    rows = connection.execute("""
        select counts.title, counts.stage_order, stages.definition, counts.customers_count
        from marts.rpt_lifecycle_counts as counts
        left join seeds.lifecycle_stages as stages on counts.lifecycle_stage = stages.lifecycle_stage
        order by counts.stage_order
    """).fetchall()
    total = sum(count for *_, count in rows)
    return tuple(Stage(title, order, text or "", count, share_of(count, total)) for title, order, text, count in rows)


def read_flags(connection: duckdb.DuckDBPyConnection) -> tuple[Flag, ...]:
    """Every flag with its answers over all listed customers."""
    declared = connection.execute(
        "select flag, family, question, definition from marts.dim_flags order by family, flag"
    ).fetchall()
    # One look at the columns of the profile; a filter for each answer would take twenty times as long.
    counts = "".join(f", coalesce(count_if(is_{flag}), 0), count(is_{flag})" for flag, *_ in declared)
    ((total, *found),) = connection.execute(f"select count(*){counts} from profiles.customer_profiles").fetchall()
    return tuple(
        Flag(flag, family, question, definition, yes, known - yes, total - known)
        for (flag, family, question, definition), yes, known in zip(declared, found[::2], found[1::2], strict=True)
    )
