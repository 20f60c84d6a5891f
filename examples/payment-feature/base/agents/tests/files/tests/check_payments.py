import unittest

from shop.orders import Orders
from shop.payments.service import PaymentService


class PaymentsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.orders = Orders()
        self.payments = PaymentService(self.orders)

    def test_a_payment_is_confirmed_once(self) -> None:
        payment = self.payments.create(self.orders.place(1250).id, 1250)
        self.assertEqual(self.payments.confirm(payment.id).state, "confirmed")
        with self.assertRaises(ValueError):
            self.payments.confirm(payment.id)

    def test_nobody_pays_more_than_is_owed(self) -> None:
        with self.assertRaises(ValueError):
            self.payments.create(self.orders.place(100).id, 101)
