"""The first look at a short text: whether a closer one is worth loading all the forms of secrets for.

A replay looks at what was recorded, which was redacted then; so few texts have any of these signs.
"""

from __future__ import annotations

import re
from typing import Final

from pytest_subagents.transcript.token_forms import INNER, TOKENS

_STARTS: Final = tuple(start for start, _ in TOKENS)
_INNER: Final = tuple(sign for sign, _ in INNER)
_NAMES: Final = (
    "key", "token", "secret", "passw", "passphrase", "credential", "pwd", "auth", "bearer", "cookie", "login", "curl",
    "sig=", "signature=", "://",
)  # fmt: skip
_LONG: Final = re.compile(r"[A-Za-z0-9_.+/-]{18,}")
_ESCAPED: Final = re.compile(r"\\+[uUx01]|%[2-7uU]|&(?:#|amp|lt|gt|quot|apos)|\x1b")


def seems_to_hold(text: str) -> bool:
    """Whether a token or password of a known form may be in `text`: never False where `formats` finds one."""
    if _ESCAPED.search(text) or any(sign in text for sign in _INNER):
        return True
    lower = text.lower()
    if any(name in lower for name in _NAMES):
        return True
    runs = "\n".join(_LONG.findall(text.replace("\\/", "/")))
    return bool(runs) and any(start in runs for start in _STARTS)
