"""What a person declares: subagents, and the workflow that they are part of.

The names of the fields are the keys of a workflow file (DESIGN 4.1). Durations are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Literal, TypeAlias

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.status import Status
from pytest_subagents.model.value import Value, field

Tool: TypeAlias = Literal["read", "search", "edit", "shell", "web", "subagents"]
Isolation: TypeAlias = Literal["worktree", "copy", "none"]
Extract: TypeAlias = Literal["strict", "fenced"]


class Limits(Value, frozen=True, kw_only=True):
    """Bounds of one run; seconds, turns, tokens (input + output) and US dollars."""

    timeout: float = 1800.0
    idle_timeout: float = 600.0
    max_turns: int | None = None
    max_tokens: int | None = None
    max_usd: float | None = None


class Retries(Value, frozen=True, kw_only=True):
    rate_limit: int = 2
    provider_error: int = 1


class Attempts(Value, frozen=True, kw_only=True):
    count: int = 1
    select: tuple[str, ...] = ()
    stop_early: bool = True


class Dependency(Value, frozen=True, kw_only=True):
    """A subagent that this one needs; with `checkpoint`, only up to there."""

    agent: str
    checkpoint: str | None = None


class Checkpoint(Value, frozen=True, kw_only=True):
    """A point that a running subagent passes: it has written (`writes`), said (`says`) or finished writing."""

    id: str
    writes: str | None = None
    says: str | None = None


class Criterion(Value, frozen=True, kw_only=True):
    """Prose that the agent is told, or a command (`run`) whose exit code is checked."""

    text: str = ""
    run: str | None = None
    timeout: float | None = None


class Expectation(Value, frozen=True, kw_only=True):
    """What a known recording must come to. `changes` is None where nothing is expected of them."""

    status: Status
    kind: str | None = None
    changes: tuple[str, ...] | None = None


class FieldMap(Value, frozen=True, kw_only=True):
    """Where a contract keeps what a report needs. Values are JSON Pointers; those after `findings` start at a finding.

    `success`, `partial` and `failed` list the values at `status` that mean so; a value in none of them, or no
    value, is `failed`. Without `status` a valid answer is a success.
    """

    status: str | None = "/status"
    success: tuple[JsonValue, ...] = ("success",)
    partial: tuple[JsonValue, ...] = ("partial",)
    failed: tuple[JsonValue, ...] = ("failed",)
    summary: str | None = "/summary"
    findings: str | None = "/findings"
    severity: str | None = "/severity"
    severities: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """From the contract's word (or number, as text) to ours."""
    file: str | None = "/file"
    line: str | None = "/line"
    title: str | None = "/title"
    detail: str | None = "/detail"


class ContractRef(Value, frozen=True, kw_only=True):
    """A contract as it was named: built in (`name`), a file (`path`) or a schema given in Python (`schema`)."""

    name: str | None = None
    path: PurePosixPath | None = None
    """Absolute."""
    schema: JsonValue = None
    map: FieldMap | None = None
    extract: Extract = "strict"
    where: str = "contract"
    """The place of the name, for errors: `subagents.yaml:4`."""


RESULT = ContractRef(name="result")
"""The built-in contract."""


class McpServer(Value, frozen=True, kw_only=True):
    name: str
    settings: Mapping[str, JsonValue]


class VendorSettings(Value, frozen=True, kw_only=True):
    """How one vendor's program is configured."""

    vendor: str
    model: str | None = None
    args: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    home: str | None = None
    mcp: tuple[McpServer, ...] = ()


class KeyPlace(Value, frozen=True, kw_only=True):
    """Where a person wrote a key (`merge.at_end`), on the agent or the workflow itself or in `defaults`."""

    key: str
    where: str
    """`subagents.yaml:12`."""


class Subagent(Value, frozen=True, kw_only=True):
    """One isolated run of an agent: instructions, a scope, a contract.

    `where` is its place for errors (`subagents.yaml:7`). `set_keys` names the keys that a person wrote, on the
    agent itself or in `defaults`, so that what cannot be honoured yet is refused by name.
    """

    id: str
    instructions: str = ""
    task: str = ""
    vendor: str | None = None
    model: str | None = None
    command: tuple[str, ...] = ()
    runner: Literal["process", "function"] = "process"
    function: str | None = None
    scope: Scope = field(default_factory=Scope)
    resources: tuple[str, ...] = ()
    tools: tuple[Tool, ...] | None = None
    isolation: Isolation | None = None
    depends_on: tuple[Dependency, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    priority: int = 0
    contract: ContractRef = RESULT
    verify: tuple[str, ...] = ()
    success_criteria: tuple[Criterion, ...] = ()
    attempts: Attempts = Attempts()
    repeat: int = 1
    retries: Retries = Retries()
    limits: Limits = Limits()
    vendors: tuple[VendorSettings, ...] = ()
    expect: Expectation | None = None
    where: str = ""
    set_keys: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """The task, or else the first line of the instructions."""
        return self.task or self.instructions.strip().partition("\n")[0].strip()


class Execution(Value, frozen=True, kw_only=True):
    max_concurrent_agents: int = 4
    stagger: float = 0.0
    on_overlap: Literal["serialize", "error"] = "serialize"
    abort_on_failure: bool = False


class SharedContext(Value, frozen=True, kw_only=True):
    files: tuple[str, ...] = ()
    text: str = ""


class Review(Value, frozen=True, kw_only=True):
    any_conflict: bool = False
    files_matching: tuple[str, ...] = ()
    confidence_below: float | None = None
    lines_changed_above: int | None = None

    @property
    def asks(self) -> bool:
        """Whether anything makes a diff wait for a person."""
        return self != Review()


class MergeStage(Value, frozen=True, kw_only=True):
    name: str
    agents: tuple[str, ...]
    depends_on: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    on_failure: Literal["abort-workflow", "pause-and-notify", "create-review-issue"] = "abort-workflow"


class Merge(Value, frozen=True, kw_only=True):
    strategy: Literal["none", "sequential", "batch", "staged", "branch-per-agent"] = "none"
    at_end: bool = False
    stages: tuple[MergeStage, ...] = ()
    validation: tuple[str, ...] = ()
    on_failure: Literal["abort-workflow", "pause-and-notify", "create-review-issue"] = "abort-workflow"


class Notify(Value, frozen=True, kw_only=True):
    """A command that is told what a live run comes to."""

    run: str
    env: tuple[str, ...] = ()
    """The variables that may pass to it, such as an address that is a secret; nothing else does."""


class ReportedKey(Value, frozen=True, kw_only=True):
    """A key whose effect lies outside a run (a chat, a pull request): it is read and reported, and does nothing."""

    key: str
    where: str
    why: str


class Workflow(Value, frozen=True, kw_only=True):
    """Several subagents and how they hang together. Agents are in file order; ids are unique."""

    name: str
    agents: tuple[Subagent, ...]
    version: str = ""
    description: str = ""
    context: SharedContext = field(default_factory=SharedContext)
    coordination: Literal["inferred", "interface-first", "broadcast"] = "inferred"
    execution: Execution = field(default_factory=Execution)
    protected: tuple[str, ...] = ()
    review: Review = field(default_factory=Review)
    merge: Merge = field(default_factory=Merge)
    notify: Notify | None = None
    audit_log: str | None = None
    where: str = ""
    set_keys: frozenset[str] = frozenset()
    """The workflow keys that a person wrote (`review`, `merge.at_end`, ...)."""
    places: tuple[KeyPlace, ...] = ()
    """Of some keys of which it turns out later whether they can be honoured."""
    reported: tuple[ReportedKey, ...] = ()
