"""Which live runs become recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.one_try import Tried
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Result
from pytest_subagents.transcript.recording import publish, secrets_left

NOT_RECORDED: Final = frozenset({"launch", "auth", "rate_limit", "provider_error", "killed", "no_protocol"})
"""What says something of a machine or a provider on one day, and nothing of the agent: it would replace a good
recording, and mode `once` would replay it from then on."""


def published(assignment: Assignment, tried: Tried, result: Result, rootdir: Path) -> Reason | bool:
    """Whether what was tried is the recording now; a reason where it should be and cannot."""
    candidate, redactor = tried.candidate, tried.redactor
    if candidate is None or redactor is None or any(reason.kind in NOT_RECORDED for reason in result.reasons):
        return False
    try:
        left = secrets_left(candidate, redactor)
        if left:
            more = f", and {len(left) - 1} more" if len(left) > 1 else ""
            return Reason(
                kind="missing_recording",
                message=f"it is not recorded, as it still looks like it holds a secret: {left[0]}{more}",
                hint="take the secret out of what the agent can read, or name its form under 'subagents_redact'",
            )
        publish(candidate, Path(assignment.recording.transcript), rootdir=rootdir)
    except BadUsage as error:
        return Reason(kind="missing_recording", message=f"{error.where}: {error.what}", hint=error.hint)
    except OSError as error:
        return Reason(kind="missing_recording", message=f"it could not be recorded: {error.strerror or error}")
    return True
