"""From a method and a path to the name of what answers."""

ROUTES = {
    "GET /orders": "orders.list",
    "POST /orders": "orders.place",
}
