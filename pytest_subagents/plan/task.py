"""One subagent as a scheduler sees it. Positions stand for subagents."""

from __future__ import annotations

from pytest_subagents.model.value import Value


class Task(Value, frozen=True, kw_only=True):
    """What must be before it starts, and what it holds while it runs. Times are of any one unit."""

    duration: float = 0
    """How long it will probably take."""
    needs: tuple[int, ...] = ()
    """Those that must have ended well."""
    after: tuple[int, ...] = ()
    """Those that must have ended, however that was."""
    points: tuple[tuple[int, str], ...] = ()
    """Checkpoints of others that must have been passed."""
    priority: int = 0
    """Higher ones start first."""
    limits: tuple[str, ...] = ()
    """The limits under which it runs, each once: it takes a place of each."""
    pace: str = ""
    """Whose starts are kept apart; empty where nobody's are."""

    @property
    def waits_for(self) -> tuple[int, ...]:
        """All of them, some perhaps twice."""
        return (*self.needs, *self.after, *(other for other, _ in self.points))
