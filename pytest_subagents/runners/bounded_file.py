"""Reading a file of a recording that may be anything."""

from __future__ import annotations

import os
import stat


def read_bounded(path: str, most: int) -> bytes:
    """At most one byte more than `most`, from a regular file only (a FIFO would never end)."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is no regular file")
        # To ask for the most that is allowed would make Python get that much memory for every file.
        return file.read(min(status.st_size, most) + 1) or b""
