"""The RFM functions of pymc-marketing, timed alone: its summary and its segments of the landed orders.

An easier question than the other peers answer: a customer is a customer id, an order is worth what its row says, and
nothing is netted, classified or written. Runs in an environment of its own; see ``benchmarks/requirements-peers.txt``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from benchmarks.peers.process import Library, cpu_seconds, peer_arguments, report

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

clv = Library("pymc_marketing.clv")


def compute(folder: Path, as_of: date) -> dict[str, float]:
    """CPU-seconds of reading orders ("load"), of ``rfm_summary`` and of ``rfm_segments``, which sums up once more."""
    clv.load()
    costs = {}
    before = cpu_seconds()
    orders = transactions(folder)
    costs["load"] = cpu_seconds() - before
    for function in (clv.rfm_summary, clv.rfm_segments):
        before = cpu_seconds()
        function(
            orders, "customer_id", "ordered_at", monetary_value_col="total_amount", observation_period_end=str(as_of)
        )
        costs[function.__name__] = cpu_seconds() - before
    return costs


def transactions(folder: Path) -> Any:
    """Orders with a customer id and an amount, as a pandas frame: customer_id, ordered_at, total_amount."""
    import pyarrow.compute as pc  # noqa: PLC0415
    from pyarrow import float64, timestamp  # noqa: PLC0415
    from pyarrow.dataset import dataset  # noqa: PLC0415

    has_both = pc.field("customer_id").is_valid() & pc.field("total_amount").is_valid()
    columns = {
        "customer_id": pc.field("customer_id"),
        "ordered_at": pc.field("ordered_at").cast(timestamp("us")),
        "total_amount": pc.field("total_amount").cast(float64()),
    }
    return dataset(folder / "orders", format="parquet").to_table(columns=columns, filter=has_both).to_pandas()


def main() -> None:
    """Compute once and print one line of JSON."""
    chosen = peer_arguments("in_pymc_marketing")
    sys.stdout.write(report(compute(chosen.folder, chosen.as_of)))


if __name__ == "__main__":
    main()
