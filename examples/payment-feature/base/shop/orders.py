"""Orders, kept in memory."""

from dataclasses import dataclass


@dataclass
class Order:
    id: int
    total_cents: int
    state: str = "open"


class Orders:
    def __init__(self) -> None:
        self._orders: dict[int, Order] = {}

    def place(self, total_cents: int) -> Order:
        if total_cents < 0:
            raise ValueError("an order costs at least nothing")
        order = Order(id=len(self._orders) + 1, total_cents=total_cents)
        self._orders[order.id] = order
        return order

    def get(self, order_id: int) -> Order:
        return self._orders[order_id]
