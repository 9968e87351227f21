from __future__ import annotations

import gzip
import json
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.raw import loading, storing
from dagster_project.raw.contracts import contracts
from dagster_project.raw.loading import conservation_violations, load_landing, open_raw
from dagster_project.settings import PROJECT_DIR
from tests.raw.landing import NOW, ORDERS_HEADER, make_landing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.raw.landing import Landing

GOOD = "1,ann,2026-01-02,10.00"


def test_files_are_loaded_in_contract_order_with_one_sentence_each(landing: Landing) -> None:
    landing.write("events/e.csv", "event_id,occurred_at,event_type\n1,2026-01-02,login\n")
    landing.write_orders(GOOD, "2,bob,never,1", name="orders/b.csv")
    landing.write_orders(GOOD, name="orders/a.csv")
    landing.write("products/p.csv", "product_id\np\n")
    sentences: list[str] = []
    report = load_landing(landing.settings, now=NOW, log=sentences.append)
    assert sentences == [
        "products/p.csv: 1 rows read, 1 used",
        "orders/a.csv: 1 rows read, 1 used",
        "orders/b.csv: 2 rows read, 0 used, 1 quarantined, 1 duplicate",
        "events/e.csv: 1 rows read, 1 used",
    ]
    assert report.rows_added == {"products": 1, "orders": 1, "events": 1}


def test_what_is_odd_about_a_file_is_told_where_it_is_loaded(landing: Landing) -> None:
    landing.write_orders(GOOD, name="orders/a.csv")
    landing.write("orders/b.csv", "order_id,customer_id,ordered_at,total\n2,bob,2026-01-02,9\n")
    for told in (
        [
            "orders/a.csv: 1 rows read, 1 used",
            "orders/b.csv: 1 rows read, 1 used",
            (
                "orders/b.csv: unknown column 'total' is kept in extra (did you mean 'total_amount'?), "
                "and 1 more in quality.load_ledger"
            ),
        ],
        ["2 files were loaded before and did not change"],
    ):
        sentences: list[str] = []
        load_landing(landing.settings, now=NOW, log=sentences.append)
        assert sentences == told


def test_the_ledger_tells_what_became_of_each_row(landing: Landing) -> None:
    path = landing.write("orders/o.csv", ORDERS_HEADER + f"{GOOD}\n{GOOD}\n,,,\r\n")
    file = landing.load_one()
    assert landing.fetch("select * exclude (loaded_at) from raw.load_ledger") == [
        (
            "orders/o.csv", "canonical", file.sha256, path.stat().st_size, 3, 1, 1, 1, 0, "{}",
            json.dumps(["mixed_newlines: 1 lines end in CRLF and 3 in LF"]), "1", None,
            json.dumps(dict.fromkeys(ORDERS_HEADER.strip().split(","), "VARCHAR")),
        ),
    ]  # fmt: skip
    assert landing.column("select loaded_at from raw.load_ledger") == [NOW]
    assert landing.column("select loaded_at from raw.quarantine") == [NOW]
    assert landing.column("select loaded_at from raw.orders") == [NOW]


def test_an_empty_landing_folder_loads_nothing_and_makes_all_tables(landing: Landing) -> None:
    report = landing.load()
    assert (report.files, report.warnings) == ([], [])
    tables = set(landing.column("select table_name from duckdb_tables()"))
    books = {"load_ledger", "quarantine", "purged_rows", "pseudonym_key", "tombstones", "erasures"}
    assert tables == {*contracts()} | books


def test_the_database_is_the_owners_alone_and_holds_one_key(landing: Landing) -> None:
    landing.load()
    landing.load()
    assert stat.S_IMODE(landing.settings.raw_path.stat().st_mode) == 0o600
    assert landing.fetch("select * from raw.pseudonym_key") == [(landing.settings.pseudonym_key,)]


def test_a_changed_pseudonym_key_replaces_the_old_one(tmp_path: Path) -> None:
    for key in ("first", "second"):
        landing = make_landing(tmp_path, pii_key=key)
        landing.load()
    assert landing.fetch("select * from raw.pseudonym_key") == [("second",)]


def test_reading_before_the_first_load_says_so(landing: Landing) -> None:
    with pytest.raises(SegmentsError, match="nothing has been loaded yet"):
        open_raw(landing.settings, read_only=True)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("orders/a.csv.gz", b"order_id,ordered_at\n1,2026-01-02\n", "the content is no whole gzip file"),
        ("orders/a.csv.gz", gzip.compress(b"order_id\n" * 5000, mtime=0)[:-30], "the gzip file is cut off or damaged"),
        (
            "orders/a.jsonl.gz",
            gzip.compress(b'{"order_id": 1}\n' * 900, mtime=0)[:40],
            "the gzip file is cut off or damaged",
        ),
        ("orders/a.parquet.gz", gzip.compress(b"x" * 5000, mtime=0)[:-12], "the gzip file is cut off or damaged"),
        ("orders/a.csv.gz", gzip.compress(b"order_id\n" * 9, mtime=0) + b"tail", "the content is no whole gzip file"),
    ],
)
def test_a_damaged_gzip_file_is_refused_whole_and_the_others_are_loaded(
    landing: Landing, name: str, content: bytes, sentence: str
) -> None:
    path = landing.write(name.removesuffix(".gz"), content)
    path.rename(path.with_name(path.name + ".gz"))
    landing.write_orders(GOOD, name="orders/z.csv")
    message = landing.refused()
    assert message.startswith(f"{name}: ")
    assert sentence in message
    assert landing.column("select source_file from raw.orders") == ["orders/z.csv"]


@pytest.mark.parametrize(("bad_count", "is_refused"), [(1, False), (2, True)])
def test_a_small_file_may_have_one_bad_row(tmp_path: Path, bad_count: int, *, is_refused: bool) -> None:
    landing = make_landing(tmp_path, max_bad_share=0.05)
    landing.write_orders(*[GOOD, "3,ann,2026-01-02,1"], *["2,bob,never,1"] * bad_count)
    if not is_refused:
        assert landing.load_one().rows_used == 2
        return
    assert landing.refused() == (
        "orders/orders.csv: 2 of 4 rows (50.0%) are bad, the first in line 4: bad_time, ordered_at: 'never' is not a "
        "time after 1970 such as 2024-03-31T14:05:00+02:00. Nothing of the file is loaded. Correct it, or allow more "
        "with SEGMENTS_MAX_BAD_SHARE (now 0.05)."
    )
    assert landing.column("select count(*) from raw.orders") == [0]
    assert landing.column("select count(*) from raw.quarantine") == [0]


def test_all_refused_files_are_named(landing: Landing) -> None:
    for name in ("orders/a.csv", "orders/b.csv"):
        landing.write(name, "nothing\n1\n")
    landing.write_orders(GOOD, name="orders/c.csv")
    lines = landing.refused().splitlines()
    assert [line.split(":")[0] for line in lines] == ["orders/a.csv", "orders/b.csv"]
    assert landing.column("select file from raw.load_ledger") == ["orders/c.csv"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("readme.txt", "it must lie in a folder"),
        ("ordrs/o.csv", "no landing table or source is named 'ordrs' (did you mean 'orders'?)"),
        ("orders/o.xlsx", "the name must end in .csv, .jsonl or .parquet"),
        ("orders/2026/o.csv", "files must lie directly in orders/"),
    ],
)
def test_a_file_that_nobody_claims_is_a_warning(landing: Landing, name: str, sentence: str) -> None:
    landing.write(name, "x")
    report = landing.load()
    assert report.files == []
    (warning,) = report.warnings
    assert warning.startswith(f"{name}: not loaded, ")
    assert sentence in warning


def test_hidden_files_are_ignored(landing: Landing) -> None:
    landing.write("orders/.o.csv.part", "x")
    landing.write(".cache/o.csv", "x")
    assert landing.load().warnings == []


def test_sample_and_own_files_are_not_mixed(landing: Landing) -> None:
    landing.write_orders(GOOD, name="orders/sample.csv")
    landing.write(".sample.json", json.dumps({"files": ["orders/sample.csv"]}))
    assert landing.load_one().rows_used == 1
    landing.write_orders(GOOD, name="orders/mine.csv")
    with pytest.raises(UsageError, match=r"other files \(orders/mine.csv\).*`segments sample --remove`"):
        load_landing(landing.settings, now=NOW)


@pytest.mark.parametrize("name", ['orders/it\'s "a" file; drop table x.csv', "orders/ä b\n.csv"])
def test_any_file_name_is_loaded(landing: Landing, name: str) -> None:
    landing.write_orders(GOOD, name=name)
    landing.load()
    assert landing.column("select source_file from raw.orders") == [name]


def test_a_file_that_grows_while_it_is_read_is_refused(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    path = landing.write_orders(GOOD)
    require_law = storing.require_law

    def grow(counts: storing.Counts) -> None:
        require_law(counts)
        path.write_text(path.read_text() + "2,bob,2026-01-02,1\n")

    monkeypatch.setattr(storing, "require_law", grow)
    assert "changed while it was read. Run again when it is complete" in landing.refused()
    assert landing.column("select count(*) from raw.orders") == [0]


def test_a_reader_that_loses_rows_is_caught_by_the_count(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    landing.write_orders(GOOD, "2,bob,2026-01-02,1")
    real = loading.count_csv_records
    monkeypatch.setattr(loading, "count_csv_records", lambda *args: real(*args) + 1)
    assert "3 rows counted in the file, but 2 used + 0 quarantined + 0 duplicate + 0 skipped" in landing.refused()
    assert landing.column("select count(*) from raw.load_ledger") == [0]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("delete from raw.quarantine", "1 rows quarantined by the ledger, but 0 in quarantine"),
        (
            "update raw.load_ledger set rows_used = 7",
            "2 rows read, but 7 used + 1 quarantined + 0 duplicate + 0 skipped",
        ),
    ],
)
def test_a_broken_law_is_found_in_the_ledger(landing: Landing, damage: str, message: str) -> None:
    landing.write_orders(GOOD, "2,bob,never,1")
    file = landing.load_one()
    with open_raw(landing.settings) as connection:
        connection.execute(damage).fetchall()
        (violation,) = conservation_violations(connection)
    assert (violation.file, violation.sha256, violation.message) == (file.file, file.sha256, message)


LOAD_AND_DIE = """
import os, sys, threading
from datetime import datetime
from pathlib import Path
from dagster_project.raw.loading import load_landing
from dagster_project.settings import Settings

def die(sentence):
    if sentence.startswith(sys.argv[2]):
        os._exit(9)

if sys.argv[3] != "0":
    threading.Timer(float(sys.argv[3]), os._exit, [9]).start()
load_landing(Settings(data_dir=Path(sys.argv[1])), now=datetime.fromisoformat(sys.argv[4]), log=die)
os._exit(0)
"""


def kill_load(landing: Landing, prefix: str, after_seconds: float) -> int:
    arguments = [str(landing.data_dir), prefix, str(after_seconds), NOW.isoformat()]
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", LOAD_AND_DIE, *arguments], cwd=PROJECT_DIR, check=False, timeout=120
    ).returncode


def test_a_run_killed_between_files_keeps_whole_files_and_the_next_run_loads_the_rest(landing: Landing) -> None:
    landing.write_orders(GOOD, name="orders/a.csv")
    landing.write_orders("2,bob,2026-01-02,1", name="orders/b.csv")
    assert kill_load(landing, "orders/a.csv", 0) == 9
    assert landing.column("select file from raw.load_ledger") == ["orders/a.csv"]
    assert [file.was_loaded for file in landing.load().files] == [False, True]
    assert landing.column("select order_id from raw.orders order by 1") == ["1", "2"]


def test_a_run_killed_at_any_moment_leaves_no_half_file(landing: Landing) -> None:
    rows = [f"{number},c{number},2026-01-02,1.00" for number in range(60_000)]
    landing.write_orders(*rows)
    started = time.monotonic()
    assert kill_load(landing, "no such sentence", 0) == 0
    whole = time.monotonic() - started
    for share in (0.5, 0.7, 0.8, 0.9, 0.95):
        landing.settings.raw_path.unlink()
        kill_load(landing, "no such sentence", whole * share)
        if landing.settings.raw_path.exists():
            with open_raw(landing.settings) as connection:
                counts = connection.execute(
                    "select (select count(*) from raw.orders), (select count(*) from raw.load_ledger)",
                ).fetchall()
                assert counts[0] in {(0, 0), (60_000, 1)}
                assert conservation_violations(connection) == []
    landing.load()
    assert landing.column("select count(*) from raw.orders") == [60_000]
