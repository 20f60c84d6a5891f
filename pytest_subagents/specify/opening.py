"""Reading a file that a person wrote without being hurt by what it really is: a FIFO, a device, a folder, a giant."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits

_BOM: Final = "\ufeff"
_WORDS: Final = {
    errno.EACCES: "cannot be read: permission denied",
    errno.ELOOP: "cannot be read: its symbolic links form a loop",
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "does not exist",
    errno.ENAMETOOLONG: "has too long a name",
    errno.ENXIO: "is not a regular file",
}


def read_text(path: Path, shown: str) -> str:
    """The text of a file of at most `limits.WORKFLOW_BYTES`, UTF-8 and nothing else; a byte order mark is dropped.

    `shown` is the file's name in errors. Raises `BadFile`.
    """
    data = _read(path, shown)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadFile(f"{shown}:{line}", "is not UTF-8", hint="save the file as UTF-8") from None
    return text.removeprefix(_BOM)


def _read(path: Path, shown: str) -> bytes:
    try:
        # Without O_NONBLOCK a FIFO would wait for a writer that never comes.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            mode = os.fstat(handle).st_mode
            if stat.S_ISDIR(mode):
                raise BadFile(shown, "is a directory, not a file")
            if not stat.S_ISREG(mode):
                raise BadFile(shown, "is not a regular file")
            with open(handle, "rb", closefd=False) as file:
                data = file.read(limits.WORKFLOW_BYTES + 1)
        finally:
            os.close(handle)
    except OSError as error:
        words = _WORDS.get(error.errno or 0) or f"cannot be read: {(error.strerror or 'error').lower()}"
        raise BadFile(shown, words) from None
    except ValueError:
        raise BadFile(shown, "has a name that no file can have") from None
    except MemoryError:
        raise BadFile(shown, "does not fit into memory") from None
    if len(data) > limits.WORKFLOW_BYTES:
        raise BadFile(shown, f"is larger than {limits.WORKFLOW_BYTES} bytes")
    return data
