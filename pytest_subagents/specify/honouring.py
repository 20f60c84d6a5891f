"""Keys that a mode would need and that this version cannot honour yet: they are refused by name, never ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.spec import KeyPlace, Subagent, Workflow
from pytest_subagents.specify.place import quoted

_HINT: Final = "leave it out for now; docs/workflow-keys.md says which keys are honoured"

_NAMES: Final = {"once": "mode once", "record": "mode record", "live": "mode live"}

_AGENT: Final[dict[str, Callable[[Subagent], bool]]] = {}
_LIVE_AGENT: Final[dict[str, Callable[[Subagent], bool]]] = {
    **_AGENT,
    "isolation": lambda agent: agent.isolation not in (None, "worktree" if agent.scope.write else "none"),
}
"""What a live run cannot honour yet; a writer has a worktree of its own and a reader none, and that can be said."""

_WORKFLOW: Final[dict[str, Callable[[Workflow], bool]]] = {
    "review": lambda workflow: (
        workflow.review.any_conflict
        or bool(workflow.review.files_matching)
        or workflow.review.confidence_below is not None
        or workflow.review.lines_changed_above is not None
    ),
    "merge.at_end": lambda workflow: workflow.merge.at_end,
}
_LIVE_WORKFLOW: Final[dict[str, Callable[[Workflow], bool]]] = {
    **_WORKFLOW,
    "notify": lambda workflow: workflow.notify is not None,
}

AGENT_WATCHED: Final = frozenset(_LIVE_AGENT)
WORKFLOW_WATCHED: Final = frozenset(_LIVE_WORKFLOW)
"""The keys whose places are kept, so that a refusal can point at them."""
WORKFLOW_PLACED: Final = WORKFLOW_WATCHED | {"audit"}
"""And those of which it turns out elsewhere whether they can be honoured."""


def refusals(specification: Workflow | Sequence[Subagent], mode: str) -> tuple[BadUsage, ...]:
    """Every reason why a workflow (or these subagents of marks) cannot be run in `mode`, in the order of the file."""
    match specification:
        case Workflow() as workflow:
            return (*_of_workflow(workflow, mode), *(one for agent in workflow.agents for one in _of(agent, mode)))
    return tuple(one for agent in specification for one in _of(agent, mode))


def _of(agent: Subagent, mode: str) -> Iterator[BadUsage]:
    for key, needed in (_AGENT if mode == "replay" else _LIVE_AGENT).items():
        if needed(agent):
            where = f"{_place(agent.places, key, agent.where)} (agent {quoted(agent.id)})"
            yield _refused(where, key, mode)


def _of_workflow(workflow: Workflow, mode: str) -> Iterator[BadUsage]:
    for key, needed in (_WORKFLOW if mode == "replay" else _LIVE_WORKFLOW).items():
        if needed(workflow):
            yield _refused(_place(workflow.places, key, workflow.where), key, mode)


def _refused(where: str, key: str, mode: str) -> BadUsage:
    return BadUsage(where, f"{key!r} is not honoured in {_NAMES.get(mode, mode)} by this version", hint=_HINT)


def _place(places: Sequence[KeyPlace], key: str, otherwise: str) -> str:
    return next((place.where for place in places if place.key == key), otherwise)
