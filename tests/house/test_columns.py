"""Columns of published tables say their unit, mean one thing, and stand in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.house.column_rules import name_faults, order_faults
from tests.house.sql_rules import final_columns
from tests.house.tree import models

if TYPE_CHECKING:
    from collections.abc import Mapping

PUBLISHED = ("marts", "profiles")
# The order that readers were promised: customer, flag, answer, why.
ORDERED_OTHERWISE = {"fct_customer_flags"}


def _published(nodes: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, str]]:
    return {
        name: {column: about["data_type"] for column, about in node["columns"].items()}
        for name, node in sorted(nodes.items())
        if node["schema"] in PUBLISHED
    }


def test_every_published_table_is_under_contract(nodes: dict[str, dict[str, Any]]) -> None:
    published = [node for node in nodes.values() if node["schema"] in PUBLISHED]
    assert published
    assert all(node["config"]["contract"]["enforced"] for node in published)


def test_every_published_column_is_described_and_typed(nodes: dict[str, dict[str, Any]]) -> None:
    wrong = [
        f"{name}.{column}"
        for name in _published(nodes)
        for column, about in nodes[name]["columns"].items()
        if not about["description"].strip() or not about["data_type"]
    ]
    assert not wrong


def test_every_published_column_ends_in_its_unit(nodes: dict[str, dict[str, Any]]) -> None:
    found = [
        f"{table}: {fault}"
        for table, columns in _published(nodes).items()
        for column, data_type in columns.items()
        for fault in name_faults(column, data_type)
    ]
    assert not found, "\n".join(found)


def test_columns_stand_in_the_order_of_the_house(nodes: dict[str, dict[str, Any]]) -> None:
    found = [
        f"{table}: {fault}"
        for table, columns in _published(nodes).items()
        if table not in ORDERED_OTHERWISE
        for fault in order_faults(list(columns.items()))
    ]
    assert not found, "\n".join(found)


def test_the_same_name_has_the_same_type_everywhere(nodes: dict[str, dict[str, Any]]) -> None:
    types: dict[str, dict[str, list[str]]] = {}
    for table, columns in _published(nodes).items():
        for column, data_type in columns.items():
            types.setdefault(column, {}).setdefault(data_type, []).append(table)
    found = {column: tables for column, tables in types.items() if len(tables) > 1}
    assert not found


def test_sql_and_yaml_name_the_same_columns_in_the_same_order(nodes: dict[str, dict[str, Any]]) -> None:
    published = _published(nodes)
    compared = 0
    for model in models():
        written = final_columns(model.text)
        if model.name in published and written is not None:
            assert written == list(published[model.name]), f"{model.name}: SQL and YAML differ"
            compared += 1
    assert compared > len(published) / 2


@pytest.mark.parametrize(
    ("name", "data_type"),
    [
        ("ordered_at", "date"),
        ("order_date", "timestamp"),
        ("is_idle", "int"),
        ("refund_amount", "double"),
        ("orders", "bigint"),
        ("orders_count", "decimal(18, 2)"),
        ("idle", "boolean"),
        ("recency", "int"),
        ("order_qty", "bigint"),
        ("customer_id", "bigint"),
    ],
)
def test_a_column_without_its_unit_is_seen(name: str, data_type: str) -> None:
    assert list(name_faults(name, data_type))


def test_a_column_out_of_order_is_seen() -> None:
    assert list(order_faults([("order_date", "date"), ("is_counted", "boolean")]))
    assert list(order_faults([("status", "string"), ("order_id", "string")]))
    assert not list(order_faults([("order_id", "string"), ("net_revenue_amount", "decimal(18, 2)")]))


def test_the_columns_of_a_model_are_read_from_its_sql() -> None:
    columns = "a.x,\n        coalesce(b.y, 0) as z,\n        {{ m('q, r') }} as w"
    text = f"with final as (\n\n    select\n        {columns}\n    from a\n\n)"
    assert final_columns(text) == ["x", "z", "w"]
