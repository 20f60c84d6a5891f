"""What differs between one installation and the next."""

CURRENCY = "EUR"
PAGE_SIZE = 50
PAYMENT_LIMIT_CENTS = 1_000_000
