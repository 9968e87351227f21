"""Reads the sample's landing files back, plainly and apart from the loader: good rows typed, bad rows told by kind."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq

from dagster_project.raw.contracts import Column, Contract, contracts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STATUSES_FILE = Path(__file__).parents[2] / "dbt" / "seeds" / "order_statuses.csv"
Row = dict[str, Any]


@dataclass
class Landed:
    """All rows of a landing folder: good ones by table, bad ones counted by (file, reason), columns by file."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    bad: Counter[tuple[str, str]] = field(default_factory=Counter)
    columns: dict[str, set[str]] = field(default_factory=dict)

    def frames(self) -> dict[str, pd.DataFrame]:
        """The good rows as frames of objects."""
        return {table: pd.DataFrame(rows, dtype=object) for table, rows in self.rows.items()}


def read_landing(landing_dir: Path) -> Landed:
    """Read every file of every table."""
    landed = Landed()
    words = {row["status"] for row in csv.DictReader(STATUSES_FILE.read_text(encoding="utf-8").splitlines())}
    for path in sorted(path for path in landing_dir.rglob("*") if path.is_file() and not path.name.startswith(".")):
        contract = contracts()[path.parent.name]
        name = path.relative_to(landing_dir).as_posix()
        for row, fault in _raw_rows(path):
            reason = fault or _fault(contract, row, words)
            if reason:
                landed.bad[name, reason] += 1
                continue
            landed.columns.setdefault(name, set()).update(row)
            typed = {column.name: _typed(column, row.get(column.name)) for column in contract.columns}
            landed.rows.setdefault(contract.table, []).append(typed)
    return landed


def _raw_rows(path: Path) -> Iterator[tuple[Row, str | None]]:
    if path.suffix == ".parquet":
        yield from ((row, None) for row in pq.read_table(path).to_pylist())
        return
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    if ".csv" in path.name:
        header, *records = csv.reader(io.StringIO(text))
        for record in records:
            yield dict(zip(header, record, strict=False)), None if len(record) == len(header) else "wrong_column_count"
        return
    for line in text.splitlines():
        try:
            yield json.loads(line, parse_float=Decimal), None
        except json.JSONDecodeError:
            yield {}, "broken_json"


def _fault(contract: Contract, row: Row, words: set[str]) -> str | None:
    required = {column.name for column in contract.columns if column.required}
    if any(row.get(name) in (None, "") for name in contract.key if name in required):
        return "null_key"
    for column in contract.columns:
        try:
            value = _typed(column, row.get(column.name))
        except (ArithmeticError, ValueError):
            return "bad_time" if column.type in {"timestamp", "date"} else "bad_number"
        if isinstance(value, Decimal) and value < 0:
            return column.negative
        if column.accepts == "order_statuses" and value is not None and value.lower() not in words:
            return "unknown_status"
    return None


def _typed(column: Column, value: Any) -> Any:
    return None if value is None or value == "" else CONVERTERS.get(column.type, str)(value)


def _time(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "quantity": _number,
    "amount": _number,
    "price": _number,
    "rate": _number,
    "integer": int,
    "boolean": {"true": True, "false": False, True: True, False: False}.__getitem__,
    "date": date.fromisoformat,
    "timestamp": _time,
}
