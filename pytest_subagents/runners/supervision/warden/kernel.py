"""The calls of Linux for which the standard library has no name; elsewhere they do nothing."""

from __future__ import annotations

import sys

_SET_PDEATHSIG = 1
_SET_DUMPABLE = 4
_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> bool:
    """From now on a descendant whose parent dies becomes a child of this process; False where that cannot be."""
    return _prctl(_SET_CHILD_SUBREAPER, 1)


def die_with_parent(signal_number: int) -> bool:
    """This process gets the signal when the thread that forked it ends. It holds over an exec, not over a fork."""
    return _prctl(_SET_PDEATHSIG, signal_number)


def hide_process() -> bool:
    """Other processes of the same user can neither read this one's environment and memory nor trace it."""
    return _prctl(_SET_DUMPABLE, 0)


def _prctl(option: int, value: int) -> bool:
    if _libc is None:
        return False
    word = ctypes.c_ulong
    return bool(_libc.prctl(option, word(value), word(0), word(0), word(0)) == 0)


if sys.platform == "linux":
    import ctypes

    _libc: ctypes.CDLL | None = ctypes.CDLL(None)
else:
    _libc = None
