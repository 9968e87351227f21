"""A WooCommerce shop: its orders, and its REST API as far as it is asked."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

from tests.fetch.http_shop import Answer, Asked, HttpShop

KEY = "ck_4f1e5key"
SECRET = "cs_9b2asecret"  # noqa: S105 (of a shop that is not there)


def order(number: int, modified: str = "2026-03-01T10:00:00", **values: Any) -> dict[str, Any]:
    """An order as the API writes it, with fewer keys."""
    return {
        "id": number,
        "number": str(number),
        "status": "completed",
        "currency": "EUR",
        "date_created_gmt": "2026-02-28T09:00:00",
        "date_modified_gmt": modified,
        "discount_total": "0.00",
        "shipping_total": "4.90",
        "total": "24.90",
        "total_tax": "0.00",
        "customer_id": 7,
        "billing": {"email": "anna@example.com", "city": "Zürich"},
        "line_items": [{"id": number * 10, "product_id": 55, "quantity": 2, "subtotal": "20.00", "total": "20.00"}],
        "refunds": [],
    } | values


class WooShop:
    """Orders in a list, served by page; ``page_size`` is what the shop allows at most."""

    def __init__(self, orders: list[dict[str, Any]], page_size: int = 2) -> None:
        self.orders = orders
        self.page_size = page_size
        self.key = KEY
        self.refunds: dict[int, list[dict[str, Any]]] = {}
        self.has_link = True
        self.has_totals = True
        self.http = HttpShop(self.answer)

    def change(self, number: int, **values: Any) -> None:
        self.orders = [one | values if one["id"] == number else one for one in self.orders]

    def remove(self, number: int) -> None:
        self.orders = [one for one in self.orders if one["id"] != number]

    def give_back(self, number: int, refund: int, amount: str, on: str) -> None:
        """A refund, as the order names it and as it is told where refunds are asked for."""
        (one,) = (one for one in self.orders if one["id"] == number)
        self.change(number, refunds=[*one["refunds"], {"id": refund, "reason": "", "total": f"-{amount}"}])
        told = {"id": refund, "date_created_gmt": on, "amount": amount, "reason": "", "line_items": []}
        self.refunds.setdefault(number, []).append(told)

    def answer(self, asked: Asked) -> Answer:
        right = b64encode(f"{self.key}:{SECRET}".encode()).decode()
        if asked.headers.get("Authorization") != f"Basic {right}":
            return Answer(401, body=b'{"code":"woocommerce_rest_cannot_view"}')
        if found := re.fullmatch(r"/wp-json/wc/v3/orders/(\d+)/refunds", asked.path):
            return Answer.of(self.refunds.get(int(found[1]), []))
        if asked.path != "/wp-json/wc/v3/orders":
            return Answer(404, body=b'{"code":"rest_no_route"}')
        after = asked.query.get("modified_after", "")
        assert not after or asked.query["dates_are_gmt"] == "true"
        found = sorted((one for one in self.orders if one["date_modified_gmt"] > after), key=lambda one: one["id"])
        page, size = int(asked.query["page"]), min(int(asked.query["per_page"]), self.page_size)
        pages = -(-len(found) // size)
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)} if self.has_totals else {}
        if self.has_link and page < pages:
            headers["Link"] = f'<http://inside.example{asked.path}?page={page + 1}>; rel="next"'
        return Answer.of(found[(page - 1) * size : page * size], **headers)
