"""The workflow files of an article (indented again), and every key that only articles use."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_subagents.errors import BadFile
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import (
    Checkpoint,
    Criterion,
    Dependency,
    Execution,
    Merge,
    MergeStage,
    Review,
    SharedContext,
    Workflow,
)
from pytest_subagents.specify.key_paths import agent_paths, workflow_paths
from pytest_subagents.specify.keys.articles import ARTICLE_KEYS, Refused, Reported
from pytest_subagents.specify.reading import read_tree
from pytest_subagents.specify.tree import Items, Located, Table
from pytest_subagents.specify.workflow_file import read_workflow

MISSION = Path(__file__).parent / "mission"
SCHEMAS = ("security-finding", "performance-finding", "coverage-finding")

Read = Callable[..., Workflow]
Fault = Callable[..., str]


@pytest.fixture
def article(tmp_path: Path) -> Callable[[str], Workflow]:
    (tmp_path / "schemas").mkdir()
    for schema in SCHEMAS:
        (tmp_path / f"schemas/{schema}.json").touch()

    def article(name: str) -> Workflow:
        path = tmp_path / f"{name}.yaml"
        shutil.copy(MISSION / f"{name}.yaml", path)
        return read_workflow(path, rootdir=tmp_path, vendors=("codex",), contracts=("result",))

    return article


def reported(workflow: Workflow) -> list[str]:
    return [key.key for key in workflow.reported]


def test_the_payment_integration(article: Callable[[str], Workflow]) -> None:
    workflow = article("payment-integration")
    assert workflow.name == "payment-integration-feature"
    assert workflow.version == "1.0"
    assert workflow.coordination == "interface-first"
    assert workflow.context == SharedContext(files=("docs/interfaces/payment-api-spec.yaml",))
    assert workflow.review == Review(any_conflict=True, confidence_below=0.95)
    assert reported(workflow) == ["context.base_branch", "context.feature_branch", "coordination.conflict_resolution"]
    assert [str(key.where) for key in workflow.reported] == [
        "payment-integration.yaml:8", "payment-integration.yaml:9", "payment-integration.yaml:13",
    ]  # fmt: skip
    assert [agent.id for agent in workflow.agents] == [
        "schema-agent", "service-agent", "api-agent", "frontend-agent", "test-agent",
    ]  # fmt: skip
    first = workflow.agents[0]
    assert first.task == "Database Schema Agent"
    assert first.model == "codex-1"
    assert first.scope == Scope(
        read=("db/schema.rb", "db/migrations/", "docs/interfaces/payment-api-spec.yaml"),
        write=("db/migrations/", "db/schema.rb"),
    )
    assert first.success_criteria[0] == Criterion(text="Migrations run: bundle exec rake db:migrate")


def test_agent_gates(article: Callable[[str], Workflow]) -> None:
    first, second = article("agent-gates").agents
    assert first.checkpoints == (Checkpoint(id="migrations-written"),)
    assert second.depends_on == (Dependency(agent="migration-agent", checkpoint="migrations-written"),)


def test_the_code_review(article: Callable[[str], Workflow]) -> None:
    workflow = article("code-review")
    assert workflow.coordination == "broadcast"
    assert {agent.scope for agent in workflow.agents} == {Scope(read=("src/api/payments/", "app/services/payments/"))}
    assert [agent.contract.path.stem for agent in workflow.agents if agent.contract.path] == list(SCHEMAS)
    assert workflow.agents[0].contract.where == "code-review.yaml:17"
    assert workflow.reported == ()


def test_the_semantic_merge(article: Callable[[str], Workflow]) -> None:
    workflow = article("semantic-merge")
    assert workflow.merge == Merge(on_failure="pause-and-notify")
    assert reported(workflow) == [
        "coordination.conflict_resolution",
        "coordination.semantic_merge_options",
        "coordination.notification_channel",
        "coordination.notification_webhook",
    ]
    assert workflow.reported[2].why == "nothing is sent by itself; 'notify: {run: command}' gets every event"


def test_the_human_review(article: Callable[[str], Workflow]) -> None:
    assert article("human-review").review == Review(
        any_conflict=True,
        files_matching=("config/database.yml", "config/secrets.yml"),
        confidence_below=0.85,
        lines_changed_above=500,
    )


def test_agents_that_start_agents_are_refused(article: Callable[[str], Workflow]) -> None:
    with pytest.raises(BadFile) as caught:
        article("typescript-migration")
    assert str(caught.value) == (
        "typescript-migration.yaml:4: 'orchestration' is not supported\n"
        "  hint: every agent is declared in the file: list it under 'agents'"
    )
    with pytest.raises(BadFile) as caught:
        article("worker-template")
    assert str(caught.value) == (
        "worker-template.yaml:2: 'agent_template' is not supported\n"
        "  hint: what agents share belongs under 'workflow.defaults'"
    )


def test_a_worker_written_out(article: Callable[[str], Workflow]) -> None:
    (agent,) = article("worker").agents
    assert agent.title == "TypeScript Migration Worker 1"
    assert agent.success_criteria == (
        Criterion(run="npx tsc --noEmit"),
        Criterion(run="npm test -- --testPathPattern='billing'"),
    )


def test_the_staged_merge(article: Callable[[str], Workflow]) -> None:
    workflow = article("staged-merge")
    assert workflow.merge.strategy == "staged"
    assert workflow.merge.stages[1] == MergeStage(
        name="backend",
        agents=("service-agent", "api-agent"),
        depends_on=("infrastructure",),
        validation=("bundle exec rspec spec/services/payments/", "bundle exec rspec spec/controllers/"),
        on_failure="pause-and-notify",
    )
    assert reported(workflow) == ["merge.post_merge"]


def test_shared_context_priorities_and_failures(article: Callable[[str], Workflow]) -> None:
    assert article("shared-context").context.files == (
        "docs/interfaces/payment-api-spec.yaml",
        "docs/coding-standards.md",
        "db/schema.rb",
        "package.json",
        "Gemfile.lock",
    )
    priorities = article("priorities")
    assert priorities.execution == Execution(max_concurrent_agents=6)
    assert [agent.priority for agent in priorities.agents] == [10, 8, 8, 6, 4, 0]
    failing = article("failure-notification")
    assert failing.execution.abort_on_failure is True
    assert reported(failing) == ["coordination.failure_notification"]


def test_the_audit(article: Callable[[str], Workflow]) -> None:
    workflow = article("audit")
    assert workflow.audit_log is None
    assert sorted(reported(workflow)) == [
        "audit.include_agent_reasoning", "audit.log_destination", "audit.log_level", "audit.retention_days",
    ]  # fmt: skip


def _paths(node: Located, prefix: str) -> Iterator[str]:
    match node:
        case Table():
            for entry in node.entries:
                path = f"{prefix}.{entry.key}" if prefix else entry.key
                yield path
                yield from _paths(entry.value, path)
        case Items():
            for item in node.items:
                yield from _paths(item, f"{prefix}[]")


def test_every_key_of_the_articles_is_in_the_docs() -> None:
    """As a key of ours, in the table of the articles' keys, or below one of those."""
    ours = {f"workflow.{path}" for path, _ in workflow_paths()} | {f"agents[].{path}" for path, _ in agent_paths()}
    ours |= {"workflow", "agents"}
    ours |= {key.path for key in ARTICLE_KEYS} | {"workflow.shared_context"}
    named = tuple(f"{key.path}." for key in ARTICLE_KEYS)
    found = {path for file in MISSION.iterdir() for path in _paths(read_tree(file, rootdir=MISSION), "")}
    assert {path for path in found - ours if not path.startswith(named)} == set()


def _wrapped(path: str, value: str) -> str:
    """A workflow file with one key of the articles."""
    start, *names = path.split(".")
    inner = value
    for name in reversed(names):
        inner = f"{{{name.removesuffix('[]')}: {f'[{inner}]' if name.endswith('[]') else inner}}}"
    if start == "agents[]":
        return f"agents: [{{id: a, {inner[1:]}]"
    return f"workflow: {inner}\nagents: [{{id: a}}]" if start == "workflow" else f"{path}: {value}\nagents: [{{id: a}}]"


REFUSED = {key.path: key.treatment for key in ARTICLE_KEYS if isinstance(key.treatment, Refused)}
REPORTED = [key.path for key in ARTICLE_KEYS if isinstance(key.treatment, Reported)]


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_refused_by_name(fault: Fault, path: str) -> None:
    message = fault(_wrapped(path, "{}"))
    assert f"{path.split('.')[-1]!r} is not supported\n  hint: {REFUSED[path].hint}" in message


@pytest.mark.parametrize("path", REPORTED)
@pytest.mark.parametrize("value", ["true", "x", "{a: [1]}", "[x]"])
def test_what_is_only_reported_may_hold_anything(read: Read, path: str, value: str) -> None:
    assert reported(read(_wrapped(path, value))) == [path.removeprefix("workflow.")]


def _workflow(*lines: str, agent: str = "id: a") -> str:
    return "".join(["workflow:\n", *(f"  {line}\n" for line in lines), f"agents:\n- {{{agent}}}\n"])


TRIGGERS = "agent_confidence_below, any_conflict, files_matching, lines_changed_above"
WORKFLOW_FAULTS = {
    ("context: {repository: ../other}",): (
        "2: 'context.repository' must be '.', not '../other'\n  hint: run pytest in the repository that is meant"
    ),
    ("coordination: {output_mode: separate}",): (
        "2: 'coordination.output_mode' must be 'aggregate', not 'separate'\n  hint: there is always one report of all"
    ),
    ("audit: {enabled: false}",): "2: 'audit.enabled' must be true, not false\n  hint: leave 'audit' out",
    ("shared_context: {cache: []}",): (
        "2: unknown key 'cache' in 'shared_context'\n  hint: did you mean 'pre_cache'? use one of: pre_cache"
    ),
    ("execution: {agent_priority: {b: 1}}",): (
        "2: unknown agent 'b' in 'execution.agent_priority'\n  hint: its agents are: a"
    ),
    ("execution: {agent_priority: [a]}",): (
        "2: 'execution.agent_priority' must be a map from ids to whole numbers, not a list"
    ),
    ("execution: {agent_priority: {a: high}}",): "2 (agent 'a'): 'priority' must be a whole number, not 'high'",
    ("coordination: {unresolvable_conflict_action: prefer-last}",): (
        "2: 'coordination.unresolvable_conflict_action' 'prefer-last' is not supported\n"
        "  hint: no side is ever preferred"
    ),
    ("coordination: {human_review_triggers: [on_friday]}",): (
        f"2: unknown trigger 'on_friday'\n  hint: use one of: {TRIGGERS}"
    ),
    ("coordination: {human_review_triggers: ['files_matching: [']}",): (
        "2: 'files_matching: [' is no trigger: "
        "is not YAML: while parsing a flow node did not find expected node content"
    ),
    ("coordination: {human_review_triggers: ['lines_changed_above: many']}",): (
        "2: 'review.lines_changed_above' must be a whole number, not 'many'"
    ),
    ("coordination:", "  human_review_required: false", "  human_review_triggers: [any_conflict]"): (
        "3: no review is required, but triggers are given on line 4"
    ),
    ("review: {any_conflict: true}", "coordination: {human_review_required: true}"): (
        "3: 'any_conflict' is another name of 'review.any_conflict', given on line 2"
    ),
    ("broadcast_context: {files: [src/], read_only: false}",): (
        "2: 'broadcast_context.read_only' must be true, not false\n  hint: a broadcast only reads"
    ),
    ("merge: {validation: {commands: [make], run: [make]}}",): (
        "2: 'commands' is another name of 'merge.validation.run', given on line 2"
    ),
}


@pytest.mark.parametrize("lines", WORKFLOW_FAULTS)
def test_what_is_wrong_with_a_key_of_the_articles(fault: Fault, lines: tuple[str, ...]) -> None:
    assert fault(_workflow(*lines)) == f"2 subagents.yaml:{WORKFLOW_FAULTS[lines]}"


AGENT_FAULTS = {
    "output_format: xml": "'output_format' must be 'json', not 'xml'\n  hint: an answer is always JSON",
    "contract: result, output_schema: result": "'output_schema' is another name of 'contract', given on line 2",
    "task: x, name: y": "'name' is another name of 'task', given on line 2",
    "success_criteria: {command: [make]}": (
        "unknown key 'command' in 'success_criteria'\n  hint: did you mean 'commands'? use one of: commands"
    ),
    "success_criteria: {commands: make}": "'success_criteria.commands' must be a list of commands, not 'make'",
    "success_criteria: {}": "'success_criteria.commands' must be a list of commands, not a map",
}


@pytest.mark.parametrize("keys", AGENT_FAULTS)
def test_what_is_wrong_with_such_a_key_on_an_agent(fault: Fault, keys: str) -> None:
    assert fault(f"agents:\n- {{id: a, {keys}}}\n") == f"2 subagents.yaml:2 (agent 'a'): {AGENT_FAULTS[keys]}"


def test_a_priority_that_is_given_twice(fault: Fault) -> None:
    text = _workflow("execution: {agent_priority: {a: 1}}", agent="id: a, priority: 2")
    assert fault(text) == "2 subagents.yaml:2 (agent 'a'): 'a' is another name of 'priority', given on line 4"


@pytest.mark.parametrize(
    ("coordination", "review"),
    [
        ("human_review_required: true", Review(any_conflict=True, lines_changed_above=0)),
        ("human_review_required: false", Review()),
        ("human_review_required: false, auto_merge_threshold: 0.5", Review(confidence_below=0.5)),
        ("human_review_triggers: [any_conflict]", Review(any_conflict=True)),
        ("human_review_triggers: [{files_matching: [a]}]", Review(files_matching=("a",))),
        ("human_review_triggers: []", Review()),
    ],
)
def test_when_a_person_must_look(read: Read, coordination: str, review: Review) -> None:
    assert read(f"workflow: {{coordination: {{{coordination}}}}}\nagents: [{{id: a}}]").review == review


def test_smaller_names(read: Read) -> None:
    workflow = read("""
workflow:
  context: {files: [a.md], shared_interfaces: [b.md, c.md]}
  shared_context: {pre_cache: [d.md]}
  defaults: {output_schema: result, scope: {write: [out/]}}
  coordination: {broadcast_context: {files: [src/]}}
  merge: {strategy: pr-per-agent, validation: {commands: [make]}}
  audit: {enabled: true, log_destination: logs/audit.jsonl}
  agents: [{id: a}]
""")
    assert workflow.context.files == ("a.md", "b.md", "c.md", "d.md")
    assert workflow.agents[0].scope == Scope(read=("src/",), write=("out/",))
    assert workflow.agents[0].contract.where == "subagents.yaml:5"
    assert workflow.merge == Merge(strategy="branch-per-agent", validation=("make",))
    assert workflow.audit_log == "logs/audit.jsonl"
    assert "audit.log" in workflow.set_keys
    assert not {"shared_context", "coordination", "agents"} & workflow.set_keys
