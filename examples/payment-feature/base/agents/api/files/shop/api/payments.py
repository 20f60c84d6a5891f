"""What answers POST /payments and POST /payments/{id}/confirm."""

from shop.settings import PAYMENT_ROUTE


def routes() -> dict[str, str]:
    return {f"POST {PAYMENT_ROUTE}": "payments.create", f"POST {PAYMENT_ROUTE}/{{id}}/confirm": "payments.confirm"}
