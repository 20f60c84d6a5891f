import unittest

from shop.orders import Orders


class OrdersTest(unittest.TestCase):
    def test_an_order_is_kept(self) -> None:
        orders = Orders()
        self.assertEqual(orders.get(orders.place(1250).id).total_cents, 1250)
