"""The sample beside other files: refused, replaced, removed without a trace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dagster_project.errors import UsageError
from dagster_project.sample.writing import MARKER, foreign_files, remove_sample, sample_is_present, write_sample

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def landing_dir(tmp_path: Path) -> Path:
    return tmp_path / "landing"


def write_small(landing_dir: Path, days: int = 40) -> list[Path]:
    return write_sample(landing_dir, customers=66, days=days).files


def test_a_folder_with_other_files_is_refused_and_left_alone(landing_dir: Path) -> None:
    own = landing_dir / "orders" / "export.csv"
    own.parent.mkdir(parents=True)
    own.write_text("order_id\n1\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"orders/export\.csv"):
        write_small(landing_dir)
    assert [path for path in landing_dir.rglob("*") if path.is_file()] == [own]


def test_files_that_join_a_sample_are_foreign_and_stop_the_next_one(landing_dir: Path) -> None:
    files = write_small(landing_dir)
    assert foreign_files(landing_dir) == []
    own = landing_dir / "orders" / "export.csv"
    own.write_text("order_id\n1\n", encoding="utf-8")
    assert foreign_files(landing_dir) == [own]
    before = files[0].read_bytes()
    with pytest.raises(UsageError, match=r"export\.csv"):
        write_small(landing_dir, days=60)
    assert files[0].read_bytes() == before


def test_a_second_sample_replaces_the_first(landing_dir: Path) -> None:
    write_small(landing_dir, days=400)
    files = write_small(landing_dir, days=40)
    found = {path for path in landing_dir.rglob("*") if path.is_file() and path.name != MARKER}
    assert found == set(files)


def test_removing_leaves_nothing_of_the_sample_and_everything_else(landing_dir: Path) -> None:
    files = write_small(landing_dir)
    own = landing_dir / "orders" / "export.csv"
    own.write_text("order_id\n1\n", encoding="utf-8")
    (landing_dir / ".gitkeep").touch()
    assert sample_is_present(landing_dir)
    assert sorted(remove_sample(landing_dir)) == sorted(files)
    assert not sample_is_present(landing_dir)
    assert sorted(landing_dir.rglob("*")) == [landing_dir / ".gitkeep", landing_dir / "orders", own]


def test_removing_again_removes_nothing(landing_dir: Path) -> None:
    write_small(landing_dir)
    remove_sample(landing_dir)
    assert list(landing_dir.iterdir()) == []
    assert remove_sample(landing_dir) == []


def test_a_sample_of_which_files_are_gone_can_still_be_removed(landing_dir: Path) -> None:
    files = write_small(landing_dir)
    files[0].unlink()
    assert set(remove_sample(landing_dir)) == set(files[1:])
    assert list(landing_dir.iterdir()) == []


def test_a_marker_cannot_remove_files_outside_the_folder(landing_dir: Path) -> None:
    write_small(landing_dir)
    outside = landing_dir.parent / "precious.txt"
    outside.write_text("keep", encoding="utf-8")
    marker = json.loads((landing_dir / MARKER).read_text(encoding="utf-8"))
    marker["files"].append("../precious.txt")
    (landing_dir / MARKER).write_text(json.dumps(marker), encoding="utf-8")
    with pytest.raises(UsageError, match=r"precious\.txt"):
        remove_sample(landing_dir)
    assert outside.exists()


def test_a_damaged_marker_is_named(landing_dir: Path) -> None:
    write_small(landing_dir)
    (landing_dir / MARKER).write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match=r"\.sample\.json is damaged"):
        remove_sample(landing_dir)


@pytest.mark.parametrize(
    ("arguments", "option"),
    [({"customers": 10}, "--customers"), ({"days": 5}, "--days"), ({"days": 9999}, "--days"), ({"seed": -1}, "--seed")],
)
def test_numbers_out_of_range_name_their_option(landing_dir: Path, arguments: dict[str, int], option: str) -> None:
    with pytest.raises(UsageError, match=option):
        write_sample(landing_dir, **arguments)  # type: ignore[arg-type]
    assert not landing_dir.exists()


def test_every_file_is_logged(landing_dir: Path) -> None:
    lines: list[str] = []
    sample = write_sample(landing_dir, customers=66, days=40, log=lines.append)
    assert all(any(path.name in line for line in lines) for path in sample.files)
