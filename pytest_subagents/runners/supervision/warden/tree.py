"""The processes of one agent, as its warden finds them."""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:  # a third of the time that a warden takes to start, and seldom needed
    import psutil


class Tree:
    """Everything that descends from this process, which has adopted what lost its parent."""

    def __init__(self, mark: str, *, complete: bool) -> None:
        self.prepared = False
        self._mark = mark
        self._complete = complete
        """Whether orphans are adopted; elsewhere than on Linux they are looked for by their mark."""

    def prepare(self) -> None:
        """Loads what is needed to end a tree."""
        from pytest_subagents.runners.supervision.warden import processes

        self._processes = processes
        self.prepared = True

    def is_complete_or_empty(self) -> bool:
        """Whether nothing of the agent lives where this process has no child left."""
        return self._complete or not self.processes()

    def processes(self) -> list[psutil.Process]:
        """Those that live."""
        self.prepare()
        found = self._processes.descendants()
        return found if self._complete else list({*found, *self._processes.marked(self._mark)})

    def terminate(self) -> None:
        """Asks all of them to end."""
        found = self.processes()
        self._processes.terminate(found)

    def kill(self, gone: Callable[[], bool], pause: Callable[[float], None], seconds: float) -> int:
        """Ends all of them, until they are `gone`; gives how many cannot be ended."""
        self.prepare()
        return self._processes.kill(self.processes, gone, pause, seconds)
