"""One run of a vendor's program, from its private home to its end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from team import ANSWER

from pytest_subagents.model import limits
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Limits, Subagent, VendorSettings
from pytest_subagents.runners.live_interface import Executed, Job
from pytest_subagents.runners.process import ProcessRunner, tools_of
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.steps import Answer, Exit, Flood, Raw, Spend, Step
from pytest_subagents.vendors.watching import Progress

GOOD = Answer(ANSWER)


class Place:
    """Where one agent runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("run", "homes", "project", "bin"):
            (folder / name).mkdir(mode=0o700)
        self.watched: list[Progress] = []

    def agent(self, *steps: Step, **keys: Any) -> ScriptedAgent:
        return ScriptedAgent(self.folder / "agent", *steps, **keys)

    def run(self, subagent: Subagent, environ: Mapping[str, str] | None = None, stop: Stop | None = None) -> Executed:
        job = Job(
            subagent=subagent,
            prompt="Look well.",
            schema=True,
            results={},
            rootdir=self.folder / "project",
            workspace=self.folder / "project",
            folder=self.folder / "run",
            homes=self.folder / "homes",
            environ={"PATH": f"{self.folder}/bin:{os.environ['PATH']}", **(environ or {})},
        )
        return ProcessRunner().run(job, stop=stop or Stop(), watched=self.watched.append)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def _subagent(*command: str, **keys: Any) -> Subagent:
    return Subagent(id="math", vendor="command", command=command, where="subagents.yaml:3", **keys)


def test_a_run_leaves_its_stream_its_progress_and_no_home(place: Place) -> None:
    agent = place.agent(Raw("a warning\n", to="stderr"), Spend(100, 20), GOOD)
    executed = place.run(_subagent(*agent.command))
    assert (executed.ending.cause, executed.ending.exit_code, executed.stop_kind) == ("exited", 0, None)
    assert b"subagents.end" in executed.stream.read_bytes()
    assert executed.stderr.read_text(encoding="utf-8") == "a warning\n"
    assert executed.progress.tokens == 120
    assert place.watched[-1] == executed.progress
    (call,) = agent.calls()
    assert call.prompt == "Look well."
    assert Path(call.environment["HOME"]).is_relative_to(place.folder / "homes")
    assert list((place.folder / "homes").iterdir()) == []


def test_who_answers_into_a_file_is_believed_after_its_home_is_gone(place: Place) -> None:
    agent = place.agent(GOOD)
    executed = place.run(_subagent(*agent.answering_command))
    assert executed.answer_file == place.folder / "run" / "final-message"
    assert '"Two notes."' in executed.answer_file.read_text(encoding="utf-8")


def test_a_flood_is_stopped_where_the_limit_is(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIVE_OUTPUT_BYTES", 200_000)
    executed = place.run(_subagent(*place.agent(GOOD, Flood(50_000_000)).command))
    assert executed.stop_kind == "output_limit"
    assert executed.ending.cause == "output_limit"
    assert executed.stream.stat().st_size == 200_000


def test_time_that_is_up_is_a_kind_of_its_own(place: Place) -> None:
    executed = place.run(_subagent("sleep", "600", limits=Limits(timeout=0.05)))
    assert (executed.stop_kind, executed.ending.exit_code) == ("timeout", -15)
    assert executed.stop_message == "it ran for longer than 0.05 s"


def test_whoever_asks_for_a_stop_before_the_start_is_heard(place: Place) -> None:
    stop = Stop()
    stop.ask("the run was interrupted")
    agent = place.agent(GOOD)
    executed = place.run(_subagent(*agent.command), stop=stop)
    assert (executed.stop_kind, executed.stop_message) == ("killed", "the run was interrupted")
    assert agent.calls() == ()


def test_what_cannot_be_started_says_why(place: Place) -> None:
    missing = place.run(_subagent("no-such-program"))
    assert (missing.ending.cause, missing.ending.message) == ("launch", "the program 'no-such-program' is not in PATH")
    assert missing.hints == ("is 'no-such-program' installed, and in PATH?",)


def test_a_file_that_is_no_program_says_so(place: Place) -> None:
    (place.folder / "bin/tool").write_text("no program", encoding="utf-8")
    executed = place.run(_subagent(f"{place.folder}/bin/tool"))
    assert executed.ending.cause == "launch"
    assert "tool" in executed.ending.message


def test_a_version_that_is_too_old_is_not_started(place: Place) -> None:
    agent = place.agent(GOOD, versions={"codex": "codex-cli 0.1.0"})
    agent.install_as("codex", place.folder / "bin")
    executed = place.run(Subagent(id="math", vendor="codex", instructions="Look."))
    assert executed.ending.cause == "launch"
    assert executed.ending.message.startswith("codex 0.1.0 is older than ")
    assert agent.calls() == ()


def test_the_version_is_in_what_is_known_of_the_run(place: Place) -> None:
    place.agent(GOOD).install_as("codex", place.folder / "bin")
    executed = place.run(Subagent(id="math", vendor="codex", instructions="Look."))
    assert executed.cli_version is not None
    assert executed.ending.cause == "exited"


def test_only_what_is_named_is_let_through(place: Place) -> None:
    agent = place.agent(GOOD, Exit(0))
    settings = (VendorSettings(vendor="command", env=("MY_KEY", "NOT_SET")),)
    executed = place.run(
        _subagent(*agent.command, vendors=settings), environ={"MY_KEY": "it is a secret", "OTHER": "too"}
    )
    seen = agent.calls()[0].environment
    assert seen["MY_KEY"] == "it is a secret"
    assert "OTHER" not in seen
    assert executed.secrets == ("it is a secret",)
    assert any("NOT_SET" in hint for hint in executed.hints)


def test_who_may_write_nothing_has_no_tool_that_writes() -> None:
    assert tools_of(Subagent(id="a")) == {"read", "search"}
    assert tools_of(Subagent(id="a", scope=Scope(write=("src/",)))) == {"read", "search", "edit", "shell"}
    assert tools_of(Subagent(id="a", tools=("web",))) == {"web"}
