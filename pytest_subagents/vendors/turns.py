"""How often a model has answered so far, whatever the vendor calls that.

A turn is one answer of the main agent's model: what it says, thinks and calls until results come back. Vendors count
differently (Claude Code adds the last request that it refuses) or not at all (Codex calls a whole run one turn), so the
events are counted here. That is close, not exact: calls that a vendor runs one after the other, though one answer made
them all, look like an answer each, and a plan that is updated right after a command like a part of the same one.
"""

from __future__ import annotations

from pytest_subagents.model.event import (
    AnyEvent,
    Command,
    FileChange,
    Message,
    Reasoning,
    SessionStart,
    Subagent,
    Todo,
    ToolCall,
    TurnStart,
    Usage,
)


class Turns:
    """Takes events in their order."""

    def __init__(self) -> None:
        self._said = 0
        self._told = 0
        self._speaking = False
        self._answered = False

    @property
    def count(self) -> int:
        """Never goes down."""
        return max(self._said, self._told)

    def take(self, event: AnyEvent) -> None:
        if getattr(event, "parent", None) is not None:
            return  # a subagent's own turns are its own
        match event:
            case Message(role="user") | SessionStart() | TurnStart():
                self._rest()
            case Message() | Reasoning():
                self._speak()
            case FileChange() | Todo():  # both are told only once they have happened
                self._answer()
            case Command() | ToolCall() | Subagent() if event.phase == "end":
                self._answer()
            case Command() | ToolCall() | Subagent():
                self._speak()
            case Usage(cumulative=False):
                # Told for each answer by the vendors that do not give a running total.
                self._told += 1
                self._rest()

    def _speak(self) -> None:
        if self._answered or not self._speaking:
            self._said += 1
        self._speaking, self._answered = True, False

    def _answer(self) -> None:
        """A result; where its call was not told before, it is part of what the model said last."""
        if not self._speaking:
            self._said += 1
        self._speaking = self._answered = True

    def _rest(self) -> None:
        self._speaking = self._answered = False
