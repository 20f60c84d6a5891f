"""Which files an agent says it changed, held against what it really changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_subagents.audit.entry import Entry, entry
from pytest_subagents.git.names import is_git_name
from pytest_subagents.model import limits
from pytest_subagents.model.event import ChangeKind
from pytest_subagents.model.outcome import Change
from pytest_subagents.vendors.folding import together
from pytest_subagents.vendors.places import is_outside


class Told:
    """What all sessions of one transcript tell of changes, in their order; it forgets nothing and is bounded."""

    def __init__(self) -> None:
        self._changes: dict[str, ChangeKind | None] = {}
        self.more = False
        """There were more files than are kept, or longer names."""

    def take(self, where: str, kind: ChangeKind) -> None:
        """`where` is from the workspace, or outside of it as it was told."""
        if where in self._changes:
            self._changes[where] = together(self._changes[where], kind)
        elif len(self._changes) < limits.CHANGES_KEPT and len(where) <= limits.PATH_BYTES:
            self._changes[where] = kind
        else:
            self.more = True

    def __contains__(self, path: str) -> bool:
        """Whether a change of it was told, be it that it came and went."""
        return path in self._changes

    def lasting(self) -> tuple[str, ...]:
        """Paths of the workspace that must be in a diff if what was told is true, sorted: not what came and went, nor
        what no diff has."""
        return tuple(
            sorted(
                path
                for path, kind in self._changes.items()
                if kind is not None and (path.startswith("../") or not is_outside(path)) and not _is_of_git(path)
            )
        )


def differences(told: Told, changes: Sequence[Change], unkept: Sequence[tuple[str, str]]) -> Iterator[Entry]:
    """The real changes, each with whether it was told, in their order; what no patch can carry; and then what was told
    and is not so. `unkept` are paths, each with words behind it."""
    for change in changes:
        yield {**entry("changed", path=change.path, kind=change.kind), "told": change.path in told}
    for path, why in unkept:
        yield {**entry("unkept", path=path, why=why), "told": path in told}
    real = {change.path for change in changes}.union(path for path, _ in unkept)
    for path in told.lasting():
        if path not in real:
            yield entry("not_changed", path=path, told=True)


def _is_of_git(path: str) -> bool:
    return any(is_git_name(name) for name in path.encode("utf-8", "replace").split(b"/"))
