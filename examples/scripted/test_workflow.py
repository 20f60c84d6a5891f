"""Tests of the team in subagents.yaml, with scripted agents in place of Codex."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Fail, Hang, Run, Start

HERE = Path(__file__).parent
BUG = {"severity": "high", "file": "src/app.py", "line": 2, "title": "Division by zero"}
REVIEW = Script(
    prompt_has="Find bugs",
    steps=(Run("cat src/app.py"), Answer({"status": "success", "summary": "One bug.", "findings": [BUG]})),
)
ADVICE = Script(
    prompt_has="how to fix",
    steps=(Answer({"status": "success", "summary": "Refuse an empty list.", "findings": []}),),
)


@pytest.fixture
def team(tmp_path):
    """Runs the team live, in a copy of this folder, with a scripted agent as `codex`; gives its rows and the agent."""

    def run(*scripts, timeout="10m"):
        project = tmp_path / "project"
        shutil.copytree(HERE, project, ignore=shutil.ignore_patterns("test_*", "__pycache__"))
        (project / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        workflow = project / "subagents.yaml"
        workflow.write_text(workflow.read_text(encoding="utf-8").replace("10m", timeout), encoding="utf-8")
        agent = ScriptedAgent(tmp_path / "agent", scripts=scripts)
        agent.install_as("codex", tmp_path / "bin")
        command = [sys.executable, "-m", "pytest", "--subagents", "--subagents-mode=live"]
        path = os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]])
        subprocess.run(command, cwd=project, env={**os.environ, "PATH": path}, check=False)
        report = json.loads((project / "artifacts/subagents/report.json").read_text(encoding="utf-8"))
        return {row["id"]: row for row in report["agents"]}, agent

    return run


def test_the_adviser_hears_of_the_findings(team):
    rows, agent = team(REVIEW, ADVICE)
    assert [row["status"] for row in rows.values()] == ["success", "success"]
    review, advice = agent.calls()
    assert "Division by zero (src/app.py)" in advice.prompt
    assert "--json" in review.arguments


def test_a_failed_review_stops_the_adviser(team):
    rows, agent = team(Script(steps=(Start(), Fail("auth"))))
    assert rows["review"]["reasons"][0]["kind"] == "auth"
    assert rows["advise"]["status"] == "not_run"
    assert len(agent.calls()) == 1


def test_a_rate_limit_is_survived(team):
    rows, agent = team(Script(times=1, steps=(Start(), Fail("rate_limit", message="retry after 0 s"))), REVIEW, ADVICE)
    assert rows["review"]["status"] == "success"
    assert [call.script for call in agent.calls()] == [0, 1, 2]


def test_a_reviewer_that_hangs_is_ended(team):
    rows, _ = team(Script(steps=(Start(), Hang())), timeout="2s")
    assert rows["review"]["reasons"][0]["kind"] == "timeout"
