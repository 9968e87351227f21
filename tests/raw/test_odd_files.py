"""Files that are half there, packed, linked, oddly named, or that count time and absence in their own way."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.raw import opening, settling
from dagster_project.raw.loading import load_landing
from dagster_project.settings import PROJECT_DIR
from tests.raw.landing import NOW, ORDERS_HEADER, make_landing
from tests.raw.test_sources import HEADER, MAPPING

if TYPE_CHECKING:
    from tests.raw.landing import Landing

GOOD = "1,ann,2026-01-02,10.00"
SETTLE = 4.0


@pytest.fixture
def patient(tmp_path: Path) -> Landing:
    return make_landing(tmp_path / "data", settle_seconds=SETTLE)


def parquet() -> bytes:
    out = BytesIO()
    pq.write_table(pa.table({"order_id": ["1"], "ordered_at": ["2026-01-02"]}), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "waits"),
    [
        ("o.csv", f"{ORDERS_HEADER}{GOOD}", True),
        ("o.csv", f"{ORDERS_HEADER}{GOOD}\n", False),
        ("o.csv", "", True),
        ("o.jsonl", '{"order_id": 1, "ordered_at": "2026-01-02"}', True),
        ("o.jsonl", '{"order_id": 1, "ordered_at": "2026-01-02"}\n', False),
        ("o.csv.gz", f"{ORDERS_HEADER}{GOOD}\n", True),
        ("o.parquet", parquet(), False),
    ],
)
def test_a_file_without_an_end_is_waited_for(
    patient: Landing, monkeypatch: pytest.MonkeyPatch, name: str, content: str | bytes, *, waits: bool
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(settling, "sleep", slept.append)
    os.utime(patient.write(f"orders/{name}", content))
    patient.load()
    assert len(slept) == waits
    assert all(0 < seconds <= SETTLE for seconds in slept)
    assert patient.column("select count(*) from raw.load_ledger") == [1]


@pytest.mark.parametrize(("age", "waits"), [(590, True), (601, False), (-30, False)])
def test_a_file_is_waited_for_until_it_has_lain_long_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: float, *, waits: bool
) -> None:
    patient = make_landing(tmp_path, settle_seconds=600)
    slept: list[float] = []
    monkeypatch.setattr(settling, "sleep", slept.append)
    path = patient.write("orders/o.csv", f"{ORDERS_HEADER}{GOOD}")
    os.utime(path, (time.time() - age, time.time() - age))
    patient.load()
    assert [round(seconds) <= 10 for seconds in slept] == [True] * waits
    assert patient.column("select order_id from raw.orders") == ["1"]


def test_a_file_that_is_still_written_is_left_for_the_next_run(
    patient: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = patient.write_orders(GOOD, name="orders/whole.csv")
    path = patient.write("orders/half.csv", f"{ORDERS_HEADER}2,bob,2026-01-02,1")
    later = time.time() + 0.001

    def write_on(_seconds: float) -> None:
        path.write_text(f"{ORDERS_HEADER}2,bob,2026-01-02,12.50\n")
        os.utime(path, (later, later))

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(settling, "sleep", write_on)
        os.utime(path)
        report = load_landing(patient.settings, now=NOW)
    assert report.warnings == ["orders/half.csv: not loaded, it is still being written; the next run takes it"]
    assert [file.file for file in report.files] == [f"orders/{whole.name}"]
    patient.load()
    assert patient.fetch("select order_id, total_amount::varchar from raw.orders order by 1") == [
        ("1", "10.0000"),
        ("2", "12.5000"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"order_id,ordered_at\n1,2026-01-02\n", "the content is no whole Zstandard file"),
        (b"", "the content is no whole Zstandard file"),
        (pa.compress(b"order_id\n" * 5000, "zstd", asbytes=True)[:-3], "the Zstandard file is cut off or damaged"),
        (pa.compress(b"order_id\n" * 9, "zstd", asbytes=True) + b"tail", "the Zstandard file is cut off or damaged"),
        (gzip.compress(b"order_id\n", mtime=0), "the content is no whole Zstandard file"),
    ],
)
@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_a_damaged_zst_file_is_refused_whole_and_the_others_are_loaded(
    landing: Landing, file_format: str, content: bytes, sentence: str
) -> None:
    path = landing.write(f"orders/a.{file_format}", content)
    path.rename(path.with_name(f"{path.name}.zst"))
    landing.write_orders(GOOD, name="orders/z.csv")
    message = landing.refused()
    assert message.startswith(f"orders/a.{file_format}.zst: ")
    assert sentence in message
    assert landing.column("select source_file from raw.orders") == ["orders/z.csv"]


def test_a_zst_file_of_several_frames_is_read_to_its_end(landing: Landing) -> None:
    parts = [f"{ORDERS_HEADER}{GOOD}\n".encode(), b"2,bob,2026-01-02,1\n"]
    path = landing.write("orders/o.csv", b"".join(pa.compress(part, "zstd", asbytes=True) for part in parts))
    path.rename(path.with_name("o.csv.zst"))
    assert landing.load_one().rows_used == 2


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.zst", "a.jsonl.gz", "a.parquet.zst"])
def test_a_bomb_is_refused_before_it_goes_off(landing: Landing, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(opening, "SMALLEST_BOMB_BYTES", 1 << 20)
    landing.write(f"orders/{name}", ORDERS_HEADER.encode() + b"0" * (40 << 20))
    landing.write_orders(GOOD, name="orders/z.csv")
    assert landing.refused() == (
        f"orders/{name}: it unpacks to more than 200 times its size, as files do that are made to fill disks. If it is "
        "sound, put it into landing unpacked."
    )
    assert landing.column("select order_id from raw.orders") == ["1"]
    assert not list(landing.data_dir.glob(".unpacked-*"))


@pytest.mark.parametrize("is_over", [True, False])
def test_what_packs_well_and_is_small_is_no_bomb(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, *, is_over: bool
) -> None:
    content = f"{ORDERS_HEADER}{GOOD}\n".encode() + b"\n" * (1 << 20)
    monkeypatch.setattr(opening, "SMALLEST_BOMB_BYTES", len(content) - is_over)
    landing.write("orders/o.csv.gz", content)
    if is_over:
        assert "200 times its size" in landing.refused()
    else:
        assert landing.load_one().rows_used == 1


@pytest.mark.parametrize(
    "name",
    ["a'; drop table raw.orders; --.csv", 'a"b.csv', "a b.csv", "ä\u202e.csv", "a\nb.csv", "a..b.csv", "-rf.csv",
     "%s{}$x*?[a].csv", "COM1.CSV", "\U0001f600.csv.gz", "a\\b.csv"],
)  # fmt: skip
def test_a_file_name_is_a_name_and_nothing_else(landing: Landing, name: str) -> None:
    landing.write_orders(GOOD, name=f"orders/{name}") if not name.endswith(".gz") else landing.write(
        f"orders/{name}", f"{ORDERS_HEADER}{GOOD}\n"
    )
    landing.load()
    assert landing.column("select source_file from raw.orders") == [f"orders/{name}"]
    assert landing.column("select file from raw.load_ledger") == [f"orders/{name}"]


def test_a_name_that_is_no_text_is_told_and_not_loaded(landing: Landing) -> None:
    path = landing.write_orders(GOOD)
    path.rename(os.fsdecode(os.fsencode(path.parent) + b"/b\xff.csv"))
    assert landing.load().warnings == ["orders/b\\udcff.csv: not loaded, its name is no UTF-8. Rename it"]


def test_a_link_to_a_file_outside_is_read_and_other_links_are_told(landing: Landing, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "o.csv").write_text(f"{ORDERS_HEADER}{GOOD}\n")
    folder = landing.settings.landing_dir / "orders"
    folder.mkdir(parents=True)
    (folder / "linked.csv").symlink_to(outside / "o.csv")
    (folder / "gone.csv").symlink_to(outside / "nothing.csv")
    (folder / "round.csv").symlink_to(folder / "round.csv")
    (landing.settings.landing_dir / "refunds").symlink_to(outside)
    os.mkfifo(folder / "pipe.csv")
    report = landing.load()
    assert [file.file for file in report.files] == ["orders/linked.csv"]
    assert report.warnings == [
        "orders/gone.csv: not loaded, it is a link that leads nowhere",
        "orders/pipe.csv: not loaded, it is no plain file",
        "orders/round.csv: not loaded, it is a link that leads nowhere",
        "refunds: not loaded, it is a link to a folder, and links are followed to files only",
    ]
    assert (outside / "o.csv").read_text() == f"{ORDERS_HEADER}{GOOD}\n"


MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(("unit", "factor"), [("seconds", 1), ("milliseconds", 1_000), ("microseconds", 1_000_000)])
@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
def test_the_unit_of_an_epoch_is_found_and_told(landing: Landing, file_format: str, unit: str, factor: int) -> None:
    number = int(MOMENT.timestamp()) * factor
    out = BytesIO()
    pq.write_table(pa.table({"order_id": ["1"], "ordered_at": [number]}), out)
    content = {
        "csv": f"order_id,ordered_at\n1,{number}\n",
        "jsonl": f'{{"order_id": "1", "ordered_at": {number}}}\n',
        "parquet": out.getvalue(),
    }
    landing.write(f"orders/o.{file_format}", content[file_format])
    assert f"epoch: ordered_at is read as {unit} since 1970" in landing.load_one().warnings
    assert landing.column("select ordered_at from raw.orders") == [MOMENT]


def test_a_column_in_two_units_refuses_the_file(landing: Landing) -> None:
    landing.write("orders/o.csv", "order_id,ordered_at\n1,1767323045\n2,1767323045000\n3,1767323045000\n")
    assert landing.refused() == (
        "orders/o.csv: ordered_at counts time in several units since 1970: 1 seconds and 2 milliseconds. "
        "Let the column have one unit."
    )


def test_an_epoch_in_a_mapped_file_is_found(landing: Landing) -> None:
    landing.write_source("till", MAPPING)
    landing.write("till/t.csv", f"{HEADER}1;a;1;1,00;1767323045;\n")
    file = landing.load_one()
    assert "epoch: orders.ordered_at is read as seconds since 1970" in file.warnings
    assert landing.column("select ordered_at from raw.orders") == [MOMENT]


@pytest.mark.parametrize("word", ["NULL", "null", "NaN", "none", " None "])
def test_a_word_for_nothing_is_no_customer(landing: Landing, word: str) -> None:
    landing.write_orders(f"1,{word},2026-01-02,1", f"2,{word},2026-01-02,1", "3,nullah,2026-01-02,1", "4,,2026-01-02,1")
    file = landing.load_one()
    assert file.rows_used == 4
    assert landing.column("select customer_id from raw.orders order by order_id") == [None, None, "nullah", None]
    assert file.warnings == ["word_for_nothing: 2 values of customer_id say null, nan or none and are read as empty"]


def test_a_word_for_nothing_leads_a_refund_to_no_order(landing: Landing) -> None:
    landing.write("refunds/r.csv", "refund_id,order_id,refunded_at,amount\n1,null,2026-01-02,1\n")
    landing.load_one()
    assert [row[1] for row in landing.quarantine()] == ["null_key"]


def test_a_missing_float_is_no_customer(landing: Landing) -> None:
    out = BytesIO()
    ids = pa.array([float("nan"), 17850.0])
    pq.write_table(pa.table({"order_id": ["1", "2"], "customer_id": ids, "ordered_at": ["2026-01-02"] * 2}), out)
    landing.write("orders/o.parquet", out.getvalue())
    file = landing.load_one()
    assert landing.column("select customer_id from raw.orders order by order_id") == [None, "17850"]
    assert file.warnings == []


@pytest.mark.parametrize(("shop", "nobody"), [("", [None, "k"]), ("shop: berlin\n", [None, "berlin:k"])])
def test_a_word_for_nothing_in_a_mapped_file_is_no_customer(landing: Landing, shop: str, nobody: list[str]) -> None:
    landing.write_source("till", MAPPING + shop)
    landing.write("till/t.csv", f"{HEADER}1;a;1;1,00;2026-01-02;NULL\n2;a;1;1,00;2026-01-02;k\n")
    file = landing.load_one()
    assert landing.column("select customer_id from raw.orders order by order_id") == nobody
    assert file.warnings == ["word_for_nothing: 1 values of Kunde Nr say null, nan or none and are read as empty"]


def test_values_that_turn_to_text_in_the_middle_are_quarantined_and_none_is_lost(landing: Landing) -> None:
    landing.write_orders(*[f"{at},c,2026-01-02,{at if at < 50 else f'n{at}'}" for at in range(100)])
    file = landing.load_one()
    assert (file.rows_used, file.rows_quarantined) == (50, 50)
    assert {row[1:3] for row in landing.quarantine()} == {("bad_number", "total_amount")}
    assert landing.column("select count(*) from raw.orders where total_amount is null") == [0]


LOAD = """
import sys
from datetime import datetime
from pathlib import Path
from dagster_project.raw.loading import load_landing
from dagster_project.settings import Settings
settings = Settings(data_dir=Path(sys.argv[1]), shop_time_zone="Europe/Berlin", settle_seconds=0)
load_landing(settings, now=datetime.fromisoformat(sys.argv[2]))
"""


def test_the_zone_of_the_process_changes_nothing(tmp_path: Path) -> None:
    times = ["2026-03-29 02:30", "2025-10-26 02:30", "2026-01-02", "2026-01-02T23:59:59.999999", "2026-06-01T10:00Z"]
    found = []
    for zone in (None, "America/New_York", "Asia/Tokyo"):
        landing = make_landing(tmp_path / str(zone).replace("/", "_"))
        landing.write_orders(*[f"{at},ann,{text},1" for at, text in enumerate(times)])
        clean = {name: value for name, value in os.environ.items() if name != "TZ"} | ({"TZ": zone} if zone else {})
        command = [sys.executable, "-c", LOAD, str(landing.data_dir), NOW.isoformat()]
        subprocess.run(command, cwd=PROJECT_DIR, env=clean, check=True, timeout=120)  # noqa: S603
        found.append(landing.fetch("select order_id, epoch_us(ordered_at), content_md5 from raw.orders order by 1"))
    assert len(found[0]) == len(times)
    assert found[0] == found[1] == found[2]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
def test_a_line_of_half_a_gigabyte_takes_little_memory(tmp_path: Path) -> None:
    landing = make_landing(tmp_path)
    with landing.write_orders(GOOD).open("ab") as file:
        file.write(b"2,")
        for _ in range(500):
            file.write(b"x" * 1_000_000)
        file.write(b",2026-01-02,1\n9,zoe,2026-01-02,1\n")
    measured = f"{LOAD}\nprint(Path('/proc/self/status').read_text())"
    command = [sys.executable, "-c", measured, str(landing.data_dir), NOW.isoformat()]
    done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, check=True, timeout=120, text=True)  # noqa: S603
    assert [row[:2] for row in landing.quarantine()] == [(3, "line_too_long")]
    assert landing.column("select order_id from raw.orders order by 1") == ["1", "9"]
    (peak,) = [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("VmHWM")]
    assert peak < 500_000
