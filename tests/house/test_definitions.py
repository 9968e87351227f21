"""Flags and numbers have one door each: the seed of flags, and the commented vars of the dbt project."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.house.thresholds import Threshold, shipped, thresholds
from tests.house.tree import DBT, flags, models

# Told by each run, not by the project.
RUN_VARS = {
    *("as_of_date", "shop_time_zone", "shop_currency", "generation", "built_tables", "rfm_anchor"),
    *("rollups_cover_until", "rollup_buckets_count"),
}
UNITS = (
    "_minutes",
    "_hours",
    "_days",
    "_count",
    "_bp",
    "_amount",
    "_amounts",
    "_orders",
    "_customers",
    "_years",
    "_months",
)
# Not behind a flag but behind the numbers of one.
WORDS = {
    "alias_outranks_verified_emails",
    "content_variants",
    "phone_default_country_code",
    "rfm_map",
    "rfm_method",
    "rfm_min_orders_for_top_frequency",
}
FLAG_TABLES = ("fct_customer_behaviors", "fct_customer_engagement", "fct_customer_journey", "fct_customer_preferences")
WORDS |= {"shop_opened_date"}
# What a person allowed or joined is no flag: nobody behaves so, somebody said so.
NO_FLAG = ("_contactable", "_allowed", "_member")


def _operands() -> dict[str, list[str]]:
    text = (DBT / "macros" / "definitions" / "flags.sql").read_text(encoding="utf-8")
    (body,) = re.findall(r"return\(\{(.*?)\}\)", text, re.DOTALL)
    operands: dict[str, list[str]] = yaml.safe_load(f"{{{body}}}")
    return operands


def _vars() -> dict[str, object]:
    project: dict[str, dict[str, object]] = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))
    return project["vars"]


def test_every_flag_is_a_column_of_the_profile(nodes: dict[str, dict[str, Any]]) -> None:
    missing = {f"is_{row['flag']}" for row in flags()} - set(nodes["customer_profiles"]["columns"])
    assert not missing, "customer_profiles lacks columns of flags in dbt/seeds/flags.csv"


def test_every_flag_is_a_column_of_one_mart_and_every_such_column_is_in_the_seed(
    nodes: dict[str, dict[str, Any]],
) -> None:
    columns = [name for table in FLAG_TABLES for name in nodes[table]["columns"] if name.startswith("is_")]
    assert sorted(name for name in columns if not name.endswith(NO_FLAG)) == sorted(
        f"is_{row['flag']}" for row in flags()
    )


def test_every_flag_has_operands_that_stand_beside_it(nodes: dict[str, dict[str, Any]]) -> None:
    operands = _operands()
    assert list(operands) == [row["flag"] for row in flags()], "flag_operands() and the seed list the same flags"
    reachable = {column for table in (*FLAG_TABLES, "fct_customer_orders") for column in nodes[table]["columns"]}
    for flag, columns in operands.items():
        assert columns, f"{flag} has no operand"
        assert set(columns) <= reachable, f"{flag}: operands that no published table of customers has"


def test_every_flag_says_its_question_definition_default_and_origin() -> None:
    for row in flags():
        assert all(row.values()), f"{row['flag']}: an empty cell in dbt/seeds/flags.csv"
        assert row["question"].endswith("?")
        assert row["origin"] in {"seed", "peer", "choice"}


def test_every_var_says_what_it_means_and_whence_it_is() -> None:
    silent = [var.name for var in shipped() if not (var.meaning and var.origin)]
    assert not silent, "dbt/dbt_project.yml: `name: 30 # its meaning [seed]`, or [choice], or [peer: whose it is]"
    assert [var.name for var in shipped()] == list(_vars())
    assert all(var.section for var in shipped())


def test_every_number_names_its_unit() -> None:
    wrong = [name for name in _vars() if not name.endswith(UNITS) and name not in WORDS]
    assert not wrong, f"the name of a var ends in its unit: {', '.join(UNITS)}"


def test_every_var_is_used_and_every_var_used_is_declared() -> None:
    macros = [path.read_text(encoding="utf-8") for path in sorted((DBT / "macros").rglob("*.sql"))]
    text = "\n".join([*macros, *(model.text for model in models())])
    used = set(re.findall(r"\bvar\(\s*[\"'](\w+)", text))
    assert used - RUN_VARS == set(_vars())


@pytest.mark.parametrize(
    "line",
    [
        "3",
        "3 #",
        "3 # days",
        "3 # [choice]",
        "3 # days [own]",
        "3 # days [peer: ]",
        "3 # days [seed] or so",
        "3 days [seed]",
    ],
)
def test_a_var_without_meaning_or_origin_is_seen(line: str) -> None:
    text = f"name: x\nvars:\n  # Flags\n  a_days: 3 # days [peer: somebody]\n  b_days: {line}\n"
    said, silent = thresholds(text)
    assert said == Threshold("Flags", "a_days", "3", "days", "peer: somebody")
    assert not (silent.meaning and silent.origin)
