"""Somebody kills an agent's process, or the launcher that started it: one row fails, and nothing is left of it."""

from __future__ import annotations

import json
import signal

import pytest
from fault_table import VENDORS
from live.faults.cast import SAID, Answers, Hangs, Part, Theatre, make_play


@pytest.mark.parametrize("vendor", VENDORS)
def test_try(vendor: str, theatre: Theatre) -> None:
    parts = [Part(id=id, does=Hangs(times=9)) for id in ("killed", "termed")]
    play = make_play(theatre, vendor, *parts, Part(id="healthy"))
    with play.stage.running() as running:
        for id, number in (("killed", signal.SIGKILL), ("termed", signal.SIGTERM)):
            play.wait_until_hangs(running, id)
            tree = running.tree(id)
            print(vendor, [(p.pid, p.name(), p.ppid()) for p in tree])
            tree[-1].send_signal(number)
        code = running.wait()
    print("####", vendor, code)
    for id, row in play.stage.rows().items():
        print("##", id, row["status"], [(r["kind"], r["message"]) for r in row["reasons"]], running.ending(id))
    print(play.stage.alive(), play.stage.private(), list(play.stage.folder.glob("recordings/*/*")))
