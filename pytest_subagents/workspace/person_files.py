"""The files of a person's checkout as a tree in a git directory of our own; their index and their files stay as they
are."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.command import Git
from pytest_subagents.git.repository import Repository
from pytest_subagents.model import limits
from pytest_subagents.model.value import Value
from pytest_subagents.workspace.change import Entry
from pytest_subagents.workspace.digests import LEFT_OUT
from pytest_subagents.workspace.dirty import dirty_names
from pytest_subagents.workspace.indexing import entries_of, put_entries
from pytest_subagents.workspace.listing import Leftover
from pytest_subagents.workspace.paths import shown
from pytest_subagents.workspace.snapshot import Snapshot, snapshot_below, snapshot_named

_NOT_CARRIED: Final = "commit it, ignore it, or put it elsewhere"
_LEFT_OUT: Final = LEFT_OUT | {b".pytest_cache", b".mypy_cache", b".ruff_cache", b".hypothesis"}


class PersonFiles(Value, frozen=True, kw_only=True):
    """A person's files, and where what is read of them is kept."""

    repository: Repository
    git: Git
    """git in the directory that is ours, which borrows nothing."""
    reading: Git
    """The same, which sees what the repository has."""
    ours: tuple[Path, ...]
    """Files and folders that runs themselves write: absolute, without links."""
    head_tree: str | None
    """None where there is no commit."""

    def with_uncommitted(self) -> str:
        """The id of the tree of HEAD with all that is changed, staged or new in the checkout and not ignored.

        `BadUsage` for what no tree can hold: a repository in the repository, what is too large or cannot be read; and
        in the middle of a merge, as files are not whole then.
        """
        self._refuse_unmerged()
        head = self._head()
        snapshot = self._snapshot(head)
        names = [name for name in dirty_names(self.repository) if not self.is_ours(name)]
        folders = snapshot_named(self.repository.toplevel, names, snapshot)
        nested = [Leftover(raw=name, kind="git_name", why="is a repository of its own") for name in folders]
        self._refuse([*nested, *snapshot.leftovers.values()], "--subagents-uncommitted=carry")
        changed = ((name, snapshot.entries.get(name)) for name in names)
        return self._tree([(name, after) for name, after in changed if head.get(name) != after], start=self.head_tree)

    def copied(self) -> str:
        """The id of the tree of all files as they are: those that git tracks and those that are new and not ignored;
        of a submodule, all of it. Without a repository: all but `LEFT_OUT`. `BadUsage` as above."""
        head, top = self._head(), self.repository.toplevel
        snapshot = self._snapshot(head)
        if self.repository.objects is None:
            snapshot_below(top, snapshot, leave_out=self.leave_out)
        else:
            names = self._listed()
            for folder in snapshot_named(top, (name for name in names if not self.is_ours(name)), snapshot):
                path = folder.rstrip(b"/")
                snapshot_below(top / os.fsdecode(path), snapshot, leave_out=self.leave_out, under=path)
            snapshot.entries.update({name: head[name] for name in names if self.is_ours(name) and name in head})
        self._refuse(snapshot.leftovers.values(), "isolation: copy")
        return self._tree(list(snapshot.entries.items()), start=None)

    def as_they_are(self, before: Snapshot | None = None) -> Snapshot:
        """All files, ignored ones too, but those that are ours or made by tools of Python."""
        return snapshot_below(
            self.repository.toplevel, self._snapshot(self._head()), leave_out=self.leave_out, before=before
        )

    def tree_of(self, snapshot: Snapshot) -> str:
        return self._tree(list(snapshot.entries.items()), start=None)

    def is_ours(self, name: bytes) -> bool:
        path = self.repository.toplevel / os.fsdecode(name)
        return any(path.is_relative_to(each) for each in self.ours)

    def leave_out(self, name: bytes) -> bool:
        return name.rpartition(b"/")[2] in _LEFT_OUT or self.is_ours(name)

    @property
    def index(self) -> Path:
        """That of the tree which was made last."""
        return self.git.cwd / "person.index"

    def _snapshot(self, head: Mapping[bytes, Entry]) -> Snapshot:
        known: Container[str] = frozenset(entry.id for entry in head.values())
        return Snapshot(objects=self.git.cwd / "objects", object_format=self.repository.object_format, known=known)

    def _head(self) -> dict[bytes, Entry]:
        if self.head_tree is None:
            return {}
        self.index.unlink(missing_ok=True)
        git = replace(self.reading, index=self.index)
        git.run("read-tree", self.head_tree)
        return dict(entries_of(git))

    def _listed(self) -> tuple[bytes, ...]:
        git = replace(self.repository.git, cwd=self.repository.toplevel)
        names = git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard").split(b"\0")
        return tuple(sorted({name for name in names if name}))

    def _tree(self, puts: list[tuple[bytes, Entry | None]], *, start: str | None) -> str:
        self.index.unlink(missing_ok=True)
        if start is not None:
            replace(self.reading, index=self.index).run("read-tree", start)
        put_entries(replace(self.git, index=self.index), puts, self.repository.object_format)
        return replace(self.git, index=self.index).line("write-tree", "--missing-ok")

    def _refuse_unmerged(self) -> None:
        """A line of `--unmerged` is `<mode> <id> <stage>\\t<path>`, ended by a NUL."""
        lines = replace(self.repository.git, cwd=self.repository.toplevel).run("ls-files", "--unmerged", "-z")
        names = sorted({line.partition(b"\t")[2] for line in lines.split(b"\0") if line})
        if names:
            more = f", and {len(names) - 1} more" if len(names) > 1 else ""
            what = f"{shown(names[0], self.repository.prefix)} is not merged: git waits for you to resolve it{more}"
            hint = "end the merge first (`git status` tells how), or say =ignore"
            raise BadUsage("--subagents-uncommitted=carry", what, hint=hint)

    def _refuse(self, leftovers: Iterable[Leftover], where: str) -> None:
        found = list(self._worded(leftovers))
        if found:
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            raise BadUsage(where, f"{found[0]}: that cannot be part of a tree{more}", hint=_NOT_CARRIED)

    def _worded(self, leftovers: Iterable[Leftover]) -> Iterator[str]:
        for each in sorted(leftovers, key=lambda each: each.raw):
            path = each.raw.decode("utf-8", "backslashreplace")
            yield f"{path} {each.why}"[: limits.MESSAGE_CHARS // 2]
