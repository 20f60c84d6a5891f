"""Paths of one machine, replaced by what they were for: the same recording wherever it was made."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from pytest_subagents.model.placeholders import HOME, SECRET, TEMPORARY, WORKSPACE
from pytest_subagents.transcript.redaction.cutting import Cut

_LONG: Final = 3
"""Folders of a path that is found wherever it stands; one with fewer, such as `/root`, only where no name precedes."""
_PLACEHOLDERS: Final = (WORKSPACE, HOME, TEMPORARY, SECRET)


class Paths:
    """Finds paths in the bytes of JSON or of a text; the longest first where one lies in another."""

    __slots__ = ("_forms", "_pattern", "_replacements")

    def __init__(
        self, *, workspaces: Iterable[str] = (), homes: Iterable[str] = (), temporaries: Iterable[str] = ()
    ) -> None:
        wanted: dict[bytes, tuple[bytes, str]] = {}
        for paths, placeholder in ((workspaces, WORKSPACE), (temporaries, TEMPORARY), (homes, HOME)):
            for path in paths:
                for real in dict.fromkeys((os.path.abspath(path), os.path.realpath(path))):
                    for form, pattern in _forms_of(real):
                        wanted.setdefault(form, (pattern, placeholder))
        longest = sorted(wanted, key=lambda form: (-len(form), form))
        self._forms = tuple(longest)
        self._replacements = tuple(wanted[form][1].encode() for form in longest)
        self._pattern = re.compile(b"|".join(b"(" + wanted[form][0] + b")" for form in longest) or b"(?!)")

    def may_be_in(self, data: bytes) -> bool:
        """Whether one of the paths may be in `data`."""
        return any(form in data for form in self._forms) or (b"\\/" in data and bool(self._pattern.search(data)))

    def replaced(self, data: bytes) -> bytes:
        """`data` with its placeholder for each path; lines and JSON stay what they are."""
        return self._pattern.sub(self._placeholder, data)

    def cuts(self, text: str) -> list[Cut]:
        """Where in a text that was joined from pieces a path stands."""
        data = text.encode("utf-8", "surrogateescape")
        if not self.may_be_in(data):
            return []
        cuts = []
        for match in self._pattern.finditer(data):
            start, end = (len(data[:at].decode("utf-8", "surrogateescape")) for at in match.span())
            cuts.append(Cut(start, end, "a path", self._placeholder(match).decode()))
        return cuts

    def _placeholder(self, match: re.Match[bytes]) -> bytes:
        assert match.lastindex is not None
        return self._replacements[match.lastindex - 1]


def _forms_of(path: str) -> Iterable[tuple[bytes, bytes]]:
    """Each way to write `path`, with its pattern."""
    parts = [part for part in path.split("/") if part]
    if not parts or path != os.path.normpath(path) or "\n" in path:
        return  # the root of the file system is everywhere
    long = len(parts) >= _LONG
    spellings = {path, quote(path), json.dumps(path)[1:-1], json.dumps(path, ensure_ascii=False)[1:-1]}
    spellings |= {json.dumps(spelling)[1:-1] for spelling in tuple(spellings)}
    for spelling in spellings:
        form = os.fsencode(spelling)
        yield form, _before(long, rb"\w.<-") + re.escape(form).replace(b"/", rb"\\*/") + rb"(?![\w%]|[.-]\w)"
    encoded = quote(path, safe="").encode()
    yield encoded, b"(?i:" + re.escape(encoded) + rb")(?![\w-]|\.\w)"
    if long:
        # The folder of a project's sessions below ~/.claude/projects: every sign that is no letter or digit is a `-`.
        name = re.sub("[^A-Za-z0-9]", "-", path).encode()
        yield name, rb"(?<![\w-])" + re.escape(name) + rb"(?!\w)"


def _before(long: bool, letters: bytes) -> bytes:
    if long:
        return b""
    placeholders = b"".join(b"(?<!" + re.escape(placeholder.encode()) + b")" for placeholder in _PLACEHOLDERS)
    return rb"(?:(?<![" + letters + b"])" + placeholders + rb"|(?<=\\[nrt]))"
