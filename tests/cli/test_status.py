"""`subagents status`: a run that goes on, one that is over, one that was killed, and what is no run at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from progress_cases import HOSTILE, a_run, an_agent, ended
from screens import Terminal, environment

from pytest_subagents.cli.main import commands
from pytest_subagents.model.progress import RunProgress
from pytest_subagents.transcript.run_directory import RunDirectory

NOON = datetime(2025, 1, 2, 12, tzinfo=UTC)
NAME = "20250102T120000.000000Z-"
DONE = a_run(
    ended("math", "success", tokens=12_345, usd=0.0412),
    ended("storage", "failed", tokens=1_000, usd=0.5, did="contract: /summary is required"),
    over=True,
    done=2,
)
HALF = a_run(ended("math", "success", tokens=12_345), an_agent("storage", did="ran ls"), done=1)


class Place:
    """A project with a run directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / ".subagents"

    def run(self, *words: str, env: dict[str, str] | None = None) -> Result:
        return CliRunner().invoke(commands, ["status", *words], prog_name="subagents", env=env)

    def begin(self, progress: RunProgress | None = None) -> RunDirectory:
        """A run that lives until it is released."""
        run = RunDirectory.create(self.root, below=self.folder, started=NOON)
        if progress is not None:
            run.write_json("status.json", progress)
        return run

    def leave(self, progress: RunProgress | None = None) -> RunDirectory:
        """A run whose process is gone."""
        run = self.begin(progress)
        run.release()
        return run

    def json(self, *words: str) -> dict[str, Any]:
        result = self.run("--json", *words)
        assert result.exit_code == 0
        value: dict[str, Any] = json.loads(result.stdout)
        return value


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("SUBAGENTS_RUN_DIR", raising=False)
    return Place(tmp_path)


def told(result: Result) -> list[str]:
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.splitlines()


def failed(result: Result, said: str) -> None:
    assert (result.exit_code, result.stdout) == (4, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_the_last_run_is_told_the_worst_first_with_the_sums(place: Place) -> None:
    run = place.leave(DONE)
    assert told(place.run()) == [
        f"run {run.name} (mode live), over after 1m10s",
        " status   subagent   time  tokens    usd  last",
        " FAILED   storage     30s    1000  $0.50  contract: /summary is required",
        " success  math        30s   12.3k  $0.04",
        "          total     1m10s   13.3k  $0.54  2 of 2 done",
        "subagents logs storage tells what it did",
    ]


def test_a_run_that_was_killed_says_so_and_how_to_go_on(place: Place) -> None:
    run = place.leave(HALF)
    assert told(place.run()) == [
        f"run {run.name} (mode live), cut off after 1m10s",
        " status   subagent   time  tokens  last",
        " CUT OFF  storage     50s       –  ran ls",
        " success  math        30s   12.3k",
        "          total     1m10s  ≥12.3k  1 of 2 done",
        "pytest --subagents --subagents-mode=live --subagents-resume goes on with what has no result yet",
    ]


@pytest.mark.parametrize("words", [(), ("--once",)])
def test_a_run_that_goes_on_is_told_once_where_nobody_looks_at_a_terminal(place: Place, words: tuple[str, ...]) -> None:
    run = place.begin(HALF)
    head, _, running, _, total, more = told(place.run(*words))
    assert head.startswith(f"run {run.name} (mode live), running for ")
    assert running.startswith(" running  storage ")
    assert total.endswith("1 of 2 done, 1 running")
    assert more == "subagents logs --follow storage tells what it does"
    run.release()


def test_a_run_that_has_started_nothing_yet(place: Place) -> None:
    run = place.begin()
    assert told(place.run()) == [f"run {run.name} has not begun yet"]
    assert place.json()["state"] == "running"
    run.release()
    assert told(place.run()) == [f"run {run.name} ended before it began"]
    assert place.json() == {
        "format": "pytest-subagents/status",
        "version": 1,
        "run": run.name,
        "state": "over",
        "mode": None,
        "started": None,
        "updated": None,
        "planned": 0,
        "done": 0,
        "agents": [],
        "totals": {"tokens": None, "usd": None},
    }


def test_a_run_in_which_every_recording_was_fresh_started_nobody(place: Place) -> None:
    place.leave(a_run(over=True, planned=3, done=3))
    assert told(place.run())[0].endswith("over after 1m10s, no subagent started")


def test_json_has_these_keys(place: Place) -> None:
    run = place.leave(HALF)
    value = place.json()
    agents = value.pop("agents")
    assert value == {
        "format": "pytest-subagents/status",
        "version": 1,
        "run": run.name,
        "state": "cut off",
        "mode": "live",
        "started": 980.0,
        "updated": 1_050.0,
        "planned": 2,
        "done": 1,
        "totals": {"tokens": 12_345, "usd": None},
    }
    assert agents[1] == {
        "nodeid": "subagents.yaml::storage",
        "id": "storage",
        "state": "ended",
        "status": "",
        "vendor": None,
        "model": None,
        "worker": None,
        "started": 1_000.0,
        "ended": 1_050.0,
        "attempt": 1,
        "turns": 0,
        "tokens": None,
        "usd": None,
        "did": "ran ls",
    }


def test_every_key_of_the_json_is_in_the_help(place: Place) -> None:
    place.leave(HALF)
    value = place.json()
    words = set(place.run("--help").stdout.replace(",", " ").split())
    assert words >= {*value, *value["agents"][0], *value["totals"]}


def test_another_run_directory(place: Place) -> None:
    other = Place(place.folder / "elsewhere")
    run = other.leave(DONE)
    assert run.name in place.run("--run-dir", "elsewhere/.subagents").stdout
    assert run.name in place.run(env={"SUBAGENTS_RUN_DIR": "elsewhere/.subagents"}).stdout


@pytest.mark.parametrize("there", ["nothing", "empty", "file", "other"])
def test_where_no_run_is_a_hint_says_how_to_make_one(place: Place, there: str) -> None:
    match there:
        case "empty":
            place.root.mkdir()
        case "file":
            place.root.write_text("x", encoding="utf-8")
        case "other":
            (place.root / "runs/mine").mkdir(parents=True)
            (place.root / "latest").symlink_to("runs/mine")
    failed(place.run(), ".subagents: there is no live run here\n  hint: `pytest --subagents --subagents-mode=once`")
    failed(place.run("--json"), ".subagents: there is no live run here")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"mode": "live"}',
        b'{"mode": "live", "started": "yesterday", "updated": 1}',
        b'{"mode": "live", "started": 1, "updated": 1, "agents": [{"nodeid": "a", "id": "a", "state": "dancing"}]}',
        b'{"mode": "\xff", "started": 1, "updated": 1}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_named(place: Place, content: bytes) -> None:
    run = place.leave()
    (run.path / "status.json").write_bytes(content)
    for words in ((), ("--json",), ("--once",)):
        failed(place.run(*words), "status.json: cannot be used: ")


@pytest.mark.parametrize("kind", ["link", "dangling", "fifo", "folder"])
def test_what_is_no_file_is_not_read(place: Place, kind: str) -> None:
    run = place.leave()
    path, secret = run.path / "status.json", place.folder / "secret.json"
    secret.write_text('{"mode": "secret", "started": 1, "updated": 1}', encoding="utf-8")
    match kind:
        case "link":
            path.symlink_to(secret)
        case "dangling":
            path.symlink_to("nowhere")
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
    failed(place.run(), "status.json: cannot be ")


@pytest.mark.parametrize("link", [".subagents", "runs", "run"])
def test_no_folder_on_the_way_may_be_a_link(place: Place, link: str) -> None:
    """A pull request may bring a run directory that leads out of the repository."""
    stranger = Place(place.folder / "stranger")
    run = stranger.leave(a_run(mode="secret"))
    match link:
        case ".subagents":
            place.root.symlink_to(stranger.root)
        case "runs":
            place.root.mkdir()
            (place.root / "runs").symlink_to(stranger.root / "runs")
        case "run":
            (place.root / "runs").mkdir(parents=True)
            (place.root / "runs" / run.name).symlink_to(run.path)
    result = place.run()
    assert result.exit_code == 4
    assert "secret" not in result.output


def test_latest_leads_to_runs_only(place: Place) -> None:
    run = place.leave(DONE)
    (place.root / "latest").unlink()
    (place.root / "latest").symlink_to(f"../stranger/{NAME}00000000")
    assert run.name in place.run().stdout


def test_what_a_stranger_wrote_moves_no_cursor(place: Place) -> None:
    text = HOSTILE.replace("\ud800", "")
    agent = an_agent(text, did=text, status=text, tokens=10**300, turns=10**300, usd=1e300, started=1e300)
    place.leave(a_run(agent, mode=text, started=-1e300))
    for words in ((), ("--json",)):
        result = place.run(*words)
        assert result.exit_code == 0
        assert not set(result.stdout) & set("\x1b\x07\x9b\u202e\r\x0b")


def test_in_a_terminal_it_follows_a_run_to_its_end(place: Place) -> None:
    run = place.begin(HALF)
    terminal = Terminal(["pytest_subagents.cli.main", "status"], place.folder, env=environment())
    try:
        terminal.wait_for("storage")
        assert terminal.line_with("storage").startswith(" running  storage ")
        assert "running for" in terminal.line_with(run.name)
        run.write_json("status.json", a_run(an_agent("storage", did="now something else")))
        terminal.wait_for("now something else")
        run.write_json("status.json", DONE)
        assert terminal.finish() == 0
        assert terminal.text.splitlines() == [
            f"run {run.name} (mode live), over after 1m10s",
            " status   subagent   time  tokens    usd  last",
            " FAILED   storage     30s    1000  $0.50  contract: /summary is required",
            " success  math        30s   12.3k  $0.04",
            "          total     1m10s   13.3k  $0.54  2 of 2 done",
            "subagents logs storage tells what it did",
        ]
        assert not terminal.screen.cursor.hidden
    finally:
        terminal.close()
        run.release()


def test_in_a_terminal_it_sees_that_a_run_was_killed(place: Place) -> None:
    run = place.begin(HALF)
    terminal = Terminal(["pytest_subagents.cli.main", "status"], place.folder, env=environment(NO_COLOR="1"))
    try:
        terminal.wait_for("running for")
        run.release()
        assert terminal.finish() == 0
        assert "cut off after" in terminal.text
        assert "--subagents-resume" in terminal.text
        assert b"\x1b[3" not in terminal.bytes
    finally:
        terminal.close()


def test_of_many_subagents_a_terminal_shows_what_fits(place: Place) -> None:
    run = place.begin(a_run(*(an_agent(f"a{number:02}") for number in range(60))))
    terminal = Terminal(["pytest_subagents.cli.main", "status"], place.folder, width=60, height=12, env=environment())
    try:
        terminal.wait_for("total")
        assert [line for line in terminal.lines if line.startswith(" and ")] == [" and 53 more: 53 running"]
        assert terminal.lines[0].startswith("run ")
    finally:
        terminal.close()
        run.release()


def test_a_damaged_file_ends_the_following(place: Place) -> None:
    run = place.begin(HALF)
    terminal = Terminal(["pytest_subagents.cli.main", "status"], place.folder, width=200, env=environment())
    try:
        terminal.wait_for("running for")
        (run.path / "status.json").write_text("{", encoding="utf-8")
        assert terminal.finish() == 4
        assert "status.json: cannot be used" in terminal.text
        assert "Traceback" not in terminal.text
        assert not terminal.screen.cursor.hidden
    finally:
        terminal.close()
        run.release()


def test_a_pipe_that_is_closed_early_is_no_error(place: Place) -> None:
    place.leave(a_run(*(ended(f"a{number}", "success") for number in range(5_000)), over=True))
    command = f"{sys.executable} -m pytest_subagents.cli.main status | head -n 1"
    done = subprocess.run(["sh", "-c", command], cwd=place.folder, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("run ")
    assert "Traceback" not in done.stderr
