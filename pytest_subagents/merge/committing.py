"""Commits of our own. Their ids are the same whoever makes them and whenever."""

from __future__ import annotations

import re
from typing import Final

from pytest_subagents.merge.private_store import Store

_COMMITTED: Final = re.compile(rb"^committer .*> (\d{1,12} [+-]\d{4})$", re.M)
_WHO: Final = "subagents <subagents@localhost>"
_NEVER: Final = "0 +0000"


def commit(store: Store, tree: str, *, parent: str | None, when: str, message: str) -> str:
    """The id of a new commit. `commit-tree` would make none without the object of its parent, which a store borrows."""
    parents = (f"parent {parent}",) if parent is not None else ()
    lines = (f"tree {tree}", *parents, f"author {_WHO} {when}", f"committer {_WHO} {when}", "", message)
    text = "\n".join(lines).encode("utf-8", "replace")
    answer = store.writing.run("hash-object", "-t", "commit", "-w", "--stdin", input=text)
    return answer.decode("ascii").strip()


def time_of(store: Store, commit: str | None) -> str:
    """When a commit was made, as git writes it."""
    if commit is None:
        return _NEVER
    found = _COMMITTED.search(store.reading.run("cat-file", "commit", commit).partition(b"\n\n")[0])
    return found[1].decode("ascii") if found is not None else _NEVER


def packed(store: Store, tip: str, without: str | None) -> bytes:
    """All that the commit `tip` has and the commit `without` has not, as a pack."""
    wanted = f"{tip}\n" + (f"^{without}\n" if without is not None else "")
    return store.reading.run(
        "pack-objects", "--revs", "--stdout", "--quiet", "--threads=1", input=wanted.encode("ascii")
    )
