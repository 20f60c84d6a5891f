"""Somebody kills an agent's process, or the launcher that started it: one row fails, and nothing is left of it."""

from __future__ import annotations

import shlex
import signal
from pathlib import Path
from typing import Final

from fault_table import CLIS, VENDORS
from live.faults.cast import Answers, Hangs, Part, Play, Theatre, make_play
from live.faults.claims import claims

KILL, TERM = signal.SIGKILL, signal.SIGTERM
_WRAPPER: Final = '#!/bin/sh\n{program} "$@"\nexit $?\n'
"""What a version manager puts in the place of a program: a launcher that waits for it."""


@claims("sigkill-cli", "sigterm-cli", vendors=VENDORS)
def test_a_program_that_is_killed_fails_alone(vendor: str, theatre: Theatre) -> None:
    sick = (Part(id="killed", does=Hangs()), Part(id="termed", does=Hangs()))
    play = make_play(theatre, vendor, *sick, Part(id="healthy", does=Answers()))
    with play.stage.running() as running:
        for id, number in (("killed", KILL), ("termed", TERM)):
            play.wait_until_hangs(running, id)
            running.tree(id)[-1].send_signal(number)
        assert running.wait() == 1, running.said
    # Gemini CLI takes SIGTERM for a wish and ends with exit code 0, in the middle of its stream.
    polite = vendor == "gemini"
    _check_rows(play, {"killed": "SIGKILL"} if polite else {"killed": "SIGKILL", "termed": "SIGTERM"})
    if polite:
        assert play.stage.rows()["termed"]["reasons"][0]["kind"] == "incomplete"
    for id in ("killed", "termed"):
        play.check_transcript(running, id)
        assert running.ending(id)["cause"] == "exited"
    play.check_nothing_left()


@claims("sigkill-launcher", "sigterm-launcher", vendors=(*CLIS, "command"), apart=("gemini", "opencode"))
def test_a_launcher_that_is_killed_does_not_leave_the_program_behind(
    vendor: str, theatre: Theatre, tmp_path: Path
) -> None:
    """Codex brings a launcher of its own; the others are started by one as version managers have it."""
    wrapped = {"command": ["sh", "-c", '"$0" "$1"; exit $?', str(tmp_path / "agent" / "agent"), "{prompt_file}"]}
    keys = wrapped if vendor == "command" else {}
    sick = (Part(id="killed", does=Hangs(), keys=keys), Part(id="termed", does=Hangs(), keys=keys))
    play = make_play(theatre, vendor, *sick, Part(id="healthy", does=Answers(), keys=keys))
    if vendor not in ("codex", "command"):
        play = play.behind(_wrapper(vendor, theatre.clis() / vendor, tmp_path / "wrappers"))
    with play.stage.running() as running:
        for id, number in (("killed", KILL), ("termed", TERM)):
            play.wait_until_hangs(running, id)
            launcher, *programs = running.tree(id)
            assert programs, "there is a launcher and a program"
            launcher.send_signal(number)
        assert running.wait() == 1, running.said
    _check_rows(play, {"killed": "SIGKILL", "termed": "SIGTERM"})
    for id in ("killed", "termed"):
        play.check_transcript(running, id)
    assert running.ending("killed")["left_behind"] > 0
    play.check_nothing_left()


def _wrapper(name: str, program: Path, folder: Path) -> Path:
    folder.mkdir()
    path = folder / name
    path.write_text(_WRAPPER.format(program=shlex.quote(str(program))), encoding="utf-8")
    path.chmod(0o755)
    return folder


def _check_rows(play: Play, died: dict[str, str]) -> None:
    """Those that died say of what; the other one is well, and nothing but it is recorded."""
    rows = play.stage.rows()
    for id, name in died.items():
        (reason,) = rows[id]["reasons"]
        assert (rows[id]["status"], reason["kind"]) == ("failed", "killed"), reason
        assert name in reason["message"]
        assert not play.stage.recording(id).exists()
    assert rows["healthy"]["status"] == "success", rows["healthy"]["reasons"]
    assert play.stage.recording("healthy").exists()
    assert play.stage.report()["complete"]
