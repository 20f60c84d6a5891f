"""What the permissions of a file say, said to root too: its power to pass over them is put down for a while."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_VERSION: Final = 0x20080522
"""`_LINUX_CAPABILITY_VERSION_3` of linux/capability.h."""
_PASSING_OVER: Final = 1 << 1 | 1 << 2
"""`CAP_DAC_OVERRIDE` and `CAP_DAC_READ_SEARCH`."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@contextmanager
def as_owner() -> Iterator[None]:
    """In this thread only; programs that it starts as root have all of their power again."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, data = _Header(version=_VERSION, pid=0), (_Data * 2)()
    _done(libc.capget(ctypes.byref(header), data))
    before = data[0].effective
    data[0].effective = before & ~_PASSING_OVER
    _done(libc.capset(ctypes.byref(header), data))
    try:
        yield
    finally:
        data[0].effective = before
        _done(libc.capset(ctypes.byref(header), data))


def _done(answer: int) -> None:
    if answer != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
