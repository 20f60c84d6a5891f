"""How providers word the failures that a script asks for, so that readers take them for what they are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

STATUSES: Final[Mapping[str, int]] = MappingProxyType(
    {"rate_limit": 429, "auth": 401, "provider_error": 500, "context_limit": 400, "refusal": 400}
)
"""The HTTP status that goes with each kind."""
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rate_limit": "429 Too Many Requests: rate limit reached",
        "auth": "401 Unauthorized: invalid api key",
        "provider_error": "500 Internal Server Error",
        "context_limit": "the input exceeds the context window of this model",
        "refusal": "the request was blocked by the provider's content filter",
    }
)


def worded(kind: str, message: str) -> str:
    """The provider's words; those of a script come after them, since some dialects have nothing but words."""
    words = _WORDS.get(kind, "the provider failed")
    return f"{words}: {message}" if message else words
