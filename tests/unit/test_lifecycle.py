"""The stages of made-up people on each of many days in a row: which stage may follow which, by the models' own SQL."""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pytest

from dagster_project.clock import utc_now
from dagster_project.raw.loading import load_landing
from dagster_project.transform.project import parsed_manifest, run_dbt
from tests.pipeline.shop import Shop, environment_taken_back

if TYPE_CHECKING:
    from pathlib import Path

MODELS = ("int_purchase_days_gapped", "int_customer_rhythms_measured", "int_customers_staged")
DAY = date(2026, 6, 30)
DAYS = 900
_INPUTS = """
    create table int_customers_listed (customer_id varchar, has_identifier boolean, last_activity_date date);
    create table int_orders_netted (customer_id varchar, order_date date, is_counted boolean);
"""
# Nothing but a purchase leads back: whoever was silent for 180 days comes back as reactivated, and nobody is new twice.
MAY_FOLLOW = {
    "anonymous": {"anonymous", "lead", "new"},
    "lead": {"lead", "cold_lead", "new"},
    "cold_lead": {"cold_lead", "lead", "new"},
    "new": {"new", "active"},
    "active": {"active", "at_risk"},
    "at_risk": {"at_risk", "active", "dormant", "reactivated"},
    "dormant": {"dormant", "churned", "reactivated"},
    "churned": {"churned", "reactivated"},
    "reactivated": {"reactivated", "active"},
}


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """By person, the stage on each day: what is known by a day is asked as if that day were the as-of date."""
    people = _people(random.Random(7))  # noqa: S311
    orders, customers = [], []
    for name, (identified, visits, purchases) in people.items():
        for today in range(DAYS):
            someone, later = f"{name}@{today:03}", DAY - timedelta(days=today)
            done = [day for day in visits | purchases if day <= today]
            if not done:
                continue
            known = identified <= today or any(day <= today for day in purchases)
            customers.append((someone, known, later + timedelta(days=max(done))))
            orders += [(someone, later + timedelta(days=day)) for day in purchases if day <= today]
    connection = _database(tmp_path_factory.mktemp("lifecycle"))
    listed = pd.DataFrame(customers, columns=["customer_id", "has_identifier", "last_activity_date"])
    bought = pd.DataFrame(orders, columns=["customer_id", "order_date"])
    connection.register("listed", listed).execute("insert into int_customers_listed from listed")
    connection.register("bought", bought).execute("insert into int_orders_netted select *, true from bought")
    rows = connection.execute("select customer_id, lifecycle_stage from int_customers_staged order by all").fetchall()
    assert len(rows) == len(customers)
    found: dict[str, list[str]] = defaultdict(list)
    for someone, stage in rows:
        found[someone.partition("@")[0]].append(stage)
    return found


def test_only_listed_changes_happen_from_one_day_to_the_next(stages: dict[str, list[str]]) -> None:
    seen = {(before, after) for days in stages.values() for before, after in pairwise(days)}
    assert {(before, after) for before, after in seen if after not in MAY_FOLLOW[before]} == set()
    assert {(before, after) for before, may in MAY_FOLLOW.items() for after in may} - seen == set(), "never tried"


def test_nobody_is_new_twice_or_a_lead_again(stages: dict[str, list[str]]) -> None:
    for name, days in stages.items():
        runs = [stage for at, stage in enumerate(days) if at == 0 or days[at - 1] != stage]
        assert runs.count("new") <= 1, name
        assert not {"anonymous", "lead", "cold_lead"} & set(runs[runs.index("new") :] if "new" in runs else []), name


def _people(chance: random.Random) -> dict[str, tuple[int, set[int], set[int]]]:
    """By name: day of identification, days of visits, days of purchases. The named ones meet a boundary each."""
    people = {
        "a_device": (DAYS, {0, 300}, set()),
        "a_device_that_buys": (DAYS, {0}, {20}),
        "signs_up_late": (40, {0, 40}, set()),
        "cold_and_back": (0, {0, 200}, {500}),
        "cold_buyer": (0, {0}, {300}),
        "back_on_day_179": (0, set(), {0, 179}),
        "back_on_day_180": (0, set(), {0, 180}),
        "back_after_churning": (0, set(), {0, 365, 800}),
        "second_on_day_29": (0, set(), {0, 29}),
        "second_on_day_30": (0, set(), {0, 30}),
    }
    for number in range(30):
        gaps = [int(chance.expovariate(1 / chance.choice([10, 60, 150, 300]))) + 1 for _ in range(12)]
        days = {sum(gaps[:place]) for place in range(1, 13)}
        people[f"random_{number:02}"] = (0, {0}, {day for day in days if day < DAYS})
    return people


def _database(folder: Path) -> duckdb.DuckDBPyConnection:
    with environment_taken_back():
        settings = Shop(folder, {}).settings
        load_landing(settings, now=utc_now())
        arguments = ["compile", "--select", *MODELS, "--vars", json.dumps({"as_of_date": DAY.isoformat()})]
        result = run_dbt(settings, arguments, manifest=parsed_manifest(settings.engine), on_event=None)
    assert result.success, result.exception
    compiled = {one.node.name: one.node.compiled_code or "" for one in result.result.results}  # type: ignore[union-attr]
    connection = duckdb.connect()
    connection.execute(_INPUTS)
    for model in MODELS:
        code = re.sub(r'"\w+"\."\w+"\."(\w+)"', r"\1", compiled[model])
        connection.execute(f"create view {model} as {code}")
    return connection
