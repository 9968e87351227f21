"""What is published can be opened by DuckDB clients that BI tools still ship."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

QUERY = """
import duckdb, sys
reader = duckdb.connect(sys.argv[1], read_only=True)
print(duckdb.__version__)
print(reader.execute("select count(*) from marts.fct_orders").fetchall()[0][0])
print(reader.execute("select count(*) > 0 from segments.sizes").fetchall()[0][0])
print(reader.execute("select count(*) > 0 from marts.fct_customer_flags where is_set").fetchall()[0][0])
print(reader.execute("select comment from duckdb_tables() where table_name = 'fct_orders'").fetchall()[0][0][:11])
"""


@pytest.mark.parametrize("version", ["1.2.2", "1.4.4", "1.5.6"])
def test_the_published_file_opens(published_by_command: Path, tmp_path: Path, version: str) -> None:
    client = tmp_path / "client"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(client)]
    subprocess.run([*install, f"duckdb=={version}"], check=True, timeout=300)  # noqa: S603 (pip of this environment)
    file = published_by_command / "published" / "current" / "customer_segments.duckdb"
    shown = subprocess.run(  # noqa: S603 (python of this environment)
        [sys.executable, "-c", QUERY, str(file)],
        env={"PYTHONPATH": str(client)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert shown.stdout.split() == [version, "40", "True", "True", "One", "row", "per"]
