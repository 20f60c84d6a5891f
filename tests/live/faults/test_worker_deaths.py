"""A worker of xdist dies under its agent: the row is crashed, the agent is gone, and the others go on."""

from __future__ import annotations

import signal

import psutil
from fault_table import VENDORS
from live.faults.cast import Answers, Hangs, Part, Theatre, make_play
from live.faults.claims import claims
from live.faults.stage import is_gone, until


@claims("sigkill-worker", "sigterm-worker", vendors=VENDORS, apart=("claude", "gemini", "opencode"))
def test_a_worker_that_dies_takes_its_agent_along_and_no_other(vendor: str, theatre: Theatre) -> None:
    sick = (Part(id="killed", does=Hangs()), Part(id="termed", does=Hangs()))
    play = make_play(theatre, vendor, *sick, Part(id="healthy", does=Answers()))
    with play.stage.running("-n", "2") as running:
        for id in ("killed", "termed"):
            play.wait_until_hangs(running, id)
        first, second = running.tree("killed"), running.tree("termed")
        _die(running.worker("killed"), signal.SIGKILL, first)
        assert not any(map(is_gone, second))
        _die(running.worker("termed"), signal.SIGTERM, second)
        assert running.wait() == 1, running.said
    rows = play.stage.rows()
    for id in ("killed", "termed"):
        assert [reason["kind"] for reason in rows[id]["reasons"]] == ["crashed"]
        assert running.ending(id)["cause"] == "stopped"
        play.check_transcript(running, id)
        assert not play.stage.recording(id).exists()
    assert rows["healthy"]["status"] == "success", rows["healthy"]["reasons"]
    assert play.stage.report()["complete"]
    play.check_nothing_left()


def _die(worker: psutil.Process, number: signal.Signals, agent: list[psutil.Process]) -> None:
    """The worker at once, and then its agent."""
    worker.send_signal(number)
    until(lambda: is_gone(worker), f"the end of the worker {worker}")
    until(lambda: all(map(is_gone, agent)), f"the end of {agent}")
