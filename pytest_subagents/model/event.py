"""What a transcript's lines say, whatever the vendor's dialect.

msgspec structs, not dataclasses: one is made for almost every line of a transcript, and they are made in C.
Every event has `line`, the number of its line in the file, counted from 1. `parent` is the id of the subagent
call (a tool use of the main agent) that an event belongs to, `None` for the main agent.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, Union

import msgspec

FailureKind: TypeAlias = Literal[
    "provider_error",
    "rate_limit",
    "auth",
    "context_limit",
    "refusal",
    "launch",
    "killed",
    "budget",
    "turn_limit",
    "output_limit",
    "contract",
]
"""The kinds of `Reason` that a stream itself can give for its end."""

ChangeKind: TypeAlias = Literal["add", "update", "delete", "rename"]


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    line: int


class SessionStart(Event, frozen=True, kw_only=True, gc=False):
    """A thread or session begins; what came before in the file is another run and is not judged."""

    session_id: str | None = None
    model: str | None = None
    cwd: str | None = None
    cli_version: str | None = None


class TurnStart(Event, frozen=True, kw_only=True, gc=False):
    """A turn begins: the answer and the end of an earlier turn no longer count."""

    model: str | None = None


class ModelChange(Event, frozen=True, kw_only=True, gc=False):
    """From here on another model answers, or it is first told which one does."""

    model: str


class Message(Event, frozen=True, kw_only=True, gc=False):
    """Text of the agent.

    `append` says that it goes on where the last message of the same `message_id` stopped (deltas, split blocks);
    otherwise it replaces the last message as the candidate for the answer.
    """

    text: str
    role: Literal["assistant", "user"] = "assistant"
    message_id: str | None = None
    append: bool = False
    final: bool = True
    """False for what the vendor itself marks as commentary: it is never the answer."""
    parent: str | None = None


class Reasoning(Event, frozen=True, kw_only=True, gc=False):
    text: str
    parent: str | None = None


class Command(Event, frozen=True, kw_only=True, gc=False):
    """A shell command. `exit_code` is None while it runs, and where the vendor does not tell."""

    command: str
    phase: Literal["start", "end"]
    output: str = ""
    exit_code: int | None = None
    failed: bool = False
    call_id: str | None = None
    parent: str | None = None


class FileChange(Event, frozen=True, kw_only=True, gc=False):
    """One file that the agent says it changed, with the path as the vendor gave it (often absolute)."""

    path: str
    kind: ChangeKind
    failed: bool = False
    parent: str | None = None


class ToolCall(Event, frozen=True, kw_only=True, gc=False):
    """Any other tool (search, web, MCP, read). `arguments` is JSON text."""

    tool: str
    phase: Literal["start", "end"]
    arguments: str = ""
    output: str = ""
    failed: bool = False
    denied: bool = False
    """The tool was refused by the sandbox, a policy or a missing approval."""
    call_id: str | None = None
    parent: str | None = None


class Subagent(Event, frozen=True, kw_only=True, gc=False):
    """A subagent of the agent's own: started, went on, ended."""

    agent_id: str
    phase: Literal["start", "update", "end"]
    status: str = ""
    description: str = ""
    answer: str = ""
    failed: bool = False


class Todo(Event, frozen=True, kw_only=True, gc=False):
    done: int
    total: int


class Usage(Event, frozen=True, kw_only=True, gc=False):
    """Tokens and cost. Input includes what came from a cache.

    `cumulative` replaces what was known of the run so far; otherwise it adds to it.
    """

    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    usd: float | None = None
    cumulative: bool = True


class Notice(Event, frozen=True, kw_only=True, gc=False):
    """Something to tell a person that decides nothing: a retry, a warning, a hook."""

    message: str


class Failure(Event, frozen=True, kw_only=True, gc=False):
    """Something went wrong.

    It ends the run only if nothing that succeeds comes after it in the same turn; `transient` ones never do.
    """

    kind: FailureKind
    message: str
    transient: bool = False


class End(Event, frozen=True, kw_only=True, gc=False):
    """The vendor's own terminal event of a turn or run.

    `ok` is the vendor's word for it, not a verdict. `text` is the final message where the event carries it,
    `structured` the JSON text of an answer that the vendor validated itself.
    """

    ok: bool
    failure: FailureKind | None = None
    message: str = ""
    text: str | None = None
    structured: str | None = None
    duration_ms: int | None = None


class Unknown(Event, frozen=True, kw_only=True, gc=False):
    """A line of the dialect that says something this version does not know. Kept and counted, never fatal."""

    name: str


AnyEvent: TypeAlias = Union[
    SessionStart,
    TurnStart,
    ModelChange,
    Message,
    Reasoning,
    Command,
    FileChange,
    ToolCall,
    Subagent,
    Todo,
    Usage,
    Notice,
    Failure,
    End,
    Unknown,
]
