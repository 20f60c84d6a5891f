"""What is in a private checkout now, each file read once and known by the id that git would give it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_subagents.git.blobs import blob_id, blob_id_of, store_blob
from pytest_subagents.git.names import is_git_name, is_refused
from pytest_subagents.model import limits
from pytest_subagents.model.value import Value
from pytest_subagents.workspace import by_products
from pytest_subagents.workspace.change import Entry, Mode, UnkeptKind
from pytest_subagents.workspace.walking import Closed, Found, Step, open_file, read_at_most, walk

_SUBMODULE: Final = "160000"
_TOP: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Leftover(Value, frozen=True, kw_only=True):
    """Something that no patch can carry, by its raw path."""

    raw: bytes
    kind: UnkeptKind
    why: str


class Listing(Value, frozen=True, kw_only=True):
    """The files of a checkout."""

    entries: Mapping[bytes, Entry]
    unstored: frozenset[bytes]
    """Paths in `entries` whose contents are not kept: there was too much."""
    leftovers: tuple[Leftover, ...]


def list_checkout(
    place: Path,
    *,
    base: Mapping[bytes, Entry],
    sizes: Callable[[], Mapping[str, int]],
    objects: Path,
    object_format: str,
) -> Listing:
    """All files below `place`. What differs from `base` is stored in `objects`; `sizes` gives those of base's blobs.

    Nothing raises but a disk that is full: a checkout that is gone has no files, and says so.
    """
    reading = _Reading(base=base, sizes=sizes, objects=objects, object_format=object_format)
    try:
        top = os.open(place, _TOP)
    except OSError as error:
        reading.leave(b"", "gone", f"is no folder any more: {(error.strerror or str(error)).lower()}")
    else:
        try:
            for step in walk(top, enter=reading.enter, unlock=True):
                reading.take(step)
        finally:
            os.close(top)
    return Listing(
        entries=reading.entries,
        unstored=frozenset(reading.unstored),
        leftovers=tuple(reading.leftovers[raw] for raw in sorted(reading.leftovers)),
    )


def _special(mode: int) -> str:
    kinds = (
        (stat.S_ISFIFO, "a FIFO"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISBLK, "a device"),
        (stat.S_ISCHR, "a device"),
    )
    return next((words for test, words in kinds if test(mode)), "no file")


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One look at a checkout, while it lasts."""

    base: Mapping[bytes, Entry]
    sizes: Callable[[], Mapping[str, int]]
    objects: Path
    object_format: str
    entries: dict[bytes, Entry] = field(default_factory=dict)
    unstored: set[bytes] = field(default_factory=set)
    modules: set[bytes] = field(default_factory=set)
    leftovers: dict[bytes, Leftover] = field(default_factory=dict)
    left: int = field(default_factory=lambda: limits.CHANGED_BYTES)
    known_folders: frozenset[bytes] = frozenset()

    def __post_init__(self) -> None:
        self.known_folders = by_products.known_folders(self.base)

    def enter(self, path: bytes, name: bytes) -> bool:
        if path == b".git":
            return False
        if is_git_name(name):
            self.leave(path, "git_name", "is a git directory, or what some system takes for one")
            return False
        if name in by_products.NAMES and path not in self.known_folders:
            return False
        known = self.base.get(path)
        if known is not None and known.mode == _SUBMODULE:
            self.entries[path] = known
            self.modules.add(path)
        return True

    def take(self, step: Step) -> None:
        match step:
            case Closed():
                self.leave(step.path, "closed", f"was not looked into: {step.why}")
                below = step.path + b"/" if step.path else b""
                # Nobody knows what became of these: they are not called deleted.
                unknown = (raw for raw in self.base if raw == step.path or raw.startswith(below))
                self.entries |= {raw: self.base[raw] for raw in unknown if raw not in self.entries}
            case Found():
                self.take_file(step)

    def take_file(self, found: Found) -> None:
        path, mode = found.path, found.state.st_mode
        if path == b".git":
            return
        module = self.submodule_of(path)
        if module is not None:
            self.leave(module, "submodule", "is a submodule, which is left empty, and has files in it")
        elif is_refused(path, link=stat.S_ISLNK(mode)):
            self.leave(path, "git_name", "has a name that git refuses")
        elif stat.S_ISLNK(mode):
            self.guarded(found, self.take_link)
        elif stat.S_ISREG(mode):
            self.guarded(found, self.take_regular)
        else:
            self.leave(path, "special", f"is {_special(mode)}")

    def guarded(self, found: Found, take: Callable[[Found], None]) -> None:
        try:
            take(found)
        except FileNotFoundError:
            return
        except OSError as error:
            self.leave(found.path, "closed", f"cannot be read: {(error.strerror or str(error)).lower()}")
            if found.path in self.base:
                self.entries[found.path] = self.base[found.path]

    def take_link(self, found: Found) -> None:
        target = os.readlink(found.name, dir_fd=found.folder)
        self.keep(found.path, "120000", os.fsencode(target))

    def take_regular(self, found: Found) -> None:
        descriptor = open_file(found, unlock=True)
        try:
            size = os.fstat(descriptor).st_size
            mode: Mode = "100755" if found.state.st_mode & 0o100 else "100644"
            if size <= min(limits.CHANGED_FILE_BYTES, self.left):
                self.keep(found.path, mode, read_at_most(descriptor, size))
            else:
                self.compare(found.path, mode, descriptor, size)
        finally:
            os.close(descriptor)

    def keep(self, path: bytes, mode: Mode, data: bytes) -> None:
        id = blob_id(data, self.object_format)
        self.entries[path] = Entry(mode=mode, id=id)
        known = self.base.get(path)
        if known is None or known.id != id:
            store_blob(data, self.objects, self.object_format)
            self.left -= len(data)

    def compare(self, path: bytes, mode: Mode, descriptor: int, size: int) -> None:
        """A file that is too large to be kept. It is read only if it may be what it was."""
        known = self.base.get(path)
        if known is not None and self.sizes().get(known.id) == size:
            id = blob_id_of(descriptor, size, self.object_format)
            if id == known.id:
                self.entries[path] = Entry(mode=mode, id=id)
                return
        self.entries[path] = Entry(mode=mode, id="0" * (40 if self.object_format == "sha1" else 64))
        self.unstored.add(path)
        self.leave(path, "too_large", f"has {size:,} bytes, more than is kept of one file or of one run")

    def submodule_of(self, path: bytes) -> bytes | None:
        """The submodule that `path` lies in."""
        if not self.modules:
            return None
        parts = path.split(b"/")
        above = (b"/".join(parts[:count]) for count in range(1, len(parts)))
        return next((folder for folder in above if folder in self.modules), None)

    def leave(self, path: bytes, kind: UnkeptKind, why: str) -> None:
        self.leftovers.setdefault(path, Leftover(raw=path, kind=kind, why=why))
