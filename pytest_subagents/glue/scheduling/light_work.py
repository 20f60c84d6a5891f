"""Items that anybody may run at any time: ordinary tests, and subagents that are only replayed.

They are handed out in chunks that take some half a second, so that a worker is soon free for an agent again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

_CHUNK_SECONDS: Final = 0.5
_FIRST: Final = 4
_MOST: Final = 500


class LightWork:
    """Indices of items, in their order."""

    def __init__(self, items: Iterable[int]) -> None:
        self._waiting = deque(items)
        self._seconds = 0.0
        self._done = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def chunk(self) -> int:
        """How many of them take as long as a chunk may."""
        if not self._done:
            return _FIRST
        return max(1, min(_MOST, int(_CHUNK_SECONDS * self._done / max(self._seconds, 1e-6))))

    def take(self, workers: int) -> list[int]:
        """The next chunk: of what is left, each of the workers may have two."""
        size = max(1, min(self.chunk, len(self._waiting) // (2 * workers)))
        return [self._waiting.popleft() for _ in range(min(size, len(self._waiting)))]

    def put_back(self, items: Iterable[int]) -> None:
        """Whoever had them is gone, and had not begun."""
        self._waiting.extendleft(reversed(list(items)))

    def done(self, seconds: float) -> None:
        """One of them took so long."""
        self._done += 1
        self._seconds += seconds
