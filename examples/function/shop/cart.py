def total(prices):
    # TODO: what about discounts?
    return sum(prices)
