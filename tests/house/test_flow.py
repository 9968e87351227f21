"""Data flows one way: the rule over the resolved asset graph."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import dagster as dg

FLOW = (
    "landing",
    "seeds",
    "raw",
    "staging",
    "intermediate",
    "marts",
    "predictions",
    "profiles",
    "segments",
    "activation",
    "quality",
    "report",
    "publish",
    "history",
)

MAY_READ = {
    "raw": {"landing"},
    "staging": {"raw", "seeds"},
    "intermediate": {"staging", "intermediate", "seeds"},
    "marts": {"intermediate", "marts", "seeds"},
    "predictions": {"marts", "predictions"},
    "profiles": {"marts", "predictions"},
    "segments": {"profiles", "segments"},
    "history": {"raw"},
    # Contact data stand in no published layer, so that only audience files can carry them.
    "activation": {"intermediate", "marts", "profiles", "segments"},
}
READ_BY = {"raw": {"staging", "quality", "history"}, "quality": {"quality", "report", "publish"}, "landing": {"raw"}}

EXCEPTIONS = {
    # The mart shows staged rows as they are: a model between them would say nothing.
    ("staging/stg_shop__customers", "marts/dim_shop_customers"),
    ("staging/stg_shop__products", "marts/dim_products"),
    ("staging/stg_shop__order_lines", "marts/fct_order_lines"),
    ("staging/stg_shop__refunds", "marts/fct_refunds"),
}


def against_the_flow(edges: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Edges (from, to) between assets named ``layer/name`` that read to their right or from a layer they may not."""
    for source, target in edges:
        reads, layer = source.split("/")[0], target.split("/")[0]
        if reads not in FLOW or layer not in FLOW:
            yield f"{source} -> {target}: no layer of that name; layers are {', '.join(FLOW)}"
        elif FLOW.index(reads) > FLOW.index(layer):
            yield f"{target} reads {source}, which stands to its right"
        elif (source, target) in EXCEPTIONS:
            continue
        elif layer in MAY_READ and reads not in MAY_READ[layer]:
            yield f"{target} reads {source}: {layer} reads only {', '.join(sorted(MAY_READ[layer]))}"
        elif reads in READ_BY and layer not in READ_BY[reads]:
            yield f"{target} reads {source}: {reads} is read only by {', '.join(sorted(READ_BY[reads]))}"


def _edges(graph: dg.AssetGraph) -> list[tuple[str, str]]:
    return [
        ("/".join(parent.path), "/".join(key.path))
        for key in graph.get_all_asset_keys()
        for parent in graph.get(key).parent_keys
    ]


def test_nothing_reads_to_its_right(asset_graph: dg.AssetGraph) -> None:
    found = list(against_the_flow(_edges(asset_graph)))
    assert not found, "\n".join(found)


def test_every_exception_is_still_needed(asset_graph: dg.AssetGraph) -> None:
    assert set(_edges(asset_graph)) >= EXCEPTIONS


def test_every_layer_is_fed_by_the_one_before_it(asset_graph: dg.AssetGraph) -> None:
    flows = {(source.split("/")[0], target.split("/")[0]) for source, target in _edges(asset_graph)}
    backbone = (
        "landing",
        "raw",
        "staging",
        "intermediate",
        "marts",
        "profiles",
        "segments",
        "quality",
        "report",
        "publish",
    )
    for source, target in pairwise(backbone):
        assert (source, target) in flows, f"{target} does not read {source}"


def test_the_group_of_an_asset_is_its_layer(asset_graph: dg.AssetGraph) -> None:
    wrong = [key for key in asset_graph.get_all_asset_keys() if asset_graph.get(key).group_name != key.path[0]]
    assert not wrong, "the first part of an asset's key is its group"


def test_an_edge_to_the_left_is_seen() -> None:
    assert list(against_the_flow([("segments/sizes", "marts/fct_orders")]))
    assert list(against_the_flow([("raw/orders", "marts/fct_orders")]))
    assert list(against_the_flow([("raw/orders", "intermediate/int_orders_netted")]))
    assert list(against_the_flow([("quality/check_results", "quality/reconciliation")])) == []
    assert list(against_the_flow([("raw/orders", "nowhere/orders")]))
    assert not list(against_the_flow([("raw/orders", "staging/stg_shop__orders")]))
