"""How many agents of one vendor may run at a time: fewer once it wants that, and step by step more again.

Half as many after each rate limit, one more each time that as many as may run have ended well: what networks do about
congestion. A limit that hits several at once counts once, as those that were started before it know nothing of it.
"""

from __future__ import annotations


class BackingOff:
    """Of one vendor. Who starts and ends is told by position."""

    def __init__(self) -> None:
        self.places: int | None = None
        """How many may run at a time; None is no bound."""
        self._running: dict[int, int] = {}
        """In which epoch each was started; each limit begins a new one."""
        self._epoch = 0
        self._well = 0
        """How many have ended well since it last changed."""
        self._before = 0
        """How many ran when it was limited first."""

    def started(self, index: int) -> None:
        self._running[index] = self._epoch

    def limited(self, index: int) -> bool:
        """One that runs met a limit, and will try again; whether there are other places now."""
        fresh = self._running.get(index) == self._epoch
        if fresh:
            running = len(self._running)
            self._before = max(self._before, running)
            self.places = max(1, min(running, self.places or running) // 2)
            self._epoch += 1
            self._well = 0
        self._running[index] = self._epoch
        return fresh

    def ended(self, index: int, *, well: bool) -> bool:
        """Whether there are other places now."""
        self._running.pop(index, None)
        if not well or self.places is None:
            return False
        self._well += 1
        if self._well < self.places:
            return False
        self._well = 0
        self.places = self.places + 1 if self.places + 1 < self._before else None
        return True
