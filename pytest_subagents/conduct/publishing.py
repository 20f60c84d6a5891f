"""Which live runs become recordings."""

from __future__ import annotations

from typing import Final

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.keeping import Keeper, unrecorded
from pytest_subagents.conduct.one_try import Tried
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Result
from pytest_subagents.transcript.recording import secrets_left

NOT_RECORDED: Final = frozenset(
    {"launch", "auth", "rate_limit", "provider_error", "killed", "no_protocol", "timeout", "idle_timeout"}
)
"""What says something of a machine or a provider on one day, and nothing of the agent: it would replace a good
recording, mode `once` would replay it from then on, and a resumed run would not try again. A provider that falls
silent is among them: only our own clocks see it."""


def lasts(result: Result) -> bool:
    """Whether a result is worth to be kept: the agent's own, or what a person expects, or one with an answer."""
    spoiled = any(reason.kind in NOT_RECORDED and reason.ceiling == "failed" for reason in result.reasons)
    return result.expected or not spoiled


def record(assignment: Assignment, tried: Tried, keeper: Keeper) -> Reason | None:
    """Makes what was tried the recording; a reason where that cannot be."""
    candidate, redactor = tried.candidate, tried.redactor
    assert candidate is not None
    assert redactor is not None
    try:
        left = secrets_left(candidate, redactor)
    except OSError as error:
        return unrecorded(error)
    if left:
        more = f", and {len(left) - 1} more" if len(left) > 1 else ""
        return Reason(
            kind="missing_recording",
            message=f"it is not recorded, as it still looks like it holds a secret: {left[0]}{more}",
            hint="take the secret out of what the agent can read, or name its form under 'subagents_redact'",
        )
    return keeper.publish(assignment, candidate)
