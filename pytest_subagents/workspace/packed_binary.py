"""How large what a binary patch holds becomes, known before any of it is unpacked: a few bytes can stand for gigabytes.

`literal N` is N bytes; `delta N` is N bytes that make a file whose size stands at their head: two numbers of seven bits
a byte, the lowest first, that of the file before and that of the file after (gitformat-pack).
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field
from typing import Final

_HEAD: Final = 20
"""Bytes that are enough for both numbers."""


@dataclass(slots=True)
class Packed:
    """One of the two directions of a binary patch, which is fed line by line."""

    kind: bytes
    """`literal` or `delta`."""
    told: int
    _head: bytes = b""
    _unpacking: zlib._Decompress = field(default_factory=zlib.decompressobj)

    def feed(self, line: bytes) -> bool:
        """Whether a line could be one of such: a letter that says how many bytes it has, and they by five letters for
        four."""
        if self.kind == b"literal" or len(self._head) >= _HEAD or self._unpacking.eof:
            return True
        try:
            data = base64.b85decode(line[1:])
            self._head += self._unpacking.decompress(data[: _length(line[:1])], _HEAD - len(self._head))
        except (ValueError, zlib.error):
            return False
        return True

    @property
    def size(self) -> int | None:
        """Of the largest thing that is made of it, in bytes; None where that cannot be told."""
        if self.kind == b"literal":
            return self.told
        numbers, number, shift = [], 0, 0
        for byte in self._head:
            number |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                numbers.append(number)
                number, shift = 0, 0
        return max(self.told, numbers[1]) if len(numbers) > 1 else None


def _length(letter: bytes) -> int:
    """`A` to `Z` are 1 to 26, `a` to `z` go on from there."""
    return letter[0] - ord("A") + 1 if letter <= b"Z" else letter[0] - ord("a") + 27
