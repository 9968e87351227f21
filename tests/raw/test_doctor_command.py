"""``segments doctor``: each thing that it looks at, sound and not, and what it says of files that nobody mapped."""

from __future__ import annotations

import hashlib
import json
import shutil
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project import doctor
from dagster_project.doctor import examine, file_system_of
from dagster_project.lock import writer_lock
from dagster_project.raw.contracts import contracts
from dagster_project.raw.guessing import CANDIDATES, normalised, words
from dagster_project.raw.loading import open_raw
from dagster_project.raw.sources import read_source
from tests.raw.landing import Landing, make_landing

if TYPE_CHECKING:
    from tests.raw.conftest import Command

GOOD = "1,ann,2026-01-02,10"


def verdicts(landing: Landing) -> dict[str, str]:
    """The worst verdict per subject."""
    worst: dict[str, str] = {}
    for finding in examine(landing.settings):
        order = ["ok", "warning", "failed"]
        worst[finding.subject] = max(worst.get(finding.subject, "ok"), finding.verdict, key=order.index)
    return worst


def sentences(landing: Landing, subject: str) -> str:
    return "\n".join(finding.sentence for finding in examine(landing.settings) if finding.subject == subject)


def publish(landing: Landing) -> Path:
    """A published generation as readers find it."""
    folder = landing.settings.published_dir / "generations" / "g1"
    (folder / "report").mkdir(parents=True)
    (folder / "customer_segments.duckdb").write_bytes(b"segments")
    (folder / "report" / "index.html").write_bytes(b"page")
    files = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.*")
    }
    about = {"as_of_date": "2026-06-30", "content_sha256": "x", "files": files}
    (folder / "publish.json").write_text(json.dumps(about))
    (landing.settings.published_dir / "current").symlink_to("generations/g1")
    return folder


def test_a_sound_installation_is_sound(landing: Landing, command: Command) -> None:
    landing.write_orders(GOOD)
    landing.load()
    publish(landing)
    assert set(verdicts(landing).values()) == {"ok"}
    code, out, _ = command("doctor")
    assert code == 0
    assert "ok     raw: the 1 rows of 1 files add up" in out
    assert "ok     published: the 2 files of generation g1 are as they were published" in out


def test_an_empty_data_folder_is_sound(landing: Landing, command: Command) -> None:
    code, out, _ = command("doctor")
    assert code == 0
    assert "raw: nothing has been loaded yet" in out
    assert not landing.settings.raw_path.exists()


def test_a_ledger_that_does_not_add_up_is_found(landing: Landing, command: Command) -> None:
    landing.write_orders(GOOD)
    landing.load()
    with open_raw(landing.settings) as raw:
        raw.execute("update raw.load_ledger set rows_used = 7")
    code, out, _ = command("doctor")
    assert code == 1
    assert "FAILED raw: orders/orders.csv: 1 rows read, but 7 used" in out


def test_quarantined_rows_are_told_and_fail_nothing(landing: Landing, command: Command) -> None:
    landing.write_orders(GOOD, "2,bob,never,1")
    landing.load()
    code, out, _ = command("doctor")
    assert code == 0
    assert "look   raw: 1 rows are quarantined: `segments quarantine list` says why" in out


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: (folder / "customer_segments.duckdb").write_bytes(b"segmentz"), "is not as it was published"),
        (lambda folder: (folder / "report" / "index.html").unlink(), "report/index.html is gone"),
        (lambda folder: (folder / "customer_segments.duckdb.wal").write_bytes(b""), "duckdb.wal lies beside it"),
        (shutil.rmtree, "current leads to no complete generation"),
        (lambda folder: (folder / "publish.json").write_text("{"), "JSONDecodeError"),
    ],
)
def test_what_is_published_is_held_against_its_manifest(
    landing: Landing, command: Command, damage: object, told: str
) -> None:
    damage(publish(landing))  # type: ignore[operator]
    code, out, _ = command("doctor")
    assert code == 1
    (line,) = [line for line in out.splitlines() if line.startswith("FAILED")]
    assert line.startswith("FAILED published: ")
    assert told in line


def test_files_that_others_may_open_are_found(landing: Landing) -> None:
    landing.load()
    assert verdicts(landing)["private files"] == "ok"
    landing.settings.raw_path.chmod(0o640)
    assert verdicts(landing)["private files"] == "failed"
    assert "(040): chmod 600" in sentences(landing, "private files")


def test_a_raw_database_that_cannot_be_opened_is_found(landing: Landing, command: Command) -> None:
    landing.data_dir.mkdir(parents=True)
    landing.settings.raw_path.write_bytes(b"no database" * 1000)
    landing.settings.raw_path.chmod(0o600)
    code, out, _ = command("doctor")
    assert code == 1
    assert "FAILED raw: " in out
    assert "cannot be opened" in out


def test_a_wrong_mapping_is_wrong_configuration(landing: Landing, command: Command) -> None:
    landing.write_source("till", "source: till\n")
    code, out, _ = command("doctor")
    assert code == 2
    assert "FAILED landing: " in out
    assert "till.yml: format: Field required" in out


def test_a_wrong_setting_is_wrong_configuration(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENTS_THREADS", "none")
    code, _, err = command("doctor")
    assert code == 2
    assert "SEGMENTS_THREADS" in err


def test_while_another_writes_the_doctor_waits(landing: Landing, command: Command) -> None:
    with writer_lock(landing.settings.lock_path, holder="a run", timeout_seconds=0):
        assert command("doctor")[0] == 75


def test_too_little_space_is_found(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    landing.load()
    assert verdicts(landing)["free space"] == "ok"
    monkeypatch.setattr(doctor, "_SMALLEST_FREE_BYTES", 1 << 60)
    assert verdicts(landing)["free space"] == "failed"


def test_more_memory_than_the_machine_has_is_told(tmp_path: Path) -> None:
    assert verdicts(make_landing(tmp_path, memory_limit="1MB"))["engine"] == "ok"
    assert verdicts(make_landing(tmp_path, memory_limit="900TB"))["engine"] == "warning"


MOUNTS = "/dev/sda1 / ext4 rw 0 0\nserver:/x /mnt/far\\040away nfs4 rw 0 0\ntmpfs /mnt/far\\040away/near tmpfs rw 0 0\n"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/data", "ext4"),
        ("/mnt/far away/data", "nfs4"),
        ("/mnt/far away/near/data", "tmpfs"),
        ("/mnt/far", "ext4"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert file_system_of(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(("kind", "verdict"), [("ext4", "ok"), ("nfs4", "failed"), ("cifs", "failed")])
def test_a_disk_of_another_machine_is_refused(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, verdict: str
) -> None:
    landing.load()
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {landing.data_dir} {kind} rw 0 0\n")
    monkeypatch.setattr(doctor, "_MOUNTS", mounts)
    assert verdicts(landing)["file system"] == verdict


TILL = (
    "Beleg;Artikel;Menge;Preis;Datum;Kunde Nr;Mail\n"
    "1;a;2;1.234,50;31.05.2026 10:00;k1;a@example.org\n"
    "1;b;1;2,50;31.05.2026 10:00;k1;a@example.org\n"
    "2;b;3;2,25;01.06.2026 09:30;;\n"
)
SALES = (
    "Order ID,Customer,Order Date,Total,Currency,Status\n"
    "1,ann,2026-05-01T10:00:00Z,10.50,EUR,paid\n2,bob,2026-05-02T10:00:00Z,20.25,EUR,paid\n"
)
CLICKS = (
    '{"eventId": "e1", "event": "page_view", "timestamp": 1767323045000, "visitor_id": "v", "props": {"a": 1}}\n'
    '{"eventId": "e2", "event": "login", "timestamp": 1767323046000, "visitor_id": "v", "user_id": "u"}\n'
)
PEOPLE = (
    "Customer No\tE-Mail\tFirst Name\tDate of Birth\nk1\ta@example.org\tAnn\t1990-02-03\nk2\tb@example.org\tBob\t\n"
)


def drafted(landing: Landing, command: Command, name: str, content: str | bytes) -> str:
    """Land a foreign file, let a mapping be drafted, load with it; gives what the command said."""
    folder, _, _ = name.partition("/")
    landing.write(name, content)
    assert landing.load().files == []
    write = landing.data_dir / "sources" / f"{folder}.yml"
    code, out, err = command("doctor", name, "--write", str(write))
    assert code == 0, err
    return out


def test_lines_of_a_till_become_orders_and_lines(landing: Landing, command: Command) -> None:
    out = drafted(landing, command, "kasse/k.csv", TILL)
    assert "The rows look like orders and order_lines." in out
    assert "It is complete" in out
    file = landing.load_one()
    assert (file.rows_used, file.tables) == (3, {"orders": 2, "order_lines": 3})
    assert landing.fetch(
        "select order_id, customer_id, email, epoch(ordered_at)::bigint from raw.orders order by 1"
    ) == [
        ("1", "k1", "a@example.org", 1780221600),
        ("2", None, None, 1780306200),
    ]
    lines = "select order_id, product_id, quantity::int, unit_price::varchar from raw.order_lines order by all"
    assert landing.fetch(lines) == [
        ("1", "a", 2, "1234.5000"),
        ("1", "b", 1, "2.5000"),
        ("2", "b", 3, "2.2500"),
    ]


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_a_list_of_sales_becomes_orders(landing: Landing, command: Command, suffix: str) -> None:
    drafted(landing, command, f"sales/s.csv{suffix}", SALES)
    landing.load()
    assert landing.fetch("select order_id, customer_id, total_amount::varchar, currency, status from raw.orders") == [
        ("1", "ann", "10.5000", "EUR", "paid"),
        ("2", "bob", "20.2500", "EUR", "paid"),
    ]


def test_a_parquet_file_is_drafted_too(landing: Landing, command: Command) -> None:
    out = BytesIO()
    pq.write_table(pa.Table.from_pandas(pd.DataFrame({"invoice": ["1"], "date": ["2026-05-01"], "amount": [1.5]})), out)
    drafted(landing, command, "sales/s.parquet", out.getvalue())
    landing.load()
    assert landing.fetch("select order_id, total_amount::varchar from raw.orders") == [("1", "1.5000")]


def test_clicks_become_events(landing: Landing, command: Command) -> None:
    out = drafted(landing, command, "clicks/c.jsonl", CLICKS)
    assert "The rows look like events." in out
    landing.load()
    query = (
        "select event_id, event_type, anonymous_id, customer_id, epoch(occurred_at)::bigint from raw.events order by 1"
    )
    assert landing.fetch(query) == [
        ("e1", "page_view", "v", None, 1767323045),
        ("e2", "login", "v", "u", 1767323046),
    ]


def test_the_array_of_an_api_is_drafted_too(landing: Landing, command: Command) -> None:
    orders = [{"id": at, "order": f"o{at}", "created_at": "2026-05-01T10:00:00Z", "total": "9.50"} for at in range(3)]
    drafted(landing, command, "shop/page.json", json.dumps(orders, indent=1))
    assert landing.load_one().tables == {"orders": 3}
    assert landing.column("select sum(total_amount)::varchar from raw.orders") == ["28.5000"]


def test_people_become_customers(landing: Landing, command: Command) -> None:
    drafted(landing, command, "people/p.csv", PEOPLE.encode("utf-16"))
    assert read_source(landing.data_dir / "sources" / "people.yml").encoding == "utf-16"
    landing.load()
    assert landing.fetch(
        "select customer_id, email, first_name, birth_date::varchar from raw.customers order by 1"
    ) == [
        ("k1", "a@example.org", "Ann", "1990-02-03"),
        ("k2", "b@example.org", "Bob", None),
    ]


def test_what_no_column_looks_like_is_said_and_refused_until_it_is_there(landing: Landing, command: Command) -> None:
    out = drafted(landing, command, "sales/s.csv", SALES.replace("Order ID", "Zeichen"))
    assert "Say there which column is orders.order_id; until then a run refuses the mapping." in out
    path = landing.data_dir / "sources" / "sales.yml"
    assert "# order_id: required, and no column looks like it." in path.read_text()
    code, told, _ = command("doctor")
    assert code == 2
    assert "tables.orders.columns.order_id: is missing" in told
    path.write_text(path.read_text().replace("      # order_id: required", "      order_id: Zeichen  #"))
    assert landing.load_one().rows_used == 2


def test_without_write_nothing_is_written_and_terminals_are_not_steered(landing: Landing, command: Command) -> None:
    path = landing.write("sales/s.csv", SALES.replace("bob", "b\x1b[31mob"))
    code, out, _ = command("doctor", str(path))
    assert code == 0
    assert "orders.order_id" in out
    assert "\x1b" not in out
    assert "--write" in out
    assert not (landing.data_dir / "sources").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--write", "x.yml"), "--write needs the file to map"),
        (("nothing.csv",), "nothing.csv is no file, neither here nor in"),
        (("sales/s.csv", "--write", "orders.yml"), "orders is a landing table"),
        (("sales/s.csv", "--write", "online_retail.yml"), "there is a source online_retail already"),
        (("sales/s.csv", "--write", "My Till.yml"), "the name must be <source>.yml"),
    ],
)
def test_wrong_usage_is_told(landing: Landing, command: Command, arguments: tuple[str, ...], sentence: str) -> None:
    landing.write("sales/s.csv", SALES)
    code, _, err = command("doctor", *arguments)
    assert code == 2
    assert sentence in err


def test_a_mapping_is_never_written_over(landing: Landing, command: Command, tmp_path: Path) -> None:
    landing.write("sales/s.csv", SALES)
    other = tmp_path / "sales.yml"
    other.write_text("mine")
    assert command("doctor", "sales/s.csv", "--write", str(other))[0] == 2
    assert other.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "content"), [("s.csv", ""), ("s.parquet", "x"), ("s.csv", "a,b\n"), ("s.jsonl", "[]\n")]
)
def test_a_file_without_rows_is_a_sentence(landing: Landing, command: Command, name: str, content: str) -> None:
    landing.write(f"sales/{name}", content)
    code, _, err = command("doctor", f"sales/{name}")
    assert code == 1
    assert name in err


def test_every_known_word_belongs_to_a_landing_column() -> None:
    columns = {column.name for table in CANDIDATES for column in contracts()[table].columns}
    assert set(words()) <= columns
    assert all(normalised(name) == name for names in words().values() for name in names)
    assert normalised("InvoiceNo") == normalised("Invoice No.") == "invoice_no"
