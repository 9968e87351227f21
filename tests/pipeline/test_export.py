"""What is exported is what is published, read back by other programs."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from dagster_project import export_command
from dagster_project.cli import app
from dagster_project.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from dagster_project.sample.shop import Sample
    from tests.pipeline.shop import Shop

MEMBERS = "from segments.champions join profiles.customer_profiles using (customer_id) order by customer_id"


def _exported(shop: Shop, *arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["export", *map(str, arguments)], env=shop.environment)
    return done.exit_code, done.output or str(done.exception)


def _cell(value: Any) -> Any:
    """As a sheet can say it: numbers are floating, a day is an instant, instants have no zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime.combine(value, time())
    return float(value) if isinstance(value, Decimal) else value


def test_a_segment_is_exported_whole_into_every_kind_of_file(sample_shop: tuple[Shop, Sample], tmp_path: Path) -> None:
    shop, _ = sample_shop
    members = shop.published(MEMBERS)
    assert len(members) > 100
    files = [tmp_path / f"champions.{kind}" for kind in ("xlsx", "csv", "parquet")]
    for path in files:
        code, said = _exported(shop, "champions", "--write", path)
        assert (code, f"{len(members)} rows" in said, path.stat().st_mode & 0o077) == (0, True, 0), said
    names, *rows = openpyxl.load_workbook(files[0], read_only=True).active.iter_rows(values_only=True)
    assert names[:2] == ("customer_id", "entered_date")
    for member, row in zip(members, rows, strict=True):
        for expected, found in zip(map(_cell, member), row, strict=True):
            assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)
    with files[1].open(encoding="utf-8", newline="") as file:
        told = list(csv.reader(file))
    assert told[0] == list(names)
    assert [row[0] for row in told[1:]] == [member[0] for member in members]
    assert pq.read_table(files[2]).num_rows == len(members)
    assert len(list(tmp_path.iterdir())) == len(files), "a draft is left"


def test_chosen_columns_come_in_their_order(sample_shop: tuple[Shop, Sample], tmp_path: Path) -> None:
    shop, _ = sample_shop
    path = tmp_path / "orders.csv"
    assert (
        _exported(shop, "marts.fct_orders", "--write", path, "--column", "order_date", "--column", "order_id")[0] == 0
    )
    assert path.read_text(encoding="utf-8").splitlines()[0] == "order_date,order_id"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("champion", "--write", "c.csv"), "did you mean champions"),
        (("marts.fct_order", "--write", "c.csv"), "did you mean marts.fct_orders"),
        (("champions", "--write", "c.csv", "--column", "order_count"), "did you mean orders_count"),
        (("champions", "--write", "c.xls"), ".csv, .xlsx, .parquet"),
        (("champions", "--write", "nowhere/c.csv"), "there is no folder"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_one(
    sample_shop: tuple[Shop, Sample], tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    shop, _ = sample_shop
    name, option, file, *rest = arguments
    code, said = _exported(shop, name, option, tmp_path / file, *rest)
    assert code != 0
    assert words in said
    assert not list(tmp_path.iterdir())


def test_more_rows_than_a_sheet_holds_are_refused_and_what_was_there_stays(
    sample_shop: tuple[Shop, Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, _ = sample_shop
    path = tmp_path / "champions.xlsx"
    path.write_text("of last week", encoding="utf-8")
    count = len(shop.published(MEMBERS))
    monkeypatch.setattr(export_command, "_MOST_ROWS_IN_A_SHEET", count - 1)
    with pytest.raises(UsageError, match=r"write \.csv or \.parquet"):
        export_command.export(shop.settings, "champions", path, [])
    assert path.read_text(encoding="utf-8") == "of last week"
    monkeypatch.setattr(export_command, "_MOST_ROWS_IN_A_SHEET", count)
    export_command.export(shop.settings, "champions", path, ["customer_id"])
    assert openpyxl.load_workbook(path).active.max_row == count + 1


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    query = "select '=1+1' as sum_text, '-5' as minus_text, -5 as loss_count, '' as empty_text, null as nothing"
    with duckdb.connect() as connection:
        export_command._write_csv(connection, query, tmp_path / "cells.csv")  # noqa: SLF001
        export_command._write_xlsx(connection, query, tmp_path / "cells.xlsx")  # noqa: SLF001
    assert (tmp_path / "cells.csv").read_text(encoding="utf-8").splitlines()[1] == "'=1+1,'-5,-5,,"
    cells = openpyxl.load_workbook(tmp_path / "cells.xlsx").active[2]
    assert [(cell.value, cell.data_type) for cell in cells[:3]] == [("=1+1", "s"), ("-5", "s"), (-5, "n")]


def test_decimals_are_told_digit_by_digit(tmp_path: Path) -> None:
    query = "select 0::decimal(28, 9) as nothing, 0.000000012::decimal(28, 9) as little, 12345678901234567.89 as much"
    with duckdb.connect() as connection:
        export_command._write_csv(connection, query, tmp_path / "cells.csv")  # noqa: SLF001
    told = (tmp_path / "cells.csv").read_text(encoding="utf-8").splitlines()[1]
    assert told == "0.000000000,0.000000012,12345678901234567.89"


def test_a_text_is_refused_and_not_cut_where_a_cell_is_too_small(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        query = "select repeat('a', {}) as text"
        export_command._write_xlsx(connection, query.format(32_767), tmp_path / "cells.xlsx")  # noqa: SLF001
        with pytest.raises(UsageError, match=r"a cell holds 32,767: write \.csv or \.parquet"):
            export_command._write_xlsx(connection, query.format(32_768), tmp_path / "more.xlsx")  # noqa: SLF001
    assert len(openpyxl.load_workbook(tmp_path / "cells.xlsx").active["A2"].value) == 32_767
