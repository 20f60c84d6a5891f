"""Which files a recorded patch changes, read without git: a replay starts nothing.

A patch comes from a recording, so it is not believed to be what it looks like. Only the one form is read that
`real_diff` writes (`git diff-tree -p --binary --full-index --no-renames`), to the letter and to its end: whatever git
would take for a patch too (mail around it, renames, another name behind `+++`, more lines than a hunk counts) is
refused, so nothing that it would change is passed over here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from pytest_subagents.git.names import is_refused
from pytest_subagents.model import limits
from pytest_subagents.model.event import ChangeKind
from pytest_subagents.model.outcome import Change
from pytest_subagents.workspace.packed_binary import Packed
from pytest_subagents.workspace.paths import shown

_MODE: Final = rb"(?:100644|100755|120000|160000)"
_FILE: Final = re.compile(rb"(new|deleted) file mode (" + _MODE + rb")")
_OLD: Final = re.compile(rb"old mode " + _MODE)
_NEW: Final = re.compile(rb"new mode " + _MODE)
_INDEX: Final = re.compile(rb"index (?:[0-9a-f]{40}\.\.[0-9a-f]{40}|[0-9a-f]{64}\.\.[0-9a-f]{64})(?: " + _MODE + rb")?")
_HUNK: Final = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(?: .*)?", re.S)
_BINARY: Final = re.compile(rb"(literal|delta) (\d{1,12})")
_PACKED: Final = re.compile(rb"[A-Za-z][0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{5,65}")
_QUOTED: Final = re.compile(rb'"((?:[^"\\]|\\(?:[abtnvfr"\\]|[0-3][0-7]{2}))*)"')
_MUST_QUOTE: Final = re.compile(rb'[\x00-\x1f\x7f"\\]')
_ESCAPE: Final = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_MEANT: Final = dict(zip(b"abtnvfr", b"\a\b\t\n\v\f\r", strict=True))


def changes_of(patch: bytes, prefix: PurePath) -> tuple[Change, ...] | str:
    """What `patch` changes, sorted, one for each path, as paths from the folder `prefix` of the toplevel; or one line
    that says why it cannot be used."""
    found: dict[bytes, ChangeKind] = {}
    lines = _Lines(patch)
    try:
        for name, kind in _sections(lines):
            before = found.get(name)
            if before is not None and (before, kind) != ("delete", "add"):  # a file that becomes a link is both
                raise _NotOurs("changes a file twice")
            found[name] = kind if before is None else "update"
    except _NotOurs as error:
        return f"line {lines.number:,} of the patch {error}"
    kinds = {shown(name, prefix): kind for name, kind in found.items()}
    return tuple(Change(path=path, kind=kinds[path]) for path in sorted(kinds))


class _NotOurs(Exception):
    """What a line does that none of ours does."""


class _Lines:
    """A patch, line by line, as nobody wants millions of them at a time."""

    def __init__(self, patch: bytes) -> None:
        self._patch = patch
        self._at = 0
        self.number = 0
        """Of the line that was taken last, counted from 1."""

    def __bool__(self) -> bool:
        return self._at < len(self._patch)

    def peek(self) -> bytes:
        """The next line, empty at the end."""
        end = self._patch.find(b"\n", self._at)
        return self._patch[self._at : end if end >= 0 else len(self._patch)]

    def take(self) -> bytes:
        if not self:
            raise _NotOurs("is the last one, and something is missing")
        line = self.peek()
        self._at += len(line) + 1
        self.number += 1
        if self._at > len(self._patch):
            raise _NotOurs("has no end")
        return line


def _sections(lines: _Lines) -> Iterator[tuple[bytes, ChangeKind]]:
    size = 0
    while lines:
        name = _name(lines.take())
        kind, mode = _kind(lines)
        if is_refused(name, link=mode == b"120000"):
            raise _NotOurs("changes a file that no checkout has")
        if _INDEX.fullmatch(lines.peek()):
            lines.take()
            if lines.peek() == b"GIT binary patch":
                lines.take()
                size += _binary(lines)
                if size > limits.CHANGED_BYTES:
                    raise _NotOurs(f"ends what makes more than {limits.CHANGED_BYTES:,} bytes")
            elif lines.peek().startswith(b"--- "):
                _text(lines, name, kind)
            elif kind == "update":
                raise _NotOurs("is followed by no change")
        elif kind != "update" or mode is None:
            raise _NotOurs("is followed by no index")
        yield name, kind


def _name(line: bytes) -> bytes:
    if not line.startswith(b"diff --git "):
        raise _NotOurs("is none that a patch of ours has")
    names = line[len(b"diff --git ") :]
    if names.startswith(b'"'):
        middle = _QUOTED.match(names)
        first = middle[1] if middle is not None else b""
        if names != b'"%s" "b%s"' % (first, first[1:]) or not first.startswith(b"a/"):
            raise _NotOurs("has two names")
        return _ESCAPE.sub(_meant, first[2:])
    name = names[2 : (len(names) - 1) // 2]
    if names != b"a/%s b/%s" % (name, name) or _MUST_QUOTE.search(name):
        raise _NotOurs("has two names")
    return name


def _meant(match: re.Match[bytes]) -> bytes:
    what = match[1]
    return bytes([int(what, 8) if len(what) == 3 else _MEANT.get(what[0], what[0])])


def _kind(lines: _Lines) -> tuple[ChangeKind, bytes | None]:
    """And the mode of what is new or gone, or anything where the mode changes."""
    if match := _FILE.fullmatch(lines.peek()):
        lines.take()
        return ("add" if match[1] == b"new" else "delete"), match[2]
    if _OLD.fullmatch(lines.peek()):
        lines.take()
        if not _NEW.fullmatch(lines.take()):
            raise _NotOurs("is no mode")
        return "update", b"mode"
    return "update", None


def _text(lines: _Lines, name: bytes, kind: ChangeKind) -> None:
    for sign, side, absent in ((b"--- ", b"a/", "add"), (b"+++ ", b"b/", "delete")):
        line = lines.take()
        wanted = b"/dev/null" if kind == absent else side + name
        if not line.startswith(sign) or _plain(line[len(sign) :]) != wanted:
            raise _NotOurs("has another name")
    count = 0
    while match := _HUNK.fullmatch(lines.peek()):
        lines.take()
        _hunk(lines, *(1 if match[group] is None else int(match[group]) for group in (2, 4)))
        count += 1
    if not count:
        raise _NotOurs("is followed by no change")


def _plain(name: bytes) -> bytes | None:
    """A name behind `+++`, where a tab follows one with a blank in it."""
    name = name.removesuffix(b"\t")
    if match := _QUOTED.fullmatch(name):
        return _ESCAPE.sub(_meant, match[1])
    return None if _MUST_QUOTE.search(name) else name


def _hunk(lines: _Lines, old: int, new: int) -> None:
    while old or new:
        sign = lines.take()[:1]
        if sign == b" " and old and new:
            old, new = old - 1, new - 1
        elif sign == b"-" and old:
            old -= 1
        elif sign == b"+" and new:
            new -= 1
        elif sign != b"\\":
            raise _NotOurs("is not what its hunk counts")
    if lines.peek().startswith(b"\\"):
        lines.take()


def _binary(lines: _Lines) -> int:
    """Forth and back; how many bytes the file has then."""
    forth, _ = (_packed(lines, at_most) for at_most in (limits.CHANGED_FILE_BYTES, limits.CHANGED_BACK_BYTES))
    return forth


def _packed(lines: _Lines, at_most: int) -> int:
    match = _BINARY.fullmatch(lines.take())
    if match is None:
        raise _NotOurs("is no binary patch")
    packed = Packed(match[1], int(match[2]))
    while line := lines.take():
        if not _PACKED.fullmatch(line) or not packed.feed(line):
            raise _NotOurs("is no binary patch")
    if packed.size is None:
        raise _NotOurs("is no binary patch")
    if packed.size > at_most:
        raise _NotOurs(f"ends a file of more than {at_most:,} bytes")
    return packed.size
