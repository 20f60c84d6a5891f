"""Going through a tree that somebody hostile made: no link is followed, no depth hurts, nothing is opened twice.

`os.walk`, `Path.rglob` and `shutil.rmtree` of Python 3.11 end in a RecursionError at some thousand levels, and follow
a folder that becomes a link while they look.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from pytest_subagents.model import limits
from pytest_subagents.model.value import Value

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Found(Value, frozen=True, kw_only=True):
    """Something that is no folder."""

    path: bytes
    """From the top of the tree, with `/`."""
    name: bytes
    folder: int
    """A descriptor of its folder, open until the next one is asked for."""
    state: os.stat_result


class Closed(Value, frozen=True, kw_only=True):
    """A folder that was not looked into, or the end of a tree that has too much in it."""

    path: bytes
    """Empty for the tree itself."""
    why: str


Step: TypeAlias = Found | Closed
Enter: TypeAlias = Callable[[bytes, bytes], bool]
"""(path, name of its last segment) -> whether to look into a folder."""


def walk(top: int, *, enter: Enter, unlock: bool) -> Iterator[Step]:
    """Everything below the folder that the descriptor `top` is of, in an order that the names alone decide.

    With `unlock`, a folder that its owner cannot read is made readable. One that cannot be read is `Closed`.
    """
    waiting: list[bytes] = [b""]
    left = limits.WORKSPACE_ENTRIES
    while waiting:
        path = waiting.pop()
        try:
            folder = _opened(top, path, unlock)
        except OSError as error:
            yield Closed(path=path, why=_words(error))
            continue
        try:
            names = _listed(folder)
            left -= len(names)
            if left < 0:
                yield Closed(path=b"", why=f"there are more than {limits.WORKSPACE_ENTRIES:,} files and folders in it")
                return
            inner: list[bytes] = []
            for name in names:
                here = path + b"/" + name if path else name
                try:
                    state = os.stat(name, dir_fd=folder, follow_symlinks=False)
                except OSError as error:
                    yield Closed(path=here, why=_words(error))
                    continue
                if not stat.S_ISDIR(state.st_mode):
                    yield Found(path=here, name=name, folder=folder, state=state)
                elif not enter(here, name):
                    continue
                elif here.count(b"/") >= limits.WORKSPACE_DEPTH:
                    yield Closed(path=here, why=f"it is more than {limits.WORKSPACE_DEPTH} folders deep")
                else:
                    inner.append(here)
            waiting += reversed(inner)
        except OSError as error:
            yield Closed(path=path, why=_words(error))
        finally:
            os.close(folder)


def open_file(found: Found, *, unlock: bool) -> int:
    """A descriptor of a regular file, with `unlock` made readable where its owner may not read it; `OSError`."""
    try:
        descriptor = os.open(found.name, _FILE, dir_fd=found.folder)
    except PermissionError:
        if not unlock:
            raise
        os.chmod(found.name, 0o600, dir_fd=found.folder)
        descriptor = os.open(found.name, _FILE, dir_fd=found.folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("it is no regular file any more")
    return descriptor


def read_at_most(descriptor: int, size: int) -> bytes:
    """Up to `size` bytes from the beginning."""
    with open(descriptor, "rb", buffering=0, closefd=False) as file:
        parts: list[bytes] = []
        while size > 0 and (part := file.read(size)):
            parts.append(part)
            size -= len(part)
    return b"".join(parts)


def _listed(folder: int) -> list[bytes]:
    return sorted(os.fsencode(name) for name in os.listdir(folder))


def _opened(top: int, path: bytes, unlock: bool) -> int:
    """Each folder on the way is opened from the one above it; only one is open at a time."""
    here = os.open(".", _FOLDER, dir_fd=top)
    for part in path.split(b"/") if path else ():
        try:
            inner = _folder(part, here, unlock)
        finally:
            os.close(here)
        here = inner
    return here


def _folder(name: bytes, above: int, unlock: bool) -> int:
    try:
        descriptor = os.open(name, _FOLDER, dir_fd=above)
    except PermissionError:
        if not unlock:
            raise
        os.chmod(name, 0o700, dir_fd=above)
        return os.open(name, _FOLDER, dir_fd=above)
    if unlock and os.fstat(descriptor).st_mode & 0o100 == 0:
        # Without the right to search it, its names can be listed and nothing more.
        os.fchmod(descriptor, 0o700)
    return descriptor


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
