"""What failed, told from words: the last resort where neither a name nor a number says it."""

from __future__ import annotations

import re
from typing import Final

from pytest_subagents.model.event import FailureKind

_WORDS: Final[tuple[tuple[FailureKind, re.Pattern[str]], ...]] = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        (
            "context_limit",
            r"prompt is too long|context[ _](?:window|length)|maximum context|too many (?:input )?tokens"
            r"|input is too long|ran out of room",
        ),
        (
            "auth",
            r"\b401\b|\b403 forbidden\b|unauthori[sz]ed|invalid (?:x-)?api[ -]?key|api[ _-]key (?:is )?(?:not valid|invalid|"
            r"missing|required)|missing environment variable|_API_KEY\b|not logged in|please (?:run )?/?log ?in"
            r"|failed to authenticate|authentication (?:failed|required|error)|set an auth method"
            r"|invalid (?:credentials|token)|token (?:has )?expired|expired token|permission_denied",
        ),
        (
            "rate_limit",
            r"\b429\b|rate[ _-]?limit|too many requests|usage limit|quota|credit balance|insufficient (?:funds|credit)"
            r"|resource_exhausted|billing",
        ),
        (
            "refusal",
            r"usage polic|\brefusal\b|unable to respond to this request|content[ _-]?filter|blocked by (?:the )?safety"
            r"|flagged (?:as|for)",
        ),
        ("turn_limit", r"(?:max(?:imum)?(?: number of)?|reached max)[ _](?:session )?turns|turn limit"),
        ("budget", r"max(?:imum)?[ _](?:budget|cost)|budget (?:exceeded|exhausted|limit)"),
        ("output_limit", r"output token (?:maximum|limit)|max[ _]output[ _]tokens|maximum output"),
        ("launch", r"no conversation found|no (?:session|rollout) found|session not found"),
    )
)


def kind_in_words(text: str) -> FailureKind | None:
    """The kind of failure that a message names, None where it names none that we know."""
    for kind, words in _WORDS:
        if words.search(text):
            return kind
    return None
