"""Workflow files that are good: what each key becomes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import (
    RESULT,
    Attempts,
    Checkpoint,
    ContractRef,
    Criterion,
    Dependency,
    Execution,
    Expectation,
    FieldMap,
    Limits,
    McpServer,
    Merge,
    MergeStage,
    Notify,
    Retries,
    Review,
    SharedContext,
    Subagent,
    VendorSettings,
    Workflow,
)

Read = Callable[..., Workflow]

DESIGN = """
workflow:
  name: package-review
  contract: result
  defaults: {vendor: codex, limits: {timeout: 10m}}
  vendors: {codex: {env: [CODEX_API_KEY]}, claude: {model: sonnet, env: [ANTHROPIC_API_KEY], home: .ci/claude-home}}
  context: {files: [docs/conventions.md]}
  execution: {max_concurrent_agents: 4, stagger: 2s, on_overlap: serialize}
agents:
  - id: math
    instructions: Find test coverage gaps.
    scope: {read: [packages/math/]}
  - id: fix-auth
    vendor: claude
    instructions: |
      Fix the bugs below.
      {{ results.math.summary }}
    scope: {read: [src/auth/], write: [src/auth/**, tests/auth/**]}
    depends_on: [math]
    success_criteria:
      - run: pytest -q tests/auth
      - Public names stay as they are.          # prose: told to the agent, not checked
    attempts: 3
    limits: {timeout: 15m, max_usd: 1.50}
"""


def test_the_example_of_the_design(read: Read) -> None:
    workflow = read(DESIGN)
    vendors = (
        VendorSettings(vendor="codex", env=("CODEX_API_KEY",)),
        VendorSettings(vendor="claude", model="sonnet", env=("ANTHROPIC_API_KEY",), home=".ci/claude-home"),
    )
    contract = replace(RESULT, where="subagents.yaml:4")
    math, fix = workflow.agents
    assert math == Subagent(
        id="math",
        instructions="Find test coverage gaps.",
        vendor="codex",
        scope=Scope(read=("packages/math/",)),
        contract=contract,
        limits=Limits(timeout=600.0),
        vendors=vendors,
        where="subagents.yaml:10",
        set_keys=math.set_keys,
    )
    assert math.set_keys == {
        "id", "instructions", "scope", "scope.read", "vendor", "limits", "limits.timeout", "contract", "vendors",
        "vendors.codex", "vendors.claude",
    }  # fmt: skip
    assert fix == Subagent(
        id="fix-auth",
        instructions="Fix the bugs below.\n{{ results.math.summary }}\n",
        vendor="claude",
        scope=Scope(read=("src/auth/",), write=("src/auth/**", "tests/auth/**")),
        depends_on=(Dependency(agent="math"),),
        success_criteria=(
            Criterion(run="pytest -q tests/auth"),
            Criterion(text="Public names stay as they are."),
        ),
        attempts=Attempts(count=3),
        contract=contract,
        limits=Limits(timeout=900.0, max_usd=1.5),
        vendors=vendors,
        where="subagents.yaml:13",
        set_keys=fix.set_keys,
    )
    assert replace(workflow, agents=()) == Workflow(
        name="package-review",
        agents=(),
        context=SharedContext(files=("docs/conventions.md",)),
        execution=Execution(stagger=2.0),
        where="subagents.yaml:2",
        set_keys=workflow.set_keys,
    )
    assert {"name", "contract", "execution.stagger", "context.files"} < workflow.set_keys


EVERYTHING = """
$schema: https://example.invalid/workflow.schema.json
workflow:
  name: all
  version: 1.10
  description: |
    Two
    lines
  context: {files: [docs/a.md], text: Be brief.}
  coordination: {strategy: interface-first}
  execution: {max_concurrent_agents: 9, stagger: 0, on_overlap: error, abort_on_failure: true}
  protected: [infra/**]
  review: {any_conflict: true, files_matching: ['*.lock'], confidence_below: 0.8, lines_changed_above: 500}
  merge:
    strategy: staged
    at_end: true
    stages:
      - {name: first, agents: [a], validation: {run: [make]}, on_failure: pause-and-notify}
      - {name: second, agents: [b/c], depends_on: [first]}
    validation: {run: [make check]}
    on_failure: create-review-issue
  notify: {run: ./notify, env: [HOOK]}
  audit: {log: logs/audit.jsonl}
agents:
- id: a
  task: "  Title  "
  vendor: command
  model: m
  command: [python3, reviewer.py, "{prompt_file}"]
  resources: [db, port-80]
  tools: [read, shell]
  isolation: copy
  checkpoints:
  - {id: written, condition: write_complete}
  - {id: routes, condition: {writes: src/routes/**}}
  - {id: said, condition: {says: "DONE: yes"}}
  priority: -3
  contract:
    schema: {type: object, required: [verdict]}
    map:
      status: /verdict
      success: [approve, 1, true, null]
      partial: [needs-attention]
      findings: /issues
      severity: /level
      severities: {error: high, 0: low}
      file: null
      line: /range/start
      title: ""
    extract: fenced
  verify: [checks.review:counts_agree]
  success_criteria: [{run: make, timeout: 90}]
  attempts: {count: 2, select: [fewest findings, smallest diff], stop_early: false}
  repeat: 5
  retries: {rate_limit: 0, provider_error: 4}
  limits: {timeout: 1h30m, idle_timeout: 45s, max_turns: 1k, max_tokens: 1.5M, max_usd: 2}
  vendors: {codex: {args: [--x], mcp: {docs: {command: serve, port: 80, nested: {a: [1]}}}}}
  expect: {status: failed, kind: contract, changes: [a/b.py]}
- id: b/c
  runner: function
  function: agents.review:run
  scope: {read: [], write: ['**']}
  depends_on: [a, {agent: a, checkpoint: routes}]
  contract: {schema: result, extract: strict}
  expect: not_run
"""


def test_every_key(read: Read) -> None:
    workflow = read(EVERYTHING)
    first, second = workflow.agents
    assert first == Subagent(
        id="a",
        task="Title",
        vendor="command",
        model="m",
        command=("python3", "reviewer.py", "{prompt_file}"),
        resources=("db", "port-80"),
        tools=("read", "shell"),
        isolation="copy",
        checkpoints=(
            Checkpoint(id="written"),
            Checkpoint(id="routes", writes="src/routes/**"),
            Checkpoint(id="said", says="DONE: yes"),
        ),
        priority=-3,
        contract=ContractRef(
            schema={"type": "object", "required": ["verdict"]},
            map=FieldMap(
                status="/verdict",
                success=("approve", 1, True, None),
                partial=("needs-attention",),
                findings="/issues",
                severity="/level",
                severities={"error": "high", "0": "low"},
                file=None,
                line="/range/start",
                title="",
            ),
            extract="fenced",
            where="subagents.yaml:39",
        ),
        verify=("checks.review:counts_agree",),
        success_criteria=(Criterion(run="make", timeout=90.0),),
        attempts=Attempts(count=2, select=("fewest findings", "smallest diff"), stop_early=False),
        repeat=5,
        retries=Retries(rate_limit=0, provider_error=4),
        limits=Limits(timeout=5400.0, idle_timeout=45.0, max_turns=1000, max_tokens=1_500_000, max_usd=2.0),
        vendors=(
            VendorSettings(
                vendor="codex",
                args=("--x",),
                mcp=(McpServer(name="docs", settings={"command": "serve", "port": 80, "nested": {"a": [1]}}),),
            ),
        ),
        expect=Expectation(status="failed", kind="contract", changes=("a/b.py",)),
        where="subagents.yaml:25",
        set_keys=first.set_keys,
    )
    assert first.title == "Title"
    assert second.runner == "function"
    assert second.function == "agents.review:run"
    assert second.scope == Scope(read=(), write=("**",))
    assert second.depends_on == (Dependency(agent="a"), Dependency(agent="a", checkpoint="routes"))
    assert second.contract == ContractRef(name="result", where="subagents.yaml:64")
    assert second.expect == Expectation(status="not_run")
    assert replace(workflow, agents=()) == Workflow(
        name="all",
        agents=(),
        version="1.10",
        description="Two\nlines\n",
        context=SharedContext(files=("docs/a.md",), text="Be brief."),
        coordination="interface-first",
        execution=Execution(max_concurrent_agents=9, stagger=0.0, on_overlap="error", abort_on_failure=True),
        protected=("infra/**",),
        review=Review(any_conflict=True, files_matching=("*.lock",), confidence_below=0.8, lines_changed_above=500),
        merge=Merge(
            strategy="staged",
            at_end=True,
            stages=(
                MergeStage(name="first", agents=("a",), validation=("make",), on_failure="pause-and-notify"),
                MergeStage(name="second", agents=("b/c",), depends_on=("first",)),
            ),
            validation=("make check",),
            on_failure="create-review-issue",
        ),
        notify=Notify(run="./notify", env=("HOOK",)),
        audit_log="logs/audit.jsonl",
        where="subagents.yaml:3",
        set_keys=workflow.set_keys,
        places=workflow.places,
    )


def test_no_field_of_an_agent_is_out_of_reach(read: Read) -> None:
    """Each field differs from its default in one of the examples, so no key is read and dropped."""
    agents = (*read(EVERYTHING).agents, *read(DESIGN).agents)
    plain = Subagent(id="x")
    for field in fields(Subagent):
        assert any(getattr(agent, field.name) != getattr(plain, field.name) for agent in agents), field.name


def test_no_field_of_a_workflow_is_out_of_reach(read: Read) -> None:
    workflow = read(EVERYTHING)
    plain = Workflow(name="x", agents=())
    for field in fields(Workflow):
        if field.name != "reported":
            assert getattr(workflow, field.name) != getattr(plain, field.name), field.name


def _without_lines(workflow: Workflow) -> Workflow:
    def bare(agent: Subagent) -> Subagent:
        return replace(agent, where="", contract=replace(agent.contract, where=""))

    return replace(workflow, where="", places=(), agents=tuple(map(bare, workflow.agents)))


def test_json_and_toml_say_the_same(read: Read) -> None:
    data = {
        "workflow": {"name": "w", "defaults": {"vendor": "codex", "limits": {"max_tokens": "400k", "timeout": 60.5}}},
        "agents": [
            {"id": "a", "task": "Look", "scope": {"read": ["src/"]}, "success_criteria": ["Good.", {"run": "make"}]},
            {"id": "b", "depends_on": ["a", {"agent": "a"}][:1], "expect": {"status": "failed"}},
        ],
    }
    toml = """
[workflow]
name = "w"
defaults = { vendor = "codex", limits = { max_tokens = "400k", timeout = 60.5 } }
[[agents]]
id = "a"
task = "Look"
scope.read = ["src/"]
success_criteria = ["Good.", { run = "make" }]
[[agents]]
id = "b"
depends_on = ["a"]
[agents.expect]
status = "failed"
"""
    from_json = read(json.dumps(data, indent=1), "subagents.json")
    assert _without_lines(from_json) == _without_lines(read(toml, "subagents.toml"))
    assert _without_lines(from_json) == _without_lines(read(json.dumps(data), "subagents.yaml"))
    assert from_json.agents[1].limits == Limits(timeout=60.5, max_tokens=400_000)
    assert [agent.where for agent in read(toml, "subagents.toml").agents] == ["subagents.toml:5", "subagents.toml:10"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("subagents.yaml", "subagents"), ("review.subagents.yaml", "review"), ("review.toml", "review")],
)
def test_without_a_name_the_workflow_has_that_of_its_file(read: Read, name: str, expected: str) -> None:
    text = '[[agents]]\nid = "a"\n' if name.endswith("toml") else "agents: [{id: a}]"
    assert read(text, name).name == expected


def test_words_that_yaml_1_1_takes_for_something_else(read: Read) -> None:
    workflow = read("agents: [{id: no, task: 2024-01-01, model: on}, {id: y}]")
    assert [(agent.id, agent.task, agent.model) for agent in workflow.agents] == [
        ("no", "2024-01-01", "on"),
        ("y", "", None),
    ]


def test_ten_thousand_agents(read: Read) -> None:
    agents = "".join(
        f"  - {{id: agent-{n}, task: Look, depends_on: [agent-{n - 1 if n else 1}]}}\n" for n in range(10_000)
    )
    workflow = read("agents:\n" + agents)
    assert len(workflow.agents) == 10_000
    assert workflow.agents[-1].where == "subagents.yaml:10001"
