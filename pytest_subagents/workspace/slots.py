"""Where private checkouts are: at the same path in every run, and never at one that another run works in.

`<folder>/1/<name>` for the run that came first, `<folder>/2/<name>` for one beside it. A run holds the lock of its
number for as long as its process lives, so a number whose lock is free belongs to nobody: what lies there was left by
a run that was killed, and is removed by the next one that starts.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.value import Value
from pytest_subagents.writing import folder_of, make_folder, remove_tree

_LOCK: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_SHOWN_CHARS: Final = 40
_HASH_DIGITS: Final = 16


class Slot(Value, frozen=True, kw_only=True):
    """A number that this process holds until `release` or its end, whatever ends it."""

    path: Path
    """The folder of its checkouts, empty when it is taken."""
    lock: int
    """The descriptor that holds the lock; processes that this one starts do not inherit it."""

    def release(self) -> None:
        """Gives the number up. What still lies there is removed by the next run."""
        with suppress(OSError):
            os.close(self.lock)


def take_slot(folder: Path, *, below: Path) -> Slot:
    """The lowest free number of `folder`, emptied; what killed runs left under others is removed, too.

    `BadUsage` where `folder` cannot be used or `limits.WORKSPACE_SLOTS` runs hold all numbers. `folder` lies below
    `below`, which is trusted; no link on the way is followed.
    """
    try:
        make_folder(folder, below=below, mode=0o700)
        slot = _first_free(folder, below)
        if slot is not None:
            _sweep(folder, slot, below)
            left = remove_tree(slot.path, below=below)
            if left is not None:
                slot.release()
                raise left
            make_folder(slot.path, below=below, mode=0o700)
            return slot
    except OSError as error:
        raise BadUsage(
            str(error.filename or folder),
            f"cannot hold private checkouts: {(error.strerror or str(error)).lower()}",
            hint="remove what is in the way, or choose another place by --subagents-run-dir",
        ) from None
    raise BadUsage(str(folder), f"{limits.WORKSPACE_SLOTS} runs use it at once", hint="wait until one has ended")


def place_of(slot: Path, nodeid: str, attempt: int | None = None) -> Path:
    """Where the checkout of the item `nodeid` is in the folder of a slot: always the same, and in no other's checkout.

    One name, not a path: an id may be the beginning of another one, and a checkout must not lie in a checkout.
    """
    key = nodeid if attempt is None else f"{nodeid}\0{attempt}"
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    readable = file_name(nodeid.rpartition("::")[2]).replace("/", "-")
    kept = "".join(char for char in readable if char.isascii() and (char.isalnum() or char in "._-"))
    return slot / f"{kept.strip('.-')[:_SHOWN_CHARS] or 'agent'}-{digest}"


def _first_free(folder: Path, below: Path) -> Slot | None:
    for number in range(1, limits.WORKSPACE_SLOTS + 1):
        lock = locked(folder / f"{number}.lock", below)
        if lock is not None:
            return Slot(path=folder / str(number), lock=lock)
    return None


def _sweep(folder: Path, own: Slot, below: Path) -> None:
    """Removes what lies under numbers that nobody holds, and what an earlier sweep did not finish."""
    for number in _numbers(folder):
        if folder / str(number) != own.path:
            lock = locked(folder / f"{number}.lock", below)
            if lock is not None:
                try:
                    remove_tree(folder / str(number), below=below)
                finally:
                    os.close(lock)
    for name in os.listdir(folder):
        if name.startswith(".gone-"):
            remove_tree(folder / name, below=below)


def _numbers(folder: Path) -> Iterator[int]:
    for name in sorted(os.listdir(folder)):
        if name.isascii() and name.isdigit() and not name.startswith("0") and len(name) < 5:
            yield int(name)


def locked(path: Path, below: Path) -> int | None:
    """A descriptor that holds the lock of the file `path`, which is made; None where another process holds it."""
    with folder_of(path, below=below) as above:
        descriptor = os.open(path.name, _LOCK, 0o600, dir_fd=above)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
