"""Costs by the list of public prices, without a network, and nothing where nothing is known."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pytest_subagents.model.outcome import Usage
from pytest_subagents.vendors.prices import can_price, price

SPENT = Usage(input_tokens=1_000_000, cached_input_tokens=0, output_tokens=0)


def test_a_known_model_has_a_price_that_grows_with_the_tokens() -> None:
    one = price("gpt-5", SPENT)
    assert one is not None
    assert one > 0
    more = price("gpt-5", Usage(input_tokens=1_000_000, cached_input_tokens=0, output_tokens=1_000_000))
    cached = price("gpt-5", Usage(input_tokens=1_000_000, cached_input_tokens=1_000_000, output_tokens=0))
    assert more is not None
    assert cached is not None
    assert cached < one < more


def test_the_provider_may_be_named() -> None:
    assert price("openai/gpt-5", SPENT) == price("gpt-5", SPENT)
    assert price("anthropic/gpt-5", SPENT) is None
    assert not can_price("no-such-provider/gpt-5")


@pytest.mark.parametrize("model", ["gpt-5", "claude-opus-4-8", "claude-opus-4-8[1m]", "gemini-2.5-flash"])
def test_these_can_be_priced(model: str) -> None:
    assert can_price(model)


@pytest.mark.parametrize("model", ["", "/", "no-such-model", "x" * 5000, "\ud800", "gpt-5\0", "a/b/c"])
def test_these_cannot(model: str) -> None:
    assert price(model, SPENT) is None or can_price(model)


def test_what_is_not_known_is_not_a_price() -> None:
    assert price(None, SPENT) is None
    assert price("gpt-5", Usage()) is None
    assert price("gpt-5", Usage(output_tokens=5)) is None


def test_more_from_the_cache_than_went_in_is_taken_as_all() -> None:
    absurd = Usage(input_tokens=10, cached_input_tokens=80, output_tokens=5)
    assert price("gpt-5", absurd) == price("gpt-5", Usage(input_tokens=10, cached_input_tokens=10, output_tokens=5))


def test_it_is_imported_late_does_without_the_package_and_opens_no_socket() -> None:
    code = (
        "import sys\n"
        "from pytest_subagents.vendors import prices\n"
        "from pytest_subagents.model.outcome import Usage\n"
        "assert 'genai_prices' not in sys.modules\n"
        "opened = []\n"
        "sys.addaudithook(lambda name, args: opened.append(name) if name.startswith('socket.') else None)\n"
        "assert prices.can_price('gpt-5')\n"
        "assert not opened, opened\n"
        "for name in [name for name in sys.modules if name.startswith('genai_prices')]: del sys.modules[name]\n"
        "sys.modules['genai_prices'] = None\n"
        "assert prices.price('gpt-5', Usage(input_tokens=1, output_tokens=1)) is None\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
