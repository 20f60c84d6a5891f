"""What secrets of known makers look like, whoever they belong to.

Each form has a beginning of its own, or stands behind a name that says what it is, so that UUIDs, digests of git,
checksums and the base64 of prose stay as they are. No form matches a placeholder.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

KNOWN: Final = "a token of a known form"
NAMED: Final = "a value behind the name of a secret"
PRIVATE_KEY: Final = "a private key"
HEADER: Final = "the value of a header that authorises"
ADDRESS: Final = "a password in an address"


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a text, and what it looks like, in words without its value."""

    start: int
    end: int
    what: str


_W: Final = r"[A-Za-z0-9_-]"
_LETTERS: Final = r"[A-Za-z0-9]"
_TOKENS: Final = (
    ("sk-", rf"(?={_W}*[0-9]){_W}{{16,}}"),  # OpenAI, Anthropic, OpenRouter, DeepSeek, LiteLLM, ...
    *((f"{kind}k_{mode}_", r"[A-Za-z0-9]{16,}") for kind in "rs" for mode in ("live", "test")),  # Stripe
    ("whsec_", r"[A-Za-z0-9]{20,}[A-Za-z0-9+/=]*"),
    *((kind, r"[A-Z0-9]{16}(?![A-Za-z0-9])") for kind in ("AKIA", "ASIA")),  # AWS
    *((f"gh{kind}_", r"[A-Za-z0-9]{20,}") for kind in "pousr"),  # GitHub
    ("github_pat_", rf"{_W}{{22,}}"),
    *((f"gl{kind}-", rf"{_W}{{16,}}") for kind in ("pat", "dt", "rt", "cbt", "ptt", "oas", "agent")),  # GitLab
    ("xox", r"[abeoprs]-[A-Za-z0-9-]{10,}"),  # Slack
    ("xapp-", r"[0-9]-[A-Za-z0-9-]{10,}"),
    ("AIza", rf"{_W}{{35}}(?![A-Za-z0-9_-])"),  # Google
    ("ya29.", rf"{_W}{{20,}}"),
    ("GOCSPX-", rf"{_W}{{20,}}"),
    ("1//0", rf"{_W}{{30,}}"),
    ("eyJ", rf"{_W}{{14,}}\.(?:eyJ{_W}{{8,}}\.{_W}{{8,}}|{_W}*\.{_W}{{8,}}\.{_W}{{8,}}\.{_W}{{8,}})"),  # web tokens
    ("npm_", r"[A-Za-z0-9]{36}"),
    ("hf_", r"[A-Za-z0-9]{30,}"),  # Hugging Face
    ("pypi-AgE", rf"{_W}{{40,}}"),
    *((f"do{kind}_v1_", r"[a-f0-9]{64}") for kind in "opr"),  # DigitalOcean
    ("SG.", rf"{_W}{{16,}}\.{_W}{{16,}}"),  # SendGrid
    *((f"shp{kind}_", r"[a-fA-F0-9]{32}") for kind in ("at", "ca", "pa", "ss")),  # Shopify
    ("hvs.", rf"{_W}{{20,}}"),  # Vault
    ("gsk_", r"[A-Za-z0-9]{40,}"),  # Groq
    ("xai-", r"[A-Za-z0-9]{60,}"),
    ("pplx-", r"[A-Za-z0-9]{40,}"),  # Perplexity
    ("r8_", r"[A-Za-z0-9]{36,}"),  # Replicate
    ("nvapi-", rf"{_W}{{40,}}"),
    ("dckr_", rf"(?:pat|oat)_{_W}{{20,}}"),  # Docker
    ("lin_", rf"(?:api|oauth)_{_W}{{30,}}"),  # Linear
    ("ntn_", r"[A-Za-z0-9]{40,}"),  # Notion
    ("sntry", rf"[su]_{_W}{{30,}}"),  # Sentry
    ("tskey-", r"[a-z]+-[A-Za-z0-9-]{16,}"),  # Tailscale
    ("AGE-SECRET-KEY-1", r"[0-9A-Z]{50,}"),
)
"""How each begins, and what follows; no letter or digit stands before it."""
_KNOWN: Final = tuple((start, re.compile(re.escape(start) + rest)) for start, rest in _TOKENS)
_LETTER_BEFORE: Final = re.compile(_LETTERS)
_BOT: Final = re.compile(r"(?<![0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])")
"""A key of Telegram's, whose beginning is a number."""
_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[^<>-]{0,20000}-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]{0,20000}+)"
)
_QUOTE: Final = r"""[\\"'`]{0,8}"""
_HEADER: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    rf"(?:proxy-)?authorization{_QUOTE}\s{{0,4}}[:=]\s{{0,4}}{_QUOTE}(?:(?:bearer|basic|token|digest|apikey)\s{{1,4}})?"
    rf"|(?:x-(?:api|goog-api|functions|figma|rapidapi)-?(?:key|token)|api-key|x-auth-token|x-amz-security-token"
    rf"|private-token|x-gitlab-token|ocp-apim-subscription-key|x-vault-token){_QUOTE}\s{{0,4}}[:=]\s{{0,4}}{_QUOTE}"
    r"|bearer\s{1,4})"
    r"(?P<secret>(?=[A-Za-z0-9._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{12,})",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"://[^/\s:@\"'<>\\]{0,100}:(?P<secret>[^/\s:@\"'<>\\$*{}%]{3,200})@(?=[\w\[])")

_NAMED: Final = re.compile(
    r"(?P<name>key|token|secret|passw(?:or)?d|passphrase|credentials?|pwd)"
    rf"{_QUOTE}\s{{0,4}}(?::|=>?|:=)\s{{0,4}}{_QUOTE}"
    r"(?P<secret>[A-Za-z0-9_.+/~-]{16,}={0,2})",
    re.IGNORECASE,
)
_STRONG: Final = re.compile(
    r"(?:api|secret|access|private|signing|encryption|master|auth|account|subscription)[_.-]?key$"
    r"|secret|passw|passphrase|credential|pwd$|(?:access|auth|refresh|bearer|session|api|bot|id)[_.-]?token$|^token$"
    r"|_token$",
    re.IGNORECASE,
)
_NAME_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_SIGHT: Final = 64
"""How far before a value its name may begin."""
_WORDY: Final = re.compile(r"[A-Za-z]++(?:[-_./]++(?:[A-Za-z]++[0-9]{0,2}+|[0-9]{1,3}+))*+[0-9]{0,4}")
"""What a person writes who means no secret: words, a path of words, a name with a number behind it."""
_DIGEST: Final = re.compile(r"(?:sha[0-9]+[-:])?[0-9a-f]{40}|(?:sha[0-9]+[-:])[A-Za-z0-9+/=]+", re.IGNORECASE)
_BITS: Final = 3.2
"""Bits a character, of the letters that occur: words have some three, random hexadecimal digits close to four."""


def found_in(text: str) -> Iterator[Found]:
    """What looks like a secret in `text`."""
    for start, pattern in _KNOWN:
        if start in text:
            for match in pattern.finditer(text):
                if not _LETTER_BEFORE.match(text, max(0, match.start() - 1), match.start()):
                    yield Found(*match.span(), KNOWN)
    if ":AA" in text:
        for match in _BOT.finditer(text):
            yield Found(*match.span(), KNOWN)
    if "PRIVATE KEY" in text:
        for match in _PRIVATE_KEY.finditer(text):
            yield Found(*match.span(), PRIVATE_KEY)
    for pattern, what in ((_HEADER, HEADER), (_ADDRESS, ADDRESS)):
        for match in pattern.finditer(text):
            yield Found(*match.span("secret"), what)
    for match in _NAMED.finditer(text):
        before = text[max(0, match.start() - _SIGHT) : match.start()]
        name = before[len(before.rstrip(_NAME_LETTERS)) :] + match["name"]
        if _STRONG.search(name) and _is_random(match["secret"]):
            yield Found(*match.span("secret"), NAMED)


def _is_random(value: str) -> bool:
    """Whether a value looks drawn by lot."""
    return _is_mixed(value) and _bits(value) >= _BITS


def _is_mixed(value: str) -> bool:
    """Whether digits and letters are mixed in a value, and it is no word, path or digest of git."""
    if not re.search("[0-9]", value) or not re.search("[A-Za-z]", value):
        return False
    return not (_WORDY.fullmatch(value) or _DIGEST.fullmatch(value) or value.startswith(("/", "./", "../")))


def _bits(value: str) -> float:
    """The entropy of a text, in bits a character."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())


# --- may_hold: the same in bytes, where each name may have another case and each quote may be escaped -------------

_KNOWN_BYTES: Final = tuple((start.encode(), re.compile(pattern.pattern.encode())) for start, pattern in _KNOWN)
_BETWEEN: Final = rb"[\\\"'`]*(?:\\[nrt]|\s)*"
_HEADER_SIGNS: Final = (b"authorization", b"bearer", b"-key", b"apikey", b"-token")
_HEADER_BYTES: Final = re.compile(
    rb"(?:(?:authorization|key|token)" + _BETWEEN + rb"[:=]" + _BETWEEN + rb"[\\\"'`]*"
    rb"(?:(?:bearer|basic|token|digest|apikey)(?:\\[nrt]|\s)+)?|bearer(?:\\[nrt]|\s)+)"
    rb"(?=[a-z0-9._~+/=\\-]*[0-9])[a-z0-9._~+/=\\-]{12}"
)
_NAMED_BYTES: Final = re.compile(
    rb"(?:key|token|secret|passw(?:or)?d|passphrase|credentials?|pwd)"
    + _BETWEEN
    + rb"(?::|=>?|:=)"
    + _BETWEEN
    + rb"[\\\"'`]*([a-z0-9_.+/~\\-]{16,})"
)
_ADDRESS_BYTES: Final = re.compile(rb"://[^/\s:@\"'<>\\]{0,100}:[^/\s:@\"'<>$*{}%]{3,200}@")
_BOT_BYTES: Final = re.compile(rb":AA[A-Za-z0-9_-]{33}")


_LONG: Final = re.compile(rb"[A-Za-z0-9_.+/-]{18,}")
"""No known form is shorter; few words of a transcript are as long."""


def may_hold(data: bytes) -> bool:
    """Whether `data` may hold what `found_in` finds, escaped as JSON or not: never False where it does."""
    while b"\\/" in data:
        data = data.replace(b"\\/", b"/")
    long = b"\n".join(_LONG.findall(data))
    if any(start in long and pattern.search(long) for start, pattern in _KNOWN_BYTES):
        return True
    if b"PRIVATE KEY" in data or _ADDRESS_BYTES.search(data) or (b":AA" in data and _BOT_BYTES.search(data)):
        return True
    lower = data.lower()
    if any(sign in lower for sign in _HEADER_SIGNS) and _HEADER_BYTES.search(lower):
        return True
    return any(_is_mixed(match[1].decode()) for match in _NAMED_BYTES.finditer(lower))
