"""Names in C style, as git writes and reads them where a name could be taken for something else."""

from __future__ import annotations

from typing import Final

_ESCAPED: Final = {0x22: b'\\"', 0x5C: b"\\\\"}


def quoted(name: bytes) -> bytes:
    """`name` in quotes, in ASCII: what a line of `objects/info/alternates` and a list of object stores may hold."""
    inner = (_ESCAPED.get(byte) or (bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte) for byte in name)
    return b'"' + b"".join(inner) + b'"'
