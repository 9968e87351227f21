"""What a fetch needs, said before a shop is asked; none of it needs the extra."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dagster_project.errors import UsageError
from dagster_project.fetch import shops
from dagster_project.fetch.files import number_of
from dagster_project.fetch.state import FetchState, StreamState, read_state, write_state
from dagster_project.fetch.versions import OVERLAP, Row, Versions, instant
from dagster_project.inputs import inputs_sha256
from dagster_project.raw.database import open_raw
from dagster_project.settings import Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", list(shops.ShopKind))
def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: shops.ShopKind) -> None:
    monkeypatch.setattr(shops, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"dlt is not installed: run `make install-api`"):
        shops.open_shop(kind, Settings(data_dir=tmp_path), print)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("tea.myshopify.com", "https://tea.myshopify.com"),
        ("https://shop.example/de/", "https://shop.example/de"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_an_address_of_a_shop(tmp_path: Path, given: str, kept: str) -> None:
    assert Settings(data_dir=tmp_path, shopify_url=given).shopify_url == kept


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example",
        "https://",
        "ftp://shop.example",
        "https://anna:s3cret@shop.example",
        "shop.example?k=s3cret",
    ],
)
def test_a_wrong_address_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("SEGMENTS_WOOCOMMERCE_URL", address)
    with pytest.raises(UsageError, match=r"SEGMENTS_WOOCOMMERCE_URL: is not the https address") as caught:
        load_settings()
    assert "s3cret" not in str(caught.value)


def test_whom_we_fetch_from_makes_nothing_to_build(tmp_path: Path) -> None:
    plain = Settings(data_dir=tmp_path, pii_key="a key for tests")
    fetching = {name for name in Settings.model_fields if name.split("_")[0] in {"shopify", "woocommerce", "fetch"}}
    shop = plain.model_copy(update=dict.fromkeys(fetching, "other"))
    with open_raw(plain) as raw:
        hashes = {inputs_sha256(raw, settings, NOON.date(), []) for settings in (plain, shop)}
    assert len(fetching) == 8
    assert len(hashes) == 1


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    assert read_state(path, "https://a.example") == FetchState(shop="https://a.example")
    state = FetchState(
        shop="https://a.example",
        last_file=3,
        streams={"orders": StreamState(changed_until=NOON, recent={"1": "f0"})},
        pending=("000003-orders.jsonl",),
    )
    write_state(path, state)
    assert read_state(path, "https://a.example") == state
    assert [each.name for each in tmp_path.iterdir()] == ["shop.json"]


@pytest.mark.parametrize("text", ["", "{}", '{"shop": "https://a.example", "last": 1}'])
def test_a_damaged_state_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "shop.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"shop\.json is damaged: remove it"):
        read_state(path, "https://a.example")


@pytest.mark.parametrize(
    ("name", "number"),
    [("000012-orders.jsonl", 12), ("1000000-orders.jsonl.gz", 1_000_000), ("12-orders.jsonl", 0), ("export.jsonl", 0)],
)
def test_the_number_of_a_file(name: str, number: int) -> None:
    assert number_of(name) == number


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01T12:00:00", NOON),
        ("2026-03-01T14:00:00+02:00", NOON),
        ("yesterday", None),
        (None, None),
        (1772366400, None),
    ],
)
def test_a_moment(text: object, moment: datetime | None) -> None:
    assert instant(text) == moment


def _row(key: str, changed_at: datetime | None, total: str = "1") -> Row:
    return Row(key, changed_at, ({"id": key, "total": total},))


def test_versions_of_a_row_go_to_files_of_their_own() -> None:
    versions = Versions({})
    rows = [_row("a", NOON), _row("a", NOON), _row("a", NOON, "2"), _row("b", NOON), _row("a", NOON, "3")]
    assert [versions.part_of(row) for row in rows] == [1, None, 2, 1, 3]


def test_what_the_last_fetch_has_seen_at_its_end_is_known() -> None:
    first = Versions({})
    first.part_of(_row("old", NOON - OVERLAP - timedelta(seconds=1)))
    first.part_of(_row("recent", NOON - OVERLAP))
    first.part_of(_row("newest", NOON))
    state = first.state_after(StreamState(), NOON)
    assert state.changed_until == NOON - OVERLAP
    assert set(state.recent) == {"recent", "newest"}
    second = Versions(state.recent)
    rows = [_row("recent", NOON - OVERLAP), _row("newest", NOON, "2")]
    assert [second.part_of(row) for row in rows] == [None, 1]


def test_the_end_is_no_later_than_the_beginning_of_the_fetch_and_never_moves_back() -> None:
    versions = Versions({})
    versions.part_of(_row("a", NOON + timedelta(hours=1)))
    state = versions.state_after(StreamState(), NOON)
    assert state.changed_until == NOON - OVERLAP
    late = StreamState(changed_until=NOON)
    assert versions.state_after(late, NOON).changed_until == NOON
    assert Versions({}).state_after(late, NOON) == late
