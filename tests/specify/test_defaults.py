"""What an agent has that it does not say itself, and where contracts are found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Attempts, ContractRef, Expectation, Limits, Retries, VendorSettings, Workflow
from pytest_subagents.specify.workflow_file import read_workflow

Read = Callable[..., Workflow]


def test_defaults_are_merged_map_by_map(read: Read) -> None:
    workflow = read("""
workflow:
  contract: result
  vendors: {codex: {model: base, env: [A]}}
  defaults:
    model: m
    scope: {read: [src/]}
    limits: {timeout: 10m, max_turns: 5}
    retries: {rate_limit: 7}
    expect: {status: failed, kind: contract}
    attempts: {count: 3, stop_early: false}
    vendors: {codex: {model: shared}}
    success_criteria: [Be good.]
agents:
  - id: all
  - id: own
    model: n
    scope: {write: [out/]}
    limits: {timeout: 5m}
    expect: {status: partial}
    attempts: 2
    vendors: {codex: {args: [-v]}, claude: {model: s}}
    success_criteria: []
""")
    every, own = workflow.agents
    assert every.scope == Scope(read=("src/",))
    assert every.limits == Limits(timeout=600.0, max_turns=5)
    assert every.expect == Expectation(status="failed", kind="contract")
    assert every.vendors == (VendorSettings(vendor="codex", model="shared", env=("A",)),)
    assert own.scope == Scope(read=("src/",), write=("out/",))
    assert own.limits == Limits(timeout=300.0, max_turns=5)
    assert own.retries == Retries(rate_limit=7)
    assert own.expect == Expectation(status="partial")
    assert own.attempts == Attempts(count=2)
    assert own.success_criteria == ()
    assert own.vendors == (
        VendorSettings(vendor="codex", model="shared", args=("-v",), env=("A",)),
        VendorSettings(vendor="claude", model="s"),
    )
    assert own.contract == ContractRef(name="result", where="subagents.yaml:3")


def test_the_nearest_contract_wins(read: Read) -> None:
    text = """
workflow:
  contract: {schema: {title: far}}
  defaults: {contract: {schema: {title: near}, extract: fenced}}
agents: [{id: a}, {id: b, contract: {schema: {title: own}}}, {id: c, contract: result}]
"""
    contracts = [agent.contract for agent in read(text).agents]
    assert [(contract.schema or contract.name, contract.extract) for contract in contracts] == [
        ({"title": "near"}, "fenced"),
        ({"title": "own"}, "strict"),
        ("result", "strict"),
    ]


def test_a_contract_is_found_from_the_folder_of_the_file(tmp_path: Path, read: Read) -> None:
    (tmp_path / "teams/schemas").mkdir(parents=True)
    (tmp_path / "teams/schemas/finding.json").write_text("{}")
    (tmp_path / "shared.json").write_text("not even JSON: nobody reads it here")
    workflow = read(
        "agents: [{id: a, contract: schemas/finding.json}, {id: b, contract: {schema: ../shared.json}}]",
        "teams/subagents.yaml",
    )
    first, second = (agent.contract for agent in workflow.agents)
    assert first == ContractRef(
        path=PurePosixPath(tmp_path / "teams/schemas/finding.json"), where="teams/subagents.yaml:1"
    )
    assert second.path == PurePosixPath(tmp_path / "shared.json")


def test_a_file_outside_the_rootdir_finds_the_contracts_beside_it(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    path = tmp_path / "else/subagents.yaml"
    path.parent.mkdir()
    path.write_text("agents: [{id: a, contract: c.json}]")
    (path.parent / "c.json").touch()
    workflow = read_workflow(path, rootdir=tmp_path / "root", vendors=(), contracts=("result",))
    assert workflow.agents[0].contract.path == PurePosixPath(path.parent / "c.json")
