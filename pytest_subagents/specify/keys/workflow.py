"""Every key of a workflow that is not an agent's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from pytest_subagents.model.spec import Execution, Merge, MergeStage, Notify, Review, SharedContext
from pytest_subagents.specify.keys.agent import DEFAULT_KEYS, DEFAULTS, VENDORS
from pytest_subagents.specify.keys.contract import CONTRACT
from pytest_subagents.specify.kinds.containers import ListOf
from pytest_subagents.specify.kinds.names import COMMANDS, GLOBS, ID, LINE, PATH, PATHS, PROSE, VARIABLE
from pytest_subagents.specify.kinds.record import Key, Record
from pytest_subagents.specify.kinds.scalars import Choice, Duration, Flag, Integer, Number, Text
from pytest_subagents.specify.wording import line_problem

_Coordination: TypeAlias = Literal["inferred", "interface-first", "broadcast"]
_Overlap: TypeAlias = Literal["serialize", "error"]
_Strategy: TypeAlias = Literal["none", "sequential", "batch", "staged", "branch-per-agent"]
_OnFailure: TypeAlias = Literal["abort-workflow", "pause-and-notify", "create-review-issue"]

_COORDINATIONS: Final[tuple[_Coordination, ...]] = ("inferred", "interface-first", "broadcast")
_OVERLAPS: Final[tuple[_Overlap, ...]] = ("serialize", "error")
_STRATEGIES: Final[tuple[_Strategy, ...]] = ("none", "sequential", "batch", "staged", "branch-per-agent")
_ON_FAILURE: Final[tuple[_OnFailure, ...]] = ("abort-workflow", "pause-and-notify", "create-review-issue")


def _strategy(*, strategy: _Coordination = "inferred") -> _Coordination:
    return strategy


def _run(*, run: tuple[str, ...] = ()) -> tuple[str, ...]:
    return run


def _log(*, log: str) -> str:
    return log


def _fields(**fields: object) -> Mapping[str, object]:
    return fields


CONTEXT: Final = Record(
    make=SharedContext,
    keys=(
        Key(name="files", kind=PATHS, doc="Files that every prompt begins with", default="[]"),
        Key(name="text", kind=PROSE, doc="Text that every prompt begins with"),
    ),
)

COORDINATION: Final = Record(
    make=_strategy,
    keys=(
        Key(
            name="strategy",
            kind=Choice(choices=_COORDINATIONS),
            doc="`interface-first`: no edge from reading; `broadcast`: the same read scope for all, nobody writes",
            default="inferred",
            replay="honoured",
        ),
    ),
)

EXECUTION: Final = Record(
    make=Execution,
    keys=(
        Key(name="max_concurrent_agents", kind=Integer(at_least=1), doc="How many run at once", default="4"),
        Key(name="stagger", kind=Duration(zero=True), doc="The time between two starts", default="0s"),
        Key(
            name="on_overlap",
            kind=Choice(choices=_OVERLAPS),
            doc="Whether two writers of one path run one after the other, or are an error",
            default="serialize",
            replay="honoured",
        ),
        Key(name="abort_on_failure", kind=Flag(), doc="Start no other after one has failed", default="false"),
    ),
)

REVIEW: Final = Record(
    make=Review,
    keys=(
        Key(
            name="any_conflict",
            kind=Flag(),
            doc="Its changes meet those of another",
            default="false",
            replay="honoured",
        ),
        Key(name="files_matching", kind=GLOBS, doc="It changes a file that matches", default="[]", replay="honoured"),
        Key(
            name="confidence_below",
            kind=Number(least=0, most=1),
            doc="Its answer's `confidence` is lower, or missing",
            replay="honoured",
        ),
        Key(name="lines_changed_above", kind=Integer(at_least=0), doc="It changes more lines", replay="honoured"),
    ),
)

_VALIDATION: Final = Record(
    make=_run,
    words="`{run: commands}`",
    keys=(Key(name="run", kind=COMMANDS, doc="Commands that must exit with 0", default="[]", replay="honoured"),),
)


def _on_failure() -> Key:
    kind = Choice(choices=_ON_FAILURE)
    return Key(
        name="on_failure", kind=kind, doc="What to do where a check fails", default="abort-workflow", replay="honoured"
    )


STAGE: Final = Record(
    make=MergeStage,
    keys=(
        Key(name="name", kind=ID, doc="Its name, unique among the stages", required=True, replay="honoured"),
        Key(
            name="agents",
            kind=ListOf(of=LINE, plural="ids", not_empty=True, distinct=True),
            doc="The agents whose work is merged in it",
            required=True,
            replay="honoured",
        ),
        Key(
            name="depends_on",
            kind=ListOf(of=LINE, plural="names of stages", distinct=True),
            doc="The stages that are merged before",
            replay="honoured",
        ),
        Key(name="validation", kind=_VALIDATION, doc="What is checked after it", replay="honoured"),
        _on_failure(),
    ),
)

MERGE: Final = Record(
    make=Merge,
    keys=(
        Key(
            name="strategy",
            kind=Choice(choices=_STRATEGIES, also={"pr-per-agent": "branch-per-agent"}),
            doc="How patches become one tree",
            default="none",
            replay="honoured",
        ),
        Key(name="at_end", kind=Flag(), doc="Merge when the run ends", default="false", replay="honoured"),
        Key(
            name="stages",
            kind=ListOf(of=STAGE, plural="stages"),
            doc="Who is merged with whom, and when",
            replay="honoured",
        ),
        Key(name="validation", kind=_VALIDATION, doc="What is checked after each merge", replay="honoured"),
        _on_failure(),
    ),
)

WORKFLOW_KEYS: Final = (
    Key(
        name="name",
        kind=LINE,
        doc="Its name, also of the folder of its recordings",
        default="the name of the file",
        replay="honoured",
    ),
    Key(name="version", kind=Text(numbers=True, problem=line_problem), doc="For you", replay="honoured"),
    Key(name="description", kind=PROSE, doc="For you", replay="honoured"),
    Key(name="defaults", kind=DEFAULTS, doc="Keys that every agent has, unless it says otherwise", replay="honoured"),
    Key(name="vendors", kind=VENDORS, doc="How each vendor's program is set up"),
    Key(
        name="contract",
        kind=CONTRACT,
        doc="What the answer of every agent must satisfy that names no other",
        default="result",
        replay="honoured",
    ),
    Key(name="context", kind=CONTEXT, doc="Read-only, first and the same bytes in every prompt"),
    Key(
        name="coordination",
        kind=COORDINATION,
        doc="How agents depend on each other by what they read and write",
        replay="honoured",
    ),
    Key(name="execution", kind=EXECUTION, doc="How many run at once, and when"),
    Key(
        name="protected",
        kind=GLOBS,
        doc="What nobody may write; `.git`, recordings, snapshot, baseline, audit log, workflow and contracts always",
        replay="honoured",
    ),
    Key(name="review", kind=REVIEW, doc="When a person must approve a diff", replay="honoured"),
    Key(name="merge", kind=MERGE, doc="How the agents' patches come together", replay="honoured"),
    Key(
        name="notify",
        kind=Record(
            make=Notify,
            keys=(
                Key(name="run", kind=PROSE, doc="A command that gets each event as JSON on stdin", required=True),
                Key(
                    name="env",
                    kind=ListOf(of=VARIABLE, plural="names"),
                    doc="Environment variables that may pass to it; nothing else does",
                    default="[]",
                ),
            ),
        ),
        doc="Whom to tell",
    ),
    Key(
        name="audit",
        kind=Record(
            make=_log,
            keys=(Key(name="log", kind=PATH, doc="The path of the log, JSON lines", replay="honoured", required=True),),
        ),
        doc="A log of what each agent read, wrote and ran",
        replay="honoured",
        field="audit_log",
    ),
)

WORKFLOW: Final = Record(
    make=_fields,
    keys=WORKFLOW_KEYS,
    elsewhere={
        key.name: f"{key.name!r} belongs on an agent, or under 'workflow.defaults' for all of them"
        for key in DEFAULT_KEYS
    },
)
