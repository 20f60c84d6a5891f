"""Where a path that a stream tells is, seen from the folder that the agent works in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import Final

from pytest_subagents.model.placeholders import HOME, SECRET, TEMPORARY, WORKSPACE

_ELSEWHERE: Final = (HOME, TEMPORARY, SECRET)
_ROOTED: Final = re.compile(r"/|[A-Za-z]:")


def place(path: str, workspaces: Iterable[str]) -> str:
    """`path` with `/`, from the workspace if it is in it (`.` is the workspace itself), else as it was told.

    `workspaces` are the names by which the stream may call the folder that the agent works in; what recordings call it
    is always one. Of several that `path` begins with, the longest counts.
    """
    names = tuple(workspaces)
    if any("\\" in name for name in names):  # Windows
        path, names = path.replace("\\", "/"), tuple(name.replace("\\", "/") for name in names)
    path = path.removeprefix("file://")
    for placeholder in (WORKSPACE, *_ELSEWHERE):
        if path == placeholder or path.startswith(f"{placeholder}/"):
            rest = path[len(placeholder) + 1 :]
            return _normal(rest) if placeholder == WORKSPACE else (placeholder + _normal(f"/{rest}")).rstrip("/")
    path = _normal(path)
    if not _ROOTED.match(path):
        return path
    bases = (_normal(name).rstrip("/") for name in names if name != WORKSPACE)
    base = max((base for base in bases if path == base or path.startswith(f"{base}/")), key=len, default=None)
    return path if base is None else path[len(base) + 1 :] or "."


def is_outside(place: str) -> bool:
    """Whether what `place` gave is not in the workspace."""
    first = place.partition("/")[0]
    return first in ("..", "~", *_ELSEWHERE) or _ROOTED.match(place) is not None


def _normal(path: str) -> str:
    path = posixpath.normpath(path)
    return path[1:] if path.startswith("//") else path
