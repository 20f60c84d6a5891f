"""Where in the repository a path of an agent's points, for formats whose readers open it."""

from __future__ import annotations

import posixpath
import re
from typing import Final
from urllib.parse import quote, unquote

from pytest_subagents.model.limits import PATH_BYTES
from pytest_subagents.reports.escape import terminal

_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")
"""How an address begins, and a path with a drive."""


def inside(path: str | None) -> str | None:
    """`path`, normalised, where it is a relative path that stays below the rootdir; else None.

    None too for what only looks like one: an address, a drive, a backslash, characters that nobody sees, and what
    leaves the rootdir once somebody has decoded it.
    """
    if path is None or len(path) > PATH_BYTES or "\\" in path or terminal(path) != path or _SCHEME.match(path):
        return None
    decoded = path
    while (further := unquote(decoded)) != decoded:
        decoded = further
    if decoded != path and (".." in re.split(r"[/\\]", decoded) or decoded.startswith(("/", "\\"))):
        return None
    whole = posixpath.normpath(path)
    return None if whole.startswith(("/", "../")) or whole in ("", ".", "..") else whole


def as_uri(inner: str) -> str:
    """A path that is `inside` as a relative reference (RFC 3986)."""
    return quote(inner, safe="/", errors="surrogateescape")


def declared_in(nodeid: str) -> str | None:
    """The file that a row's subagent is declared in, or its transcript; None where that lies elsewhere."""
    return inside(nodeid.partition("::")[0])
