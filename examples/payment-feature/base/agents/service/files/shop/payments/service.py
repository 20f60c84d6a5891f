"""Creating and confirming payments, as docs/interfaces/payments.json says."""

from dataclasses import dataclass

from shop.orders import Orders
from shop.settings import PAYMENT_LIMIT_CENTS


@dataclass
class Payment:
    id: int
    order_id: int
    amount_cents: int
    state: str = "pending"


class PaymentService:
    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._payments: dict[int, Payment] = {}

    def create(self, order_id: int, amount_cents: int) -> Payment:
        order = self._orders.get(order_id)
        if not 0 < amount_cents <= min(order.total_cents, PAYMENT_LIMIT_CENTS):
            raise ValueError("a payment is more than nothing, and at most what is owed")
        payment = Payment(id=len(self._payments) + 1, order_id=order_id, amount_cents=amount_cents)
        self._payments[payment.id] = payment
        return payment

    def confirm(self, payment_id: int) -> Payment:
        payment = self._payments[payment_id]
        if payment.state != "pending":
            raise ValueError("only a pending payment can be confirmed")
        payment.state = "confirmed"
        return payment
