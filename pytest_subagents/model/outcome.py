"""What is known of one run before its answer is judged: what the stream said, and how the process ended."""

from __future__ import annotations

from pytest_subagents.model.event import ChangeKind, End, Failure, FailureKind
from pytest_subagents.model.value import Value, field


class Usage(Value, frozen=True, kw_only=True):
    """Tokens and dollars of one run; what nobody reported is None, never 0. Input includes cached input."""

    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    usd: float | None = None


class Change(Value, frozen=True, kw_only=True):
    """A file that an agent changed, as a path with `/`."""

    path: str
    kind: ChangeKind


class FinalMessage(Value, frozen=True, kw_only=True):
    """The candidate for the answer: the last message of the last turn of the last thread."""

    text: str
    line: int
    structured: bool = False
    """The vendor handed it over as a value that it had validated against a schema itself."""


class Denial(Value, frozen=True, kw_only=True):
    """A tool that was refused."""

    tool: str
    message: str
    line: int


class Outcome(Value, frozen=True, kw_only=True):
    """All that a transcript says, folded while it is read; its size does not grow with the file."""

    vendor: str | None = None
    """The vendor of the last dialect that spoke."""
    dialects: tuple[str, ...] = ()
    """The dialects met, in the order of their first line."""
    session_id: str | None = None
    model: str | None = None
    cli_version: str | None = None
    cwd: str | None = None
    lines: int = 0
    """Physical lines that were not blank."""
    last_line: int = 0
    """The number of the last line that was not blank."""
    events: tuple[tuple[str, int], ...] = ()
    """How many events of each kind (the names of the event classes), sorted by name."""
    unreadable: int = 0
    """Lines that are no JSON object, or none that can be read."""
    unreadable_lines: tuple[int, ...] = ()
    """The first few of them."""
    damaged_line: int = 0
    """The last unreadable line that begins like a line of a stream; 0 where there is none."""
    foreign: int = 0
    """JSON objects of no known dialect."""
    final: FinalMessage | None = None
    end: End | None = None
    """The terminal event of the last turn."""
    failure: Failure | None = None
    """The failure that ended the last turn, if one did."""
    notice: str = ""
    """The last transient failure or notice: what the run was busy with when it stopped."""
    denials: tuple[Denial, ...] = ()
    changes: tuple[Change, ...] = ()
    """Sorted by path, one a path; as the stream tells it, with successful changes only."""
    passed: tuple[str, ...] = ()
    """Those of the checkpoints that were asked for that it has passed."""
    usage: Usage = field(default_factory=Usage)
    duration_ms: int | None = None
    text_excerpt: str = ""
    """The first text that is no protocol, cut: what to show where there is no event at all."""
    problem: str = ""
    """Why the file could not be read as text: it is no regular file, cannot be opened, or looks like something else."""
    exit_meanings: tuple[tuple[int, FailureKind], ...] = ()
    """What the vendor's program says by its own exit codes."""

    @property
    def spoke(self) -> bool:
        """Whether any line was an event of a known dialect."""
        return bool(self.dialects)


class CheckRecord(Value, frozen=True, kw_only=True):
    """The result of a `run:` criterion."""

    run: str
    exit_code: int
    output: str = ""
    """The end of what it printed, where it failed."""


class ProcessEnd(Value, frozen=True, kw_only=True):
    """How the agent's process ended, from the metadata beside a recording. Claims: they lower, never raise."""

    exit_code: int | None = None
    runtime_ms: int | None = None
    stderr_tail: str = ""
    killed: str | None = None
    """The signal that was sent from outside, such as `SIGTERM`."""
    timed_out: bool = False
    stop_kind: str | None = None
    """The kind of reason for which a live run was stopped (`idle_timeout`, `budget`, `turn_limit`, ...)."""
    stop_message: str = ""
    """The words for it."""
    usd: float | None = None
    """What the run cost by a price list, where its stream tells no cost."""
