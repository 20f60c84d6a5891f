"""What failed, told from words: the last resort where neither a name nor a number says it."""

from __future__ import annotations

import re
from typing import Final

from pytest_subagents.model.event import FailureKind


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_WORDS: Final[tuple[tuple[FailureKind, re.Pattern[str]], ...]] = (
    (
        "context_limit",
        _words(
            r"prompt is too long",
            r"input is too long",
            r"context[ _](?:window|length)",
            r"maximum context",
            r"too many (?:input )?tokens",
            r"ran out of room",
        ),
    ),
    (
        "auth",
        _words(
            r"\b401\b",
            r"\b403 forbidden\b",
            r"unauthori[sz]ed",
            r"invalid (?:x-)?api[ -]?key",
            r"api[ _-]key (?:is )?(?:not valid|invalid|missing|required)",
            r"missing environment variable",
            r"_API_KEY\b",
            r"not logged in",
            r"please (?:run )?/?log ?in",
            r"failed to authenticate",
            r"authentication (?:failed|required|error)",
            r"set an auth method",
            r"invalid (?:credentials|token)",
            r"token (?:has )?expired",
            r"expired token",
            r"(?:access|refresh) token (?:could not be|was|has)",
            r"sign in again",
            r"permission_denied",
        ),
    ),
    (
        "rate_limit",
        _words(
            r"\b429\b",
            r"rate[ _-]?limit",
            r"too many requests",
            r"usage limit",
            r"limit reached\b.{0,20}\bresets",
            r"(?:hit|reached) your (?:[\w-]+ ){0,2}limit",
            r"out of extra usage",
            r"quota",
            r"credit balance",
            r"insufficient (?:funds|credit)",
            r"resource_exhausted",
            r"billing",
        ),
    ),
    (
        "refusal",
        _words(
            r"usage polic",
            r"\brefusal\b",
            r"unable to respond to this request",
            r"content[ _-]?filter",
            r"blocked by (?:the )?safety",
            r"flagged (?:as|for)",
        ),
    ),
    ("turn_limit", _words(r"(?:max(?:imum)?(?: number of)?|reached max)[ _](?:session )?turns", r"turn limit")),
    ("budget", _words(r"max(?:imum)?[ _](?:budget|cost)", r"budget (?:exceeded|exhausted|limit)")),
    ("output_limit", _words(r"output token (?:maximum|limit)", r"max[ _]output[ _]tokens", r"maximum output")),
    ("launch", _words(r"no conversation found", r"no (?:session|rollout) found", r"session not found")),
)


def kind_in_words(text: str) -> FailureKind | None:
    """The kind of failure that a message names, None where it names none that we know."""
    for kind, words in _WORDS:
        if words.search(text):
            return kind
    return None
