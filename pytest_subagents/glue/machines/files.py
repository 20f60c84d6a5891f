"""Files that travel on a channel, in parts: a large message would hold up all others of its gateway.

A part is a dict: `kind` ("file"), `name` (a path with `/`, from a folder that both ends know), `data` (bytes), and
`last`. Parts of one file come in their order; another file begins when the one before has ended.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final

from pytest_subagents.writing import folder_of

_PART_BYTES: Final = 1 << 20
_PART: Final = ".arriving"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def parts_of(file: BinaryIO, name: str) -> Iterator[dict[str, Any]]:
    """The messages that bring a file. `OSError` where it cannot be read."""
    data, last = file.read(_PART_BYTES), False
    while not last:
        following = file.read(_PART_BYTES)
        last = not following
        yield {"kind": "file", "name": name, "data": data, "last": last}
        data = following


def is_inside(name: str) -> bool:
    """Whether a name that came from elsewhere stays in the folder that it counts from."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in name


class Arriving:
    """Writes what arrives below a folder, mode 0600; a reader sees a whole file, or none. Nothing is raised."""

    def __init__(self, folder: Path) -> None:
        """`folder` is there, and no link below it is followed."""
        self._folder = folder
        self._name = ""
        """Of the file that is on its way."""
        self._file: BinaryIO | None = None
        """None where it could not be written."""
        self.faults: dict[str, str] = {}
        """Files that could not be written, and why."""

    def take(self, message: dict[str, Any]) -> None:
        match message:
            case {"name": str(name), "data": bytes(data), "last": bool(last)} if is_inside(name):
                try:
                    self._write(name, data, last=last)
                except OSError as error:
                    self._drop()
                    self.faults[name] = (error.strerror or str(error)).lower()
                if last:
                    self._name = ""

    def close(self) -> None:
        """No more will come: what is not whole is removed."""
        self._drop()
        self._name = ""

    def _write(self, name: str, data: bytes, *, last: bool) -> None:
        if name != self._name:
            self.close()
            self._name = name
            self.faults.pop(name, None)
            with folder_of(self._place, below=self._folder, mode=0o700) as folder:
                with suppress(FileNotFoundError):
                    os.unlink(_PART, dir_fd=folder)
                self._file = os.fdopen(os.open(_PART, _NEW, 0o600, dir_fd=folder), "wb")
        if self._file is None:
            return
        self._file.write(data)
        if last:
            self._file.close()
            self._file = None
            with folder_of(self._place, below=self._folder, mode=0o700) as folder:
                os.replace(_PART, self._place.name, src_dir_fd=folder, dst_dir_fd=folder)

    @property
    def _place(self) -> Path:
        return self._folder / self._name

    def _drop(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
            with suppress(OSError), folder_of(self._place, below=self._folder, mode=0o700) as folder:
                os.unlink(_PART, dir_fd=folder)
