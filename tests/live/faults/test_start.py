"""A program cannot be started, or refuses to: one row fails, nothing was tried twice, and the others run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fault_table import fault
from live.faults.cast import ANSWER, Answers, Part, Play, Theatre, make_play

from pytest_subagents.vendors.programs.registry import program

OTHER: Final = {"vendor": "command", "command": [sys.executable, "-c", f"import json; print(json.dumps({ANSWER!r}))"]}
"""Another program, for a healthy subagent where the vendor's own cannot be started by anyone."""
OLD: Final = """\
#!/bin/sh
[ "$*" = --version ] && echo "program 0.0.9" && exit
touch "{started}"
"""
USAGE: Final = "import argparse\nargparse.ArgumentParser().parse_args()\n"
LACKING: Final = "import no_such_module\n\n\ndef play(call):\n    return None\n"
FUNCTIONS: Final = """\
data = {}


def too_much(call, more):
    return None
"""


def start(play: Play) -> str:
    """Runs it; gives the message of the only reason why the sick one failed."""
    good = b"a good recording of another day\n"
    play.stage.recording("sick").parent.mkdir(parents=True)
    play.stage.recording("sick").write_bytes(good)
    running = play.stage.run()
    assert running.wait() == 1, running.said
    rows = play.stage.rows()
    assert rows["healthy"]["status"] == "success", running.said
    (reason,) = rows["sick"]["reasons"]
    assert (rows["sick"]["status"], reason["kind"]) == ("failed", "launch"), reason
    assert str(play.stage.folder) not in reason["message"]
    assert play.stage.recording("sick").read_bytes() == good
    assert not list(running.kept("sick").glob("retry-*"))
    play.check_nothing_left()
    return str(reason["message"])


def pair(theatre: Theatre, vendor: str, keys: Mapping[str, Any], healthy: Mapping[str, Any] | None = None) -> Play:
    sick = {"retries": {"rate_limit": 1, "provider_error": 1}, **keys}
    parts = (Part(id="sick", keys=sick), Part(id="healthy", does=Answers(), keys=healthy or {}))
    return make_play(theatre, vendor, *parts)


def instead(play: Play, vendor: str, folder: Path, text: str | None = None, *, mode: int = 0o755) -> Play:
    """The same with this file as the vendor's program, or without one."""
    folder.mkdir()
    if text is not None:
        (folder / vendor).write_text(text, encoding="utf-8")
        (folder / vendor).chmod(mode)
    others = [each for each in play.stage.env["PATH"].split(os.pathsep) if not os.path.exists(f"{each}/{vendor}")]
    path = os.pathsep.join([str(folder), *others])
    return replace(play, stage=replace(play.stage, env={**play.stage.env, "PATH": path}))


@fault("cli-missing")
def test_a_program_that_is_not_there_is_told(vendor: str, theatre: Theatre, tmp_path: Path) -> None:
    play = instead(pair(theatre, vendor, {}, OTHER), vendor, tmp_path / "programs")
    assert start(play) == f"the program {vendor!r} is not in PATH"


@fault("cli-missing", "command")
def test_a_command_that_is_not_there_is_told(vendor: str, theatre: Theatre) -> None:
    play = pair(theatre, vendor, {"command": ["./no-such-agent"]})
    assert start(play) == "./no-such-agent does not exist"


@fault("cli-missing", "function")
def test_a_function_that_is_not_there_is_refused(vendor: str, theatre: Theatre) -> None:
    """Before anything is started."""
    play = pair(theatre, vendor, {"function": "no_such_module:play"})
    running = play.stage.run()
    assert running.wait() == 4, running.said
    assert "'no_such_module:play' is not code of this repository: there is no no_such_module.py" in running.said
    assert play.stage.runs() == []
    play.check_nothing_left()


@fault("cli-missing", "function")
def test_a_function_whose_module_lacks_another_is_told(vendor: str, theatre: Theatre) -> None:
    play = pair(theatre, vendor, {"function": "wrong:play"})
    (play.stage.folder / "wrong.py").write_text(LACKING, encoding="utf-8")
    assert "No module named 'no_such_module'" in start(play)


@fault("cli-not-executable")
def test_a_program_that_may_not_be_executed_is_told(vendor: str, theatre: Theatre, tmp_path: Path) -> None:
    play = instead(pair(theatre, vendor, {}, OTHER), vendor, tmp_path / "programs", "#!/bin/sh\n", mode=0o644)
    assert start(play) == f"the program {vendor!r} is in PATH, but may not be executed"


@fault("cli-not-executable", "command")
def test_a_command_that_may_not_be_executed_is_told(vendor: str, theatre: Theatre) -> None:
    play = pair(theatre, vendor, {"command": ["./agent.sh"]})
    (play.stage.folder / "agent.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    assert start(play) == "./agent.sh is not executable (chmod +x)"


@fault("cli-not-executable", "function")
def test_what_is_no_function_is_told(vendor: str, theatre: Theatre) -> None:
    play = pair(theatre, vendor, {"function": "wrong:data"})
    (play.stage.folder / "wrong.py").write_text(FUNCTIONS, encoding="utf-8")
    assert "'data' is no function" in start(play)


@fault("cli-wrong-version")
def test_a_program_that_is_too_old_is_not_started(vendor: str, theatre: Theatre, tmp_path: Path) -> None:
    old = OLD.format(started=tmp_path / "started")
    play = instead(pair(theatre, vendor, {}, OTHER), vendor, tmp_path / "programs", old)
    oldest = program(vendor).oldest
    assert oldest is not None
    wanted = ".".join(map(str, oldest))
    assert start(play) == f"{vendor} 0.0.9 is older than {wanted}, the oldest that is supported"
    assert not (tmp_path / "started").exists()


@fault("cli-wrong-flag")
def test_a_program_that_is_given_a_wrong_argument_is_told(vendor: str, theatre: Theatre) -> None:
    play = pair(theatre, vendor, {"vendors": {vendor: {"args": ["--no-such-flag"]}}})
    said = start(play)
    # OpenCode prints its usage and nothing else.
    assert "it printed its usage" in said if vendor == "opencode" else "such-flag" in said
    assert play.server is not None
    assert [exchange.script for exchange in play.server.exchanges] == [1]


@fault("cli-wrong-flag", "command")
def test_a_command_that_is_given_a_wrong_argument_is_told(vendor: str, theatre: Theatre) -> None:
    play = pair(theatre, vendor, {"command": [sys.executable, "agent.py", "--no-such-flag"]})
    (play.stage.folder / "agent.py").write_text(USAGE, encoding="utf-8")
    assert "unrecognized arguments: --no-such-flag" in start(play)


@fault("cli-wrong-flag", "function")
def test_a_function_that_wants_another_argument_is_told(vendor: str, theatre: Theatre) -> None:
    play = pair(theatre, vendor, {"function": "wrong:too_much"})
    (play.stage.folder / "wrong.py").write_text(FUNCTIONS, encoding="utf-8")
    assert "missing a required argument: 'more'" in start(play)
