"""What codex says only in words: that it tries again, that it refused a tool."""

from __future__ import annotations

import re

_RETRY = re.compile(r"^Reconnecting\b|^(?:Retrying|stream error: .*; retrying)\b", re.IGNORECASE)
_DENIED = re.compile(
    r"requires approval, but approval policy|rejected by user|patch rejected|rejected: |Rejected\("
    r"|approval policy is never|user rejected|declined",
    re.IGNORECASE,
)


def is_retry_notice(message: str) -> bool:
    """Whether an `error` line only says that codex goes on trying (`Reconnecting... 1/5`, seen with 0.44 to 0.169)."""
    return _RETRY.search(message) is not None


def is_denied(message: str) -> bool:
    """Whether the message of a failed call says that a sandbox, a policy or a missing approval refused it."""
    return bool(message) and _DENIED.search(message) is not None
