"""The models' own SQL of RFM over made-up buyers, so that a thousand shops cost less than one build."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.clock import utc_now
from dagster_project.raw.loading import load_landing
from dagster_project.settings import PROJECT_DIR
from dagster_project.transform.project import parsed_manifest, run_dbt
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MODELS = ("int_customers_ranked", "int_customers_scored", "fct_customer_rfm", "dim_rfm_cut_points")
DAY = date(2026, 6, 30)
_SEEDS = PROJECT_DIR / "dbt" / "seeds"
_INPUTS = """
    create table clock (today date);
    create table int_customers_classified (customer_id varchar, customer_kind varchar);
    create table int_customer_orders_summed
    (customer_id varchar, last_order_date date, orders_count bigint, net_revenue_amount decimal(18, 2));
"""


@dataclass(frozen=True)
class Buyer:
    """What a buyer is scored by: days of silence, orders, and cents."""

    days: int
    orders: int
    cents: int


@dataclass
class Scorer:
    """A database with the models as views over tables that each shop fills anew."""

    connection: duckdb.DuckDBPyConnection

    def scores(self, buyers: Sequence[Buyer], today: date = DAY) -> list[dict[str, Any]]:
        """The row of each buyer, in the order given."""
        orders = [
            (f"{at:04}", today - timedelta(days=buyer.days), buyer.orders, buyer.cents)
            for at, buyer in enumerate(buyers)
        ]
        self.connection.execute("delete from clock; delete from int_customers_classified")
        self.connection.execute("delete from int_customer_orders_summed")
        self.connection.execute("insert into clock values ($today)", {"today": today})
        if orders:
            values = ", ".join(
                f"('{name}', date '{day}', {count}, {cents} / 100)" for name, day, count, cents in orders
            )
            self.connection.execute(f"insert into int_customer_orders_summed values {values}")
        self.connection.execute("""
            insert into int_customers_classified select customer_id, 'buyer' from int_customer_orders_summed
        """)
        return self.rows("select * from fct_customer_rfm order by customer_id")

    def cut_points(self) -> list[dict[str, Any]]:
        """What each score needs, of the shop that was scored last."""
        return self.rows("select * from dim_rfm_cut_points order by rfm_score")

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The answer, a mapping per row."""
        found = self.connection.sql(query)
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


class Scorers:
    """Scorers by map, method and vars; each is compiled once."""

    def __init__(self, folder: Path) -> None:
        self._settings = Shop(folder, {}).settings
        load_landing(self._settings, now=utc_now())
        self._made: dict[str, Scorer] = {}

    def of(self, rfm_map: str = "grid11", method: str = "relative", **variables: Any) -> Scorer:
        """The scorer of a choice."""
        choice = {"rfm_map": rfm_map, "rfm_method": method, **variables}
        key = json.dumps(choice, sort_keys=True)
        if key not in self._made:
            self._made[key] = Scorer(_database(self._compiled({"as_of_date": DAY.isoformat(), **choice})))
        return self._made[key]

    def close(self) -> None:
        """Let go of all databases."""
        for scorer in self._made.values():
            scorer.connection.close()

    def _compiled(self, variables: Mapping[str, Any]) -> dict[str, str]:
        arguments = ["compile", "--select", *MODELS, "--vars", json.dumps(variables)]
        manifest = parsed_manifest(self._settings.engine)
        with environment_taken_back():
            result = run_dbt(self._settings, arguments, manifest=manifest, on_event=None)
        assert result.success, result.exception
        return {one.node.name: one.node.compiled_code or "" for one in result.result.results}  # type: ignore[union-attr]


def scorers_in(folder: Path) -> Iterator[Scorers]:
    """For a fixture: scorers that live as long as it does."""
    with environment_taken_back():
        scorers = Scorers(folder)
    yield scorers
    scorers.close()


def _database(compiled: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(_INPUTS)
    for seed in ("rfm_maps", "rfm_scales"):
        connection.execute(f"create table {seed} as from read_csv('{_SEEDS / seed}.csv')")
    for model in MODELS:
        code = re.sub(r'"\w+"\."\w+"\."(\w+)"', r"\1", compiled[model])
        code = code.replace(f"cast('{DAY}' as date)", "(select today from clock)")
        connection.execute(f"create view {model} as {code}")
    return connection
