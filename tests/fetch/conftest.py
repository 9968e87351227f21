"""Both kinds of shop behind one face, so that each promise is tested on both."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.fetch.fetching import Fetched, fetch
from dagster_project.fetch.shops import ShopKind, open_shop
from dagster_project.settings import Settings
from tests.fetch import shopify_shop, woo_shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fetch.http_shop import HttpShop

LACKING = None if find_spec("dlt") else "the extra [api] is not installed: make install-api"
MAPPING = """
source: test_shop
description: Orders of a shop that is served for tests.
format: jsonl
columns: {id: true}
tables:
  products:
    columns: {product_id: id}
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the extra; without it it is skipped, in CI it fails."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.api)
            if LACKING and os.environ.get("CI") != "true":
                item.add_marker(pytest.mark.skip(reason=LACKING))


@pytest.fixture(scope="session", autouse=True)
def _extra_is_here() -> None:
    if LACKING:
        pytest.fail(LACKING)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("DO_NOT_TRACK", "1")


@dataclass
class Bench:
    """A shop, the data folder it is fetched into, and what was said meanwhile."""

    kind: ShopKind
    shop: Any
    data_dir: Path
    said: list[str] = field(default_factory=list)

    @property
    def http(self) -> HttpShop:
        return self.shop.http  # type: ignore[no-any-return]

    @property
    def settings(self) -> Settings:
        return Settings(
            data_dir=self.data_dir,
            shopify_url=self.http.url,
            shopify_token=shopify_shop.TOKEN,
            woocommerce_url=self.http.url,
            woocommerce_key=woo_shop.KEY,
            woocommerce_secret=woo_shop.SECRET,
            fetch_tries=4,
            fetch_longest_wait_seconds=0.01,
        )

    @property
    def folder(self) -> Path:
        return self.data_dir / "landing" / "test_shop"

    @property
    def state_path(self) -> Path:
        return self.data_dir / "fetch" / "test_shop.json"

    def fetch(self, **options: Any) -> Fetched:
        settings = options.pop("settings", self.settings)
        shop = open_shop(self.kind, settings, self.said.append)
        shop.streams = options.pop("streams", ("orders",))
        return fetch(shop, settings, into="test_shop", log=self.said.append, **options)

    def files(self) -> list[str]:
        """All names in the folder, hidden ones too."""
        return sorted(path.name for path in self.folder.iterdir())

    def orders(self, name: str | None = None) -> list[tuple[str, str]]:
        """Number and last change of the orders in a file, or in all of them, in loading order."""
        paths = [self.folder / name] if name else sorted(self.folder.glob("*.jsonl"))
        rows = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
        return [
            (str(row["id"]).split("/")[-1], str(row.get("updatedAt") or row.get("date_modified_gmt"))[:16])
            for row in rows
            if "__parentId" not in row
        ]

    def add(self, number: int, minute: str = "2026-03-01T10:00") -> None:
        self.shop.orders = [*self.shop.orders, order(self.kind, number, minute)]

    def change(self, number: int, minute: str) -> None:
        name = "updatedAt" if self.kind is ShopKind.SHOPIFY else "date_modified_gmt"
        self.shop.change(number, **{name: order(self.kind, number, minute)[name]})


def order(kind: ShopKind, number: int, minute: str = "2026-03-01T10:00") -> dict[str, Any]:
    if kind is ShopKind.SHOPIFY:
        return shopify_shop.order(number, f"{minute}:00Z")
    return woo_shop.order(number, f"{minute}:00")


@pytest.fixture(params=list(ShopKind))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Five orders on three pages."""
    kind: ShopKind = request.param
    orders = [order(kind, number, f"2026-03-01T10:0{number}") for number in range(1, 6)]
    shop = shopify_shop.ShopifyShop(orders) if kind is ShopKind.SHOPIFY else woo_shop.WooShop(orders)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "test_shop.yml").write_text(MAPPING)
    with shop.http:
        yield Bench(kind, shop, tmp_path)
