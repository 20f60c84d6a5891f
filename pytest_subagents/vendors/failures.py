"""One taxonomy of failures, from whatever a vendor gives: an HTTP status, the name of an error, words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.event import FailureKind
from pytest_subagents.transcript.failure_words import kind_in_words

NAMES: Final[Mapping[str, FailureKind]] = MappingProxyType(
    {
        # Claude Code 2.1.197: `error` of a synthetic message and of system/api_retry.
        "rate_limit": "rate_limit",
        "server_error": "provider_error",
        "overloaded": "provider_error",
        "authentication_failed": "auth",
        "oauth_org_not_allowed": "auth",
        "billing_error": "rate_limit",
        "model_not_found": "provider_error",
        "max_output_tokens": "output_limit",
        # Claude Code 2.1.197: `subtype` of a result.
        "error_max_turns": "turn_limit",
        "error_max_budget_usd": "budget",
        "error_max_structured_output_retries": "contract",
        # The Messages and Responses APIs.
        "authentication_error": "auth",
        "permission_error": "auth",
        "rate_limit_error": "rate_limit",
        "overloaded_error": "provider_error",
        "api_error": "provider_error",
        "insufficient_quota": "rate_limit",
        "rate_limit_exceeded": "rate_limit",
        "context_length_exceeded": "context_limit",
        "content_filter": "refusal",
        "refusal": "refusal",
        # Codex 0.169: `codex_error_info` of a session file.
        "context_window_exceeded": "context_limit",
        "usage_limit_exceeded": "rate_limit",
        "quota_exceeded": "rate_limit",
        "unauthorized": "auth",
        "internal_server_error": "provider_error",
        "server_overloaded": "provider_error",
        "bad_request": "provider_error",
        "cyber_policy": "refusal",
        # Gemini CLI 0.61: `type` of an error, and the API's own status.
        "FatalAuthenticationError": "auth",
        "FatalTurnLimitedError": "turn_limit",
        "FatalInputError": "launch",
        "FatalSandboxError": "launch",
        "FatalConfigError": "launch",
        "FatalUntrustedWorkspaceError": "launch",
        "FatalCancellationError": "killed",
        "RESOURCE_EXHAUSTED": "rate_limit",
        "PERMISSION_DENIED": "auth",
        "UNAUTHENTICATED": "auth",
        # OpenCode 1.18: `name` of an error.
        "ProviderAuthError": "auth",
        "MessageOutputLengthError": "output_limit",
        "MessageAbortedError": "killed",
        "ContextOverflowError": "context_limit",
        "ContentFilterError": "refusal",
        "StructuredOutputError": "contract",
    }
)
"""Names of errors that say by themselves what failed. Names that say little ("unknown", "other", "invalid_request")
are not among them: the words of the message decide."""

_STATUSES: Final[Mapping[int, FailureKind]] = MappingProxyType(
    {401: "auth", 402: "rate_limit", 403: "auth", 407: "auth", 413: "context_limit", 429: "rate_limit"}
)

_NUMBERED = re.compile(r'(?:last status:? |status(?:Code)?["\']?[:= ]+|["\']code["\']: ?|API Error: )([45]\d\d)\b')


def classify(message: str, *, names: tuple[str, ...] = (), status: int | None = None) -> FailureKind:
    """The kind of a failure that a vendor reported; `provider_error` where nothing says more.

    `names` are the vendor's names of it, the most telling first; `status` is the HTTP status of the last answer.
    """
    for name in names:
        if name in NAMES:
            return NAMES[name]
    return _from_message(message[: limits.FAILURE_CHARS], status)


@lru_cache(maxsize=256)  # a failing run says the same thing over and over
def _from_message(message: str, status: int | None) -> FailureKind:
    if status is None and (numbered := _NUMBERED.search(message)):
        status = int(numbered[1])
    if status is not None and status in _STATUSES:
        return _STATUSES[status]
    return kind_in_words(message) or "provider_error"
