"""Ids of file contents, and writing them where git finds them.

A file is read once, from a descriptor, and what was read is what gets its id and what is kept: no second look that a
process could use to show something else.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import zlib
from pathlib import Path
from typing import Final

_CHUNK: Final = 1024 * 1024


def blob_id(data: bytes, object_format: str) -> str:
    """The id of a file that has `data` for its contents (git's `hash-object`)."""
    return _hash(object_format, len(data), data).hexdigest()


def blob_id_of(descriptor: int, size: int, object_format: str) -> str:
    """The same for the `size` bytes that `descriptor` gives from its beginning, a part at a time."""
    digest = _hash(object_format, size, b"")
    os.lseek(descriptor, 0, os.SEEK_SET)
    while chunk := os.read(descriptor, _CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def store_blob(data: bytes, objects: Path, object_format: str) -> str:
    """Keeps `data` as a loose object in the store `objects`, and gives its id. The format: gitformat-loose(5)."""
    id = blob_id(data, object_format)
    place = objects / id[:2] / id[2:]
    if place.exists():
        return id
    place.parent.mkdir(exist_ok=True)
    temporary = place.with_name(f"tmp_obj_{secrets.token_hex(8)}")
    temporary.write_bytes(zlib.compress(b"blob %d\0" % len(data) + data, 1))
    temporary.chmod(0o400)
    os.replace(temporary, place)
    return id


def _hash(object_format: str, size: int, data: bytes) -> hashlib._Hash:
    # SHA-1 names objects here and protects nothing.
    digest = hashlib.new(object_format, b"blob %d\0" % size, usedforsecurity=False)
    digest.update(data)
    return digest
