"""A landing folder under a test's own data folder: write files, load them, look at what became of the rows."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from dagster_project.errors import SegmentsError
from dagster_project.raw.loading import FileLoad, LoadReport, conservation_violations, load_landing, open_raw
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
ORDERS_HEADER = "order_id,customer_id,ordered_at,total_amount\n"


@dataclass(frozen=True)
class Landing:
    """One data folder; small files may be half bad unless a test says otherwise."""

    data_dir: Path
    settings: Settings

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.settings.landing_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = content.encode() if isinstance(content, str) else content
        if name.endswith(".gz"):
            plain = gzip.compress(plain)
        path.write_bytes(pa.compress(plain, "zstd", asbytes=True) if name.endswith(".zst") else plain)
        return path

    def write_orders(self, *rows: str, name: str = "orders/orders.csv") -> Path:
        return self.write(name, ORDERS_HEADER + "".join(f"{row}\n" for row in rows))

    def write_source(self, name: str, text: str) -> None:
        folder = self.data_dir / "sources"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yml").write_text(text)

    def load(self, now: datetime = NOW) -> LoadReport:
        report = load_landing(self.settings, now=now)
        assert self.violations() == []
        return report

    def load_one(self) -> FileLoad:
        (file,) = self.load().files
        assert file.rows_read == file.rows_used + file.rows_quarantined + file.rows_duplicate + file.rows_skipped
        return file

    def refused(self) -> str:
        """The error of a load that refuses at least one file."""
        with pytest.raises(SegmentsError) as caught:
            load_landing(self.settings, now=NOW)
        assert self.violations() == []
        return str(caught.value)

    def violations(self) -> list[Any]:
        with open_raw(self.settings, read_only=True) as connection:
            return conservation_violations(connection)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        with open_raw(self.settings, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def column(self, sql: str) -> list[Any]:
        return [row[0] for row in self.fetch(sql)]

    def quarantine(self) -> list[tuple[Any, ...]]:
        """(line, reason, column, message) of every quarantined row."""
        return self.fetch("select line, reason_code, column_name, message from raw.quarantine order by file, line")


def make_landing(data_dir: Path, **settings: Any) -> Landing:
    return Landing(data_dir, Settings(data_dir=data_dir, **({"max_bad_share": 1.0, "settle_seconds": 0} | settings)))
