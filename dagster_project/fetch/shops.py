"""Which shops can be asked and what one must give. The extra [api] is imported when one is opened, not before."""

from __future__ import annotations

import os
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from dagster_project.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from dagster_project.fetch.versions import Page
    from dagster_project.settings import Settings


class ShopKind(StrEnum):
    """Shops whose API is known."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"


class Shop(Protocol):
    """What serves rows: the mapping that reads them, what there is, the shop's address, and the pages."""

    source: str
    streams: tuple[str, ...]
    shop: str

    def pages(self, stream: str, since: datetime | None) -> Iterator[Page]:
        """Rows of a stream changed at or after a moment, or all."""


def open_shop(kind: ShopKind, settings: Settings, log: Callable[[str], None]) -> Shop:
    """The shop, ready to be asked.

    Raises:
        UsageError: the extra or a setting is missing.
    """
    if find_spec("dlt") is None:
        raise UsageError("`segments fetch` needs the extra [api], and dlt is not installed: run `make install-api`.")
    # Read by dlt while it is imported.
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DO_NOT_TRACK": "1"}
    if kind is ShopKind.SHOPIFY:
        from dagster_project.fetch.shopify import Shopify  # noqa: PLC0415 (an extra)

        return Shopify(settings, log)
    from dagster_project.fetch.woocommerce import WooCommerce  # noqa: PLC0415 (an extra)

    return WooCommerce(settings, log)
