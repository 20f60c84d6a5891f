"""Keys that replay would need and cannot honour yet."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.specify.honouring import AGENT_WATCHED, WORKFLOW_WATCHED, refusals
from pytest_subagents.specify.key_paths import agent_paths, workflow_paths

Read = Callable[..., Workflow]

HINT = "leave it out for now; docs/workflow-keys.md says which keys are honoured"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("review: {any_conflict: true}", "review"),
        ("review: {files_matching: [a]}", "review"),
        ("review: {confidence_below: 0}", "review"),
        ("review: {lines_changed_above: 0}", "review"),
        ("merge: {at_end: true}", "merge.at_end"),
    ],
)
def test_what_a_workflow_asks_for_in_vain(read: Read, line: str, key: str) -> None:
    (refusal,) = refusals(read(f"workflow:\n  name: x\n  {line}\nagents: [{{id: a}}]"), "replay")
    assert str(refusal) == f"subagents.yaml:3: {key!r} is not honoured in replay by this version\n  hint: {HINT}"


def test_what_stands_in_defaults_is_refused_for_each_agent_at_its_line(read: Read) -> None:
    text = "workflow:\n  defaults:\n    isolation: copy\nagents: [{id: a}, {id: b}, {id: c, isolation: none}]"
    assert [refusal.where for refusal in refusals(read(text), "live")] == [
        "subagents.yaml:3 (agent 'a')",
        "subagents.yaml:3 (agent 'b')",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "attempts: 1, repeat: 1, expect: {status: failed, kind: contract, changes: [a.py]}",
        "attempts: {count: 3, select: [smallest diff]}, checkpoints: [{id: c, condition: write_complete}]",
        "limits: {max_usd: 1}, retries: {rate_limit: 0}, isolation: copy, tools: [read], resources: [db], priority: 5",
        "scope: {write: ['**']}, success_criteria: [{run: make}], vendors: {codex: {env: [A]}}, instructions: x",
    ],
)
def test_what_replay_does_not_need_is_kept(read: Read, text: str) -> None:
    head = (
        "workflow: {protected: [infra/], review: {any_conflict: false}, merge: {strategy: staged, at_end: false}, "
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
    head = "workflow: {merge: {at_end: true}, review: {any_conflict: true}}\n"
    text = head + "agents: [{id: a, isolation: copy}, {id: b, isolation: copy}]"
    assert [refusal.what.split("'")[1] for refusal in refusals(read(text), "live")] == [
        "review", "merge.at_end", "isolation", "isolation",
    ]  # fmt: skip


def test_subagents_of_marks_are_judged_too() -> None:
    agent = Subagent(id="a", isolation="copy", where="tests/test_x.py::test_a")
    (refusal,) = refusals([agent], "live")
    assert str(refusal).startswith("tests/test_x.py::test_a (agent 'a'): 'isolation' is not honoured in mode live")
    assert refusals([Subagent(id="a")], "replay") == ()


@pytest.mark.parametrize("mode", ["once", "record", "live"])
@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("isolation: copy", "isolation"),
        ("isolation: none, scope: {write: [x]}", "isolation"),
        ("isolation: worktree", "isolation"),
    ],
)
def test_what_a_live_run_cannot_honour_yet(read: Read, mode: str, line: str, key: str) -> None:
    (refusal,) = refusals(read(f"agents: [{{id: a, {line}}}]"), mode)
    assert str(refusal).startswith(f"subagents.yaml:1 (agent 'a'): {key!r} is not honoured in mode {mode}")


@pytest.mark.parametrize(
    "line",
    [
        "isolation: worktree, scope: {write: [x]}",
        "isolation: none",
        "limits: {max_usd: 1}, retries: {rate_limit: 0}, tools: [read], resources: [db], priority: 5",
        "checkpoints: [{id: c, condition: write_complete}]",
        "vendors: {codex: {env: [A]}}, success_criteria: [{run: make}], instructions: x, expect: failed",
    ],
)
def test_what_a_live_run_honours(read: Read, line: str) -> None:
    assert refusals(read(f"agents: [{{id: a, {line}}}]"), "record") == ()


def test_nobody_can_be_told_of_a_live_run_yet(read: Read) -> None:
    (refusal,) = refusals(read("workflow:\n  notify: {run: x}\nagents: [{id: a}]"), "live")
    assert str(refusal).startswith("subagents.yaml:2: 'notify' is not honoured in mode live")


def test_the_table_of_keys_says_the_same() -> None:
    """A key that the docs call refused is one that is refused here, or a part of one."""
    agent = {path for path, key in agent_paths() if key.when_live == "refused"}
    workflow = {path for path, key in workflow_paths() if key.when_live == "refused"}
    assert agent == AGENT_WATCHED
    assert {path for path in workflow if not path.startswith("review.")} == WORKFLOW_WATCHED
