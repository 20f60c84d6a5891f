"""Which commands a replay that runs commands refuses before it runs the first."""

from __future__ import annotations

from pytest_subagents.conduct.check_faults import validation_faults
from pytest_subagents.model.spec import Merge, MergeStage, Workflow


def test_no_validation_starts_an_agent_in_a_replay() -> None:
    stage = MergeStage(name="one", agents=(), validation=("make", "codex exec fix"))
    merge = Merge(strategy="staged", at_end=True, stages=(stage,), validation=("make",))
    workflow = Workflow(name="team", agents=(), merge=merge, where="subagents.yaml:1")
    (fault,) = validation_faults(workflow, agents_in=lambda line: ("codex",) if "codex" in line else ())
    assert fault.where == "subagents.yaml:1"
    assert fault.what == "the validation 'codex exec fix' would start codex, and a replay starts no agent"
    assert not list(validation_faults(workflow, agents_in=None)), "a live run may"
