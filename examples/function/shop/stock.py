def left(stock, name):
    # TODO(SHOP-12): names are not normalised yet
    return stock.get(name, 0)


def reserve(stock, name):
    # TODO refuse what is not there
    stock[name] -= 1
