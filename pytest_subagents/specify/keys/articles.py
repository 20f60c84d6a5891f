"""Keys that only articles about multi-agent workflows use, and what becomes of each: the table.

Where one is read as a key of ours it is written back as that; `specify.articles` does so.
"""

from __future__ import annotations

from typing import Final, TypeAlias, Union

from pytest_subagents.model.value import Value


class ReadAs(Value, frozen=True, kw_only=True):
    """Another name of ours: `to` is our key, from the workflow or from the agent."""

    to: str
    note: str = ""


class Only(Value, frozen=True, kw_only=True):
    """What we always do: the value that says so is read, any other refused."""

    value: str | bool
    hint: str


class Reported(Value, frozen=True, kw_only=True):
    """Its effect lies outside a run: read, reported, without effect."""

    why: str


class Refused(Value, frozen=True, kw_only=True):
    """What this project does not do."""

    hint: str


Treatment: TypeAlias = Union[ReadAs, Only, Reported, Refused]


class ArticleKey(Value, frozen=True, kw_only=True):
    path: str
    """From the file (`agent_template`), the workflow (`workflow.audit.enabled`) or an agent (`agents[].role`)."""
    treatment: Treatment


_BRANCHES: Final = "an agent starts from HEAD, and only 'subagents merge --apply' touches a branch"
_CONFLICTS: Final = "a conflict keeps both sides and is shown; it is never resolved on its own"
_NOTIFY: Final = "nothing is sent by itself; 'notify: {run: command}' gets every event"
_REQUESTS: Final = "no pull request is opened; 'merge: {strategy: branch-per-agent}' prepares one for each agent"
_LOG: Final = "the audit log is one local file with all that is known"
_DECLARED: Final = "every agent is declared in the file: list it under 'agents'"

ARTICLE_KEYS: Final = tuple(
    ArticleKey(path=path, treatment=treatment)
    for path, treatment in (
        ("agent_template", Refused(hint="what agents share belongs under 'workflow.defaults'")),
        ("workflow.agents", ReadAs(to="agents")),
        ("workflow.context.repository", Only(value=".", hint="run pytest in the repository that is meant")),
        ("workflow.context.base_branch", Reported(why=_BRANCHES)),
        ("workflow.context.feature_branch", Reported(why=_BRANCHES)),
        ("workflow.context.shared_interfaces", ReadAs(to="context.files", note="a path, or a list of paths")),
        ("workflow.shared_context.pre_cache", ReadAs(to="context.files")),
        ("workflow.coordination.conflict_resolution", Reported(why=_CONFLICTS)),
        ("workflow.coordination.semantic_merge_options", Reported(why=_CONFLICTS)),
        (
            "workflow.coordination.unresolvable_conflict_action",
            ReadAs(to="merge.on_failure", note="`prefer-…` is refused: no side is ever preferred"),
        ),
        (
            "workflow.coordination.human_review_required",
            ReadAs(to="review", note="true: any conflict, and every change where no trigger or threshold says which"),
        ),
        (
            "workflow.coordination.human_review_triggers",
            ReadAs(to="review", note="`agent_confidence_below` is `confidence_below`"),
        ),
        ("workflow.coordination.auto_merge_threshold", ReadAs(to="review.confidence_below")),
        ("workflow.coordination.output_mode", Only(value="aggregate", hint="there is always one report of all")),
        ("workflow.coordination.broadcast_context", ReadAs(to="defaults.scope.read", note="its `files`")),
        ("workflow.broadcast_context", ReadAs(to="defaults.scope.read", note="its `files`")),
        ("workflow.coordination.abort_on_agent_failure", ReadAs(to="execution.abort_on_failure")),
        (
            "workflow.coordination.preserve_failed_agent_output",
            Only(value=True, hint="transcripts are always kept; '--subagents-keep=none' drops the checkouts"),
        ),
        ("workflow.coordination.notification_channel", Reported(why=_NOTIFY)),
        ("workflow.coordination.notification_webhook", Reported(why=_NOTIFY)),
        ("workflow.coordination.failure_notification", Reported(why=_NOTIFY)),
        ("workflow.execution.agent_priority", ReadAs(to="agents[].priority", note="a map from ids")),
        ("workflow.orchestration", Refused(hint=_DECLARED)),
        ("workflow.merge.post_merge", Reported(why=_REQUESTS)),
        ("workflow.merge.validation.commands", ReadAs(to="merge.validation.run")),
        ("workflow.merge.stages[].validation.commands", ReadAs(to="merge.stages[].validation.run")),
        ("workflow.audit.enabled", Only(value=True, hint="leave 'audit' out")),
        ("workflow.audit.log_level", Reported(why=_LOG)),
        (
            "workflow.audit.log_destination",
            ReadAs(to="audit.log", note="a path; an address such as `s3://…` is only reported: nothing is uploaded"),
        ),
        ("workflow.audit.retention_days", Reported(why=_LOG)),
        ("workflow.audit.include_agent_reasoning", Reported(why=_LOG)),
        ("agents[].name", ReadAs(to="task")),
        ("agents[].output_schema", ReadAs(to="contract")),
        ("agents[].output_format", Only(value="json", hint="an answer is always JSON")),
        ("agents[].success_criteria.commands", ReadAs(to="success_criteria", note="each a `{run: command}`")),
        ("agents[].role", Refused(hint=_DECLARED)),
        ("agents[].spawn_workers", Refused(hint=_DECLARED)),
    )
)

UPLOADED: Final = Reported(why="nothing is uploaded; 'audit: {log: path}' names a local file")
"""What an `audit.log_destination` that is an address comes to."""


def keys_below(prefix: str) -> dict[str, Treatment]:
    """The treatments of the keys directly in one map, by name: `agents[]`, `workflow.coordination`."""
    found = {}
    for key in ARTICLE_KEYS:
        parent, _, name = key.path.rpartition(".")
        if parent == prefix:
            found[name] = key.treatment
    return found
