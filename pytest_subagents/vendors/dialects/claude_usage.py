"""What a Claude run spent, as its stream and its session files tell it.

`input_tokens` leaves out what was read from or written to the cache; ours includes it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pytest_subagents.model.event import Usage


class Tokens(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens: int | None = None


class ModelTokens(msgspec.Struct, gc=False):
    inputTokens: int = 0  # noqa: N815  # the vendor's names
    outputTokens: int = 0  # noqa: N815
    cacheReadInputTokens: int = 0  # noqa: N815
    cacheCreationInputTokens: int = 0  # noqa: N815


def usage_of_models(models: Mapping[str, ModelTokens], usd: float | None, number: int) -> Usage:
    """The whole run with its subagents, from a result's `modelUsage`."""
    cached = sum(model.cacheReadInputTokens for model in models.values())
    fresh = sum(model.inputTokens + model.cacheCreationInputTokens for model in models.values())
    return Usage(
        line=number,
        input_tokens=fresh + cached,
        cached_input_tokens=cached,
        output_tokens=sum(model.outputTokens for model in models.values()),
        usd=usd,
    )


def usage_of(tokens: Tokens | None, usd: float | None, number: int, *, cumulative: bool = True) -> Usage:
    """What `usage` of a result or of one message says: the main agent's tokens alone."""
    tokens = tokens or Tokens()
    cached, written = tokens.cache_read_input_tokens, tokens.cache_creation_input_tokens
    return Usage(
        line=number,
        input_tokens=None if tokens.input_tokens is None else tokens.input_tokens + (cached or 0) + (written or 0),
        cached_input_tokens=cached,
        output_tokens=tokens.output_tokens,
        usd=usd,
        cumulative=cumulative,
    )
