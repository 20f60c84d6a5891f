"""Which texts may be ids, and how any text becomes the name of a file."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from pytest_subagents.model import limits

RESERVED: Final = frozenset({"latest"})
"""Ids that would name something of ours (a link in the run directory)."""

_OWN_SUFFIXES: Final = (".jsonl", ".meta", ".meta.json", ".patch")
"""What we put behind an id to name its files: a part that ends so could be mistaken for another id's file."""

_WINDOWS: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(?:\.|$)", re.I
)
_ASCII_ID: Final = re.compile(r"[A-Za-z0-9._/-]*")
_ASCII_PART: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")

_INVISIBLE_LETTERS: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that draw nothing (Unicode's Default_Ignorable_Code_Point)."""


def problem_of(id: str) -> str | None:
    """Why `id` cannot be an id, as words that follow it (`has an empty part`); None where it can."""
    if not id:
        return "is empty"
    size = len(id.encode("utf-8", "surrogatepass"))
    if size > limits.ID_BYTES:
        return f"has {size} bytes, more than {limits.ID_BYTES}"
    plain = _ASCII_ID.fullmatch(id) is not None
    stranger = None if plain else next((char for char in id if not _may_stand_in_id(char)), None)
    if stranger is not None:
        return f"has {stranger!a}, which is neither a letter nor a digit nor one of '.', '_', '-', '/'"
    if not plain and not unicodedata.is_normalized("NFC", id):
        return "is not in Unicode's normal form NFC"
    if id.casefold() in RESERVED:
        return "is a reserved name"
    return next(filter(None, map(_problem_of_part, id.split("/"))), None)


def _may_stand_in_id(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char in "._-/"
    return unicodedata.category(char)[0] in "LM" and not _INVISIBLE_LETTERS.match(char)


def _problem_of_part(part: str) -> str | None:
    if not part:
        return "has an empty part"
    if part in (".", ".."):
        return f"has the part {part!r}"
    size = len(part.encode())
    if size > limits.ID_SEGMENT_BYTES:
        return f"has a part of {size} bytes, more than {limits.ID_SEGMENT_BYTES}"
    if _WINDOWS.match(part):
        return f"has the part {part!r}, a name that Windows reserves"
    if part.casefold().endswith(_OWN_SUFFIXES):
        return f"has the part {part!r}, which ends like a file of a recording"
    if _ASCII_PART.fullmatch(part):
        return None
    if part[0] in ".-":
        return f"has a part that begins with {part[0]!r}"
    if part[-1] == ".":
        return "has a part that ends in '.'"
    if unicodedata.category(part[0])[0] == "M":
        return "has a part that begins with a combining mark"
    return None


def clash_of(ids: Iterable[str]) -> tuple[str, str] | None:
    """The first two of `ids` that people and some file systems take for the same (case, normal form); the same text
    twice is one."""
    seen: dict[str, str] = {}
    for id in ids:
        plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", id).casefold())
        if plain in seen:
            return seen[plain], id
        seen[plain] = id
    return None


# --- file names --------------------------------------------------------------------------------------------------
#
# Each part of a text becomes itself, with every character that some file system, shell or reader could take amiss
# written as `%xx` a byte, `%` and `@` included. A part that would meet a name that we give ourselves has an `@` behind
# it. This can be read back, so no two texts meet. What does not fit is cut, and `@@` with 128 bits of SHA-256 stands
# for the whole.

_SEPARATOR: Final = re.compile(r"/(?![^\[\]]*\])")
"""A `/` between brackets is part of a parameter (`test_review[a/b]`), not a folder."""
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_\[](?:[A-Za-z0-9._\[\]-]*[A-Za-z0-9_\]\[-])?")
_KEPT: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-[]")
_MARKED_SUFFIXES: Final = (*_OWN_SUFFIXES, ".json", ".log", ".lock", ".tmp", ".txt")
_HASH_DIGITS: Final = 32


def file_name(text: str) -> str:
    """A relative path, with `/`, that stands for `text` (an id, a node id, a test's name) and for no other text.

    It stays below the folder it is put in, each name in it has at most `limits.FILE_NAME_BYTES` bytes and meets none
    of the files that are kept beside it: suffixes such as `.jsonl` and `.meta.json` may be put behind it, and a number
    below it (`<name>/1`). Ids stay as they are. Two texts that differ in case alone have names that do so too, which
    some file systems take for the same: `clash_of` finds them, and they are refused rather than made unreadable.
    """
    if len(text.encode("utf-8", "surrogatepass")) <= limits.PATH_BYTES:
        parts = _SEPARATOR.split(text)
        path = "/".join(_name_of(part, top=index == 0) for index, part in enumerate(parts))
        if len(path.encode()) <= limits.PATH_BYTES:
            return path
    return _cut(_escaped(text[: limits.FILE_NAME_BYTES]), text)


def _name_of(part: str, *, top: bool) -> str:
    number = part.isascii() and part.isdigit() and not top
    marked = number or not part or part.casefold().endswith(_MARKED_SUFFIXES)
    plain = _PLAIN_NAME.fullmatch(part) is not None and not _WINDOWS.match(part)
    body = part if plain else _escaped(part)
    name = f"{body}@" if marked else body
    return name if len(name.encode()) <= limits.FILE_NAME_BYTES else _cut(body, part)


def _escaped(part: str) -> str:
    last = len(part) - 1
    reserved = _WINDOWS.match(part) is not None
    letters = unicodedata.is_normalized("NFC", part)
    return "".join(
        char
        if (char in _KEPT or (letters and not char.isascii() and _may_stand_in_id(char)))
        and not (index == 0 and (reserved or char in ".-"))
        and not (index == last and char == ".")
        else "".join(f"%{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
        for index, char in enumerate(part)
    )


def _cut(body: str, text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    start = body.encode()[: limits.FILE_NAME_BYTES - len(digest) - 2].decode(errors="ignore")
    return f"{start}@@{digest}"
