"""A team of subagents in a temporary project, and the ways to run pytest on it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from lean_pytest import VARIABLE, without_others

ANSWER: dict[str, Any] = {"status": "success", "summary": "Two notes.", "findings": []}


def codex_lines(answer: object, *, commands: int = 0) -> list[dict[str, Any]]:
    """A run of Codex whose final message is `answer`, as JSON where it is no text."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    message = {"id": f"item_{commands}", "type": "agent_message", "text": text}
    ran = [
        {"id": f"item_{number}", "type": "command_execution", "command": "ls", "aggregated_output": "", "exit_code": 0}
        for number in range(commands)
    ]
    return [
        {"type": "thread.started", "thread_id": "01a1f987-77df-7001-b219-b4e1d8f0038e"},
        {"type": "turn.started"},
        *({"type": "item.completed", "item": item} for item in (*ran, message)),
        {"type": "turn.completed", "usage": {"input_tokens": 1200, "cached_input_tokens": 1000, "output_tokens": 90}},
    ]


def as_jsonl(lines: Sequence[object]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


class Team:
    """A project folder with workflow files, recordings and tests, and pytest to run there."""

    def __init__(self, pytester: pytest.Pytester, patched: pytest.MonkeyPatch) -> None:
        for variable in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_AUTO_NUM_WORKERS", "CI"):
            patched.delenv(variable, raising=False)
        self._patched = patched
        self.pytester = pytester
        self.path = pytester.path
        self.write("pytest.ini", "[pytest]\nminversion = 8.4\n")
        self.with_plugins()

    def with_plugins(self, *names: str) -> None:
        """From now on pytest has these plugins of other people, besides xdist."""
        self._patched.setenv(VARIABLE, without_others(but=names))

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def workflow(self, *agents: str, name: str = "subagents.yaml", head: str = "workflow: {name: team}\n") -> Path:
        """A workflow file; each agent is a YAML mapping in flow style, without its braces."""
        return self.write(name, head + "agents:\n" + "".join(f"  - {{{agent}}}\n" for agent in agents))

    def record(self, name: str, answer: object = ANSWER, **meta: Any) -> Path:
        """A recording of Codex under `recordings/`, with metadata where some is given."""
        path = self.write(f"recordings/{name}.jsonl", as_jsonl(codex_lines(answer)))
        if meta:
            self.write(f"recordings/{name}.meta.json", json.dumps(meta))
        return path

    def transcript(self, name: str, answer: object = ANSWER) -> Path:
        return self.write(f"transcripts/{name}.jsonl", as_jsonl(codex_lines(answer)))

    def run(self, *args: str, on: bool = True) -> pytest.RunResult:
        return self.pytester.runpytest_subprocess(*(["--subagents"] if on else []), *args)

    def report_text(self) -> str:
        return (self.path / "artifacts/subagents/report.json").read_text(encoding="utf-8")

    def report(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.report_text())
        return value

    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in self.report()["agents"]}

    def kinds(self, id: str) -> list[str]:
        return [reason["kind"] for reason in self.rows()[id]["reasons"]]


DISTRIBUTIONS = [
    pytest.param([], id="alone"),
    pytest.param(["-n", "2"], id="n2"),
    pytest.param(["-p", "no:xdist"], id="no-xdist"),
]


def in_turn(names: Iterable[str]) -> list[Any]:
    """`how` and a name: the first in every way of distributing, each other one in one of them, in turn."""
    first, *others = names
    ways = [(way, way.id or "") for way in DISTRIBUTIONS]
    cases = [(*way, first) for way in ways] + [(*ways[n % len(ways)], name) for n, name in enumerate(others)]
    return [pytest.param(*way.values, name, id=f"{name}-{id}") for way, id, name in cases]
