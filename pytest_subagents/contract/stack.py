"""Room for recursion that does not depend on how deep the caller stands."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_subagents.model import limits


@contextmanager
def room_on_the_stack() -> Iterator[None]:
    """`limits.STACK_FRAMES` more frames than now, so that no verdict depends on who asks for it.

    On other threads than the main one nothing changes: their stacks may be small, and an overflow would be the end
    of the process.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, depth + limits.STACK_FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
