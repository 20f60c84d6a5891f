"""The files of a person as entries of a tree, read as they are: their bytes, their modes, their links.

Nothing of git reads them, so no filter runs and no line end changes. What is read is stored in a git directory of our
own, unless the repository has it already.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from pytest_subagents.git.blobs import blob_id, blob_id_of, store_blob
from pytest_subagents.git.names import is_git_name, is_refused
from pytest_subagents.model import limits
from pytest_subagents.workspace.change import Entry, Mode
from pytest_subagents.workspace.listing import Leftover, Listing
from pytest_subagents.workspace.walking import Closed, Found, open_file, read_at_most, walk

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

LeaveOut: TypeAlias = Callable[[bytes], bool]
"""Whether a path, of a file or a folder, is none of the person's."""
State: TypeAlias = tuple[int, int, int, int, int]


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """Files as they were at one moment."""

    objects: Path
    """Where contents are stored."""
    object_format: str
    known: Container[str] = frozenset()
    """Ids of contents that need not be stored."""
    entries: dict[bytes, Entry] = field(default_factory=dict)
    states: dict[bytes, State] = field(default_factory=dict)
    """What tells that a file is still the same: its number, size, mode and times. Nobody can set the last of them."""
    unstored: set[bytes] = field(default_factory=set)
    leftovers: dict[bytes, Leftover] = field(default_factory=dict)
    left: int = field(default_factory=lambda: limits.CHANGED_BYTES)

    @property
    def listing(self) -> Listing:
        found = tuple(self.leftovers[raw] for raw in sorted(self.leftovers))
        return Listing(entries=self.entries, unstored=frozenset(self.unstored), leftovers=found)

    def take(self, found: Found, before: Snapshot | None = None) -> None:
        """One file; what is as it was `before` is not read again."""
        path, mode, state = found.path, found.state.st_mode, _state(found.state)
        if is_refused(path, link=stat.S_ISLNK(mode)):
            self._leave(path, "git_name", "has a name that git refuses")
        elif before is not None and before.states.get(path) == state and path in before.entries:
            self.entries[path], self.states[path] = before.entries[path], state
        elif stat.S_ISLNK(mode):
            self._keep(path, "120000", os.fsencode(os.readlink(found.name, dir_fd=found.folder)))
            self.states[path] = state
        elif stat.S_ISREG(mode):
            self._regular(found, state)
        else:
            self._leave(path, "special", "is no file, folder or link")

    def _regular(self, found: Found, state: State) -> None:
        descriptor = open_file(found, unlock=False)
        try:
            size = os.fstat(descriptor).st_size
            mode: Mode = "100755" if found.state.st_mode & 0o100 else "100644"
            if size <= min(limits.CHANGED_FILE_BYTES, self.left):
                self._keep(found.path, mode, read_at_most(descriptor, size))
            else:
                id = blob_id_of(descriptor, size, self.object_format)
                self.entries[found.path] = Entry(mode=mode, id=id)
                if id not in self.known:
                    self.unstored.add(found.path)
                    self._leave(found.path, "too_large", f"has {size:,} bytes, more than is kept")
        finally:
            os.close(descriptor)
        self.states[found.path] = state

    def _keep(self, path: bytes, mode: Mode, data: bytes) -> None:
        id = blob_id(data, self.object_format)
        self.entries[path] = Entry(mode=mode, id=id)
        if id not in self.known:
            store_blob(data, self.objects, self.object_format)
            self.left -= len(data)

    def _leave(self, path: bytes, kind: str, why: str) -> None:
        self.leftovers.setdefault(path, Leftover(raw=path, kind=kind, why=why))  # type: ignore[arg-type]


def snapshot_below(
    top: Path, snapshot: Snapshot, *, leave_out: LeaveOut, before: Snapshot | None = None, under: bytes = b""
) -> Snapshot:
    """All files below `top` into `snapshot`, in which `top` is the folder `under`. Nothing is made readable."""

    def enter(path: bytes, name: bytes) -> bool:
        return not is_git_name(name) and not leave_out(_join(under, path))

    descriptor = os.open(top, _FOLDER)
    try:
        for step in walk(descriptor, enter=enter, unlock=False):
            match step:
                case Closed():
                    _closed(snapshot, _join(under, step.path), step.why, before)
                case Found() if step.name != b".git" and not leave_out(_join(under, step.path)):
                    _guarded(snapshot, _under(step, under), before)
    finally:
        os.close(descriptor)
    return snapshot


def snapshot_named(top: Path, names: Iterable[bytes], snapshot: Snapshot) -> tuple[bytes, ...]:
    """The files `names` into `snapshot`; those that are not there are taken out of it. The folders among them."""
    folders = []
    for name, found in _named(top, names):
        match found:
            case None:
                snapshot.entries.pop(name, None)
            case Found() if stat.S_ISDIR(found.state.st_mode):
                snapshot.entries.pop(name, None)
                folders.append(name)
            case Found():
                _guarded(snapshot, found, None)
    return tuple(folders)


def _named(top: Path, names: Iterable[bytes]) -> Iterator[tuple[bytes, Found | None]]:
    """Each folder on the way is opened from the one above it, so that no link is followed."""
    root = os.open(top, _FOLDER)
    folder, above = -1, b""
    try:
        for name in sorted(names):
            here, _, last = name.rstrip(b"/").rpartition(b"/")
            if folder < 0 or here != above:
                if folder >= 0:
                    os.close(folder)
                folder, above = _opened(root, here), here
            yield name, _found(name.rstrip(b"/"), last, folder)
    finally:
        for descriptor in (folder, root):
            if descriptor >= 0:
                os.close(descriptor)


def _opened(root: int, path: bytes) -> int:
    """-1 where there is no such folder."""
    here = os.open(".", _FOLDER, dir_fd=root)
    for part in path.split(b"/") if path else ():
        try:
            inner = os.open(part, _FOLDER, dir_fd=here)
        except OSError:
            return -1
        finally:
            os.close(here)
        here = inner
    return here


def _found(path: bytes, last: bytes, folder: int) -> Found | None:
    if folder < 0:
        return None
    try:
        state = os.stat(last, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None
    return Found(path=path, name=last, folder=folder, state=state)


def _guarded(snapshot: Snapshot, found: Found, before: Snapshot | None) -> None:
    try:
        snapshot.take(found, before)
    except FileNotFoundError:
        return
    except OSError as error:
        _closed(snapshot, found.path, (error.strerror or str(error)).lower(), before)


def _closed(snapshot: Snapshot, path: bytes, why: str, before: Snapshot | None) -> None:
    """Nobody knows what became of what is in there: it is not called deleted. What could not be read before, too, is
    not worth a word."""
    known: Mapping[bytes, Entry] = before.entries if before is not None else {}
    inside = path + b"/" if path else b""
    snapshot.entries.update({raw: known[raw] for raw in known if raw == path or raw.startswith(inside)})
    if before is None or path not in before.leftovers:
        snapshot.leftovers.setdefault(path, Leftover(raw=path, kind="closed", why=f"cannot be read: {why}"))


def _under(found: Found, under: bytes) -> Found:
    path = _join(under, found.path)
    return Found(path=path, name=found.name, folder=found.folder, state=found.state) if under else found


def _join(under: bytes, path: bytes) -> bytes:
    return under + b"/" + path if under and path else under or path


def _state(state: os.stat_result) -> State:
    return state.st_ino, state.st_size, state.st_mode, state.st_mtime_ns, state.st_ctime_ns
