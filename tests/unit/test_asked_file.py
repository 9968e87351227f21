"""What ``--write`` names is written whole, or refused with a reason before any work is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dagster_project.asked_file import asked_file, require_writable
from dagster_project.errors import UsageError
from dagster_project.settings import Settings
from dagster_project.similar_command import show_similar

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("list.xls", "a file ends in .csv, .xlsx"),
        ("folder.csv", "this is a folder"),
        ("nowhere/list.csv", "there is no folder"),
        # Root may write everywhere, but no draft of so long a name.
        (f"{'a' * 246}.csv", "cannot be written to (File name too long)"),
    ],
)
def test_what_cannot_be_written_is_told_before(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError) as refusal:
        require_writable(tmp_path / name, [".csv", ".xlsx"])
    assert words in str(refusal.value)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_a_folder_is_made_where_it_is_wanted_and_can_be(tmp_path: Path) -> None:
    require_writable(tmp_path / "made" / "shop.yml", [".yml"], make_folder=True)
    assert list((tmp_path / "made").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written to"):
        require_writable(tmp_path / "file" / "shop.yml", [".yml"], make_folder=True)


def test_what_was_there_stays_until_the_new_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("of last week", encoding="utf-8")
    require_writable(path, [".csv"])
    with pytest.raises(UnicodeEncodeError), asked_file(path) as draft:
        draft.write_text("half \ud800", encoding="utf-8")
    assert (path.read_text(encoding="utf-8"), list(tmp_path.iterdir())) == ("of last week", [path])
    with asked_file(path) as draft:
        draft.write_text("whole", encoding="utf-8")
    assert (path.read_text(encoding="utf-8"), list(tmp_path.iterdir())) == ("whole", [path])
    assert path.stat().st_mode & 0o077 == 0


def test_a_list_of_similar_people_is_csv_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a file ends in \.csv"):
        show_similar(Settings(data_dir=tmp_path / "data"), "champions", 0.01, tmp_path / "list.xlsx")
