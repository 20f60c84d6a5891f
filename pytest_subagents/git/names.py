"""Which names git itself will not keep in a tree, on any system.

git refuses a whole command for one of them or passes it over, so they are sorted out before. The rules are those of
`verify_path` in git's `read-cache.c` with `core.protectHFS` and `core.protectNTFS` on, a little wider where simpler.
"""

from __future__ import annotations

import re
from typing import Final

_HFS_IGNORED: Final = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_NTFS_GIT: Final = re.compile(r"(?:\.git|git~1)[ .]*(?:[\\:].*)?\Z", re.I | re.S)
_LINKS: Final = re.compile(r"(?:\.gitmodules|gi7eba~[1-9]|gitmod~[1-4])[ .]*(?::.*)?\Z", re.I | re.S)


def is_git_name(name: bytes) -> bool:
    """Whether one segment of a path is `.git`, or is taken for it by some file system."""
    text = _HFS_IGNORED.sub("", name.decode("utf-8", "surrogateescape"))
    return any(_NTFS_GIT.match(part) is not None for part in _parts(text))


def is_refused(path: bytes, *, link: bool) -> bool:
    """Whether git would not take `path` (with `/`, from the top of a tree) into an index. `link`: a symbolic one."""
    segments = path.split(b"/")
    if any(segment in (b"", b".", b"..") or is_git_name(segment) for segment in segments):
        return True
    return link and any(_is_submodules_list(segment) for segment in segments)


def _is_submodules_list(name: bytes) -> bool:
    """Whether one segment is `.gitmodules` to some file system; git looks at all segments of a link's path."""
    text = _HFS_IGNORED.sub("", name.decode("utf-8", "surrogateescape"))
    return any(_LINKS.match(part) is not None for part in _parts(text))


def _parts(text: str) -> tuple[str, ...]:
    """`text`, and what follows each backslash in it: Windows takes that for a separator."""
    return (text, *(text[index + 1 :] for index, char in enumerate(text) if char == "\\"))
