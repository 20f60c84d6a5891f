"""What git could not do."""

from __future__ import annotations

from typing import ClassVar, Final

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model import limits

_TELLING: Final = ("fatal:", "error:", "BUG:")


class GitError(SubagentsError):
    """A git command that failed, timed out or could not be started.

    Who asked for it knows whose fault that is: a stage that runs an agent makes a reason of it; where it reaches a
    person it is worded as any other mistake (`git read-tree: fatal: …`).
    """

    exit_code: ClassVar[int] = 4

    def __init__(self, command: tuple[str, ...], what: str, *, code: int | None = None, stderr: str = "") -> None:
        super().__init__(f"git {command[0]}" if command else "git", what)
        self.command = command
        """The arguments, without the program."""
        self.code = code
        """The exit code, negative for a signal; None where there is none."""
        self.stderr = stderr
        """The end of its standard error."""


def failed(command: tuple[str, ...], code: int, stderr: bytes) -> GitError:
    """The error for a command that ended with `code`, told by the first line that says what went wrong."""
    tail = stderr.decode("utf-8", "replace")[-limits.STDERR_TAIL_CHARS :]
    lines = [line for line in tail.splitlines() if line.strip()]
    telling = next((line for line in lines if line.startswith(_TELLING)), lines[-1] if lines else "")
    what = _printable(telling)[: limits.MESSAGE_CHARS] or f"it ended with {code} and said nothing"
    return GitError(command, what, code=code, stderr=tail)


def _printable(text: str) -> str:
    """Names of files stand in git's messages as they are, control characters and all."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
