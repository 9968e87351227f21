"""Landing files and raw tables as assets: what landed is loaded, refused, counted, and never edited."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.clock import utc_now
from dagster_project.raw.contracts import contracts
from dagster_project.raw.loading import LoadReport, load_landing
from dagster_project.raw.parquet_copy import copy_raw
from dagster_project.resources import Warehouse

_BOOKS = {
    "load_ledger": "One row per loaded file: how many rows were read and what became of them.",
    "quarantine": "One row per refused row: file, line, raw text, reason and message.",
    "pseudonym_key": "The secret that keys the ids of people without a customer id.",
}


def landing_specs() -> list[dg.AssetSpec]:
    """The folders that people and other systems write into."""
    return [
        dg.AssetSpec(
            ["landing", contract.table],
            description=f"{contract.description} Files: data/landing/{contract.table}/, or those of a source mapping.",
            group_name="landing",
            kinds={"file"},
        )
        for contract in contracts().values()
    ]


def raw_assets() -> dg.AssetsDefinition:
    """All raw tables and their books, in one step: a file's rows and its ledger row are one transaction."""
    landed = [dg.AssetKey(["landing", table]) for table in contracts()]
    tables = [
        dg.AssetSpec(
            ["raw", contract.table],
            description=contract.description,
            group_name="raw",
            kinds={"duckdb"},
            deps=[dg.AssetKey(["landing", contract.table])],
        )
        for contract in contracts().values()
    ]
    books = [
        dg.AssetSpec(["raw", name], description=text, group_name="raw", kinds={"duckdb"}, deps=landed)
        for name, text in _BOOKS.items()
    ]

    @dg.multi_asset(name="raw", specs=[*tables, *books])
    def raw(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult[None]]:
        report = load_landing(warehouse.settings, now=utc_now(), log=context.log.info)
        if warehouse.settings.engine != "duckdb":
            context.log.info("%s Parquet files written for Spark", copy_raw(warehouse.settings))
        for name in [*contracts(), *_BOOKS]:
            yield dg.MaterializeResult(asset_key=["raw", name], metadata=_metadata(report, name))

    return raw


def _metadata(report: LoadReport, name: str) -> dict[str, int]:
    loaded = [file for file in report.files if file.was_loaded]
    if name == "quarantine":
        return {"rows_refused": sum(file.rows_quarantined for file in loaded)}
    if name in contracts():
        return {"rows_added": sum(file.tables.get(name, 0) for file in loaded)}
    return {"files_loaded": len(loaded), "files_known": len(report.files) - len(loaded)}
