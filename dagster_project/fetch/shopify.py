"""Orders and customers of a Shopify shop, by its Admin API (GraphQL), as the lines of a bulk export.

Children are lines of their own and name their parent. What is asked stands in ``shopify.graphql``; what the lines mean
stands in the source mapping ``shopify_bulk``.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from dagster_project.errors import SegmentsError, UsageError
from dagster_project.fetch.client import NOTHING_LANDED, ShopClient, rows_of, served_at
from dagster_project.fetch.versions import Page, Row, instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from dagster_project.settings import Settings

QUERIES = Path(__file__).with_suffix(".graphql")
FURTHER = {"lineItems": "MoreLineItems", "refundLineItems": "MoreRefundLineItems"}


class Shopify:
    """One shop."""

    source = "shopify_bulk"
    streams: tuple[str, ...] = ("orders", "customers")

    def __init__(self, settings: Settings, log: Callable[[str], None]) -> None:
        """Prepare to ask.

        Raises:
            UsageError: a setting is missing.
        """
        url, token = settings.shopify_url, settings.shopify_token
        if url is None or token is None:
            raise UsageError(
                "Set SEGMENTS_SHOPIFY_URL (https://<shop>.myshopify.com) and SEGMENTS_SHOPIFY_TOKEN (an Admin API "
                "access token with the scopes read_orders and read_customers) to fetch from Shopify."
            )
        self.shop = url
        self._queries = QUERIES.read_text(encoding="utf-8")
        self._client = ShopClient(
            f"{url}/admin/api/{settings.shopify_api_version}",
            APIKeyAuth(name="X-Shopify-Access-Token", api_key=token.get_secret_value(), location="header"),
            secrets={"SEGMENTS_SHOPIFY_TOKEN": token},
            settings=settings,
            judge=self._judge,
            log=log,
        )

    def pages(self, stream: str, since: datetime | None) -> Iterator[Page]:
        """Rows changed at or after ``since``, the earliest change first: what changes meanwhile moves to the end."""
        changed = f"updated_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'" if since else None
        pages = self._client.pages(
            "graphql.json",
            method="POST",
            json=self._question(stream.title(), after=None, changed=changed),
            selector=f"data.{stream}.nodes",
            paginator=JSONResponseCursorPaginator(
                cursor_path=f"data.{stream}.pageInfo.endCursor",
                cursor_body_path="variables.after",
                has_more_path=f"data.{stream}.pageInfo.hasNextPage",
            ),
        )
        for page in pages:
            rows = tuple(
                Row(str(node.get("id")), instant(node.get("updatedAt")), tuple(self._lines(_as_exported(node))))
                for node in rows_of(page, self.shop)
            )
            yield Page(rows, served_at(page.response))

    def _question(self, operation: str, **variables: Any) -> dict[str, Any]:
        return {"query": self._queries, "operationName": operation, "variables": variables}

    def _lines(self, node: dict[str, Any], parent: str | None = None) -> Iterator[dict[str, Any]]:
        nested = {key: value for key, value in node.items() if _is_connection(value)}
        own = {key: value for key, value in node.items() if key not in nested}
        yield own if parent is None else own | {"__parentId": parent}
        for key, connection in nested.items():
            for child in self._all(node["id"], key, connection):
                yield from self._lines(child, node["id"])

    def _all(self, parent: str, name: str, connection: dict[str, Any]) -> Iterator[dict[str, Any]]:
        cursors: set[str] = set()
        while True:
            yield from connection["nodes"]
            end = connection["pageInfo"]
            if not end["hasNextPage"]:
                return
            if end["endCursor"] in cursors:
                raise SegmentsError(f"{self.shop} serves the same {name} of {parent} again and again.")
            cursors.add(end["endCursor"])
            question = self._question(FURTHER[name], id=parent, after=end["endCursor"])
            connection = self._client.ask("graphql.json", method="POST", json=question)["data"]["node"][name]

    def _judge(self, body: Any) -> tuple[str, float] | None:
        """Faults stand in an answer 200: throttling, refused fields, half an answer."""
        if not isinstance(body, dict):
            raise SegmentsError(
                f"{self.shop} answers with JSON that is no GraphQL answer: is this the address of a shop?"
            )
        errors = [error for error in body.get("errors") or [] if isinstance(error, dict)]
        if any((error.get("extensions") or {}).get("code") == "THROTTLED" for error in errors):
            return "the shop is busy", _seconds_to_wait(body)
        if body.get("errors"):
            said = "; ".join(str(error.get("message")) for error in errors) or str(body["errors"])
            raise SegmentsError(f"{self.shop} refuses the question: {said[:500]}. {NOTHING_LANDED}")
        fault = _gap(body.get("data"))
        return (fault, 0) if fault else None


def _as_exported(node: dict[str, Any]) -> dict[str, Any]:
    """The node with what the API writes otherwise than the mapping reads it.

    A refund that names line items becomes a line with lines of its own, which say the product value that went back. One
    that names none stays in the list of its order, which says the whole amount.
    """
    if "refunds" in node:
        apart = [refund for refund in node["refunds"] if refund["refundLineItems"]["nodes"]]
        plain = [{key: refund[key] for key in refund if key != "refundLineItems"} for refund in node["refunds"]]
        named = {refund["id"] for refund in apart}
        return node | {
            "refunds": [refund for refund in plain if refund["id"] not in named],
            "refundsWithLines": {"nodes": apart, "pageInfo": {"hasNextPage": False}},
        }
    return node | {"phone": (node.get("defaultPhoneNumber") or {}).get("phoneNumber")}


def _is_connection(value: object) -> bool:
    return isinstance(value, dict) and "nodes" in value and "pageInfo" in value


def _gap(data: Any) -> str | None:
    """What is missing where a connection is due: without it dlt would take the page for the last one."""
    found = next(iter(data.values()), None) if isinstance(data, dict) else None
    if not isinstance(found, dict):
        return "the answer is empty"
    for connection in [found] if {"orders", "customers"} & data.keys() else found.values():
        end = connection.get("pageInfo") if isinstance(connection, dict) else None
        if not isinstance(end, dict) or not isinstance(connection.get("nodes"), list):
            return "the answer lacks rows or its end"
        if not isinstance(end.get("hasNextPage"), bool) or (end["hasNextPage"] and not end.get("endCursor")):
            return "there is a next page without a cursor"
    return None


def _seconds_to_wait(body: dict[str, Any]) -> float:
    """Until the shop's bucket holds what the question costs."""
    try:
        cost = body["extensions"]["cost"]
        status = cost["throttleStatus"]
        lacking = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        return max(1.0, lacking / float(status["restoreRate"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return 1.0
