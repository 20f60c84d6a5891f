"""What a patch puts into a tree that leads out of it: links, repositories inside it, names that no terminal shows."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from pytest_subagents.git.names import is_git_name
from pytest_subagents.workspace.patch_files import files_of

_MODE: Final = re.compile(rb"^(?:new file mode|new mode|index [0-9a-f.]+) (1[26]0000)$", re.M)
_HUNKS: Final = re.compile(rb"^@@ .*?$", re.M)
_ADDED: Final = re.compile(rb"^\+(.*)$", re.M)


def leading_out(patch: bytes, prefix: PurePath) -> Iterator[tuple[str, str]]:
    """Paths as they are shown, each with words behind it (`is a link to /etc/passwd`), in the order of the patch.

    Nothing for a patch that cannot be used, which its reader tells of.
    """
    if not _MODE.search(patch) and b'diff --git "a/' not in patch:
        return
    files = files_of(patch, prefix)
    for file in () if isinstance(files, str) else files:
        if any(unicodedata.category(char) == "Cc" for char in file.path):
            yield file.path, "has control characters in its name"
        mode = _MODE.search(file.text)
        if mode is None:
            continue
        if mode[1] == b"160000":
            yield file.path, "is a repository of its own, whose files nobody sees"
        elif (target := _target(file.text)) is not None and _leaves(target, prefix / file.path):
            yield file.path, f"is a link to {target or 'what nobody can read'}, out of the repository"


def _target(text: bytes) -> str | None:
    """Where a link leads afterwards; empty where the patch hides it, None where the link is gone."""
    hunk = _HUNKS.search(text)
    if hunk is None:
        return "" if b"GIT binary patch" in text else None
    lines = _ADDED.findall(text, hunk.end())
    return b"\n".join(lines).decode("utf-8", "backslashreplace") if lines else None


def _leaves(target: str, link: PurePath) -> bool:
    if not target or target.startswith("/"):
        return True
    real = posixpath.normpath(posixpath.join(posixpath.dirname(posixpath.normpath(link.as_posix())), target))
    parts = real.split("/")
    return parts[0] == ".." or any(is_git_name(part.encode("utf-8", "replace")) for part in parts)
