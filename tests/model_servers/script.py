"""What a scripted model does, in words that belong to no vendor.

A script is a list of turns. A turn is what the model answers to one request: it says, thinks and calls tools. Which
turn a request asks for follows from the request itself (how many of our tool calls it brings results of), so that a
retry, a second process or a resumed session gets the turn that it stands at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from model_servers.expectations import Expect
from model_servers.faults import Fault

Stop: TypeAlias = Literal["end", "length", "refusal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """Paths of tools are relative to the folder that the agent works in, or absolute."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFolder:
    path: str = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFile:
    """Creates a file, or replaces it."""

    path: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditFile:
    """Replaces whole lines, `old`, by `new`. They stand there once, and the agent has read the file before."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownTool:
    """A call of a tool that no agent has."""

    name: str = "no_such_tool"


Tool: TypeAlias = ReadFile | ListFolder | WriteFile | EditFile | Shell | UnknownTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A call of a tool, and what its result must be when the next request brings it."""

    tool: Tool
    returns: str = ""
    """Text that the result contains, such as a piece of the file."""
    fails: bool | None = False
    """Whether the tool fails; None where either will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Think:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The final message: by the vendor's tool for structured answers where it offers one, else as text."""

    text: str


Action: TypeAlias = Say | Think | Answer | Use


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one request; `input` includes the cached ones, `output` those spent on thinking."""

    input: int = 1000
    cached: int = 200
    output: int = 50
    thinking: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    actions: tuple[Action, ...]
    faults: tuple[Fault, ...] = ()
    """What goes wrong first: each attempt at this turn takes the next, until all are spent."""
    usage: Usage = field(default_factory=Usage)
    stop: Stop = "end"
    raw_separators: bool = False
    """Whether U+2028 and U+2029 stand as they are in the JSON of an event, as JSON allows. Else they are escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the model does in one conversation; requests past the last turn get the last turn again."""

    turns: tuple[Turn, ...]
    match: str = ""
    """Text in the prompt by which the requests of this script are told from those of others on the same server."""
    expect: Expect = field(default_factory=Expect)
    """What holds for every request of it."""
    complete: bool = True
    """Whether the last turn must have been answered when the test ends."""

    def turn(self, number: int) -> Turn:
        return self.turns[min(number, len(self.turns) - 1)]
