"""What a subagent changed, held against what it may write."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.event import ChangeKind
from pytest_subagents.model.glob import matches, with_folders
from pytest_subagents.model.outcome import Change
from pytest_subagents.model.reason import Reason

_DONE: Final[dict[ChangeKind, str]] = {"add": "added", "update": "changed", "delete": "deleted", "rename": "renamed"}


def audited(
    changes: Iterable[Change],
    *,
    allowed: Sequence[str],
    protected: Sequence[str],
    unkept: Iterable[tuple[str, str]] = (),
) -> tuple[Reason, ...]:
    """A reason for each path that is changed against the rules, in their order; the first
    `limits.SCOPE_REASONS`, and one that counts the others.

    `allowed` are the write globs of a subagent, `protected` those that nobody may write; both from the rootdir, as are
    the paths. `unkept` is what it left that no patch can carry: paths, each with words behind it.
    """
    found = _found(changes, tuple(with_folders(allowed)), tuple(with_folders(protected)), allowed, unkept)
    shown = tuple(islice(found, limits.SCOPE_REASONS))
    more = sum(1 for _ in found)
    if not more:
        return shown
    return (*shown, Reason(kind="scope", message=f"it did the like to {more:,} more"))


def _found(
    changes: Iterable[Change],
    allowed: tuple[str, ...],
    protected: tuple[str, ...],
    declared: Sequence[str],
    unkept: Iterable[tuple[str, str]],
) -> Iterator[Reason]:
    folded = tuple((glob, _folded(glob)) for glob in protected)
    for change in changes:
        done, path = _DONE[change.kind], change.path
        twin = _folded(path)
        guard = next((glob for glob in protected if matches(path, [glob])), None)
        if guard is None:
            again = ((glob, fold) for glob, fold in folded if (twin, fold) != (path, glob))
            guard = next((glob for glob, fold in again if matches(twin, [fold])), None)
        if path.startswith("../"):
            yield _reason(f"it {done} {path}, outside of the rootdir, where no scope reaches", path)
        elif guard is not None:
            which = "" if guard == path else f" ({guard})"
            yield _reason(f"it {done} {path}, which is protected{which}: nobody may write it", path)
        elif not allowed:
            yield _reason(f"it {done} {path}, and may write nothing", path, "declare what it may write in scope.write")
        elif not matches(path, allowed):
            hint = "put the path into scope.write, or tell the agent to leave it alone"
            yield _reason(
                f"it {done} {path}, outside of its write scope (the nearest: {_nearest(path, declared)})", path, hint
            )
    for path, why in unkept:
        yield _reason(f"it left {path}, which {why}: that cannot be part of a patch", path)


def _folded(text: str) -> str:
    """What some file systems take for the same: `Recordings/` is `recordings/` on macOS and Windows."""
    return unicodedata.normalize("NFC", text).casefold()


def _nearest(path: str, globs: Sequence[str]) -> str:
    """The glob that begins most like `path`; of several, the first."""
    names = path.split("/")
    return max(globs, key=lambda glob: _shared(glob.removeprefix("./").split("/"), names))


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many segments both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _reason(message: str, path: str, hint: str | None = None) -> Reason:
    cut = message if len(message) <= limits.MESSAGE_CHARS else message[: limits.MESSAGE_CHARS - 1] + "…"
    return Reason(kind="scope", message=cut, at=path, hint=hint)
