"""Folders that tools make beside what they were asked for, which nobody commits: a cache, an installation.

Who ran the tests has one, and it is no work of anybody: such a folder is not part of the real diff, no patch carries
it, and no scope is asked. Where the repository itself has something in a folder of that name, it is one like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

NAMES: Final = frozenset(
    {
        b"__pycache__",
        b".pytest_cache",
        b".mypy_cache",
        b".ruff_cache",
        b".hypothesis",
        b".tox",
        b".nox",
        b".venv",
        b"node_modules",
    }
)


def known_folders(paths: Iterable[bytes]) -> frozenset[bytes]:
    """The folders of such a name that one of `paths` lies in: these are no by-products."""
    found: set[bytes] = set()
    for path in paths:
        parts = path.split(b"/")
        if not NAMES.isdisjoint(parts[:-1]):
            found.update(b"/".join(parts[:end]) for end in range(1, len(parts)) if parts[end - 1] in NAMES)
    return frozenset(found)
