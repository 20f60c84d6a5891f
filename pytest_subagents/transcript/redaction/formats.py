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

from pytest_subagents.transcript.token_forms import INNER, TOKENS

KNOWN: Final = "a token of a known form"
NAMED: Final = "a value behind the name of a secret"
PRIVATE_KEY: Final = "a private key"
HEADER: Final = "the value of a header that authorises"
COOKIE: Final = "the value of a cookie"
ADDRESS: Final = "a password in an address"


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a text, and what it looks like, in words without its value."""

    start: int
    end: int
    what: str


_LETTERS: Final = r"[A-Za-z0-9]"
_KNOWN: Final = tuple((start, re.compile(re.escape(start) + rest)) for start, rest in TOKENS)
_INNER: Final = tuple((sign, re.compile(pattern)) for sign, pattern in INNER)
_LETTER_BEFORE: Final = re.compile(_LETTERS)
_PRIVATE_KEY: Final = re.compile(
    r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}"
    r"(?:(?:[^<-]|-(?!-)|<(?!redacted)){0,20000}?-{4,6} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}"
    r"|[A-Za-z0-9+/=\s\\]{0,20000}+)"
)
"""Also one with headers, with the numbers of lines before them, quoted, or in a diff."""
_QUOTE: Final = r"""[\\"'`]{0,8}"""
_IS: Final = rf"{_QUOTE}\s{{0,4}}(?::|=>?|:=|->|>|(?<=\s)\|(?=\s))\s{{0,4}}{_QUOTE}"
_HEADER: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    rf"(?:proxy-)?authorization{_QUOTE}\s{{0,4}}[:=]\s{{0,4}}{_QUOTE}"
    r"(?:(?:bearer|basic|token|digest|apikey|key|bot|oauth|negotiate|ntlm|aws4-hmac-sha256)\s{1,4})?"
    rf"|(?:x-(?:api|goog-api|functions|figma|rapidapi)-?(?:key|token)|api-key|x-auth-token|x-amz-security-token"
    rf"|private-token|x-gitlab-token|ocp-apim-subscription-key|x-vault-token){_QUOTE}\s{{0,4}}[:=]\s{{0,4}}{_QUOTE}"
    r"|bearer\s{1,4})"
    r"(?P<secret>(?!https?:)(?=[A-Za-z0-9._~+/=:-]*[0-9])[A-Za-z0-9._~+/=:-]{12,})",
    re.IGNORECASE,
)
_COOKIE: Final = re.compile(
    rf"(?<![A-Za-z0-9.])(?:set-)?cookie{_QUOTE}\s{{0,4}}[:=]\s{{0,4}}\[?{_QUOTE}"
    r"(?P<secret>[\w.-]{1,64}=(?=[^\r\n\"'`\\<>;]*[0-9])[^\r\n\"'`\\<>]{12,4000})",
    re.IGNORECASE,
)
_SIGNED: Final = re.compile(
    r"[?&;](?:sig|x-amz-signature|x-goog-signature)=(?P<secret>[A-Za-z0-9%+/=]{32,})", re.IGNORECASE
)
"""What lets whoever has the address in, for as long as it holds."""
_ADDRESS: Final = re.compile(
    r"://[^/\s:@\"'<>\\]{0,100}:"
    r"(?P<secret>(?:[^/\s:@\"'<>\\$*{}%]|%[0-9A-Fa-f]{2}|@(?=[^/\s\"'<>\\]{0,200}@)){3,200})@(?=[\w\[])"
)
_USER: Final = re.compile(r"://(?P<secret>[A-Za-z0-9_-]{20,100})@(?=[\w\[])")

_NAMED: Final = re.compile(
    r"(?P<name>key|token|secret|passw(?:or)?d|passphrase|credentials?|pwd|_?auth)"
    rf"{_IS}(?P<secret>[A-Za-z0-9_.+/~-]{{16,}}={{0,2}})",
    re.IGNORECASE,
)
_PASSWORD: Final = tuple(
    (signs, re.compile(before + r"(?P<secret>[^\s\"'`\\,;&<>(){}\[\]|$]{8,200})", re.IGNORECASE))
    for signs, before in (
        (("passw", "passphrase", "pwd"), rf"(?:passw(?:or)?d|passphrase|pwd){_IS}"),
        (("login",), r"\blogin\s{1,4}\S{1,100}\s{1,4}password\s{1,4}"),  # .netrc
        (("curl",), r"\bcurl\b[^\n\r]{0,200}?\s(?:-u|--user)[\s=]{1,4}[\"'\\]{0,4}[^\s:\"'\\]{1,100}:"),
    )
)
_SIGNS: Final = re.compile(r"[!@#^*+?~]")
"""What a password may have in it, and a name of code or a path has not."""
_STRONG: Final = re.compile(
    r"(?:api|secret|access|private|signing|encryption|master|auth|account|subscription)[_.-]?key$"
    r"|secret|passw|passphrase|credential|pwd$|(?:access|auth|refresh|bearer|session|api|bot|id)[_.-]?token$|^token$"
    r"|_token$|^_?auth$",
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
    for sign, pattern in _INNER:
        if sign in text:
            for match in pattern.finditer(text):
                yield Found(*match.span("secret" if "secret" in pattern.groupindex else 0), KNOWN)
    if "PRIVATE KEY" in text:
        for match in _PRIVATE_KEY.finditer(text):
            yield Found(*match.span(), PRIVATE_KEY)
    for match in _HEADER.finditer(text):
        yield Found(*match.span("secret"), HEADER)
    if "://" in text:
        for match in _ADDRESS.finditer(text):
            yield Found(*match.span("secret"), ADDRESS)
        for match in _USER.finditer(text):
            if not _WORDY.fullmatch(match["secret"]) and _bits(match["secret"]) >= _BITS:
                yield Found(*match.span("secret"), ADDRESS)
    lower = text.lower()
    if "cookie" in lower:
        for match in _COOKIE.finditer(text):
            yield Found(*match.span("secret"), COOKIE)
    if "sig=" in lower or "signature=" in lower:
        for match in _SIGNED.finditer(text):
            yield Found(*match.span("secret"), ADDRESS)
    for signs, pattern in _PASSWORD:
        if any(sign in lower for sign in signs):
            for match in pattern.finditer(text):
                if _is_password(match["secret"]):
                    yield Found(*match.span("secret"), NAMED)
    for match in _NAMED.finditer(text):
        before = text[max(0, match.start() - _SIGHT) : match.start()]
        name = before[len(before.rstrip(_NAME_LETTERS)) :] + match["name"]
        if match["name"].lower().endswith("auth") and "." in match["secret"]:
            continue  # a call: `auth = base64.b64encode(...)`
        if _STRONG.search(name) and _is_random(match["secret"]):
            yield Found(*match.span("secret"), NAMED)


def _is_random(value: str) -> bool:
    """Whether a value looks drawn by lot."""
    return _is_mixed(value) and _bits(value) >= _BITS


def _is_password(value: str) -> bool:
    """Whether a value behind the name of a password is one, and no name, type or call of code."""
    return _is_mixed(value) and (_SIGNS.search(value) is not None or len(re.findall("[0-9]+", value)) > 2)


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
_IS_BYTES: Final = _BETWEEN + rb"(?::|=>?|:=|->|>|\|)" + _BETWEEN + rb"[\\\"'`]*"
_HEADER_SIGNS: Final = (b"authorization", b"bearer", b"-key", b"apikey", b"-token")
_HEADER_BYTES: Final = re.compile(
    rb"(?:(?:authorization|key|token)" + _BETWEEN + rb"[:=]" + _BETWEEN + rb"[\\\"'`]*"
    rb"(?:(?:bearer|basic|token|digest|apikey|key|bot|oauth|negotiate|ntlm|aws4-hmac-sha256)(?:\\[nrt]|\s)+)?"
    rb"|bearer(?:\\[nrt]|\s)+)"
    rb"(?=[a-z0-9._~+/=:\\-]*[0-9])[a-z0-9._~+/=:\\-]{12}"
)
_NAMED_BYTES: Final = re.compile(
    rb"(?:key|token|secret|passw(?:or)?d|passphrase|credentials?|pwd|auth)" + _IS_BYTES + rb"([a-z0-9_.+/~\\-]{16,})"
)
_PASSWORD_BYTES: Final = tuple(
    (signs, re.compile(before + rb"([^\s\"'`,;&<>(){}\[\]|$]{8,200})"))
    for signs, before in (
        ((b"passw", b"passphrase", b"pwd"), rb"(?:passw(?:or)?d|passphrase|pwd)" + _IS_BYTES),
        ((b"login",), rb"(?:\\[nrt]|\s)password(?:\\[nrt]|\s)+"),
        ((b"curl",), rb"(?:-u|--user)[\s=\\\"']+[^\s:]{1,100}:"),
    )
)
_ADDRESS_BYTES: Final = re.compile(rb"://(?:[^/\s:@\"'<>\\]{0,100}:[^/\s:\"'<>$*{}]{3,200}|[A-Za-z0-9_-]{20,100})@")
_LOWER_BYTES: Final = (
    (b"cookie", re.compile(rb"cookie" + _BETWEEN + rb"[:=](?:\\[nrt]|[\s\[\\\"'`])*[\w.-]{1,64}=")),
    (b"sig", re.compile(rb"(?:sig|signature)=[a-z0-9%+/=]{32}")),
)
_INNER_SIGNS: Final = tuple(sign.encode() for sign, _ in INNER)
_ESCAPED: Final = b"\\"


_LONG: Final = re.compile(rb"[A-Za-z0-9_.+/-]{18,}")
"""No known form is shorter; few words of a transcript are as long."""


def may_hold(data: bytes) -> bool:
    """Whether `data` may hold what `found_in` finds, escaped as JSON or not: never False where it does."""
    while b"\\/" in data:
        data = data.replace(b"\\/", b"/")
    long = b"\n".join(_LONG.findall(data))
    if any(start in long and pattern.search(long) for start, pattern in _KNOWN_BYTES):
        return True
    if b"PRIVATE KEY" in data or _ADDRESS_BYTES.search(data):
        return True
    if any(sign in data for sign in _INNER_SIGNS):
        return True
    lower = data.lower()
    if any(sign in lower for sign in _HEADER_SIGNS) and _HEADER_BYTES.search(lower):
        return True
    if any(sign in lower and pattern.search(lower) for sign, pattern in _LOWER_BYTES):
        return True
    for signs, pattern in _PASSWORD_BYTES:
        if any(sign in lower for sign in signs):
            for match in pattern.finditer(lower):
                if _ESCAPED in match[1] or _is_password(match[1].decode("latin-1")):
                    return True
    return any(_is_mixed(match[1].decode()) for match in _NAMED_BYTES.finditer(lower))
