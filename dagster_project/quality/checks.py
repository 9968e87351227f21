"""The checks that look across layers, as pure functions over the build database.

What one SQL table can say of itself is a dbt test; what needs the ledger, the source or the segments stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dagster_project.quality.personal_data import personal_data, personal_data_again
from dagster_project.quality.rfm_groups import unreachable_groups, unsound_maps
from dagster_project.quality.segment_checks import JUMP_SHARE, alike, jumps, starved, too_small
from dagster_project.quality.sensitive import sensitive_without_consent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb

Severity = Literal["error", "warn"]

_STALE_AFTER_DAYS = 7
_SHOWN_IDS = 20
# An export of fewer rows may well have none on a quiet day.
_FULL_LOAD_ROWS = 1000


@dataclass(frozen=True)
class Check:
    """A question about a build; an ``error`` that fails keeps the build from being published.

    ``find_again`` asks it where only segments were made anew since the last time, and the asset comes before them.
    """

    name: str
    asset: str
    severity: Severity
    description: str
    find: Callable[[duckdb.DuckDBPyConnection], Sequence[str]]
    find_again: Callable[[duckdb.DuckDBPyConnection], Sequence[str]] | None = None


def checks() -> tuple[Check, ...]:
    """All checks, blocking ones first."""
    return (
        Check("conservation_law", "raw/load_ledger", "error", _LAW, _broken_law),
        Check("no_export_is_suddenly_empty", "raw/load_ledger", "error", _EMPTY, _suddenly_empty),
        Check("source_totals_reconcile", "quality/reconciliation", "error", _TOTALS, _unreconciled),
        Check("every_customer_has_one_stage", "marts/fct_customer_lifecycle", "error", _STAGE, _without_stage),
        Check("every_buyer_has_one_rfm_group", "marts/fct_customer_rfm", "error", _GROUP, _without_group),
        Check("rfm_maps_are_sound", "seeds/rfm_maps", "error", _MAPS, unsound_maps),
        Check("revenue_belongs_to_customers", "profiles/customer_profiles", "error", _REVENUE, _lost_revenue),
        Check("members_are_customers", "segments/memberships", "error", _MEMBERS, _strangers),
        Check("no_personal_data", "profiles/customer_profiles", "error", _PERSONAL, personal_data, personal_data_again),
        Check("sensitive_fields_need_consent", "segments/memberships", "error", _SENSITIVE, sensitive_without_consent),
        Check("nothing_is_quarantined", "raw/quarantine", "warn", _QUARANTINE, _quarantined),
        Check("erasure_requests_are_done", "raw/erasure_requests", "warn", _ERASURES, _not_erased),
        Check("orders_have_a_value", "raw/orders", "warn", _VALUE, _without_value),
        Check("lines_find_their_order", "raw/order_lines", "warn", _LINES, _lines_without_order),
        Check("connected_ids_are_people", "marts/rpt_components_refused", "warn", _PEOPLE, _no_people),
        Check("refunds_find_their_sale", "marts/fct_refunds", "warn", _REFUNDS, _unmatched),
        Check("refund_exceeds_order", "marts/fct_refunds", "warn", _EXCESS, _exceeding),
        Check("rfm_groups_are_reachable", "quality/rfm_groups", "warn", _REACHABLE, unreachable_groups),
        Check("facts_are_fresh", "marts/fct_orders", "warn", _FRESH, _stale),
        Check("segments_are_large_enough", "segments/sizes", "warn", _SMALL, too_small),
        Check("segments_differ", "segments/overlaps", "warn", _DIFFER, alike),
        Check("segments_are_fed", "segments/sizes", "warn", _FED, starved),
        Check("segments_keep_their_size", "segments/sizes", "warn", _JUMP, jumps),
    )


_LAW = "Every row read is used, quarantined, a duplicate or skipped by a named rule."
_EMPTY = f"No folder of landing got nothing but empty files where its loads had {_FULL_LOAD_ROWS:,} rows and more."
_TOTALS = "The value of all orders, summed from raw, is net revenue, refunds, gift cards and orders that are not valid."
_STAGE = "Every listed customer is in exactly one stage of the lifecycle."
_GROUP = "Every buyer is in exactly one RFM group, and nobody else is."
_MAPS = "Every RFM map names every combination of scores once, and gives every group that it promises a code."
_REVENUE = "Net revenue of all customers is net revenue of all orders."
_MEMBERS = "Every member of a segment is a listed customer."
_PERSONAL = "No published table carries an e-mail address, a phone number or a column of personal data."
_SENSITIVE = "Sensitive data are told only of people who allowed their purpose, and make segments that declare it."
_QUARANTINE = "No row was refused."
_ERASURES = "Everybody who asked to be erased is, and no erasure broke off half-way."
_VALUE = "Every order states a total or has lines."
_LINES = "Every order line belongs to an order that landed."
_PEOPLE = "Ids that evidence connects are one person: not too many of them, and not two verified addresses."
_REFUNDS = "Every refund found the sale that it takes back."
_EXCESS = "No order was refunded by more than it was worth."
_REACHABLE = "Every group of the chosen RFM map can be somebody's, wherever scores are cut."
_FRESH = f"The latest order is at most {_STALE_AFTER_DAYS} days older than the as-of date."
_SMALL = "Every segment is large enough to act on and has the share that its owner expects."
_DIFFER = "Segments are not too many, and each has members and says something that no other says."
_FED = "What the rule of a segment reads is known of somebody: its input has landed."
_JUMP = f"No segment grew or shrank by more than {JUMP_SHARE:.0%} since the last published generation."


def _broken_law(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("""
        select file, rows_read, rows_used, rows_quarantined, rows_duplicate, rows_skipped
        from quality.load_ledger
        where rows_read <> rows_used + rows_quarantined + rows_duplicate + rows_skipped
    """).fetchall()
    return [
        f"{file}: {read} rows read are not {used} used + {bad} quarantined + {twice} duplicate + {skipped} skipped"
        for file, read, used, bad, twice, skipped in rows
    ]


def _suddenly_empty(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        """
        with loads as (
            select
                split_part(file, '/', 1) as folder,
                min(file) as file,
                sum(rows_read) as rows_read,
                row_number() over (partition by folder order by loaded_at desc) as age
            from quality.load_ledger
            group by folder, loaded_at
        )
        select latest.file, cast(median(earlier.rows_read) as bigint) as usual_rows
        from loads as latest
        inner join loads as earlier on latest.folder = earlier.folder and latest.age < earlier.age
        where latest.age = 1 and latest.rows_read = 0
        group by latest.file
        having usual_rows >= $full
        order by latest.file
        """,
        {"full": _FULL_LOAD_ROWS},
    ).fetchall()
    return [
        f"{file} has no rows, and loads of its folder had {usual:,}: let the export land, or accept that it is empty"
        for file, usual in rows
    ]


def _unreconciled(connection: duckdb.DuckDBPyConnection) -> list[str]:
    query = "select measure, difference_amount from quality.reconciliation where difference_amount <> 0"
    rows = connection.execute(query).fetchall()
    return [f"{measure}: {difference} is not accounted for" for measure, difference in rows]


def _without_stage(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return _counted(
        connection,
        """
        select count(*)
        from marts.dim_customers as customers
        full join marts.fct_customer_lifecycle as stages on customers.customer_id = stages.customer_id
        where customers.customer_id is null or stages.lifecycle_stage is null
        """,
        "{} customers have no stage or are not listed",
    )


def _without_group(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return _counted(
        connection,
        """
        select count(*)
        from (select customer_id from marts.dim_customers where customer_kind = 'buyer') as buyers
        full join marts.fct_customer_rfm as groups on buyers.customer_id = groups.customer_id
        where buyers.customer_id is null or groups.rfm_segment is null
        """,
        "{} customers are buyers without a group, or have a group and are no buyers",
    )


def _lost_revenue(connection: duckdb.DuckDBPyConnection) -> list[str]:
    ((orders, customers),) = connection.execute("""
        select
            (select coalesce(sum(net_revenue_amount), 0) from marts.fct_orders),
            (select coalesce(sum(net_revenue_amount), 0) from profiles.customer_profiles)
    """).fetchall()
    return [] if orders == customers else [f"orders are worth {orders}, customers {customers}"]


def _strangers(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return _counted(
        connection,
        """
        select count(*)
        from segments.memberships as memberships
        anti join profiles.customer_profiles as customers on memberships.customer_id = customers.customer_id
        """,
        "{} memberships are of people who are no listed customers",
    )


def _quarantined(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("""
        select file, reason_code, rows_count from quality.quarantine_summary order by file, reason_code
    """).fetchall()
    return [f"{file}: {count} {'row' if count == 1 else 'rows'} refused as {reason}" for file, reason, count in rows]


def _not_erased(connection: duckdb.DuckDBPyConnection) -> list[str]:
    ((requests, broken_off),) = connection.execute("""
        select
            (select count(*) from (select distinct customer_id, email from raw.erasure_requests)),
            (select count(*) from raw.tombstones where not is_applied)
    """).fetchall()
    found = [f"{requests} people asked to be erased: segments erase --requested"] if requests else []
    return found + (["an erasure is not finished: segments erase --requested"] if broken_off else [])


def _without_value(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return _counted(
        connection,
        """
        select count(distinct orders.order_id)
        from raw.orders as orders
        anti join raw.order_lines as lines on orders.order_id = lines.order_id
        where orders.total_amount is null
        """,
        "{} orders have neither total_amount nor lines and are worth nothing",
    )


def _lines_without_order(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return _counted(
        connection,
        """
        select count(*)
        from raw.order_lines as lines
        anti join raw.orders as orders on lines.order_id = orders.order_id
        """,
        "{} order lines name an order that never landed and count nowhere",
    )


def _no_people(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("""
        select smallest_id, ids_count, verified_customers_count, verdict
        from marts.rpt_components_refused
        order by ids_count desc, smallest_id
    """).fetchall()
    return [
        f"{ids} ids connected with {smallest}, {verified} of them customers with verified addresses, are kept apart"
        f" ({verdict}): marts.fct_identity_links and marts.rpt_identifiers_refused say what connects whom"
        for smallest, ids, verified, verdict in rows
    ]


def _unmatched(connection: duckdb.DuckDBPyConnection) -> list[str]:
    ((count, amount),) = connection.execute("""
        select count(*), sum(unmatched_amount) from marts.fct_refunds where unmatched_amount > 0
    """).fetchall()
    if not count:
        return []
    return [f"{count} refunds of {amount} in all found no sale to take back and are outside net revenue"]


def _exceeding(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        """
        select
            order_id,
            refund_amount + excess_refund_amount,
            gross_amount - discount_amount,
            count(*) over ()
        from marts.fct_orders
        where refund_amount + excess_refund_amount > gross_amount - discount_amount
        order by refund_amount + excess_refund_amount - gross_amount + discount_amount desc, order_id
        limit $shown
        """,
        {"shown": _SHOWN_IDS},
    ).fetchall()
    found = [f"order {order_id} was worth {worth} and {refunded} went back" for order_id, refunded, worth, _ in rows]
    left = rows[0][3] - len(rows) if rows else 0
    return [*found, f"and {left} more"] if left else found


def _stale(connection: duckdb.DuckDBPyConnection) -> list[str]:
    ((age, latest),) = connection.execute("""
        select
            (select as_of_date from marts.dim_generation) - max(order_date),
            max(order_date)
        from marts.fct_orders
    """).fetchall()
    if age is None:
        return ["no order is known"]
    return [f"the latest order is of {latest}, {age} days before the as-of date"] if age > _STALE_AFTER_DAYS else []


def _counted(connection: duckdb.DuckDBPyConnection, query: str, sentence: str) -> list[str]:
    ((count,),) = connection.execute(query).fetchall()
    return [sentence.format(count)] if count else []
