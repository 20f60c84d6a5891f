"""File systems of a test's own: small ones, and such as nobody may write to."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from requirements import is_missing

_READ_ONLY: Final = 1
_REMOUNT: Final = 32
_DETACH: Final = 2


class Mounts:
    """Makes them; `close` takes them away."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._open = ExitStack()

    def close(self) -> None:
        self._open.close()

    def small(self, place: Path, size: str) -> Path:
        """A folder that has room for so much: `1m`."""
        place.mkdir(parents=True, exist_ok=True)
        self._mount(place, 0, f"size={size},mode=700")
        self._open.callback(self._libc.umount2, os.fsencode(place), _DETACH)
        return place

    def full(self, place: Path) -> Path:
        """A folder that has no room."""
        self.small(place, "16k")
        try:
            (place / "others").write_bytes(b"x" * 1024 * 1024)
        except OSError:
            return place
        raise AssertionError(f"{place} has room for everything")

    def read_only(self, place: Path) -> Path:
        """A folder that cannot be written to, by root neither."""
        self.small(place, "16k")
        self._mount(place, _READ_ONLY | _REMOUNT, "size=16k,mode=700")
        try:
            (place / "proof").touch()
        except OSError:
            return place
        raise AssertionError(f"{place} can be written to")

    def _mount(self, place: Path, flags: int, options: str) -> None:
        if self._libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", flags, options.encode()):
            is_missing("mount", f"no file system can be mounted here: {os.strerror(ctypes.get_errno())}")


@contextmanager
def mounted() -> Iterator[Mounts]:
    mounts = Mounts()
    try:
        yield mounts
    finally:
        mounts.close()
