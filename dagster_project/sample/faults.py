"""What is wrong with the sample's files on purpose: bad rows of known kinds, and rows that land twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

ORDER_FAULTS = ("bad_number", "bad_time", "unknown_status", "null_key", "negative_total", "wrong_column_count")
# At most one bad row in a hundred, whatever the size of the file.
ROWS_PER_FAULT = 100
MAX_BROKEN_LINES = 3
MAX_UNMATCHED_REFUNDS = 4

_WRONG_CELLS: dict[str, tuple[str, str]] = {
    "bad_number": ("total_amount", "abc"),
    "bad_time": ("ordered_at", "2026-13-45T25:61:00+01:00"),
    "unknown_status": ("status", "teleported"),
    "null_key": ("order_id", ""),
    "negative_total": ("total_amount", "-12.00"),
}


def spoil_orders(
    header: Sequence[str], rows: list[list[str]], first_number: int
) -> tuple[list[list[str]], dict[str, int]]:
    """Scatter bad rows among the rows of an orders file; returns the rows and how many of each reason.

    Bad rows are extra rows with order ids of their own (``X-...``), so that the true orders stay whole.
    """
    reasons = ORDER_FAULTS[: len(rows) // ROWS_PER_FAULT]
    spoiled = list(rows)
    for number, reason in enumerate(reasons, start=1):
        place = number * len(rows) // (len(reasons) + 1)
        bad = dict(zip(header, rows[place], strict=True)) | {
            "order_id": f"X-{first_number + number}",
            "total_amount": "10.00",
            "discount_amount": "0.00",
        }
        if reason in _WRONG_CELLS:
            column, text = _WRONG_CELLS[reason]
            bad[column] = text
        spoiled.insert(place + number, [*bad.values()] + (["surplus"] if reason == "wrong_column_count" else []))
    return spoiled, dict.fromkeys(reasons, 1)


def spoil_customers(header: Sequence[str], rows: list[list[str]]) -> tuple[list[list[str]], dict[str, int]]:
    """One account without its id, where the file is long enough to bear it."""
    if len(rows) < ROWS_PER_FAULT:
        return rows, {}
    nameless = [
        "" if name in {"customer_id", "email", "phone"} else cell for name, cell in zip(header, rows[0], strict=True)
    ]
    return [*rows[:1], nameless, *rows[1:]], {"null_key": 1}


def spoil_lines(lines: list[str]) -> tuple[list[str], dict[str, int]]:
    """Cut copies of a few JSON lines off in the middle."""
    count = min(len(lines) // ROWS_PER_FAULT, MAX_BROKEN_LINES)
    spoiled = list(lines)
    for number in range(1, count + 1):
        place = number * len(lines) // (count + 1)
        spoiled.insert(place + number, lines[place][: len(lines[place]) // 2])
    return spoiled, {"broken_json": count} if count else {}


def unmatched_refunds(refunds: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Refunds of orders and products that the shop never sold: facts, but nobody's and of no order."""
    count = min(len(refunds) // ROWS_PER_FAULT, MAX_UNMATCHED_REFUNDS)
    return [
        {
            "refund_id": f"R-{900_000 + number}",
            **(
                {"order_id": f"O-{900_000 + number}"}
                if number % 2
                else {"customer_id": "999999", "product_id": "P9999"}
            ),
            "refunded_at": refunds[-1 - number]["refunded_at"],
            "amount": 5.0 + number,
            "kind": "refund",
        }
        for number in range(count)
    ]


def draw_rows(rng: np.random.Generator, total: int, wanted: int) -> list[int]:
    """Positions of up to ``wanted`` rows, at most one in a hundred, in their order."""
    return sorted(rng.choice(total, size=min(wanted, total // ROWS_PER_FAULT), replace=False).tolist())
