"""Workflow files that are not good: the whole text of each error."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.errors import BadFile, BadUsage
from pytest_subagents.specify.key_paths import agent_paths, workflow_paths
from pytest_subagents.specify.workflow_file import read_workflow

Fault = Callable[..., str]

AGENT_KEYS = (
    "attempts, checkpoints, command, contract, depends_on, expect, function, id, instructions, isolation, limits, "
    "model, priority, repeat, resources, retries, runner, scope, success_criteria, task, tools, vendor, vendors, verify"
)
WORKFLOW_KEYS = (
    "audit, context, contract, coordination, defaults, description, execution, merge, name, notify, protected, review, "
    "vendors, version"
)
VENDORS = "claude, codex, command, gemini, opencode"
MAP_KEYS = "detail, failed, file, findings, line, partial, severities, severity, status, success, summary, title"
BRACKETS = "hint: put it in brackets to make a list of one"
LIMIT_KEYS = "idle_timeout, max_tokens, max_turns, max_usd, timeout"

WHOLE_FILES = {
    "": "2 subagents.yaml: is empty\n  hint: a workflow file has a list 'agents'",
    "# nothing": "2 subagents.yaml: is empty\n  hint: a workflow file has a list 'agents'",
    "- id: a": "2 subagents.yaml:1: must be a map with 'agents', not a list",
    "hello": "2 subagents.yaml:1: must be a map with 'agents', not 'hello'",
    "workflow: {name: x}": "2 subagents.yaml: has no agents\n  hint: a workflow file has a list 'agents'",
    "\nagents: []": "2 subagents.yaml:2: has no agents\n  hint: the list 'agents' is empty",
    "agents:": (
        "2 subagents.yaml:1: 'agents' must be a list of maps, not nothing\n  hint: write each agent as '- id: …'"
    ),
    "agents: {a: {task: x}}": (
        "2 subagents.yaml:1: 'agents' must be a list of maps, not a map\n  hint: write each agent as '- id: …'"
    ),
    "agents:\n- {id: a}\n- b": "2 subagents.yaml:3: 'agents[1]' must be a map with an 'id', not 'b'",
    "agent: [{id: a}]": (
        "2 subagents.yaml:1: unknown key 'agent'\n  hint: did you mean 'agents'? use one of: agents, workflow"
    ),
    "merge: {strategy: batch}\nagents: [{id: a}]": (
        "2 subagents.yaml:1: unknown key 'merge'\n  hint: 'merge' belongs under 'workflow'"
    ),
    "workflow: review\nagents: [{id: a}]": "2 subagents.yaml:1: 'workflow' must be a map, not 'review'",
    "workflow: {agents: [{id: a}]}\nagents: [{id: b}]": (
        "2 subagents.yaml:1: the key 'agents' is given twice, first on line 2"
    ),
    "agents:\n- task: x": "2 subagents.yaml:2: an agent has no 'id'",
    "agents:\n- id: a\n- id: b\n- id: a": "2 subagents.yaml:4: the id 'a' is given twice, first on line 2",
    "agents:\n- id: fix\n- id: Fix": (
        "2 subagents.yaml:3: the id 'Fix' differs from 'fix' on line 2 in case alone\n"
        "  hint: some file systems take them for the same"
    ),
    "agents:\n\t- id: a": "2 subagents.yaml:2: a tab stands where YAML wants spaces\n  hint: indent with spaces",
    "agents: [{id: a}": (
        "2 subagents.yaml:1: is not YAML: while parsing a flow sequence did not find expected ',' or ']'"
    ),
    "x: &a [1]\nagents: [*a]": (
        "2 subagents.yaml:1: anchors and aliases are not allowed\n"
        "  hint: write the value out, or put what agents share under 'workflow.defaults'"
    ),
}


@pytest.mark.parametrize("text", WHOLE_FILES)
def test_a_file_that_is_no_workflow(fault: Fault, text: str) -> None:
    assert fault(text) == WHOLE_FILES[text]


AGENTS = {
    "instructon: x": f"unknown key 'instructon'\n  hint: did you mean 'instructions'? use one of: {AGENT_KEYS}",
    "merge: {}": "unknown key 'merge'\n  hint: 'merge' belongs under 'workflow'",
    "limits: {timout: 1}": (
        f"unknown key 'timout' in 'limits'\n  hint: did you mean 'timeout'? use one of: {LIMIT_KEYS}"
    ),
    "limits: 10m": f"'limits' must be a map of {LIMIT_KEYS}, not '10m'",
    "limits:": f"'limits' must be a map of {LIMIT_KEYS}, not nothing",
    "limits: {timeout: 1:30}": "'limits.timeout' must be a duration such as '45s', '10m' or '1h30m', not '1:30'",
    "limits: {timeout: 0}": "'limits.timeout' must be a duration of more than 0, not 0",
    "limits: {timeout: -5}": "'limits.timeout' must be a duration of more than 0, not -5",
    "limits: {timeout: true}": "'limits.timeout' must be a duration such as '45s', '10m' or '1h30m', not true",
    "limits: {timeout: 999h}": "'limits.timeout' must be a duration of at most 720 hours, not '999h'",
    "limits: {max_turns: 0}": "'limits.max_turns' must be at least 1, not 0",
    "limits: {max_turns: 1.5}": ("'limits.max_turns' must be a whole number, such as 400000, '400k' or '2M', not 1.5"),
    "limits: {max_tokens: 400kb}": (
        "'limits.max_tokens' must be a whole number, such as 400000, '400k' or '2M', not '400kb'"
    ),
    "limits: {max_usd: 0}": "'limits.max_usd' must be more than 0, not 0",
    "limits: {max_usd: $5}": "'limits.max_usd' must be a number, not '$5'",
    "task: 5": "'task' must be text, not 5\n  hint: put it in quotes if it is text",
    "model: 1e3": "'model' must be text, not 1e3\n  hint: put it in quotes if it is text",
    "task: true": "'task' must be text, not true\n  hint: put it in quotes if it is text",
    "task: ~": "'task' must be text, not nothing",
    "task: ''": "'task' '' is empty",
    "instructions: '  '": "'instructions' '  ' is empty",
    "instructions: [a]": "'instructions' must be text, not a list",
    'task: "a\\nb"': "'task' 'a\\nb' has more than one line; write it as 'instructions'",
    'model: "a\\e[2J"': "'model' 'a\\x1b[2J' has the control character '\\x1b'",
    "vendor: codx": f"'vendor' 'codx' is no vendor\n  hint: did you mean 'codex'? use one of: {VENDORS}",
    "vendor: 1": f"'vendor' must be the name of a vendor, not 1\n  hint: use one of: {VENDORS}",
    "vendor: command": "the vendor 'command' needs the key 'command'\n  hint: name the program",
    "command: [ls]": "'command' is given without a vendor\n  hint: add 'vendor: command'",
    "command: []": "'command' is an empty list",
    "command: ls": "'command' must be a list of arguments, not 'ls'\n  hint: put it in brackets to make a list of one",
    "runner: thread": "'runner' 'thread' is not known\n  hint: use one of: function, process",
    "runner: function": (
        "the runner 'function' needs the key 'function'\n  hint: add 'function: package.module:function'"
    ),
    "function: a:b": "'function' is for the runner 'function'\n  hint: add 'runner: function'",
    "verify: [os.system]": "'verify[0]' 'os.system' is no address such as 'package.module:function'",
    "verify: ['a:b.c']": "'verify[0]' 'a:b.c' is no address such as 'package.module:function'",
    "verify: ['a:b()']": "'verify[0]' 'a:b()' is no address such as 'package.module:function'",
    "scope: {read: src/}": (
        "'scope.read' must be a list of globs, not 'src/'\n  hint: put it in brackets to make a list of one"
    ),
    "scope: {write: [/etc]}": "'scope.write[0]' '/etc' is absolute; write it from the root of the repository",
    "scope: {write: ['C:/x']}": "'scope.write[0]' 'C:/x' is absolute; write it from the root of the repository",
    "scope: {write: [src/../../x]}": "'scope.write[0]' 'src/../../x' leaves the repository",
    "scope: {read: [a, 'src\\x']}": "'scope.read[1]' 'src\\\\x' has a backslash; write '/'",
    "scope: {read: ['']}": "'scope.read[0]' '' is empty",
    "scope: {read: [~/x]}": "'scope.read[0]' '~/x' begins in a home folder; write it from the root of the repository",
    "scope: {write: ['**', '!src/x']}": (
        "'scope.write[1]' '!src/x' begins with '!', and a glob cannot take away from another"
    ),
    "scope: {write: [~]}": "'scope.write[0]' must be text, not nothing",
    "scope: {write: [null, 0o17]}": "'scope.write[0]' must be text, not nothing",
    "scope: {write: [0o17]}": "'scope.write[0]' must be text, not 0o17\n  hint: put it in quotes if it is text",
    "scope: {writes: []}": "unknown key 'writes' in 'scope'\n  hint: did you mean 'write'? use one of: read, write",
    'scope: {read: ["a\\u202eb"]}': "'scope.read[0]' 'a\\u202eb' has the control character '\\u202e'",
    "tools: [reed]": "'tools[0]' 'reed' is not known\n  hint: did you mean 'read'? use one of: "
    "edit, read, search, shell, subagents, web",
    "tools: [read, read]": "'tools[1]' 'read' is there twice",
    "isolation: [none]": "'isolation' must be one of copy, none, worktree, not a list",
    "priority: high": "'priority' must be a whole number, not 'high'",
    "priority: 1.0": "'priority' must be a whole number, not 1.0",
    "attempts: 0": "'attempts' must be at least 1, not 0",
    "attempts: three": "'attempts' must be a whole number, or a map of count, select, stop_early, not 'three'",
    "attempts: true": "'attempts' must be a whole number, or a map of count, select, stop_early, not true",
    "repeat: 0": "'repeat' must be at least 1, not 0",
    "retries: {rate_limit: -1}": "'retries.rate_limit' must be at least 0, not -1",
    "expect: fail": (
        "'expect' 'fail' is not known\n  hint: did you mean 'failed'? use one of: failed, not_run, partial, success"
    ),
    "expect: {kind: contract}": "the key 'status' is missing in 'expect'",
    "expect: [failed]": "'expect' must be a status, or a map of status, kind, changes, not a list",
    "checkpoints: [{id: a}]": "the key 'condition' is missing in 'checkpoints[0]'",
    "checkpoints: [{id: a, condition: done}]": (
        "'checkpoints[0].condition' 'done' is not known\n  hint: use one of: write_complete"
    ),
    "checkpoints: [{id: a, condition: {}}]": (
        "'checkpoints[0].condition' must be a map with one of says, writes, not a map"
    ),
    "success_criteria: [{timeout: 1m}]": "the key 'run' is missing in 'success_criteria[0]'",
    "success_criteria: be good": (
        "'success_criteria' must be a list of criteria, not 'be good'\n  hint: put it in brackets to make a list of one"
    ),
    "vendors: {codx: {}}": f"'vendors' 'codx' is no vendor\n  hint: did you mean 'codex'? use one of: {VENDORS}",
    "vendors: {codex: {env: ['*']}}": "'vendors.codex.env[0]' '*' is no name of an environment variable",
    "vendors: {codex: {home: /root/.codex}}": (
        "'vendors.codex.home' '/root/.codex' is absolute; write it from the root of the repository"
    ),
    "vendors: {codex: {mcp: [docs]}}": "'vendors.codex.mcp' must be a map, not a list",
    "contract: reslt": (
        "'contract' 'reslt' is neither a built-in contract nor a file\n"
        "  hint: did you mean 'result'? built in: result; a path starts from the folder of subagents.yaml"
    ),
    "contract: schemas/x.json": (
        "'contract' 'schemas/x.json' is no file\n"
        "  hint: built in: result; a path starts from the folder of subagents.yaml"
    ),
    'success_criteria: [{run: "x\\0y"}]': "'success_criteria[0].run' 'x\\x00y' has a NUL character",
    "checkpoints: [{id: c, condition: write_complete}, {id: c, condition: write_complete}]": (
        "'checkpoints' has the id 'c' twice"
    ),
    "contract: ../../etc/passwd": "'contract' '../../etc/passwd' lies outside the repository",
    "contract: /etc/passwd": "'contract' '/etc/passwd' lies outside the repository",
    "contract: https://example.com/s.json": (
        "'contract' 'https://example.com/s.json' is no file\n"
        "  hint: built in: result; a path starts from the folder of subagents.yaml"
    ),
    "contract: [result]": (
        "'contract' must be the name of a contract, the path of one, or a map of schema, map, extract, not a list"
    ),
    "contract: {type: object}": "unknown key 'type' in 'contract'\n  hint: use one of: extract, map, schema",
    "contract: {extract: fenced}": "the key 'schema' is missing in 'contract'",
    "contract: {schema: result, map: {status: verdict}}": (
        "'contract.map.status' 'verdict' is no JSON Pointer; it must begin with '/'"
    ),
    "contract: {schema: result, map: {file: /a~b}}": (
        "'contract.map.file' '/a~b' is no JSON Pointer; '~' must be written '~0'"
    ),
    "contract: {schema: result, map: {success: approve}}": (
        f"'contract.map.success' must be a list of values, not 'approve'\n  {BRACKETS}"
    ),
    "contract: {schema: result, map: {severities: {P0: blocker}}}": (
        "'contract.map.severities.P0' 'blocker' is not known\n  hint: use one of: critical, high, info, low, medium"
    ),
    "contract: {schema: result, map: {verdict: /x}}": (
        f"unknown key 'verdict' in 'contract.map'\n  hint: did you mean 'severity'? use one of: {MAP_KEYS}"
    ),
    "depends_on: [b, b]": "'depends_on[1]' 'b' is there twice",
    "depends_on: [c]": "it depends on 'c', which is no agent\n  hint: its agents are: a, b",
    "depends_on: [{agent: b, checkpoint: don}]": "it depends on 'don', which is no checkpoint of 'b'\n"
    "  hint: did you mean 'done'? use one of: done",
    "depends_on: b": "'depends_on' must be a list of ids, not 'b'\n  hint: put it in brackets to make a list of one",
    "depends_on: [{checkpoint: x}]": "the key 'agent' is missing in 'depends_on[0]'",
    "depends_on: [1]": "'depends_on[0]' must be an id, or a map of agent, checkpoint, not 1",
}


@pytest.mark.parametrize("line", AGENTS)
def test_a_fault_of_an_agent_names_its_line_and_the_agent(fault: Fault, line: str) -> None:
    text = f"agents:\n- id: a\n  {line}\n- id: b\n  checkpoints: [{{id: done, condition: write_complete}}]\n"
    assert fault(text) == f"2 subagents.yaml:3 (agent 'a'): {AGENTS[line]}"


WORKFLOWS = {
    "nme: x": f"unknown key 'nme'\n  hint: did you mean 'name'? use one of: {WORKFLOW_KEYS}",
    "limits: {timeout: 5m}": (
        "unknown key 'limits'\n  hint: 'limits' belongs on an agent, or under 'workflow.defaults' for all of them"
    ),
    "name: 5": "'name' must be text, not 5\n  hint: put it in quotes if it is text",
    'name: "a\\nb"': "'name' 'a\\nb' has the control character '\\n'",
    "version: true": "'version' must be text, not true\n  hint: put it in quotes if it is text",
    "defaults: {id: x}": "unknown key 'id' in 'defaults'\n  hint: an id belongs to one agent",
    "defaults: {limits: {timeout: soon}}": (
        "'defaults.limits.timeout' must be a duration such as '45s', '10m' or '1h30m', not 'soon'"
    ),
    "coordination: {strategy: interface_first}": (
        "'coordination.strategy' 'interface_first' is not known\n"
        "  hint: did you mean 'interface-first'? use one of: broadcast, inferred, interface-first"
    ),
    "execution: {max_concurrent_agents: 0}": "'execution.max_concurrent_agents' must be at least 1, not 0",
    "execution: {stagger: -1}": "'execution.stagger' must be a duration of at least 0, not -1",
    "execution: {abort_on_failure: yes}": "'execution.abort_on_failure' must be true or false, not 'yes'",
    "review: {confidence_below: 85}": "'review.confidence_below' must be at most 1, not 85",
    "protected: ['/']": "'protected[0]' '/' is absolute; write it from the root of the repository",
    "context: {files: [../x]}": "'context.files[0]' '../x' leaves the repository",
    "notify: ./run": "'notify' must be a map of env, run, not './run'",
    "audit: {}": "the key 'log' is missing in 'audit'",
    "audit: {log: /var/log/x}": "'audit.log' '/var/log/x' is absolute; write it from the root of the repository",
    "merge: {stages: [{name: x}]}": "the key 'agents' is missing in 'merge.stages[0]'",
    "merge: {stages: [{name: x, agents: []}]}": "'merge.stages[0].agents' is an empty list",
    "merge: {stages: [{name: x, agents: [c]}]}": "unknown agent 'c' in the stage 'x'\n  hint: use one of: a",
    "merge: {stages: [{name: x, agents: [a]}, {name: x, agents: [a]}]}": (
        "the stage 'x' is given twice, first on line 2"
    ),
    "merge: {stages: [{name: x, agents: [a]}, {name: y, agents: [a]}]}": "the agent 'a' is in the stages 'x' and 'y'",
    "merge: {stages: [{name: x, agents: [a], depends_on: [y]}]}": (
        "the stage 'x' depends on 'y', which is no stage\n  hint: use one of: x"
    ),
    "merge: {stages: [{name: x, agents: [a], depends_on: [x]}]}": "the stage 'x' depends on itself",
    "merge: {strategy: rebase}": (
        "'merge.strategy' 'rebase' is not known\n  hint: use one of: batch, branch-per-agent, none, sequential, staged"
    ),
}


@pytest.mark.parametrize("line", WORKFLOWS)
def test_a_fault_of_the_workflow_names_its_line(fault: Fault, line: str) -> None:
    assert fault(f"workflow:\n  {line}\nagents: [{{id: a}}]\n") == f"2 subagents.yaml:2: {WORKFLOWS[line]}"


def test_a_fault_of_an_id_names_its_line(fault: Fault) -> None:
    assert (
        fault("agents:\n- task: x\n  id: ../x")
        == "2 subagents.yaml:3: 'id' '../x' cannot be an id: it has the part '..'"
    )
    assert fault("agents: [{id: 7}]") == (
        "2 subagents.yaml:1: 'id' must be text, not 7\n  hint: put it in quotes if it is text"
    )


def test_a_fault_in_defaults_names_the_line_of_the_default(fault: Fault) -> None:
    text = (
        "workflow:\n  defaults:\n    vendor: codex\n    command: [ls]\n    vendors:\n      codx: {}\nagents: [{id: a}]"
    )
    assert fault(text).startswith("2 subagents.yaml:6: 'defaults.vendors' 'codx' is no vendor")


def test_a_fault_in_toml_and_json_names_the_line(fault: Fault) -> None:
    toml = '[[agents]]\nid = "a"\n[agents.limits]\ntimout = 5\n'
    assert fault(toml, "subagents.toml").startswith("2 subagents.toml:4 (agent 'a'): unknown key 'timout' in 'limits'")
    text = json.dumps({"agents": [{"id": "a", "limits": {"timout": 5}}]}, indent=1)
    assert fault(text, "subagents.json").startswith("2 subagents.json:6 (agent 'a'): unknown key 'timout' in 'limits'")


def test_an_agent_that_depends_on_itself_is_a_circle(fault: Fault) -> None:
    assert fault("agents:\n- id: a\n  depends_on: [a]") == "4 subagents.yaml:3 (agent 'a'): 'a' depends on itself"


def test_text_in_errors_cannot_steer_a_terminal_and_is_short(fault: Fault) -> None:
    message = fault('agents: [{id: a, "\\e]52;c;x\\a": 1}]')
    assert "unknown key '\\x1b]52;c;x\\x07'" in message
    assert "\x1b" not in message
    assert len(fault("agents: [{id: a, vendor: " + "x" * 100_000 + "}]")) < 400
    assert len(fault("agents: [{id: a, ? " + "x" * 100_000 + "\n: 1}]")) < 600


def test_a_hint_is_short_where_thousands_are_known(fault: Fault) -> None:
    agents = "".join(f"- {{id: agent-{n}}}\n" for n in range(3000))
    message = fault(f"agents:\n{agents}- {{id: last, depends_on: [agent-30001]}}\n")
    assert "did you mean 'agent-3000" in message or "did you mean 'agent-" in message
    assert message.endswith(" and 2941 more")


KEYS = sorted({path.split(".")[-1].removesuffix("[]") for path, _ in (*workflow_paths(), *agent_paths())})
names = st.sampled_from([*KEYS, "agents", "workflow", "a", "codex", "role", "commands"])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["a", "b", "result", "codex", "command", "10m", "write_complete", "failed", "src/**", "pkg:fn", "/x"]
    ),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5), max_leaves=15
)
agents = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from(["a", "b", "c"]) | st.text(max_size=5)}, optional={})
    | st.dictionaries(names, values, max_size=4).map(lambda fields: {"id": "a", **fields}),
    max_size=3,
)


@given(
    values
    | st.fixed_dictionaries({"agents": agents}, optional={"workflow": st.dictionaries(names, values, max_size=4)})
)
def test_any_json_tree_is_read_or_refused(tree: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "subagents.json"
        path.write_text(json.dumps(tree), encoding="utf-8")
        error: BadFile | BadUsage | None = None
        try:
            read_workflow(path, rootdir=Path(folder), vendors=("codex",), contracts=("result",))
        except BadFile as caught:
            error = caught
        except BadUsage as caught:
            assert caught.what.endswith("depends on itself")  # noqa: PT017 - the only one there may be
            error = caught
        if error is not None:
            assert error.where.startswith("subagents.json")
            assert error.what.isprintable()
