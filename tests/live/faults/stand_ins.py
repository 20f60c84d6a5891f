"""Agents that do what no real program can be brought to do, in the place of a vendor's program and in its dialect."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from live.faults.cast import ANSWER
from live.faults.stage import MARK, Stage, environment, make_project

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One subagent, as a scripted agent does it and as a Python function does."""

    id: str
    steps: tuple[Step, ...] = (Answer(ANSWER),)
    code: str = "return ANSWER"
    """The body of the function, which is given a `call`."""
    keys: Mapping[str, Any] = field(default_factory=dict)


def make_stage(
    folder: Path, vendor: str, *acts: Act, conftest: str = "", more: Mapping[str, Any] | None = None
) -> Stage:
    """The project; `conftest` is the text of its `conftest.py`, `more` are defaults of its agents."""
    agents = [{"id": act.id, "instructions": _told(act), **act.keys} for act in acts]
    path: tuple[Path, ...] = ()
    files = {"conftest.py": conftest} if conftest else {}
    if vendor == "function":
        files["players.py"] = _functions(acts)
        for agent in agents:
            agent |= {"runner": "function", "function": f"players:play_{agent['id']}"}
    else:
        agent_program = ScriptedAgent(
            folder / "agent", scripts=[Script(prompt_has=_told(act), steps=act.steps) for act in acts]
        )
        path = (folder / "bin",)
        agent_program.install_as(vendor, path[0]) if vendor != "command" else path[0].mkdir()
        for agent in agents:
            agent |= {"command": list(agent_program.command)} if vendor == "command" else {}
    which = "command" if vendor == "function" else vendor
    workflow = {
        "workflow": {
            "name": "faults",
            "defaults": {"vendor": which, **(more or {})},
            "vendors": {which: {"env": [MARK]}},
        },
        "agents": agents,
    }
    project = folder / "project"
    make_project(project, workflow, files)
    start = (sys.executable, "-m", "pytest", "--subagents", "-p", "no:cacheprovider")
    return Stage(folder=project, start=start, env=environment(project, *path))


def _told(act: Act) -> str:
    return f"Play the part of {act.id}."


def _functions(acts: tuple[Act, ...]) -> str:
    head = f"import os\nimport signal\nimport subprocess\nimport sys\nimport time\n\nANSWER = {ANSWER!r}\n"
    bodies = ("\n    ".join(act.code.strip().splitlines()) for act in acts)
    return head + "".join(f"\n\ndef play_{act.id}(call):\n    {body}\n" for act, body in zip(acts, bodies, strict=True))
