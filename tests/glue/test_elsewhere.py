"""Workers of xdist that share no file with their controller: all that they need and all that they make travels."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from live_team import GOOD, LiveTeam, told, until
from sshd import sshd
from team import ANSWER
from two_places import TwoPlaces, socket_server

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Change, Hang, Say, Start, WaitFor

WRITERS = (
    "id: types, instructions: Do types., scope: {write: [src/]}",
    "id: sums, instructions: 'Do sums. They said: {{ results.types.summary }}', depends_on: [types]",
    "c",
)


@pytest.fixture
def places(live_team: LiveTeam) -> TwoPlaces:
    return TwoPlaces(live_team)


@pytest.fixture(params=["popen", "socket", "ssh"])
def ways(request: pytest.FixtureRequest, places: TwoPlaces) -> Iterator[Sequence[str]]:
    """How the other place is reached, by two workers; over ssh, the project is not even there."""
    if request.param == "ssh":
        with sshd(places.team.outside / "sshd", hidden=places.team.path) as spec:
            yield [f"2*{spec}"]
    elif request.param == "socket":
        with socket_server() as first, socket_server() as second:
            yield [first, second]
    else:
        yield ["2*popen"]


def writing_agent(team: LiveTeam) -> ScriptedAgent:
    return team.agent(
        scripts=[
            Script(
                prompt_has="Do types.",
                steps=(Change("src/types.py", "x = 1\n"), Answer({**ANSWER, "summary": "twelve types"})),
            ),
            Script(steps=(GOOD,)),
        ]
    )


def without_times(recorded: dict[str, bytes]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, data in recorded.items():
        if name.endswith(".meta.json"):
            found[name] = {key: value for key, value in json.loads(data).items() if key != "runtime_ms"}
        else:
            found[name] = data
    return found


def test_a_run_elsewhere_leaves_here_what_a_run_here_would(places: TwoPlaces, ways: Sequence[str]) -> None:
    """Answers, recordings, patches, the run directory; and nothing there."""
    team, agent = places.team, writing_agent(places.team)
    places.cast(agent, *WRITERS)
    places.run("record", by=ways).assert_outcomes(passed=3)
    there, report = team.recorded(), team.report_text()
    assert "They said: twelve types" in next(call.prompt for call in agent.calls() if "Do sums." in call.prompt)
    assert all(call.cwd.is_relative_to(places.there) for call in agent.calls())
    assert b"+x = 1\n" in there["team/types.patch"]
    places.nothing_is_left_there()
    kept = {path.name for path in (team.path / ".subagents/latest").rglob("*") if path.is_file()}
    assert kept >= {"stream.jsonl", "result.json", "finished.json", "recording.patch", "end.json", "run.json"}
    team.replay()
    assert team.report_text() == report
    shutil.rmtree(team.path / "recordings")
    team.live("record").assert_outcomes(passed=3)
    assert without_times(team.recorded()) == without_times(there)


def test_who_failed_elsewhere_leaves_no_checkout_there(places: TwoPlaces) -> None:
    agent = places.team.played(types=(Change("stray.py", "x\n"), GOOD))
    places.cast(agent, *WRITERS)
    assert places.run("record", "--subagents-keep=all").ret == 1
    assert places.team.statuses() == {"types": "failed", "sums": "not_run", "c": "success"}
    places.nothing_is_left_there()


def test_attempts_elsewhere_and_those_that_were_left_out_are_recorded_here(places: TwoPlaces) -> None:
    agent = places.team.agent()
    places.cast(agent, "id: types, instructions: Do types., attempts: 3")
    places.run("record", by=["popen"]).assert_outcomes(passed=1, skipped=2)
    report = places.team.report_text()
    left_out = {f"team/types/{number}.meta.json" for number in (2, 3)}
    assert places.team.recorded().keys() == {"team/types/1.jsonl", "team/types/1.meta.json", *left_out}
    for mode in ("replay", "once"):
        places.run(mode, by=["popen"]).assert_outcomes(passed=1, skipped=2)
        assert places.team.report_text() == report
    assert len(agent.calls()) == 1


def test_recordings_of_here_count_elsewhere(places: TwoPlaces) -> None:
    """The clone has none of them, and then others."""
    team, agent = places.team, writing_agent(places.team)
    places.cast(agent, *WRITERS)
    places.run("once", by=["popen"]).assert_outcomes(passed=3)
    report = team.report_text()
    for mode in ("once", "replay"):
        places.run(mode, by=["popen"]).assert_outcomes(passed=3)
        assert team.report_text() == report
    for recording in (team.path / "recordings/team").glob("types.*"):
        recording.unlink()
    places.run("once", by=["popen"]).assert_outcomes(passed=3)
    assert told(agent) == [*sorted(told(agent)[:1]), *told(agent)[1:3], "types"]
    shutil.copytree(team.path / "recordings", places.there / "recordings")
    (team.path / "recordings/team/c.jsonl").unlink()
    assert places.run("replay", by=["popen"]).ret == 1
    assert team.kinds("c") == ["missing_recording"]


def test_what_a_killed_run_has_finished_elsewhere_is_gone_on_with(places: TwoPlaces) -> None:
    """Neither the agents nor anything else of it lives on there; the next run there has what was finished."""
    team = places.team
    gate = team.outside / "gate"
    agent = team.played(b=(Start(), Say("I wait."), WaitFor(str(gate)), GOOD))
    places.cast(agent, "a", "b", "id: c, instructions: Do c., depends_on: [b]")
    run = team.start("record", *places.gateways())
    until(lambda: list((team.path / ".subagents/runs").glob("*/*a/result.json")), "the end of the first")
    until(lambda: "b" in told(agent), "the second")
    run.signal(signal.SIGKILL)
    run.end()
    team.nothing_alive()
    gate.touch()
    places.run("record", "--subagents-resume").assert_outcomes(passed=3)
    assert sorted(told(agent)) == ["a", "b", "b", "c"]
    assert sorted(name for name in team.recorded() if name.endswith(".jsonl")) == [
        f"team/{id}.jsonl" for id in ("a", "b", "c")
    ]


def test_a_worker_that_dies_elsewhere_takes_one_subagent_with_it(places: TwoPlaces) -> None:
    team = places.team
    agent = team.played(a=(Start(), Say("I stay."), Hang()))
    places.cast(agent, "a", "b", "c", "d")
    run = team.start("live", *places.gateways())
    until(lambda: "a" in told(agent), "the first")
    worker_of(agent, run.pid).kill()
    assert run.end() == pytest.ExitCode.TESTS_FAILED, run.output
    team.nothing_alive()
    assert team.statuses() == {"a": "failed", "b": "success", "c": "success", "d": "success"}
    assert team.kinds("a") == ["crashed"]


def worker_of(agent: ScriptedAgent, controller: int) -> psutil.Process:
    """The worker that started the subagent `a`: the controller started it."""
    pid = next(call.pid for call in agent.calls() if "Do a." in call.prompt)
    return next(process for process in psutil.Process(pid).parents() if process.ppid() == controller)


def test_options_of_the_environment_are_those_of_here(
    places: TwoPlaces, monkeypatch: pytest.MonkeyPatch, ways: Sequence[str]
) -> None:
    team, agent = places.team, places.team.agent()
    places.cast(agent, "a")
    monkeypatch.setenv("SUBAGENTS_MODE", "live")
    own = "//env:SUBAGENTS_MODE=replay//env:SUBAGENTS_CONTRACT=findings"
    result = team.live("", *[f"{word}{own}" if "//" in word else word for word in places.gateways(ways)])
    result.assert_outcomes(passed=1)
    assert told(agent) == ["a"]


def test_what_cannot_be_recorded_here_is_said_of_the_subagent(places: TwoPlaces) -> None:
    team, agent = places.team, places.team.agent()
    places.cast(agent, "a")
    (team.outside / "public").mkdir()
    (team.path / "recordings").symlink_to(team.outside / "public")
    assert places.run("record", by=["popen"]).ret == 1
    assert team.kinds("a") == ["missing_recording"]
    assert "link" in team.messages("a")[0]
    assert list((team.outside / "public").iterdir()) == []


@pytest.mark.parametrize("mode", ["record", "replay"])
def test_where_the_workflow_is_another_one_nothing_runs(places: TwoPlaces, mode: str) -> None:
    team, agent = places.team, places.team.agent()
    places.cast(agent, "a")
    path = team.path / "subagents.yaml"
    path.write_text(path.read_text("utf-8") + "# changed here\n", encoding="utf-8")
    result = places.run(mode, by=["popen"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(
        ["ERROR: subagents.yaml: it is not the same for popen//*", "  hint: bring the checkout there to the same *"]
    )
    assert agent.calls() == ()


def test_where_the_checkout_is_at_another_commit_nothing_runs(places: TwoPlaces) -> None:
    team, agent = places.team, places.team.agent()
    places.cast(agent, "a")
    team.write("more.py", "x = 1\n")
    team.repository()
    result = places.run("record", by=["popen"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: popen//*: its checkout is at commit *, and the one here at *"])
    assert agent.calls() == ()


def test_where_the_package_is_another_version_nothing_runs(places: TwoPlaces) -> None:
    team, agent = places.team, places.team.agent()
    places.cast(agent, "a")
    team.write("conftest.py", "import pytest_subagents.glue.machines.outpost as it\nit.own_version = lambda: '9.9'\n")
    places.clone()
    team.write("conftest.py", "")
    result = places.run("replay", by=["popen"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: popen//*: it has pytest-subagents 9.9, and this process *"])
    assert agent.calls() == ()


def test_paths_cannot_be_told_to_another_place(places: TwoPlaces) -> None:
    agent = places.team.agent()
    places.cast(agent, "a")
    result = places.run("replay", "subagents.yaml::a")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: --tx: '2[*]popen//*' is another place, and xdist cannot tell it of the path 'subagents.yaml::a'",
            "*hint: *",
        ]
    )
    assert agent.calls() == ()


def test_another_place_does_not_know_in_which_folder_it_was_started(
    places: TwoPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    team, agent = places.team, places.team.agent()
    places.cast(agent, "a")
    (team.path / "sub").mkdir()
    monkeypatch.chdir(team.path / "sub")
    result = places.run("record", "--rootdir=..", "-c../pytest.ini")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --tx: '2[*]popen//*' is another place, which does not know that pytest was *"])
    assert agent.calls() == ()


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("socket=127.0.0.1:9//chdir=/tmp", "*Connection refused"),
        ("popen//python=/no/python//chdir=/tmp", "*No such file or directory*"),
        ("popen//chdir=/proc/nowhere", "*No such file or directory*"),
        ("nonsense", "no gateway type found for 'nonsense'"),
    ],
)
def test_a_place_that_cannot_be_reached(live_team: LiveTeam, spec: str, why: str) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a")
    result = live_team.live("record", "--dist", "load", "--tx", spec)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --tx: no worker can be started at '{spec}': {why}", "  hint: *"])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert agent.calls() == ()
    live_team.nothing_left()


def test_workers_that_cannot_begin_are_not_started_for_ever(places: TwoPlaces) -> None:
    team, agent = places.team, places.team.agent()
    places.cast(agent, "a")
    team.write("conftest.py", "import os\nos._exit(3)\n")
    places.clone()
    Path(team.path / "conftest.py").write_text("", encoding="utf-8")
    result = places.run("record", by=["popen"])
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*maximum crashed workers reached: 4*"])
    assert agent.calls() == ()
