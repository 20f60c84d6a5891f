"""One subagent: what was planned, and what came of it."""

from __future__ import annotations

from pytest_subagents.model.attempts import Attempt, AttemptOf, PassRate
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.outcome import Change, Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.scope_use import ScopeUse
from pytest_subagents.model.status import Status
from pytest_subagents.model.value import Value, field
from pytest_subagents.model.verdict import Finding


class NeededPoint(Value, frozen=True, kw_only=True):
    """A checkpoint of another subagent that must have been passed."""

    nodeid: str
    checkpoint: str


class Planned(Value, frozen=True, kw_only=True):
    """A subagent that is to run: the part of its row that is known before it does."""

    nodeid: str
    """pytest's id of its item: the key across a whole run."""
    id: str
    vendor: str | None = None
    model: str | None = None
    task: str = ""
    scope: Scope = field(default_factory=Scope)
    depends_on: tuple[str, ...] = ()
    """Ids, as declared."""
    needs: tuple[str, ...] = ()
    """The node ids of those that must have ended well: of `depends_on`, in that order, then of those whose files it
    reads."""
    points: tuple[NeededPoint, ...] = ()
    """The checkpoints of `depends_on`."""
    wave: int = 1
    """1 for what waits for nothing, else at least one more than the latest wave that it waits for."""
    expects: str | None = None
    """The expected status, with `:kind` where one is expected; None where nothing is."""
    attempt: AttemptOf | None = None
    """That it is one of several runs that make one row; None on a row, and where there is only one."""


class Diagnostics(Value, frozen=True, kw_only=True):
    """What helps a person to see why. Of a success only what could make one doubt it is kept: unreadable lines."""

    exit_code: int | None = None
    stderr_tail: str = ""
    excerpt: str = ""
    line: int | None = None
    unreadable: int = 0
    """Lines of the transcript that are no JSON object, or a damaged one, although others are protocol."""
    unreadable_lines: tuple[int, ...] = ()
    """The numbers of the first of them."""


class Result(Value, frozen=True, kw_only=True):
    """One subagent's status, reasons, answer, changes and usage."""

    planned: Planned
    """What is known of it before it runs: its id, node id, scope, and whom it needs."""
    status: Status
    """The best that its reasons leave."""
    expected: bool = False
    """It came out as its `expect` says, and so lowers nothing."""
    reasons: tuple[Reason, ...] = ()
    violations: int = 0
    """How often the answer breaks its schema; `reasons` lists the first ones."""
    vendor: str | None = None
    """As the transcript tells it; else as planned."""
    model: str | None = None
    summary: str = ""
    answer: JsonValue = None
    """The final message's value, also where it breaks the schema."""
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    """The files that it changed, by its patch; where it has none, by what it tells."""
    changed_lines: int | None = None
    """How many lines it added and removed; None where no patch tells."""
    passed: tuple[str, ...] = ()
    """The checkpoints of its own that it has passed, in the order in which they are declared."""
    exit_code: int | None = None
    runtime_ms: int | None = None
    usage: Usage = field(default_factory=Usage)
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    transcript: str | None = None
    """The recording, as a path from the rootdir."""
    on_conflict: Reason | None = None
    """The reason `review` that it gets if its changes meet those of another, which only the fold can know; None where
    nobody asks for that, or its diff is approved. No report has it."""
    used: ScopeUse | None = None
    """What it read and wrote, which a live run alone tells; no report has it, as a replay would have to read a
    recording more slowly for it."""
    scores: tuple[float | None, ...] = ()
    """Of an attempt, what each function of its `select` gives for it."""
    attempts: tuple[Attempt, ...] = ()
    """Of a row that several runs made, all of them, by number. Its runtime and its usage are theirs together."""
    pass_rate: PassRate | None = None
    """Of a row of repetitions."""

    @property
    def runs(self) -> tuple[Result | Attempt, ...]:
        """All that ran, or should have, for this row."""
        return self.attempts or (self,)

    @property
    def waits_for_review(self) -> bool:
        """Whether a person must approve its diff and has not."""
        return any(reason.kind == "review" for reason in self.reasons)
