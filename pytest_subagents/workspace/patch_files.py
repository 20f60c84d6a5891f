"""A recorded patch file by file, and how large it is; for a patch in the one form that `patch_reading` believes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from pytest_subagents.model.value import Value
from pytest_subagents.workspace.patch_reading import changes_of

_HEADER: Final = re.compile(rb"^diff --git ", re.M)
_HUNK: Final = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_LINE: Final = re.compile(rb"[^\n]*\n")
_BINARY: Final = b"GIT binary patch\n"


class PatchSize(Value, frozen=True, kw_only=True):
    added: int = 0
    """Lines."""
    removed: int = 0
    binary: int = 0
    """Files whose lines cannot be counted."""

    @property
    def lines(self) -> int:
        return self.added + self.removed


class FilePatch(Value, frozen=True, kw_only=True):
    path: str
    """From the rootdir."""
    size: PatchSize
    text: bytes
    """Its part of the patch."""


def files_of(patch: bytes, prefix: PurePath) -> tuple[FilePatch, ...] | str:
    """The files of a patch in its order, a file that becomes a link twice; or why it cannot be used."""
    whole = changes_of(patch, prefix)
    if isinstance(whole, str):
        return whole
    found = []
    for text in _parts(patch):
        changes = changes_of(text, prefix)
        if isinstance(changes, str):
            return changes
        found += [FilePatch(path=change.path, size=size_of(text), text=text) for change in changes]
    return tuple(found)


def size_of(patch: bytes) -> PatchSize:
    """The lines that a patch adds and removes."""
    added = removed = binary = old = new = 0
    for found in _LINE.finditer(patch):
        line = found[0]
        if old or new:
            sign = line[:1]
            added += sign == b"+"
            removed += sign == b"-"
            old -= sign in (b" ", b"-")
            new -= sign in (b" ", b"+")
        elif match := _HUNK.match(line):
            old, new = (1 if count is None else int(count) for count in match.groups())
        elif line == _BINARY:
            binary += 1
    return PatchSize(added=added, removed=removed, binary=binary)


def _parts(patch: bytes) -> Iterator[bytes]:
    """No line of a hunk, nor of a binary, begins as a header does."""
    starts = [match.start() for match in _HEADER.finditer(patch)]
    for start, end in zip(starts, (*starts[1:], len(patch)), strict=False):
        yield patch[start:end]
