"""Paths of a repository as people and globs read them: from the rootdir, as text."""

from __future__ import annotations

import os
from pathlib import PurePath


def shown(raw: bytes, prefix: PurePath) -> str:
    """`raw`, which counts from the toplevel, from the folder `prefix` of it; bytes that are no UTF-8 as `\\xff`.

    What is not inside of `prefix` begins with `../`, as does `prefix` itself.
    """
    return _relative(raw, prefix).decode("utf-8", "backslashreplace")


def _relative(raw: bytes, prefix: PurePath) -> bytes:
    parts = [os.fsencode(part) for part in prefix.parts]
    names = raw.split(b"/")
    same = 0
    while same < min(len(parts), len(names) - 1) and parts[same] == names[same]:
        same += 1
    return b"/".join([b".."] * (len(parts) - same) + names[same:])
