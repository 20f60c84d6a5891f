"""What an agent really changed: one value for each path, and one for what no patch can carry."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from pytest_subagents.model.event import ChangeKind
from pytest_subagents.model.outcome import Change
from pytest_subagents.model.value import Value

Mode: TypeAlias = Literal["100644", "100755", "120000", "160000"]
"""git's words for a file, an executable one, a symbolic link and a submodule."""

UnkeptKind: TypeAlias = Literal[
    "git_name",  # `.git`, or what some file system takes for it: a nested repository, mostly
    "special",  # a FIFO, a socket, a device
    "submodule",  # something inside a submodule, which the checkout leaves empty
    "closed",  # a folder or file that could not be read, or is too deep
    "too_large",  # more bytes than a patch carries
    "gone",  # the checkout itself is no folder any more
]


class Entry(Value, frozen=True, kw_only=True):
    """A file as a tree of git has it."""

    mode: Mode
    id: str


class FileDifference(Value, frozen=True, kw_only=True):
    """One path that is not as it was. A rename is two of them; a file that becomes a link or an executable is one."""

    raw: bytes
    """The path from the toplevel of the repository, with `/`, as the file system has it."""
    path: str
    """The same from the rootdir, which may be deeper: what lies outside of that begins with `../`. Bytes that are no
    UTF-8 stand as `\\xff`."""
    before: Entry | None
    """None: it was not there."""
    after: Entry | None
    """None: it is not there any more."""

    @property
    def kind(self) -> ChangeKind:
        if self.before is None:
            return "add"
        return "delete" if self.after is None else "update"


class Unkept(Value, frozen=True, kw_only=True):
    """Something in the checkout that the patch does not carry. Whoever judges must not pass it over."""

    path: str
    """As in `FileDifference`; `.` for the checkout itself."""
    kind: UnkeptKind
    why: str
    """Words behind the path: `is a FIFO`."""


class Diff(Value, frozen=True, kw_only=True):
    """The real diff of a private checkout: tree against tree."""

    patch: bytes
    """`git diff --binary --full-index --no-renames`, paths from the toplevel; empty where nothing changed (which
    `git apply` takes for a mistake). It applies with `git -C TOPLEVEL apply`, and gives `tree` from `base_tree`."""
    differences: tuple[FileDifference, ...]
    """Sorted by the bytes of the path."""
    base_tree: str
    """The id of the tree that the agent started from."""
    tree: str
    """The id of the tree that it left, as far as the patch carries it."""
    prefix: Path = Path()
    """The rootdir from the toplevel, from which the patch counts its paths."""
    unkept: tuple[Unkept, ...] = ()
    """Sorted by path; at most `limits.UNKEPT_SHOWN`, and one that counts the rest."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The differences as a result lists them, sorted by path, one for each path."""
        kinds = {difference.path: difference.kind for difference in self.differences}
        return tuple(Change(path=path, kind=kinds[path]) for path in sorted(kinds))
