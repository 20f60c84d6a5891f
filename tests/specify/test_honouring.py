"""Keys that replay would need and cannot honour yet."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_subagents.model.spec import Attempts, Subagent, Workflow
from pytest_subagents.specify.honouring import AGENT_WATCHED, WORKFLOW_WATCHED, refusals
from pytest_subagents.specify.key_paths import agent_paths, workflow_paths

Read = Callable[..., Workflow]

HINT = "leave it out for now; docs/workflow-keys.md says which keys are honoured"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("attempts: 3", "attempts"),
        ("attempts: {count: 2}", "attempts"),
        ("repeat: 2", "repeat"),
    ],
)
def test_what_an_agent_asks_for_in_vain(read: Read, line: str, key: str) -> None:
    (refusal,) = refusals(read(f"agents:\n- id: fix\n  {line}\n- id: other\n"), "replay")
    assert refusal.exit_code == 4
    assert str(refusal) == (
        f"subagents.yaml:3 (agent 'fix'): {key!r} is not honoured in replay by this version\n  hint: {HINT}"
    )


def test_what_stands_in_defaults_is_refused_for_each_agent_at_its_line(read: Read) -> None:
    workflow = read("workflow:\n  defaults:\n    repeat: 3\nagents: [{id: a}, {id: b}, {id: c, repeat: 1}]")
    assert [refusal.where for refusal in refusals(workflow, "replay")] == [
        "subagents.yaml:3 (agent 'a')",
        "subagents.yaml:3 (agent 'b')",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "attempts: 1, repeat: 1, expect: {status: failed, kind: contract, changes: [a.py]}",
        "attempts: {select: [smallest diff]}, checkpoints: [{id: c, condition: write_complete}]",
        "limits: {max_usd: 1}, retries: {rate_limit: 0}, isolation: copy, tools: [read], resources: [db], priority: 5",
        "scope: {write: ['**']}, success_criteria: [{run: make}], vendors: {codex: {env: [A]}}, instructions: x",
    ],
)
def test_what_replay_does_not_need_is_kept(read: Read, text: str) -> None:
    head = (
        "workflow: {protected: [infra/], review: {any_conflict: true, lines_changed_above: 0}, "
        "merge: {strategy: staged, at_end: false}, "
        "execution: {on_overlap: serialize, abort_on_failure: true}, notify: {run: x}, context: {text: x}, "
        "coordination: {strategy: interface-first}, audit: {log: a.jsonl}}\n"
    )
    assert refusals(read(f"{head}agents: [{{id: a, {text}}}]"), "replay") == ()


def test_a_dependency_on_a_checkpoint_is_honoured_by_the_whole_run(read: Read) -> None:
    text = (
        "agents: [{id: a, checkpoints: [{id: c, condition: write_complete}]}, "
        "{id: b, depends_on: [{agent: a, checkpoint: c}]}]"
    )
    assert refusals(read(text), "replay") == refusals(read(text), "live") == ()


def test_everything_is_said_at_once(read: Read) -> None:
    head = "workflow: {merge: {at_end: true}}\n"
    text = head + "agents: [{id: a, attempts: 2, repeat: 2}, {id: b, repeat: 2}]"
    assert [refusal.what.split("'")[1] for refusal in refusals(read(text), "replay")] == [
        "attempts", "repeat", "repeat",
    ]  # fmt: skip


def test_subagents_of_marks_are_judged_too() -> None:
    agent = Subagent(id="a", attempts=Attempts(count=2), where="tests/test_x.py::test_a")
    (refusal,) = refusals([agent], "replay")
    assert str(refusal).startswith("tests/test_x.py::test_a (agent 'a'): 'attempts' is not honoured in replay")
    assert refusals([Subagent(id="a")], "replay") == ()


@pytest.mark.parametrize("mode", ["once", "record", "live"])
@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("attempts: 2", "attempts"),
    ],
)
def test_what_a_live_run_cannot_honour_yet(read: Read, mode: str, line: str, key: str) -> None:
    (refusal,) = refusals(read(f"agents: [{{id: a, {line}}}]"), mode)
    assert str(refusal).startswith(f"subagents.yaml:1 (agent 'a'): {key!r} is not honoured in mode {mode}")


@pytest.mark.parametrize(
    "line",
    [
        "isolation: worktree",
        "isolation: none, scope: {write: [x]}",
        "isolation: copy",
        "limits: {max_usd: 1}, retries: {rate_limit: 0}, tools: [read], resources: [db], priority: 5",
        "checkpoints: [{id: c, condition: write_complete}]",
        "vendors: {codex: {env: [A]}}, success_criteria: [{run: make}], instructions: x, expect: failed",
    ],
)
def test_what_a_live_run_honours(read: Read, line: str) -> None:
    assert refusals(read(f"agents: [{{id: a, {line}}}]"), "record") == ()


def test_somebody_can_be_told_of_a_live_run(read: Read) -> None:
    assert refusals(read("workflow:\n  notify: {run: x}\nagents: [{id: a}]"), "live") == ()


def test_the_table_of_keys_says_the_same() -> None:
    """A key that the docs call refused is one that is refused here, or a part of one."""
    agent = {path for path, key in agent_paths() if key.when_live == "refused"}
    workflow = {path for path, key in workflow_paths() if key.when_live == "refused"}
    assert agent == AGENT_WATCHED | {"attempts.count"}
    assert workflow == WORKFLOW_WATCHED
