"""Whatever stands in a segment file, it is either refused in sentences or its rule runs."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.errors import UsageError
from dagster_project.segments.catalog import load_catalog, profile_values
from dagster_project.segments.membership import write_segment
from tests.segments.shops import COLUMNS, shop

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

AS_OF = date(2026, 6, 30)
VALUES = profile_values()
KEYS = st.sampled_from(["segments", "name", "rule", "all", "any", "not", "within", "is", "between", "orders_count"])
SCALARS = KEYS | st.text(max_size=8) | st.integers() | st.floats() | st.booleans() | st.none() | st.dates()
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


def _one_of(*operators: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(operators), value, min_size=1, max_size=1)


def _compared(value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Comparisons of a column with values that are of its type, though perhaps out of all measure."""
    several = _one_of("is_one_of", "is_none_of", value=st.lists(value, min_size=1, max_size=3))
    two = _one_of("between", value=st.lists(value, min_size=2, max_size=2))
    return _one_of("is", "is_not", "at_least", "at_most", "more_than", "less_than", value=value) | several | two


AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False).map(float) | st.floats() | st.integers()
LEAVES = st.one_of(
    st.fixed_dictionaries({"orders_count": _compared(st.integers())}),
    st.fixed_dictionaries({"net_revenue_amount": _compared(AMOUNTS)}),
    st.fixed_dictionaries({"last_order_date": _compared(st.dates())}),
    st.fixed_dictionaries({"home_country": _one_of("is", "is_not", "starts_with", value=st.text(min_size=1))}),
)
RULES = st.recursive(
    LEAVES,
    lambda inner: _one_of("not", value=inner) | _one_of("all", "any", value=st.lists(inner, min_size=1, max_size=3)),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    return shop({"customer_id": "anna", "orders_count": 3, "home_country": "DE"})


def _refused_or_run(folder: Path, warehouse: duckdb.DuckDBPyConnection, content: bytes) -> None:
    (folder / "pack.yml").write_bytes(content)
    try:
        catalog = load_catalog(folder, COLUMNS, VALUES)
    except UsageError as error:
        assert "pack.yml:" in str(error)  # noqa: PT017 (to be read is just as well)
        return
    for segment in catalog:
        assert segment.rule_text
        write_segment(warehouse, segment, AS_OF)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=60) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60).map(str.encode))
def test_any_bytes_are_refused_in_sentences(folder: Path, warehouse: duckdb.DuckDBPyConnection, content: bytes) -> None:
    _refused_or_run(folder, warehouse, content)


@settings(max_examples=200, deadline=None)
@given(tree=TREES)
def test_any_tree_is_refused_in_sentences(folder: Path, warehouse: duckdb.DuckDBPyConnection, tree: object) -> None:
    _refused_or_run(folder, warehouse, yaml.safe_dump(tree).encode())


@settings(max_examples=200, deadline=None)
@given(rule=RULES | TREES, title=st.text(max_size=20))
def test_any_rule_is_refused_in_sentences_or_runs(
    folder: Path, warehouse: duckdb.DuckDBPyConnection, rule: object, title: str
) -> None:
    entry = {"name": "chosen", "title": title, "description": "A.", "owner": "crm", "purpose": "B."}
    segments = [entry | {"expected_share": {}, "rule": rule}]
    _refused_or_run(folder, warehouse, yaml.safe_dump({"segments": segments}).encode())
