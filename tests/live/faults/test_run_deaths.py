"""Somebody ends pytest itself: no agent goes on, no row is lost, and `--subagents-resume` runs what has no result."""

from __future__ import annotations

import signal
from typing import Final

import psutil
import pytest
from fault_table import VENDORS
from live.faults.cast import Answers, Hangs, Part, Theatre, make_play
from live.faults.claims import claims
from live.faults.stage import until

INTERRUPTED: Final = 2


@claims("sigterm-pytest", "sigkill-pytest", vendors=VENDORS, apart=("claude", "gemini", "opencode"))
def test_a_run_that_is_ended_and_then_killed_can_be_gone_on_with(vendor: str, theatre: Theatre) -> None:
    play = make_play(theatre, vendor, Part(id="healthy", does=Answers()), Part(id="sick", does=Hangs(times=2)))
    stage = play.stage

    with stage.running("-n", "0") as ended:
        play.wait_until_hangs(ended, "sick")
        ended.signal(signal.SIGTERM)
        assert ended.wait() == INTERRUPTED, ended.said
    report, rows = stage.report(), stage.rows()
    assert not report["complete"]
    assert report["counts"] | {"success": 1, "failed": 1, "planned": 2} == report["counts"]
    assert [reason["kind"] for reason in rows["sick"]["reasons"]] == ["killed"]
    assert ended.ending("sick")["cause"] == "stopped"
    play.check_transcript(ended, "sick")
    play.check_nothing_left()

    with stage.running("--subagents-resume", "-n", "2") as killed:
        play.wait_until_hangs(killed, "sick", times=2)
        ours = psutil.Process(killed.pid).children(recursive=True)
        assert len(ours) > 3, "workers, wardens and the agent"
        killed.signal(signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL
        until(lambda: not stage.alive(), "the end of workers, wardens and agents")
    assert killed.ending("sick")["cause"] == "stopped"
    play.check_transcript(killed, "sick")
    assert stage.private() != [], "who is killed cannot clean up"

    finished = stage.run("--subagents-resume", "-n", "0")
    assert finished.wait() == 0, finished.said
    assert {id: row["status"] for id, row in stage.rows().items()} == {"healthy": "success", "sick": "success"}
    assert stage.report()["complete"]
    assert not (finished.kept("healthy") / "stream.jsonl").exists(), "it was run once, in the first run"
    assert stage.recording("sick").exists()
    play.check_nothing_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_for_pytest_and_its_workers_ends_all_agents(number: signal.Signals, theatre: Theatre) -> None:
    parts = [Part(id=id, does=Hangs()) for id in ("one", "two")]
    play = make_play(theatre, "command", *parts, Part(id="never"))
    with play.stage.running("-n", "2") as running:
        for id in ("one", "two"):
            play.wait_until_hangs(running, id)
        running.signal_all(number)
        assert running.wait() == INTERRUPTED, running.said
    until(lambda: not play.stage.alive(), "the end of workers, wardens and agents")
    kinds = {id: row["reasons"][0]["kind"] for id, row in play.stage.rows().items()}
    assert kinds.pop("never") == "stopped"
    # Workers wait for their agents where they are interrupted, and die of SIGTERM, perhaps before xdist sees it.
    assert set(kinds.values()) <= ({"killed"} if number == signal.SIGINT else {"crashed", "stopped"})
    assert not play.stage.report()["complete"]
    for id in ("one", "two"):
        play.check_transcript(running, id)


@claims("two-runs", vendors=VENDORS, apart=("claude", "gemini", "opencode"))
def test_two_runs_in_one_repository_do_not_touch_each_other(vendor: str, theatre: Theatre) -> None:
    """While the agent of the first hangs in its private checkout, a second run does the same from start to end."""
    writes = {"scope": {"write": ["out/**"]}}
    play = make_play(theatre, vendor, Part(id="sick", does=Hangs(), keys=writes), Part(id="healthy", does=Answers()))
    stage = play.stage
    with stage.running("-n", "0") as first:
        play.wait_until_hangs(first, "sick")
        place = first.tree("sick")[-1].cwd()

        second = stage.run("subagents.yaml::sick", "-n", "0")
        assert second.wait() == 0, second.said
        assert [row["status"] for row in stage.rows().values()] == ["success"]
        assert (stage.folder / ".subagents" / "latest").resolve() == second.folder != first.folder
        recorded = stage.recording("sick").read_bytes()

        agent = first.tree("sick")[-1]
        assert agent.cwd() == place, "the first one is where it was"
        agent.send_signal(signal.SIGKILL)
        assert first.wait() == 1, first.said
    rows = stage.rows()
    assert [reason["kind"] for reason in rows["sick"]["reasons"]] == ["killed"]
    assert rows["healthy"]["status"] == "success", rows["healthy"]["reasons"]
    assert stage.recording("sick").read_bytes() == recorded, "what is killed replaces no good recording"
    for run in (first, second):
        play.check_transcript(run, "sick")
        assert (run.folder / "run.json").exists()
    play.check_nothing_left()
