"""One subagent from its recording to its Result: nothing is started."""

from __future__ import annotations

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.judged import StalePolicy, judged
from pytest_subagents.conduct.left_out import not_needed, was_left_out
from pytest_subagents.model.result import Result
from pytest_subagents.runners.interface import Runner


def replayed(assignment: Assignment, runner: Runner, *, stale: StalePolicy = "fail") -> Result:
    """The result of what is recorded of a subagent."""
    if assignment.planned.attempt is not None and was_left_out(assignment):
        return not_needed(assignment)
    run = runner.run(assignment.recording, checkpoints=assignment.subagent.checkpoints)
    return judged(assignment, run, stale=stale)
