"""Every SQL model keeps the rules of the house, and every rule can be broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.house import sql_rules
from tests.house.tree import MODELS, Model, models

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PREFIXES = {
    "staging": ("stg_",),
    "intermediate": ("int_",),
    "marts": ("dim_", "fct_", "rpt_"),
    "profiles": ("customer_profiles",),
}

# Rule and model: why it may.
EXCUSED = {
    ("oversize", "int_refunds_matched"): "three ways in which a refund finds its sale become one shape",
    ("oversize", "int_stock_moves_levelled"): "sales and refunds become moves of one pile before they can be levelled",
    ("oversize", "fct_refunds"): "matched, unmatched and derived refunds become one table",
    ("oversize", "int_identity_evidence_unioned"): "five sources of evidence become one shape",
    ("oversize", "int_customer_visits_characterized"): "channel, device and place come of one pass over sessions",
    ("oversize", "fct_customer_traits"): "twelve traits, each with its source",
    ("oversize", "fct_customer_flags"): "a line per operand of a flag",
    ("oversize", "fct_customer_behaviors"): "a line per column, a join per family",
    ("oversize", "customer_profiles"): "the one wide table: a line per column, a join per family",
    ("loose_windows", "int_returns_matched"): "heights of one pile are distinct: a union made them so",
    ("is_key", "stg_web__events"): "the loader keeps every version once",
    ("is_key", "int_event_versions_keyed"): "versions of events, likewise",
    ("is_key", "int_events_restated"): "likewise, and the keys of what chooses one version are tested; so is its count",
    ("is_key", "int_stream_slots_summed"): "int_stream_slots_sessionized has every row of it, and its key is tested",
    ("is_key", "int_sessions_seen"): "fct_sessions has every row of it, and its key is tested",
    ("is_key", "int_sessions_attributed"): "likewise",
    ("is_key", "int_identifiers_seen"): "int_identifiers_linked has every row of it, and its key is tested",
    ("is_key", "int_people_known"): "int_customers_classified has every row of it, and its key is tested",
    ("is_key", "int_orders_valued"): "int_orders_netted has every row of it, and its key is tested",
    ("is_key", "int_orders_identified"): "int_orders_attributed joins it to every order, and its key is tested",
    ("is_key", "int_order_groups_summed"): "grouped by what its key is, a kind at a time",
    ("is_key", "int_touches_unioned"): "sessions and messages, each with its own prefix: the keys of both are tested",
    ("is_key", "int_customer_statements_ranked"): "numbered for each person",
    ("is_key", "int_identity_evidence_unioned"): "the grain is a combination of identifiers of which some are null",
    ("is_key", "int_outreach_identifiers_seen"): "likewise",
    ("is_key", "int_consent_changes_unioned"): "what a person said is kept as often as it was said",
    ("is_key", "int_cart_events_seen"): "the rollup's events, each with its slot: the keys of both are tested",
    ("is_key", "int_identified_events_seen"): "likewise",
    ("is_key", "int_inputs_summarized"): "one row",
    **{
        ("is_key", model): "the mart that reads it has every row of it, and a tested key"
        for model in (
            "int_flags_visits",
            "int_flags_browsing",
            "int_flags_messages",
            "int_flags_offers",
            "int_flags_loyalty",
            "int_customers_staged",
            "int_customer_stages_dated",
            "int_customers_scored",
        )
    },
    ("is_key", "fct_customer_flags"): "a line per flag over tables whose keys are tested",
    ("is_key", "fct_customer_trait_values"): "a line per trait, likewise",
    ("is_key", "fct_funnel_steps"): "a line per step over sessions, likewise",
    ("is_key", "int_refunds_matched"): "a refund of an order as a whole has no line",
}


def _each(rule: Callable[[str], Iterator[str]]) -> list[str]:
    return [
        f"{model.path.relative_to(MODELS)}: {fault}"
        for model in models()
        if (rule.__name__, model.name) not in EXCUSED
        for fault in rule(model.text)
    ]


@pytest.mark.parametrize(
    "rule",
    [
        sql_rules.clock_words,
        sql_rules.unportable_words,
        sql_rules.thresholds,
        sql_rules.frame_faults,
        sql_rules.loose_windows,
        sql_rules.oversize,
    ],
    ids=lambda rule: rule.__name__,
)
def test_every_model_keeps(rule: Callable[[str], Iterator[str]]) -> None:
    found = _each(rule)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_the_prefix_is_that_of_the_layer(model: Model) -> None:
    assert model.name.startswith(PREFIXES[model.layer]), f"a model of {model.layer}/ is named {PREFIXES[model.layer]}"


@pytest.mark.parametrize(
    "model", [model for model in models() if model.layer == "staging"], ids=lambda model: model.name
)
def test_a_staging_model_carries_the_name_of_its_source(model: Model) -> None:
    assert model.name.startswith(f"stg_{model.path.parent.name}__")


def test_file_relation_and_yaml_entry_are_one_name(nodes: dict[str, dict[str, Any]]) -> None:
    for model in models():
        node = nodes[model.name]
        folder = model.path.parent
        described_in = (node["patch_path"] or "nothing").rsplit("models/", 1)[-1]
        expected = (folder / f"_{folder.name}__models.yml").relative_to(MODELS).as_posix()
        assert described_in == expected, f"{model.name} is described in {described_in}, not in {expected}"
        assert (node["schema"], node["alias"]) == (model.layer, model.name)
    assert set(nodes) == {model.name for model in models()}


def test_folders_hold_models_and_their_three_yaml_files_only() -> None:
    for path in MODELS.rglob("*.y*ml"):
        folder = path.parent.name
        if folder != "segments":
            kinds = {f"_{folder}__{kind}.yml" for kind in ("sources", "models", "unit_tests")}
            assert path.name in kinds, f"{path.relative_to(MODELS)}: YAML here is named {', '.join(sorted(kinds))}"


def test_every_model_is_described_by_its_grain(nodes: dict[str, dict[str, Any]]) -> None:
    wrong = [name for name, node in nodes.items() if not node["description"].startswith("One row")]
    assert not wrong, "a description begins with `One row`"


def test_every_model_has_a_tested_key(manifest: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> None:
    tested = {name for node in manifest["nodes"].values() for name in _with_tested_key(node, nodes)}
    without = set(nodes) - tested
    excused = {name for rule, name in EXCUSED if rule == "is_key"}
    assert not without - excused, "these models have no is_key test"
    assert not excused - without, "these models have a key now: take them off the list"


def _with_tested_key(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The models whose key a test asks: its own of a rollup, else all lines of the folder's."""
    test = node.get("test_metadata") or {}
    if test.get("name") == "is_key":
        yield from (name for name, model in nodes.items() if model["unique_id"] == node["attached_node"])
    elif test.get("name") == "are_keys":
        lines = test["kwargs"]["keys"]
        assert all(len(line) > 1 for line in lines), f"{node['name']}: a table without a key"
        yield from (line[0].removeprefix("ref('").removesuffix("')") for line in lines)


def test_every_excuse_is_still_needed() -> None:
    for rule, name in EXCUSED:
        if rule != "is_key":
            (model,) = (model for model in models() if model.name == name)
            assert list(getattr(sql_rules, rule)(model.text)), f"{name} keeps {rule} now: take it off the list"


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (sql_rules.clock_words, "select current_date"),
        (sql_rules.clock_words, "select {{ days_between('now()', 'order_date') }}"),
        (sql_rules.unportable_words, "select quantity::integer"),
        (sql_rules.unportable_words, "select {{ sum_money('round(amount)') }}"),
        (sql_rules.unportable_words, 'select "order"'),
        (sql_rules.unportable_words, "select amount / orders_count"),
        (sql_rules.unportable_words, "select {{ dbt.datediff('a', 'b', 'day') }}"),
        (sql_rules.unportable_words, "select ntile(5) over (order by amount)"),
        (sql_rules.unportable_words, "select first(name)"),
        (sql_rules.thresholds, "where days_since_last_order < 90"),
        (sql_rules.thresholds, "where {{ count_where('orders_count >= 3') }} > 0"),
        (sql_rules.thresholds, "case when is_new then 5 else 0 end"),
        (sql_rules.thresholds, "where score between 1 and 5"),
        (sql_rules.thresholds, "where 0.75 <= share"),
        (sql_rules.frame_faults, "select 1\nselect * from final"),
        (sql_rules.frame_faults, "-- Grain: one row.\nwith final as (select 1 as a)\nselect a from final"),
        (sql_rules.frame_faults, "-- Grain: one row.\nwith final as (\n select *\n from a\n)\nselect * from final"),
        (
            sql_rules.frame_faults,
            "-- Grain: one row.\nwith final as (\n select a.*, 1 as b\n from a\n)\nselect * from final",
        ),
        (sql_rules.loose_windows, "select row_number() over (partition by customer_id order by ordered_at) as rank"),
        (sql_rules.oversize, "select 1\n" * 101),
        (sql_rules.oversize, "from a" + " join b on true" * 5),
    ],
)
def test_a_breach_is_seen(rule: Callable[[str], Iterator[str]], bad: str) -> None:
    assert list(rule(bad))


@pytest.mark.parametrize(
    ("rule", "good"),
    [
        (sql_rules.clock_words, "select 1 -- now\nwhere event_type = 'now'"),
        (sql_rules.unportable_words, "select {{ epoch_us('ended_at') }}, first_name -- a // b"),
        (sql_rules.thresholds, "where days_since_last_order < {{ var('active_days', 90) }} and orders_count > 0"),
        (
            sql_rules.loose_windows,
            "select row_number() over (order by ordered_at, order_id desc), rank() over (order by x)",
        ),
        (sql_rules.thresholds, "min(case when purchase_day_number = 2 then purchase_date end)"),
        (sql_rules.thresholds, "select cast(amount as decimal(18, 2)), 1000 * quantity as milli_units"),
        (
            sql_rules.frame_faults,
            "{{ config(x='y') }}\n-- Grain: one row.\nwith final as (select 1 as a)\n\nselect * from final",
        ),
    ],
)
def test_what_is_allowed_passes(rule: Callable[[str], Iterator[str]], good: str) -> None:
    assert not list(rule(good))
