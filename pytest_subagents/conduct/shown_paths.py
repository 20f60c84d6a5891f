"""Paths and names as a report spells them: text that any file can hold, and the same on every machine."""

from __future__ import annotations

import re
from pathlib import Path


def printable(text: str) -> str:
    """`text` without the lone surrogates that stand for undecodable bytes of a file name."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def shown_path(rootdir: Path, path: str) -> str:
    """`path` from the rootdir; one that is elsewhere is shown by its name, since a report holds no absolute path."""
    prefix = f"{rootdir}/"
    below = path.removeprefix(prefix) if path.startswith(prefix) else path.rpartition("/")[2]
    return printable(below)


def without_rootdir(rootdir: Path, text: str) -> str:
    """`text`, words of an error, with paths from the rootdir in place of absolute ones."""
    if rootdir.parent == rootdir:
        return text
    return re.sub(rf"{re.escape(str(rootdir))}(?![\w.-])", ".", text.replace(f"{rootdir}/", ""))
