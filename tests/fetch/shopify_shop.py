"""A Shopify shop: an Admin API that a GraphQL engine executes, so that it serves what is asked and refuses what is not.

The schema holds the documented types and fields that a question about orders may touch.
"""

from __future__ import annotations

import re
from typing import Any

from graphql import build_schema, graphql_sync

from tests.fetch.http_shop import Answer, Asked, HttpShop

TOKEN = "shpat_3c0ffee"  # noqa: S105 (of a shop that is not there)
SCHEMA = """
scalar DateTime
scalar Decimal
enum CurrencyCode { EUR USD }
enum OrderSortKeys { ID CREATED_AT UPDATED_AT PROCESSED_AT }
enum CustomerSortKeys { ID CREATED_AT NAME LOCATION RELEVANCE UPDATED_AT }
enum OrderDisplayFinancialStatus { PENDING AUTHORIZED PAID PARTIALLY_REFUNDED REFUNDED VOIDED }
enum OrderDisplayFulfillmentStatus { UNFULFILLED FULFILLED PARTIALLY_FULFILLED }
enum RefundLineItemRestockType { CANCEL LEGACY_RESTOCK NO_RESTOCK RETURN }
enum CountryCode { DE FR }
interface Node { id: ID! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type Product implements Node { id: ID! title: String! }
type ProductVariant implements Node { id: ID! sku: String compareAtPrice: Decimal }
type MailingAddress implements Node {
  id: ID! company: String city: String provinceCode: String zip: String countryCodeV2: CountryCode
}
type CustomerEmailAddress { emailAddress: String! }
type CustomerPhoneNumber { phoneNumber: String! }
type Customer implements Node {
  id: ID! firstName: String lastName: String createdAt: DateTime! updatedAt: DateTime!
  defaultEmailAddress: CustomerEmailAddress defaultPhoneNumber: CustomerPhoneNumber defaultAddress: MailingAddress
}
type CustomerConnection { nodes: [Customer!]! pageInfo: PageInfo! }
type LineItem implements Node {
  id: ID! name: String! title: String! sku: String quantity: Int! currentQuantity: Int! isGiftCard: Boolean!
  product: Product variant: ProductVariant originalUnitPriceSet: MoneyBag! discountedUnitPriceSet: MoneyBag!
  totalDiscountSet: MoneyBag! originalTotalSet: MoneyBag! discountedTotalSet: MoneyBag!
}
type LineItemConnection { nodes: [LineItem!]! pageInfo: PageInfo! }
type RefundLineItem {
  id: ID quantity: Int! restockType: RefundLineItemRestockType! restocked: Boolean!
  subtotalSet: MoneyBag! totalTaxSet: MoneyBag! priceSet: MoneyBag! lineItem: LineItem!
}
type RefundLineItemConnection { nodes: [RefundLineItem!]! pageInfo: PageInfo! }
type Refund implements Node {
  id: ID! createdAt: DateTime note: String totalRefundedSet: MoneyBag!
  refundLineItems(first: Int, after: String): RefundLineItemConnection!
}
type Order implements Node {
  id: ID! name: String! email: String phone: String createdAt: DateTime! processedAt: DateTime! updatedAt: DateTime!
  cancelledAt: DateTime test: Boolean! currencyCode: CurrencyCode! sourceName: String
  displayFinancialStatus: OrderDisplayFinancialStatus displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  discountCode: String discountCodes: [String!]! paymentGatewayNames: [String!]!
  tags: [String!]! customer: Customer shippingAddress: MailingAddress
  subtotalPriceSet: MoneyBag totalDiscountsSet: MoneyBag totalShippingPriceSet: MoneyBag! totalTaxSet: MoneyBag
  totalPriceSet: MoneyBag! totalRefundedSet: MoneyBag! currentSubtotalPriceSet: MoneyBag!
  lineItems(first: Int, after: String): LineItemConnection! refunds(first: Int): [Refund!]!
}
type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! }
type Query {
  orders(first: Int, after: String, query: String, sortKey: OrderSortKeys, reverse: Boolean): OrderConnection!
  customers(
    first: Int, after: String, query: String, sortKey: CustomerSortKeys, reverse: Boolean
  ): CustomerConnection!
  node(id: ID!): Node
}
"""


def money(amount: str) -> dict[str, Any]:
    return {name: {"amount": amount, "currencyCode": "EUR"} for name in ("shopMoney", "presentmentMoney")}


def line(number: int, quantity: int = 1, price: str = "10.0") -> dict[str, Any]:
    return {
        "__typename": "LineItem",
        "id": f"gid://shopify/LineItem/{number}",
        "name": f"Tea {number}",
        "title": "Tea",
        "sku": f"T-{number}",
        "quantity": quantity,
        "currentQuantity": quantity,
        "isGiftCard": False,
        "product": {"__typename": "Product", "id": "gid://shopify/Product/5", "title": "Tea"},
        "variant": {"__typename": "ProductVariant", "id": f"gid://shopify/ProductVariant/{number}"},
        "originalUnitPriceSet": money(price),
        "discountedUnitPriceSet": money(price),
        "totalDiscountSet": money("0.0"),
    }


def refund(number: int, *lines: dict[str, Any]) -> dict[str, Any]:
    return {
        "__typename": "Refund",
        "id": f"gid://shopify/Refund/{number}",
        "createdAt": "2026-03-05T08:00:00Z",
        "totalRefundedSet": money("10.0"),
        "refundLineItems": [
            {
                "__typename": "RefundLineItem",
                "id": f"gid://shopify/RefundLineItem/{number}{at}",
                "quantity": 1,
                "restockType": "RETURN",
                "subtotalSet": money("10.0"),
                "totalTaxSet": money("0.0"),
                "lineItem": one,
            }
            for at, one in enumerate(lines)
        ],
    }


def order(number: int, updated: str = "2026-03-01T10:00:00Z", **values: Any) -> dict[str, Any]:
    return {
        "__typename": "Order",
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "email": "anna@example.com",
        "phone": None,
        "createdAt": "2026-02-28T09:00:00Z",
        "processedAt": "2026-02-28T09:00:00Z",
        "updatedAt": updated,
        "cancelledAt": None,
        "test": False,
        "currencyCode": "EUR",
        "sourceName": "web",
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "FULFILLED",
        "discountCode": None,
        "discountCodes": [],
        "tags": [],
        "paymentGatewayNames": ["shopify_payments"],
        "customer": {"__typename": "Customer", "id": "gid://shopify/Customer/7"},
        "shippingAddress": {"__typename": "MailingAddress", "city": "Köln", "countryCodeV2": "DE"},
        "subtotalPriceSet": money("20.0"),
        "currentSubtotalPriceSet": money("20.0"),
        "totalDiscountsSet": money("0.0"),
        "totalShippingPriceSet": money("4.9"),
        "totalTaxSet": money("0.0"),
        "totalPriceSet": money("24.9"),
        "totalRefundedSet": money("0.0"),
        "lineItems": [line(number * 10), line(number * 10 + 1)],
        "refunds": [],
    } | values


def customer(number: int, updated: str = "2026-02-28T09:00:00Z", **values: Any) -> dict[str, Any]:
    return {
        "__typename": "Customer",
        "id": f"gid://shopify/Customer/{number}",
        "firstName": "Anna",
        "lastName": "Blume",
        "createdAt": "2025-01-01T00:00:00Z",
        "updatedAt": updated,
        "defaultEmailAddress": {"emailAddress": "anna@example.com"},
        "defaultPhoneNumber": {"phoneNumber": "+4915112345678"},
        "defaultAddress": {"__typename": "MailingAddress", "city": "Köln", "countryCodeV2": "DE"},
    } | values


class ShopifyShop:
    """Orders in a list; ``page_size`` bounds every connection, as the cost of a question would."""

    def __init__(self, orders: list[dict[str, Any]], page_size: int = 2) -> None:
        self.orders = orders
        self.customers: list[dict[str, Any]] = []
        self.page_size = page_size
        self.token = TOKEN
        self.http = HttpShop(self.answer)
        self._schema = build_schema(SCHEMA)
        types = self._schema.type_map
        types["Query"].fields["orders"].resolve = self._listed  # type: ignore[attr-defined]
        types["Query"].fields["customers"].resolve = self._listed  # type: ignore[attr-defined]
        types["Query"].fields["node"].resolve = self._node  # type: ignore[attr-defined]
        for owner, name in (("Order", "lineItems"), ("Refund", "refundLineItems")):
            types[owner].fields[name].resolve = self._children  # type: ignore[attr-defined]

    def change(self, number: int, **values: Any) -> None:
        gid = f"gid://shopify/Order/{number}"
        self.orders = [one | values if one["id"] == gid else one for one in self.orders]

    def answer(self, asked: Asked) -> Answer:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        if headers.get("x-shopify-access-token") != self.token:
            return Answer(401, body=b'{"errors":"[API] Invalid API key or access token"}')
        if asked.path != "/admin/api/2026-10/graphql.json":
            return Answer(404, body=b'{"errors":"Not Found"}')
        done = graphql_sync(
            self._schema,
            asked.body["query"],
            operation_name=asked.body["operationName"],
            variable_values=asked.body["variables"],
        )
        errors = {"errors": [{"message": error.message} for error in done.errors]} if done.errors else {}
        return Answer.of({"data": done.data, **errors})

    def _listed(
        self,
        _root: Any,
        info: Any,
        first: int,
        sortKey: str,  # noqa: N803 (named by the API)
        after: str | None = None,
        query: str | None = None,
    ) -> dict[str, Any]:
        assert sortKey == "UPDATED_AT"
        since = re.fullmatch(r"updated_at:>='(.+)'", query)[1] if query else ""  # type: ignore[index]
        found = sorted(
            (one for one in getattr(self, info.field_name) if one["updatedAt"] >= since),
            key=lambda one: (one["updatedAt"], one["id"]),
        )
        # A cursor is a place in the order, not a number: what moves to the end is served again.
        rest = [one for one in found if not after or f"{one['updatedAt']} {one['id']}" > after]
        served = rest[: min(first, self.page_size)]
        end = f"{served[-1]['updatedAt']} {served[-1]['id']}" if served else None
        return {"nodes": served, "pageInfo": {"hasNextPage": len(rest) > len(served), "endCursor": end}}

    def _children(self, parent: dict[str, Any], info: Any, first: int, after: str | None = None) -> dict[str, Any]:
        children = parent[info.field_name]
        start = int(after or 0)
        end = start + min(first, self.page_size)
        return {"nodes": children[start:end], "pageInfo": {"hasNextPage": end < len(children), "endCursor": str(end)}}

    def _node(self, _root: Any, _info: Any, id: str) -> dict[str, Any] | None:  # noqa: A002 (named by the API)
        nodes = [*self.orders, *(refund for one in self.orders for refund in one["refunds"])]
        return next((one for one in nodes if one["id"] == id), None)
