"""One call, one row of a landing table; a `Landing` collects rows and writes them as landing files.

Every builder fills what the contract requires and takes any other column of it by name. Days without a time are noon,
UTC. Who the rows are about stands in `tests/cast.py`.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from dagster_project.raw.contracts import contracts
from dagster_project.raw.loading import LoadReport, load_landing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from dagster_project.settings import Settings


@dataclass(frozen=True)
class Row:
    """One row of a landing table; columns that are not there are empty."""

    table: str
    values: Mapping[str, Any]

    def __post_init__(self) -> None:
        known = {column.name for column in contracts()[self.table].columns}
        if unknown := set(self.values) - known:
            raise ValueError(f"{self.table} has no column {', '.join(sorted(unknown))}")


def at(day: str) -> str:
    """A day as an instant, noon UTC; an instant stays what it is."""
    return day if "T" in day else f"{day}T12:00:00Z"


def an_order(
    customer: str | None = None, *, on: str, total: str | None = "50.00", order_id: str | None = None, **columns: Any
) -> Row:
    """An order of a customer; of nobody known when no identifier is given."""
    who = customer or columns.get("email") or columns.get("anonymous_id") or "somebody"
    return _row(
        "orders",
        columns,
        order_id=order_id or f"{who}-{on}",
        customer_id=customer,
        ordered_at=at(on),
        total_amount=total,
    )


def a_line(
    order_id: str, product: str, *, price: str = "50.00", quantity: str = "1", number: int = 1, **columns: Any
) -> Row:
    """A line of an order."""
    return _row(
        "order_lines",
        columns,
        order_id=order_id,
        line_number=number,
        product_id=product,
        quantity=quantity,
        unit_price=price,
    )


def a_refund(order_id: str | None = None, *, on: str, amount: str = "50.00", **columns: Any) -> Row:
    """A refund of an order, or with `customer_id` and `product_id` of a product."""
    of = order_id or f"{columns.get('customer_id')}-{columns.get('product_id')}"
    return _row("refunds", columns, refund_id=f"refund-{of}-{on}", order_id=order_id, refunded_at=at(on), amount=amount)


def a_product(product: str, **columns: Any) -> Row:
    """A product."""
    return _row("products", columns, product_id=product, name=product)


def an_account(customer: str, *, on: str | None = None, **columns: Any) -> Row:
    """A customer account, opened on a day where one is given."""
    return _row("customers", columns, customer_id=customer, registered_at=at(on) if on else None)


def an_identity(customer: str, identifier: str, *, on: str, kind: str = "anonymous_id", **columns: Any) -> Row:
    """Evidence that an identifier, a device unless said otherwise, belongs to a customer."""
    return _row(
        "identities", columns, customer_id=customer, identifier_type=kind, identifier=identifier, seen_at=at(on)
    )


def an_event(kind: str = "page_view", *, on: str, device: str | None = None, **columns: Any) -> Row:
    """A web event on a device."""
    who = device or columns.get("customer_id") or columns.get("session_id")
    what = columns.get("product_id") or columns.get("page_url") or ""
    return _row(
        "events",
        columns,
        event_id=f"{kind}-{who}-{on}-{what}",
        occurred_at=at(on),
        event_type=kind,
        anonymous_id=device,
    )


def a_message(message: str, kind: str = "sent", *, on: str, to: str | None = None, **columns: Any) -> Row:
    """Something that happened to a message to a customer."""
    return _row(
        "messages", columns, message_id=message, customer_id=to, channel="email", message_event=kind, occurred_at=at(on)
    )


def a_consent(customer: str | None = None, *, on: str, status: str = "granted", **columns: Any) -> Row:
    """A word of a customer on being written to by e-mail, unless said otherwise."""
    return _row("consents", columns, customer_id=customer, channel="email", status=status, changed_at=at(on))


def an_offer(offer: str, **columns: Any) -> Row:
    """An offer."""
    return _row("offers", columns, offer_id=offer)


def an_exposure(offer: str, customer: str, *, on: str) -> Row:
    """An offer shown to a customer."""
    return _row("offer_exposures", {}, offer_id=offer, customer_id=customer, exposed_at=at(on))


def a_redemption(offer: str, customer: str, *, on: str, **columns: Any) -> Row:
    """An offer used by a customer."""
    return _row("offer_redemptions", columns, offer_id=offer, customer_id=customer, redeemed_at=at(on))


def a_membership(customer: str, *, on: str, **columns: Any) -> Row:
    """A membership in the loyalty programme."""
    return _row("loyalty_memberships", columns, customer_id=customer, joined_at=at(on))


def an_answer(customer: str, *, on: str) -> Row:
    """An answer of a customer to a question."""
    return _row("survey_answers", {}, customer_id=customer, question="taste", answer="blue", answered_at=at(on))


@dataclass
class Landing:
    """Rows in the order in which they were added, by table."""

    rows: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)

    def add(self, *rows: Row | Iterable[Row]) -> Landing:
        """Add rows, or groups of rows."""
        for row in chain.from_iterable([item] if isinstance(item, Row) else item for item in rows):
            self.rows.setdefault(row.table, []).append(row.values)
        return self

    def write(
        self, landing_dir: Path, *, name: str = "rows", file_format: Literal["csv", "jsonl"] = "csv"
    ) -> list[Path]:
        """Write one landing file per table, with the columns that at least one row fills."""
        return [_written(landing_dir / table / f"{name}.{file_format}", rows) for table, rows in self.rows.items()]

    def load(self, settings: Settings, *, now: datetime) -> LoadReport:
        """Write the files and load everything that lies in landing."""
        self.write(settings.landing_dir)
        return load_landing(settings, now=now)


def _row(table: str, columns: Mapping[str, Any], **values: Any) -> Row:
    merged = values | dict(columns)
    return Row(table, {name: value for name, value in merged.items() if value is not None})


def _written(path: Path, rows: list[Mapping[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            file.writelines(json.dumps(dict(row)) + "\n" for row in rows)
        else:
            writer = csv.DictWriter(file, fieldnames=list(dict.fromkeys(chain.from_iterable(rows))))
            writer.writeheader()
            writer.writerows([{name: _text(value) for name, value in row.items()} for row in rows])
    return path


def _text(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
