"""What a run cost by a list of public prices, for vendors that report tokens only.

The list is that of the optional package genai-prices as it is installed (the extra `prices`); it is never updated over
the network.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pytest_subagents.model.outcome import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation


def price(model: str | None, usage: Usage) -> float | None:
    """US dollars for `usage` of `model`; None where the tokens, the model or its price are not known.

    `model` may begin with the name of its provider (`openai/gpt-5`), whose prices then count. Prices that rise with
    the length of a request are taken as if all tokens were of one, so that what is given may be more than the bill.
    """
    if model is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    cached = min(usage.cached_input_tokens or 0, usage.input_tokens)
    found = _calculated(model, usage.input_tokens, cached, usage.output_tokens)
    return None if found is None else float(found.total_price)


@cache
def can_price(model: str) -> bool:
    """Whether `price` knows the model, so that a limit in US dollars can hold."""
    return price(model, Usage(input_tokens=1, output_tokens=1)) is not None


def _calculated(model: str, given: int, cached: int, output: int) -> PriceCalculation | None:
    try:
        from genai_prices import Usage as Tokens
        from genai_prices import calc_price
    except ImportError:
        return None
    provider, slash, name = model.partition("/")
    tokens = Tokens(input_tokens=given, cache_read_tokens=cached, output_tokens=output)
    try:
        if slash:
            return calc_price(tokens, name, provider_id=provider)
        return calc_price(tokens, model)
    except (LookupError, ValueError, ArithmeticError):
        return None
