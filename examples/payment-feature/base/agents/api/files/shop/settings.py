"""What differs between one installation and the next."""

CURRENCY = "EUR"
PAGE_SIZE = 50
PAYMENT_ROUTE = "/payments"
