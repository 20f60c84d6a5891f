"""The last thing that an agent did, in words for a person who watches."""

from __future__ import annotations

import posixpath

from pytest_subagents.model import limits
from pytest_subagents.model.event import (
    AnyEvent,
    Command,
    End,
    Failure,
    FileChange,
    Message,
    Notice,
    Reasoning,
    Subagent,
    Todo,
    ToolCall,
)

_KINDS = {"add": "added", "update": "changed", "delete": "deleted", "rename": "renamed"}


def words(event: AnyEvent) -> str:
    """One line of printable characters, to be shortened; empty where an event is nothing to tell."""
    return _line(_said(event))


def shortened(words: str) -> str:
    """`words` as at most `limits.PROGRESS_CHARS` characters."""
    return words if len(words) <= limits.PROGRESS_CHARS else words[: limits.PROGRESS_CHARS - 1] + "…"


def _said(event: AnyEvent) -> str:
    match event:
        case Message(role="assistant", text=text) if text.strip():
            return f"said: {_head(text)}"
        case Reasoning(text=text):
            return f"thought: {_head(text)}" if text.strip() else "thought"
        case Command(command=command, phase="start"):
            return f"runs {_head(command)}"
        case Command(command=command, exit_code=code) if code:
            return f"ran {_head(command)}: exit code {code}"
        case Command(command=command):
            return f"ran {_head(command)}"
        case ToolCall(tool=tool, denied=True):
            return f"was refused {_head(tool)}"
        case ToolCall(tool=tool, phase="start"):
            return f"uses {_head(tool)}"
        case ToolCall(tool=tool):
            return f"used {_head(tool)}"
        case FileChange(path=path, kind=kind, failed=False):
            return f"{_KINDS[kind]} {posixpath.basename(_head(path)) or _head(path)}"
        case Subagent(phase=phase, description=description):
            return f"subagent {phase}: {_head(description)}" if description else f"subagent {phase}"
        case Todo(done=done, total=total):
            return f"did {done} of {total} steps"
        case Failure(message=message):
            return f"failed: {_head(message)}"
        case Notice(message=message):
            return f"notice: {_head(message)}"
        case End(ok=ok):
            return "ended" if ok else "ended badly"
    return ""


def _head(text: str) -> str:
    """Enough of a text that may be megabytes."""
    return text[: 4 * limits.PROGRESS_CHARS]


def _line(text: str) -> str:
    """Without line ends and without what could move a terminal's cursor."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
