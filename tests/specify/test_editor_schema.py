"""The schema for editors and the docs: both say what the reader does."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.spec import Workflow
from pytest_subagents.specify import editor_schema, keys_page
from pytest_subagents.specify.key_paths import agent_paths, workflow_paths
from pytest_subagents.specify.reading import read_tree
from pytest_subagents.specify.tree import plain
from pytest_subagents.specify.workflow_file import read_workflow

ROOT = Path(__file__).parents[2]
MISSION = Path(__file__).parent / "mission"
VALIDATOR = Draft7Validator(editor_schema.document())

Read = Callable[..., Workflow]


def faults(data: object) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(data)]


def test_the_shipped_schema_is_the_generated_one() -> None:
    """When this fails: python -m pytest_subagents.specify.editor_schema"""
    assert editor_schema.SHIPPED.read_text(encoding="utf-8") == editor_schema.text()


def test_the_page_has_the_generated_tables() -> None:
    """When this fails: python -m pytest_subagents.specify.keys_page docs/workflow-keys.md"""
    page = (ROOT / "docs/workflow-keys.md").read_text(encoding="utf-8")
    assert keys_page.renewed(page) == page
    for name, table in keys_page.tables().items():
        assert f"<!-- {name}: begin -->\n{table}<!-- {name}: end -->" in page


def test_both_commands_write_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- agents: begin -->\nold\n<!-- agents: end -->\nb\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest_subagents.specify.keys_page", str(page)]
    subprocess.run(command, check=True, capture_output=True)
    assert page.read_text(encoding="utf-8").startswith("a\n<!-- agents: begin -->\n| key | type |")
    before = editor_schema.SHIPPED.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "pytest_subagents.specify.editor_schema"], check=True, capture_output=True, text=True
    )
    assert done.stdout == ""
    assert editor_schema.SHIPPED.read_bytes() == before


def test_it_is_a_schema_and_describes_every_key() -> None:
    document = editor_schema.document()
    Draft7Validator.check_schema(document)
    text = editor_schema.text()
    for _, key in (*workflow_paths(), *agent_paths()):
        assert json.dumps(key.name) in text
        assert json.dumps(key.doc, ensure_ascii=False) in text


@pytest.mark.parametrize("path", sorted(MISSION.iterdir()), ids=lambda path: path.stem)
def test_it_accepts_the_files_of_the_articles_that_are_read(path: Path) -> None:
    refused = {"typescript-migration", "worker-template"}
    assert (faults(plain(read_tree(path, rootdir=MISSION))) == []) == (path.stem not in refused)


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        {"agents": []},
        {"agents": [{}]},
        {"agents": [{"id": "a", "instructon": "x"}]},
        {"agents": [{"id": "a", "limits": {"timout": 5}}]},
        {"agents": [{"id": "a", "limits": {"timeout": "1:30"}}]},
        {"agents": [{"id": "a", "tools": ["fly"]}]},
        {"agents": [{"id": "a", "expect": "fail"}]},
        {"agents": [{"id": False}]},
        {"agents": [{"id": "a", "scope": {"read": "src/"}}]},
        {"agents": [{"id": "a"}], "workflow": {"limits": {}}},
        {"agents": [{"id": "a"}], "workflow": {"defaults": {"id": "x"}}},
        {"agents": [{"id": "a"}], "workflow": {"coordination": {"strategy": "chaos"}}},
        {"agents": [{"id": "a", "contract": {"extract": "fenced"}}]},
        {"agents": [{"id": "a", "contract": {"schema": "result", "map": {"status": "verdict"}}}]},
        {"agents": [{"id": "a", "role": "orchestrator"}]},
    ],
)
def test_it_sees_mistakes(data: object) -> None:
    assert faults(data) != []


GOOD: dict[str, list[Any]] = {
    "instructions": ["x"],
    "task": ["x"],
    "vendor": ["codex", "command"],
    "scope": [{}, {"read": ["a"]}, {"write": ["**"]}, {"read": [], "write": []}],
    "limits": [{}, {"timeout": 5}, {"timeout": "1h30m", "max_tokens": "2M"}, {"max_usd": 0.5, "max_turns": 3}],
    "attempts": [2, {}, {"count": 3, "select": ["cheapest", "a.b:c"]}],
    "expect": ["failed", {"status": "failed", "kind": "contract", "changes": []}],
    "contract": ["result", {"schema": "result"}, {"schema": {"type": "object"}, "map": {"status": None}}],
    "success_criteria": [[], ["x", {"run": "y", "timeout": "5s"}], {"commands": ["x"]}],
    "checkpoints": [[{"id": "c", "condition": "write_complete"}], [{"id": "c", "condition": {"says": "x"}}]],
    "vendors": [{}, {"codex": {"env": ["A"], "mcp": {"m": {"x": [1]}}}}],
    "name": ["x"],
    "output_format": ["json"],
    "resources": [["db"]],
    "priority": [-1],
    "repeat": [3],
    "retries": [{"rate_limit": 0}],
    "tools": [["read"]],
    "verify": [["a.b:c"]],
    "isolation": ["none"],
}
SECTIONS: dict[str, list[Any]] = {
    "name": ["x"],
    "version": ["1", 1.5, 2],
    "context": [{}, {"files": ["a"]}, {"repository": "."}, {"shared_interfaces": "a"}],
    "coordination": [{"strategy": "broadcast"}, {"human_review_required": True, "auto_merge_threshold": 0.5}],
    "execution": [{"stagger": 0, "max_concurrent_agents": 2}, {"agent_priority": {"a": 2}}],
    "protected": [["x"]],
    "review": [{"any_conflict": True}],
    "merge": [
        {"strategy": "pr-per-agent", "stages": [{"name": "s", "agents": ["a"], "validation": {"commands": ["x"]}}]}
    ],
    "notify": [{"run": "x"}],
    "audit": [{"log": "x"}, {"enabled": True, "log_destination": "s3://x"}],
    "shared_context": [{"pre_cache": ["x"]}],
    "broadcast_context": [{"files": ["x"], "read_only": True}],
    "contract": ["result"],
    "defaults": [{"vendor": "codex", "limits": {"timeout": 1}}, {"output_schema": "result"}],
}
noise: st.SearchStrategy[Any] = st.sampled_from([None, True, 0, -1, 2.5, "", "x", [], {}, [1], {"x": 1}, "10m", "400k"])


def _some(table: dict[str, list[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={key: st.sampled_from(values) | noise for key, values in table.items()})


@given(_some(GOOD), st.none() | _some(SECTIONS))
def test_it_accepts_whatever_the_reader_accepts(agent: dict[str, Any], workflow: dict[str, Any] | None) -> None:
    data = {"agents": [{"id": "a", **agent}], **({} if workflow is None else {"workflow": workflow})}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "subagents.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        try:
            read_workflow(path, rootdir=Path(folder), vendors=("codex",), contracts=("result",))
        except SubagentsError:
            return
    assert faults(data) == []


@pytest.mark.parametrize("key", GOOD)
def test_the_good_values_above_are_good(read: Read, key: str) -> None:
    for value in GOOD[key]:
        more = {"command": ["x"]} if value == "command" else {}
        read(json.dumps({"agents": [{"id": "a", key: value, **more}]}), "subagents.json")


@pytest.mark.parametrize("key", SECTIONS)
def test_the_good_sections_above_are_good(read: Read, key: str) -> None:
    for value in SECTIONS[key]:
        read(json.dumps({"agents": [{"id": "a"}], "workflow": {key: value}}), "subagents.json")
