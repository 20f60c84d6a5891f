"""From a pipe of the agent into a file, at once, and never more than the file may have."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress

_CHUNK = 1024 * 1024
_NOTHING_YET = (errno.EAGAIN, errno.EINTR)
_NOT_SPLICED = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems say that have no splice; what is wrong besides that, a plain write will say again."""
_ROOM = 256 * 1024
"""Of a pipe. A user may have 64 MiB in all pipes together, and beyond that all others of theirs get very small."""


def new_file(path: bytes) -> int:
    """Opens a file that was not there before, for this user alone, and follows no link to do so."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def wide_pipe() -> tuple[int, int]:
    """A pipe whose reader never waits, with more room than usual, so that a flood costs fewer turns."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with suppress(OSError):  # the user has used up the room of all pipes, or this is not Linux
        fcntl.fcntl(writer, getattr(fcntl, "F_SETPIPE_SZ", -1), _ROOM)
    return reader, writer


class Capture:
    """Standard output: all of it up to a bound, and not one byte more. What comes after is taken and thrown away."""

    def __init__(self, reader: int, file: int, limit: int | None = None) -> None:
        self.reader = reader
        self.size = 0
        """Bytes in the file."""
        self.open = True
        """Whether somebody may still write."""
        self.over = False
        """There was more than the bound."""
        self.failure = ""
        """Why the file could not be written any more."""
        self._file = file
        self._limit = limit
        self._splices = hasattr(os, "splice")

    def pump(self) -> int:
        """Moves what is there, at most one chunk; gives how many bytes came, in the file or not."""
        room = _CHUNK if self._limit is None else min(_CHUNK, self._limit - self.size)
        if self.failure or self.over or room == 0:
            came = self._throw_away()
            self.over = self.over or (came > 0 and not self.failure)
            return came
        came = self._move(room, None)
        self.size += came
        return came if came or not self.failure else self._throw_away()

    def finish(self) -> None:
        """The agent is gone: takes what the pipe still holds, no more (a stranger may hold it too), and closes both."""
        self._take_the_rest()
        os.close(self.reader)
        os.close(self._file)

    def _take_the_rest(self) -> None:
        taken = 0
        while self.open and taken < _CHUNK and (came := self.pump()):
            taken += came

    def _move(self, room: int, place: int | None) -> int:
        """At most `room` bytes to the end of the file, or to a place in it."""
        if self._splices:
            try:
                return self._came(os.splice(self.reader, self._file, room, offset_dst=place))
            except OSError as error:
                if error.errno in _NOTHING_YET:
                    return 0
                if error.errno not in _NOT_SPLICED:
                    return self._failed(error)
                self._splices = False
        try:
            data = os.read(self.reader, room)
        except BlockingIOError:
            return 0
        written = 0
        try:
            while written < len(data):
                rest = data[written:]
                written += os.write(self._file, rest) if place is None else os.pwrite(self._file, rest, place + written)
        except OSError as error:
            self._failed(error)
        return written if data else self._came(0)

    def _throw_away(self) -> int:
        try:
            return self._came(len(os.read(self.reader, _CHUNK)))
        except BlockingIOError:
            return 0

    def _came(self, count: int) -> int:
        if count == 0:
            self.open = False
        return count

    def _failed(self, error: OSError) -> int:
        self.failure = error.strerror or str(error)
        return 0


class BoundedCapture(Capture):
    """Standard error: the first and the last of it. The last half of the file is a ring until the end."""

    _GAP = b"\n[... %d bytes are left out ...]\n"

    def __init__(self, reader: int, file: int, limit: int) -> None:
        super().__init__(reader, file)
        self._head = limit // 2
        self._ring = max(1, limit - self._head - len(self._GAP) - 20)
        self._seen = 0

    def pump(self) -> int:
        if self.failure:
            return self._throw_away()
        if self._seen < self._head:
            came = self._move(min(_CHUNK, self._head - self._seen), self._seen)
        else:
            place = (self._seen - self._head) % self._ring
            came = self._move(min(_CHUNK, self._ring - place), self._head + place)
        self._seen += came
        self.size = min(self._seen, self._head + self._ring)
        return came if came or not self.failure else self._throw_away()

    def finish(self) -> None:
        self._take_the_rest()
        left_out = self._seen - self._head - self._ring
        if left_out > 0 and not self.failure:
            try:
                self._unroll(left_out)
            except OSError as error:
                self._failed(error)
        os.close(self.reader)
        os.close(self._file)

    def _unroll(self, left_out: int) -> None:
        ring = os.pread(self._file, self._ring, self._head)
        oldest = (self._seen - self._head) % self._ring
        data = memoryview(self._GAP % left_out + ring[oldest:] + ring[:oldest])
        place = self._head
        while data:
            written = os.pwrite(self._file, data, place)
            place, data = place + written, data[written:]
