"""What a request said, in words that belong to no vendor, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from model_servers.reply import Reply
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What an agent sent back for a tool call of ours."""

    call: str
    """The id that the call had."""
    text: str
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request for a turn."""

    model: str
    prompt: str
    """All text of the user, one message after the other, with what the agent put around it."""
    system: str
    """The instructions of the agent's maker, those of the developer role among them."""
    offered: tuple[str, ...]
    """The vendor's names of the tools that the model may call."""
    tools: frozenset[Tool]
    """What those tools can do."""
    schema: JsonValue = None
    """The JSON Schema of the answer that was handed over natively; None where none was."""
    results: tuple[ToolResult, ...] = ()
    """Of the whole conversation, in its order."""
    authorised: bool = False
    """Whether a key came along."""
    turn: int = 0
    """How many turns of ours the conversation already holds."""
    folder: str = ""
    """Where the agent works, as it told the model."""
    streamed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A request beside the conversation (a title, a list of models, a count of tokens), and its answer."""

    kind: str
    reply: Reply
    model: str = ""
    streamed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request for a turn, and how it was answered."""

    seen: Seen
    script: int | None
    """The number of the script that it belongs to; None where there is none."""
    attempt: int = 0
    """How often this turn of this script had been asked for before."""
    answered: str
    """`turn`, the name of a fault's class (of an HTTP error with its status: `HttpError 429`), or `refused`."""
    differences: tuple[str, ...] = ()
    """How the request is not as the script expects; then it was refused."""
