"""Stands in for an agent that mends code: like a real one, it does not do the same twice."""

import json
import random
from pathlib import Path

CART = Path("shop/cart.py")
OLD = "    return total(prices) / len(prices)\n"
WAYS = {
    "A guard before the division.": "    return total(prices) / len(prices) if prices else 0\n",
    "The division is tried, and what it raises is caught and logged.": (
        "    try:\n"
        "        return total(prices) / len(prices)\n"
        "    except ZeroDivisionError:\n"
        "        print('the cart is empty')\n"
        "        return 0\n"
    ),
    "At least one price is assumed.": "    return total(prices) / max(1, len(prices) - 1)\n",
}
summary, new = random.choice(list(WAYS.items()))
CART.write_text(CART.read_text(encoding="utf-8").replace(OLD, new), encoding="utf-8")
print(json.dumps({"status": "success", "summary": summary, "findings": []}))
