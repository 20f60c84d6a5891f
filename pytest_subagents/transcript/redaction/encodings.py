"""The forms in which a known secret is looked for, squeezed to letters and digits.

Squeezing does away with case, blanks, line breaks, the signs of a diff, quotes and commas at once; what is left to be
listed here are the alphabets.
"""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from pytest_subagents.model import limits
from pytest_subagents.transcript.redaction.views import squeezed

_LEAST_PLAIN: Final = 12
"""Letters and digits of a secret that is looked for in any spelling: fewer may stand in prose by chance."""
_LEAST_ENCODED: Final = 9
_LEAST_LINE: Final = 16
"""Letters and digits of one line of a secret of several lines (a private key) that is a secret of its own."""
_LEAST_HALF: Final = 12
"""Letters and digits of half a secret that is a secret of its own: outputs are cut anywhere."""
_TOKEN: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_.+/=~-]{24,}")
"""A secret without structure: half of it is as telling as the whole. Addresses and sentences are none."""


@dataclass(frozen=True, slots=True)
class Needle:
    """What is looked for among letters and digits."""

    data: bytes
    whole: bytes = b""
    """What `data` is a part of: as much of it as stands there is cut out with it."""
    at: int = 0
    """Where in the whole it stands."""
    run: bool = False
    """It is part of an encoded text, of which nothing may stay."""


def needles_of(secret: str) -> tuple[Needle, ...]:
    """Everything that `secret` is looked for as; none where only its exact text can be."""
    found: dict[bytes, Needle] = {}
    for part in _parts(secret):
        for needle in _needles(part):
            found.setdefault(needle.data, needle)
    return tuple(found.values())


def _parts(secret: str) -> Iterator[str]:
    yield secret
    lines = secret.splitlines()
    if len(lines) > 1:
        for line in lines:
            if "-----" not in line and len(squeezed(line.encode("utf-8", "replace"))) >= _LEAST_LINE:
                yield line


def _needles(secret: str) -> Iterator[Needle]:
    data = secret.encode("utf-8", "surrogateescape")
    plain = squeezed(data)
    if len(plain) >= _LEAST_PLAIN:
        half = len(plain) // 2
        if half >= _LEAST_HALF and _TOKEN.fullmatch(secret):
            yield Needle(plain[:half], whole=plain)
            yield Needle(plain[-half:], whole=plain, at=len(plain) - half)
        else:
            yield Needle(plain)
        yield Needle(plain[::-1])
        yield Needle(squeezed(codecs.encode(secret, "rot13").encode("utf-8", "surrogateescape")))
    if len(secret) < limits.SECRET_CHARS:
        return
    for offset in range(5 if _TOKEN.fullmatch(secret) else 1):
        inner = _base32_at(data, offset)
        if len(inner) >= _LEAST_ENCODED:
            yield Needle(inner, run=True)
    for offset in range(3):
        inner = _base64_at(data, offset)
        if len(squeezed(inner)) >= _LEAST_ENCODED:
            yield Needle(squeezed(inner), run=True)
        if _TOKEN.fullmatch(secret):
            yield from _twice(inner)
            yield Needle(squeezed(inner[::-1]), run=True)
    yield Needle(data.hex().encode(), run=True)
    yield Needle(squeezed(b",".join(b"0x%02x" % byte for byte in data))[2:])
    yield Needle(b"".join(b"%d" % byte for byte in data))
    if _TOKEN.fullmatch(secret):
        for encoded in (data.hex().encode(), secret.encode("utf-16-le"), quote(secret, safe="").encode()):
            for offset in range(3):
                yield Needle(squeezed(_base64_at(encoded, offset)), run=True)


def _twice(inner: bytes) -> Iterator[Needle]:
    """The base64 of base64, and its hexadecimal."""
    for offset in range(3):
        yield Needle(squeezed(_base64_at(inner, offset)), run=True)
    yield Needle(inner.hex().encode(), run=True)


def _base64_at(data: bytes, offset: int) -> bytes:
    """What `data` always has in the base64 of a text in which `offset` bytes precede it."""
    encoded = base64.b64encode(b"\0" * offset + data)
    return encoded[(offset * 8 + 5) // 6 : (offset + len(data)) * 8 // 6]


def _base32_at(data: bytes, offset: int) -> bytes:
    """The same of base32."""
    encoded = base64.b32encode(b"\0" * offset + data)
    return squeezed(encoded[(offset * 8 + 4) // 5 : (offset + len(data)) * 8 // 5])
