"""`pytest --subagents --subagents-plan`: the plan of what is collected, and nothing is started, written or spent."""

from __future__ import annotations

import pytest
from live_team import WAYS, LiveTeam
from team import Team

OVERLAP = (
    "id: types, instructions: Write., scope: {read: [], write: [src/types.py]}",
    "id: code, instructions: Write., scope: {read: [], write: [src/]}",
)
MARKED = """
import pytest

@pytest.mark.subagents(
    *(pytest.importorskip("pytest_subagents").Subagent(id=id, instructions="Do it.") for id in ("a", "b"))
)
def test_marked(subagent_result): raise AssertionError("it ran")

def test_plain(): raise AssertionError("it ran")
"""


def planned(team: Team, *args: str) -> pytest.RunResult:
    return team.run("--subagents-plan", *args)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("mode", ["replay", "live", "record"])
def test_nothing_is_started_in_whatever_mode_and_over_whatever_workers(
    live_team: LiveTeam, how: list[str], mode: str
) -> None:
    """The option can be added to the command line of a run."""
    agent = live_team.agent()
    live_team.cast(agent, "a", "id: b, instructions: Do b., depends_on: [a]")
    live_team.write("test_it.py", MARKED)
    before = live_team.files()
    result = live_team.live(mode, "--subagents-plan", *how)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "subagents: a plan; nothing is started (--subagents-plan)",
            "*= plan =*",
            "team: 2 subagents in 2 waves, ~10m00s with -n 1",
            "  b  after a  depends_on",
            "*= plan =*",
            "test_it.py: 2 subagents in 1 wave*",
            "*no tests ran*",
        ]
    )
    assert agent.calls() == ()
    assert live_team.files() == before
    assert live_team.runs() == []


def test_a_conflict_is_shown_with_its_witness_and_what_to_change(team: Team) -> None:
    team.workflow(*OVERLAP)
    result = planned(team)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["  types and code both write src/types.py: they run one after the other", "      give src/types.py to types*"]
    )


def test_an_overlap_that_is_forbidden_ends_with_4(team: Team) -> None:
    team.workflow(*OVERLAP, head="workflow: {name: team, execution: {on_overlap: error}}\n")
    result = planned(team)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(
        [
            "ERROR: subagents.yaml:4: subagents may write the same path, which 'on_overlap: error' forbids",
            "  types and code write src/types.py: give src/types.py to types alone*",
            "  hint: *",
        ]
    )
    result.stdout.no_fnmatch_line("*= plan =*")


def test_a_circle_ends_with_4(team: Team) -> None:
    team.workflow("id: a, instructions: A., depends_on: [b]", "id: b, instructions: B., depends_on: [a]")
    result = planned(team)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: subagents.yaml:*: 'depends_on' closes a circle: *"])


def test_a_bad_file_ends_with_2_and_is_named(team: Team) -> None:
    team.workflow("id: a, instructions: A.")
    team.write("bad/subagents.yaml", "agents: [{id: a, instructoins: A.}]\n")
    result = planned(team)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*bad/subagents.yaml:1*instructoins*"])
    result.stdout.no_fnmatch_line("*= plan =*")


def test_what_is_good_is_planned_beside_a_bad_file_where_pytest_goes_on(team: Team) -> None:
    team.workflow("id: a, instructions: A.")
    team.write("bad/subagents.yaml", "agents: [{id: a, instructoins: A.}]\n")
    result = planned(team, "--continue-on-collection-errors")
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*instructoins*", "*= plan =*", "team: 1 subagent in 1 wave*"])


def test_nothing_to_plan_ends_with_4(team: Team) -> None:
    team.write("test_it.py", "def test_plain(): pass\n")
    result = planned(team)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: --subagents-plan: no subagent was selected, so there is nothing to plan"])


def test_of_what_is_not_selected_no_plan_is_shown(team: Team) -> None:
    team.workflow("id: a, instructions: A.")
    team.workflow("id: b, instructions: B.", name="other.subagents.yaml", head="workflow: {name: other}\n")
    result = planned(team, "-k", "other.subagents")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["other: 1 subagent in 1 wave*"])
    result.stdout.no_fnmatch_line("team: *")


@pytest.mark.parametrize("option", ["--subagents-gate=failed <= 0", "--subagents-report=x.md", "--subagents-snapshot"])
def test_options_that_promise_an_output_are_refused(team: Team, option: str) -> None:
    team.workflow("id: a, instructions: A.")
    result = planned(team, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: --subagents-plan: it starts nothing, so there is nothing for {option.split('=')[0]} to act on"]
    )


def test_gates_and_reports_of_the_ini_file_are_for_other_runs(team: Team) -> None:
    team.workflow("id: a, instructions: A.")
    team.write(
        "pytest.ini", "[pytest]\nsubagents_gate = failed <= 0\nsubagents_report = x.md\nsubagents_snapshot = true\n"
    )
    assert planned(team).ret == pytest.ExitCode.OK
    assert not (team.path / "x.md").exists()


def test_the_limit_of_the_command_line_holds_in_the_plan(team: Team) -> None:
    team.workflow(*(f"id: {id}, instructions: Do {id}." for id in "abcd"))
    planned(team).stdout.fnmatch_lines(["  -n 4 to 32 *use -n 4"])
    result = planned(team, "--subagents-max-concurrency", "2")
    result.stdout.fnmatch_lines(["  -n 2 to 32 *use -n 2", "  at most 2 at a time, whatever -n is"])
    result.stdout.no_fnmatch_line("*execution.max_concurrent_agents*")


def test_times_are_those_of_the_last_runs(live_team: LiveTeam) -> None:
    """First those that were not recorded, then the recordings."""
    agent = live_team.agent()
    live_team.cast(agent, "a", "b")
    live_team.live("live").assert_outcomes(passed=2)
    result = live_team.run("--subagents-plan")
    result.stdout.fnmatch_lines(["*under 15 s of work hardly pays for a process*"])
    live_team.record("team/a", runtime_ms=180_000)
    live_team.run("--subagents-plan").stdout.fnmatch_lines(["*a *3m00s *"])
