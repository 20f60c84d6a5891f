"""`notify`: a live run tells a command what it came to; a replay tells nobody, and no failure of it matters."""

from __future__ import annotations

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
from live_team import GOOD, SPREAD, LiveTeam

from pytest_subagents.glue.notifying import learn_told
from pytest_subagents.glue.options import Settings
from pytest_subagents.glue.run import Run
from pytest_subagents.model.spec import Notify
from pytest_subagents.testing.steps import Change, Spend

WAITING = "id: w, instructions: Do w., scope: {write: [src/]}"


def team(live_team: LiveTeam, command: str, *, env: str = "[]") -> None:
    """One that waits for review, one that fails, one that needs it."""
    agent = live_team.played(w=(Change("src/new.py", "x\n"), GOOD), bad=(Change("stray.py", "x\n"), GOOD))
    notify = f"notify: {{run: {json.dumps(command)}, env: {env}}}, review: {{files_matching: [src/]}}"
    head = live_team.head(agent).replace("name: team", f"name: team, {notify}")
    live_team.workflow(
        WAITING,
        "id: bad, instructions: Do bad., scope: {write: [src/bad/]}",
        "id: after, instructions: Do after., depends_on: [bad]",
        head=head,
    )
    live_team.repository()


def told(live_team: LiveTeam) -> list[dict[str, Any]]:
    path = live_team.path / "told.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


@pytest.mark.parametrize("how", SPREAD)
def test_a_live_run_tells_and_its_replay_does_not(live_team: LiveTeam, how: list[str]) -> None:
    team(live_team, "cat >> told.jsonl")
    assert live_team.live("record", *how).ret == 1
    review, ended = told(live_team)
    assert (review["event"], review["agent"]) == ("review_needed", "w")
    assert review["approve"] == "subagents approve w"
    assert ended["event"] == "run_ended"
    assert (ended["workflow"], ended["file"], ended["mode"]) == ("team", "subagents.yaml", "record")
    assert ended["run"] == live_team.runs()[-1].name
    assert ended["counts"] == {"planned": 3, "success": 0, "partial": 1, "failed": 1, "not_run": 1, "expected": 0}
    assert [(each["agent"], each["kind"]) for each in ended["failures"]] == [("after", "dependency"), ("bad", "scope")]
    assert ended["exit_code"] == 1
    for more in ([], ["--subagents-checks=run"]):
        live_team.replay(*how, *more)
    assert len(told(live_team)) == 2


def test_a_failure_of_it_is_a_warning(live_team: LiveTeam) -> None:
    command = json.dumps("echo cannot reach $HOOK >&2; exit 7")
    notify = f"name: team, notify: {{run: {command}, env: [HOOK]}}"
    live_team.workflow(
        "id: a, instructions: Do a.", head=live_team.head(live_team.agent()).replace("name: team", notify)
    )
    live_team.environ["HOOK"] = "https://example.org/very-secret-path"
    result = live_team.live("live")
    result.stdout.fnmatch_lines(
        ["warning: subagents.yaml: nobody was told of 'run_ended': it exited with 7: cannot reach <redacted>"]
    )
    assert "very-secret-path" not in result.stdout.str()
    assert result.ret == 0
    assert live_team.statuses() == {"a": "success"}


def test_a_spent_budget_is_told(live_team: LiveTeam) -> None:
    agent = live_team.agent(Spend(500, 100), GOOD)
    head = live_team.head(agent).replace("name: team", "name: team, notify: {run: cat >> told.jsonl}")
    live_team.workflow("id: a, instructions: Do a.", "id: b, instructions: Do b.", head=head)
    live_team.live("live", "--subagents-budget=tokens=500")
    budget, ended = told(live_team)
    assert budget["message"].startswith("the budget of 500 tokens is spent")
    assert ended["complete"] is False


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is what the documentation names")
def test_a_webhook(live_team: LiveTeam) -> None:
    """The line of docs/notify.md, to a server of this test."""
    posted: list[tuple[str, str, dict[str, Any]]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        line = """curl -fsS -m 20 -H 'Content-Type: application/json' --data-binary @- "$TEAM_WEBHOOK" """.strip()
        team(live_team, line, env="[TEAM_WEBHOOK]")
        live_team.environ["TEAM_WEBHOOK"] = f"http://127.0.0.1:{server.server_port}/hook"
        live_team.live("live", "-k", "after")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert [(path, kind, event["event"]) for path, kind, event in posted] == [
        ("/hook", "application/json", "run_ended")
    ]


def test_of_a_worker_the_controller_takes_no_command(tmp_path: Path) -> None:
    """Only the name of a file of its own, which it reads by itself."""
    (tmp_path / "there.yaml").write_text("workflow: {notify: {run: here}}\nagents: [{id: a}]\n")
    (tmp_path / "silent.yaml").write_text("agents: [{id: a}]\n")
    (tmp_path / "bad.yaml").write_text("agents: 1\n")
    (tmp_path / "project").mkdir()
    for name in ("there", "silent", "bad"):
        (tmp_path / f"project/{name}.yaml").write_text((tmp_path / f"{name}.yaml").read_text())
    run = Run(settings=cast(Settings, None), rootdir=tmp_path / "project", cwd=tmp_path)
    learn_told(run, ["there.yaml", "../there.yaml", str(tmp_path / "there.yaml"), "silent.yaml", {"run": "rm"}])
    assert [(file, workflow.notify) for file, workflow in run.told.items()] == [("there.yaml", Notify(run="here"))]
    learn_told(run, ["bad.yaml", "missing.yaml"])
    assert len(run.warnings) == 2
