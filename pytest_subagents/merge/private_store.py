"""A git directory of our own to merge in.

Whatever writes an object here borrows nothing: git sets the time of an object that it was about to write and finds
where it borrows, and the repository must stay as it is. So what a merge needs is brought over first: all trees, and of
the files only those that somebody changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.git.command import Git
from pytest_subagents.git.failing import GitError
from pytest_subagents.git.guard import Settings
from pytest_subagents.git.private import make_private
from pytest_subagents.git.repository import Repository
from pytest_subagents.model.integration import Version
from pytest_subagents.model.value import Value

_SUBMODULE: Final = "160000"
_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

_SETTINGS: Final[Settings] = (("merge.renormalize", "false"), ("merge.conflictStyle", "merge"))


class Store(Value, frozen=True, kw_only=True):
    """Where trees are made."""

    reading: Git
    """Sees the objects of the repository, too. Writes no object but packs."""
    writing: Git
    """Sees what is ours alone."""

    def is_tree(self, id: str) -> bool:
        """Whether `id`, any text, is the whole id of a tree that is here or in the repository."""
        if _ID.fullmatch(id) is None:
            return False
        answer = self.reading.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{id}^{{tree}}")
        return answer.code == 0 and answer.stdout == os.fsencode(f"{id}\n")

    def files_of(self, tree: str) -> Mapping[bytes, Version]:
        """Every file of `tree`: `<mode> <type> <id>\\t<path>`, ended by a NUL."""
        found = {}
        for line in self.reading.run("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0"):
            if line:
                facts, _, path = line.partition(b"\t")
                mode, _kind, id = facts.decode("ascii").split(" ")
                found[path] = Version(mode=mode, id=id)
        return found

    def contents_of(self, ids: Iterable[str], *, at_most: int) -> Mapping[str, bytes]:
        """By id, the contents of those files that have at most so many bytes.

        `<id> <type> <size>`, for the contents followed by them and a line feed.
        """
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        listed = self.reading.run("cat-file", "--batch-check", input="\n".join(wanted).encode("ascii"))
        facts = [line.split() for line in listed.decode("ascii").splitlines()]
        small = [words[0] for words in facts if words[1:2] == ["blob"] and int(words[2]) <= at_most]
        data = self.reading.run("cat-file", "--batch", input="\n".join(small).encode("ascii")) if small else b""
        found, place = {}, 0
        while place < len(data):
            id, _, size = data[place : data.index(b"\n", place)].decode("ascii").split(" ")
            start = data.index(b"\n", place) + 1
            found[id] = data[start : start + int(size)]
            place = start + int(size) + 1
        return found

    def bring_trees(self, tree: str) -> Path:
        """Makes `tree` and all trees in it ours, and gives an index of it."""
        index = self.writing.cwd / f"{tree}.index"
        if not index.exists():
            replace(self.reading, index=index).run("read-tree", tree)
            made = replace(self.writing, index=index).line("write-tree", "--missing-ok")
            if made != tree:
                raise GitError(("write-tree",), f"the tree {tree} of the repository cannot be made again")
        return index

    def bring_files(self, versions: Iterable[Version | None]) -> None:
        """Makes the contents of these ours."""
        ids = sorted({each.id for each in versions if each is not None and each.mode != _SUBMODULE})
        if ids:
            listed = "".join(f"{id}\n" for id in ids).encode("ascii")
            self.reading.run("pack-objects", "--quiet", "--threads=1", "objects/pack/pack", input=listed)


def let_drive(store: Store, name: str) -> None:
    """From now on the merge driver `name` is asked for every file, where a command for it is configured."""
    assert store.reading.git_dir is not None
    with (store.reading.git_dir / "info/attributes").open("a", encoding="ascii") as file:
        file.write(f"* merge={name}\n")


def open_store(repository: Repository, place: Path) -> Store:
    """A new one at `place`, which must not exist."""
    git = make_private(repository, place)
    git = replace(git, settings=(*git.settings, *_SETTINGS))
    if repository.shallow is not None:
        (place / "shallow").write_bytes(repository.shallow.read_bytes())
    return Store(reading=git, writing=replace(git, borrows=()))
