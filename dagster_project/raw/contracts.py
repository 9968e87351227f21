"""The landing contracts: which tables may land, with which columns, keys and types.

The contracts themselves are the YAML files in ``contracts/``; this module reads and checks them. How files are read
and rows are judged lives elsewhere in this package.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dagster_project.yaml_files import parsed

CONTRACTS_DIR = Path(__file__).parent / "contracts"

ColumnType = Literal[
    "text", "integer", "quantity", "amount", "price", "rate", "boolean", "timestamp", "date", "currency", "json"
]

SQL_TYPES: dict[ColumnType, str] = {
    "text": "varchar",
    "integer": "bigint",
    "quantity": "decimal(18, 3)",
    "amount": "decimal(18, 4)",
    "price": "decimal(18, 4)",
    "rate": "decimal(18, 8)",
    "boolean": "boolean",
    "timestamp": "timestamptz",
    "date": "date",
    "currency": "varchar",
    "json": "varchar",
}

# What rows are judged by comes before them: rates before what is paid in their currencies.
LOAD_ORDER = (
    "fx_rates",
    "products",
    "inventory",
    "customers",
    "identities",
    "consents",
    "suppressions",
    "loyalty_memberships",
    "survey_answers",
    "offers",
    "orders",
    "order_lines",
    "refunds",
    "events",
    "messages",
    "offer_exposures",
    "offer_redemptions",
    "erasure_requests",
)

# Where a raw row came from; these columns stand after the contract's own in every raw table.
LINEAGE_COLUMNS: dict[str, str] = {
    "source": "varchar",
    "source_file": "varchar",
    "source_line": "bigint",
    "content_md5": "varchar",
    "extra": "varchar",
    "loaded_at": "timestamptz",
}


class Column(BaseModel):
    """One column of a landing table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    type: ColumnType
    description: str
    required: bool = False
    is_personal: bool = False
    is_business_time: bool = False
    accepts: Literal["order_statuses"] | None = None
    values: tuple[str, ...] | None = None
    negative: str = "negative_amount"
    rated_by: str | None = None

    @property
    def is_reference(self) -> bool:
        """Says to whom or what a row refers, and may be empty: an id of something else, or an address."""
        return self.type == "text" and not self.required and self.name.endswith(("_id", "email", "phone"))


class Contract(BaseModel):
    """One landing table: its columns, its key, and the column that tells versions of a row apart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    version: str | None = None
    requires_one_of: tuple[tuple[str, ...], ...] = ()

    def ddl(self, schema: str = "raw") -> str:
        """``create table if not exists`` for the raw table of this contract."""
        typed = {column.name: SQL_TYPES[column.type] for column in self.columns} | LINEAGE_COLUMNS
        body = ",\n    ".join(f"{name} {sql_type}" for name, sql_type in typed.items())
        return f"create table if not exists {schema}.{self.table} (\n    {body}\n)"


@cache
def contracts() -> dict[str, Contract]:
    """Every landing contract by table name, in the order in which tables are loaded."""
    loaded = [
        Contract.model_validate(parsed(path.read_text(encoding="utf-8")))
        for path in sorted(CONTRACTS_DIR.glob("*.yml"))
    ]
    return {contract.table: contract for contract in sorted(loaded, key=lambda item: LOAD_ORDER.index(item.table))}
