"""What a file looks like that is no transcript, told from its first bytes. Nothing is ever decompressed."""

from __future__ import annotations

from typing import Final

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "zstandard data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x04\x22\x4d\x18", "lz4 data"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\x7fELF", "a program"),
    (b"\xff\xfe\x00\x00", "UTF-32 text"),
    (b"\x00\x00\xfe\xff", "UTF-32 text"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)


def looks_like(head: bytes) -> str:
    """What a file that begins with `head` looks like; empty where it may be text in UTF-8."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if b"\0" not in head:
        return ""
    zeros = head.count(b"\0")
    if zeros * 3 > len(head) and head.count(b"{") > 0 and zeros < len(head):
        return "UTF-16 text"
    return "binary data"
