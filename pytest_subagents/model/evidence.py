"""What a report leaves out and a page shows: the transcript of a run step by step, its patch, its checks, its prompt.

A report is a value of bounded size; this is read when it is asked for, one run at a time, and let go again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, Protocol, TypeAlias

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.event import AnyEvent
from pytest_subagents.model.outcome import CheckRecord
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value, field


class Unreadable(Value, frozen=True, kw_only=True):
    """A line of the transcript that is no protocol, or a damaged one."""

    line: int
    text: str
    """Its beginning, as text."""
    size: int
    """Bytes."""


class ChildSession(Value, frozen=True, kw_only=True):
    """From here on the events are those of a session file of a subagent of the agent's own."""

    name: str


Said: TypeAlias = AnyEvent | Unreadable | ChildSession


class ChangedFile(Value, frozen=True, kw_only=True):
    """What a run changed in one file."""

    path: str
    added: int
    removed: int
    binary: bool
    text: str
    """Its part of the patch."""


def _nothing() -> Iterator[Said]:
    return iter(())


class RunEvidence(Value, frozen=True, kw_only=True):
    """Of one run. Empty texts and None are what is not known."""

    no_transcript: str = ""
    """Why there is none; empty where there is one."""
    transcript_bytes: int = 0
    said: Callable[[], Iterator[Said]] = _nothing
    """What the transcript says, from its begin each time it is called; bounded in memory, never raises."""
    files: tuple[ChangedFile, ...] = ()
    """Of the recorded patch, in its order."""
    no_patch: str = ""
    """Why a patch that should be there cannot be shown."""
    patched: bool = False
    """Whether what it really changed was looked at."""
    checks: tuple[CheckRecord, ...] = ()
    """The recorded results of its `run:` criteria."""
    prompt: str = ""
    """All that it is told."""
    instructions: str = ""
    """As its specification words them, before a template is rendered."""
    no_prompt: str = ""
    """Why the whole prompt is not known."""
    cli_version: str = ""
    base: str = ""
    """The id of the tree that it started from."""


class Span(Value, frozen=True, kw_only=True):
    """When a run was at work, in milliseconds from the start of the first."""

    start: int
    end: int
    worker: str = ""
    """Who ran it, where that is known."""


class Schedule(Value, frozen=True, kw_only=True):
    """Who ran when."""

    kind: Literal["measured", "simulated"]
    """`measured` is what a live run alone knows. `simulated`: by recorded durations, in the order of the plan."""
    spans: Mapping[str, Span] = field(default_factory=dict)
    """By node id of the run, those of which it is known."""
    at_once: int = 0
    """How many may be at work at a time; 0 is not known."""
    assumed: int = 0
    """How many of `at_once` are assumed, as no workflow file says it."""
    critical: tuple[str, ...] = ()
    """Node ids of the rows that make the longest chain, the first one first."""
    critical_ms: int = 0
    apart: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By node id of a row, those that it waited for only because they write what it writes."""


class Evidence(Protocol):
    """Given to those formats that ask for it."""

    def schedule(self) -> Schedule: ...

    def of(self, row: Result, run: Result | Attempt) -> RunEvidence:
        """Of one of `row.runs`."""
        ...


class NoEvidence:
    """For a report of which nothing but itself is at hand."""

    def schedule(self) -> Schedule:
        return Schedule(kind="simulated")

    def of(self, row: Result, run: Result | Attempt) -> RunEvidence:
        return RunEvidence(no_transcript="The transcript was not looked for.")
