"""What a person must fix: where it is, what is wrong, what to do.

An agent's fault is never one of these; it is a `Reason` in a result.
"""

from __future__ import annotations

from typing import ClassVar


class SubagentsError(Exception):
    """A mistake in what a person wrote, worded as `where: what` with an optional hint below it."""

    exit_code: ClassVar[int]
    """The exit code of pytest (and of the command) for this kind of mistake."""

    def __init__(self, where: str, what: str, *, hint: str | None = None) -> None:
        super().__init__(where, what, hint)
        self.where = where
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class BadFile(SubagentsError):
    """A workflow file (or another file of a person's) that cannot be read as what it should be."""

    exit_code = 2


class BadUsage(SubagentsError):
    """A bad option, contract or graph, or a key that cannot be honoured in this mode."""

    exit_code = 4
