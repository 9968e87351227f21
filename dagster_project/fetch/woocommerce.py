"""Orders of a WooCommerce shop, by its REST API: one order per line, as it was served, with the dates of its refunds.

What the lines mean stands in the source mapping ``woocommerce_rest``.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
from dlt.sources.helpers.rest_client.paginators import BasePaginator

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.fetch.client import ShopClient, rows_of, served_at
from dagster_project.fetch.versions import Page, Row, instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from dagster_project.settings import Settings

API = "/wp-json/wc/v3"
ROWS_OF_A_PAGE = 100
TIMES_TO_BEGIN = 5


class WooCommerce:
    """One shop."""

    source = "woocommerce_rest"
    streams: tuple[str, ...] = ("orders",)

    def __init__(self, settings: Settings, log: Callable[[str], None]) -> None:
        """Prepare to ask.

        Raises:
            UsageError: a setting is missing.
        """
        url, key, secret = settings.woocommerce_url, settings.woocommerce_key, settings.woocommerce_secret
        if url is None or key is None or secret is None:
            raise UsageError(
                "Set SEGMENTS_WOOCOMMERCE_URL (https://<shop>), SEGMENTS_WOOCOMMERCE_KEY (ck_...) and "
                "SEGMENTS_WOOCOMMERCE_SECRET (cs_...; a REST API key that may read) to fetch from WooCommerce."
            )
        self.shop = url
        self._log = log
        self._client = ShopClient(
            url + API,
            HttpBasicAuth(key.get_secret_value(), secret.get_secret_value()),
            secrets={"SEGMENTS_WOOCOMMERCE_KEY": key, "SEGMENTS_WOOCOMMERCE_SECRET": secret},
            settings=settings,
            judge=self._judge,
            log=log,
        )

    def pages(self, stream: str, since: datetime | None) -> Iterator[Page]:
        """Orders changed at or after ``since``, by id.

        What is placed or changed meanwhile comes later or stays where it is; only a removed order moves rows to a page
        that was read already.

        Raises:
            SegmentsError: orders are removed faster than they can be read.
        """
        for _ in range(TIMES_TO_BEGIN):
            total = 0
            for page, now in self._numbered(stream, since):
                if now is not None and now < total:
                    self._log("orders were removed meanwhile, so pages have moved: reading them again")
                    break
                total = now or 0
                yield page
            else:
                return
        raise SegmentsError(f"{self.shop} loses orders while they are read, {TIMES_TO_BEGIN} times: fetch again later.")

    def _numbered(self, stream: str, since: datetime | None) -> Iterator[tuple[Page, int | None]]:
        """Pages, each with how many orders the shop says there are."""
        params = {"per_page": ROWS_OF_A_PAGE, "orderby": "id", "order": "asc", "status": "any", "page": 1}
        if since:  # the shop counts in seconds and leaves out the one that is named
            moment = since.astimezone(UTC).replace(microsecond=0) - timedelta(seconds=1)
            params |= {"modified_after": f"{moment:%Y-%m-%dT%H:%M:%S}", "dates_are_gmt": "true"}
        for page in self._client.pages(stream, params=params, selector="$", paginator=Numbered()):
            rows = tuple(
                Row(str(order.get("id")), instant(order.get("date_modified_gmt")), (self._with_dates(order),))
                for order in rows_of(page, self.shop)
            )
            yield Page(rows, served_at(page.response)), _header(page.response, "X-WP-Total")

    def _with_dates(self, order: dict[str, Any]) -> dict[str, Any]:
        """The order with the date of each refund, which the API tells only where refunds are asked for."""
        if not order.get("refunds"):
            return order
        told = self._client.ask(f"orders/{order['id']}/refunds", params={"per_page": ROWS_OF_A_PAGE})
        dates = {refund["id"]: {"date_created_gmt": refund["date_created_gmt"]} for refund in rows_of(told, self.shop)}
        return order | {"refunds": [refund | dates.get(refund["id"], {}) for refund in order["refunds"]]}

    def _judge(self, body: Any) -> None:
        if not isinstance(body, list):
            raise SegmentsError(f"{self.shop}{API} answers with JSON that is no list: is this the address of the shop?")


class Numbered(BasePaginator):  # type: ignore[misc]
    """Page after page while the ``Link`` header or the number of pages says that there is one.

    The address that the header names is not followed: behind a proxy it is often not the one we may ask.
    """

    def update_state(self, response: Any, data: list[Any] | None = None) -> None:
        """See whether a page follows."""
        self._page = _page_of(response.request.url)
        last = _header(response, "X-WP-TotalPages")
        is_silent = last is None and not response.links
        is_full = len(data or []) >= ROWS_OF_A_PAGE
        self._has_next_page = "next" in response.links or self._page < (last or 0) or (is_silent and is_full)

    def update_request(self, request: Any) -> None:
        """Ask for it."""
        request.params["page"] = self._page + 1


def _header(response: Any, name: str) -> int | None:
    text = response.headers.get(name, "").strip()
    return int(text) if text.isdecimal() else None


def _page_of(url: str) -> int:
    return int(parse_qs(urlsplit(url).query)["page"][0])
