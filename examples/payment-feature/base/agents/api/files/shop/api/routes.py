"""From a method and a path to the name of what answers."""

from shop.api import payments

ROUTES = {
    "GET /orders": "orders.list",
    "POST /orders": "orders.place",
    **payments.routes(),
}
