"""Agents that misbehave: what they said is kept, they end, and the one beside them does not notice.

No real program can be brought to do these things, so an agent of ours stands in for each, with its name and dialect.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from fault_table import VENDORS
from live.faults.cast import ANSWER
from live.faults.claims import claims
from live.faults.stage import Stage
from live.faults.stand_ins import Act, make_stage

from pytest_subagents.testing.steps import (
    Answer,
    Daemonise,
    Flood,
    Hang,
    IgnoreTerm,
    LongLine,
    Raw,
    Run,
    UnendedLine,
)

_LINE: Final = 50 * 1000 * 1000
_BEGUN: Final = 1000 * 1000
_FLOOD: Final = int(os.environ.get("SUBAGENTS_FLOOD_BYTES", 20 * 1000 * 1000))
"""Of standard output that is kept; 200 MB take a minute for each vendor."""
_MEMORY: Final = 500 * 1000 * 1000
_RECORDED: Final = "command"
"""To look for secrets in so much takes time, and the same for all; for the others what they said is kept alone."""
_WORD: Final = Run("ls", output="notes.txt")
"""Something that every dialect has a line for."""
_IDLE: Final = {"limits": {"idle_timeout": "1s"}}

_DEAF: Final = Act(
    id="deaf",
    steps=(IgnoreTerm(), _WORD, Hang()),
    code="signal.signal(signal.SIGTERM, signal.SIG_IGN)\ncall.emit.message('I hear nothing.')\ntime.sleep(600)",
    keys=_IDLE,
)
_DAEMONISES: Final = Act(
    id="daemonises",
    steps=(_WORD, Daemonise(holds_pipe=True), Answer(ANSWER)),
    code="subprocess.Popen(['sleep', '600'], start_new_session=True)\nreturn ANSWER",
)
_UNENDED: Final = Act(
    id="unended",
    steps=(_WORD, UnendedLine(_BEGUN), Hang()),
    code=f"call.emit.message('One.')\nos.write(call.emit._descriptor, b'x' * {_BEGUN})\ntime.sleep(600)",
    keys=_IDLE,
)
_ERRORS: Final = Act(
    id="errors",
    steps=(Raw("words\n" * 1000, to="stderr"),),
    code="os.write(2, b'words\\n' * 1000)",
)


def _long(vendor: str) -> Act:
    """One line of its protocol; Gemini tells what is long in many, so there it is another one."""
    line = LongLine(_LINE, speaks=vendor != "gemini")
    code = f"call.emit.message('x' * {_LINE})\nreturn ANSWER"
    return Act(id="long", steps=(line, _WORD, Answer(ANSWER)), code=code)


@claims(
    "ignores-term",
    "daemonises",
    "line-of-50-mb",
    "endless-line",
    "stderr-only",
    vendors=VENDORS,
    apart=("gemini", "opencode"),
)
def test_agents_that_misbehave_fail_alone(vendor: str, tmp_path: Path) -> None:
    """An agent of ours does it, in the vendor's place and dialect. Who only leaves a process behind does not fail."""
    stage = make_stage(tmp_path, vendor, _DEAF, _DAEMONISES, _long(vendor), _UNENDED, _ERRORS, Act(id="healthy"))
    running = stage.run("-n", "2", mode="record" if vendor == _RECORDED else "live")
    assert running.wait() == 1, running.said
    # A program without a protocol is silent, too, when it has nothing to say.
    silent = "no_message" if vendor in ("command", "function") else "no_protocol"
    assert _kinds(stage) == {
        "deaf": ["idle_timeout"],
        "daemonises": [],
        "long": [],
        "unended": ["idle_timeout"],
        "errors": [silent],
        "healthy": [],
    }
    assert running.ending("deaf")["exit_code"] == -9
    assert running.ending("daemonises")["left_behind"] == 1
    assert _LINE <= _longest(running.kept("long") / "stream.jsonl") + 1 < _LINE + 10_000
    kept = stage.recording("long") if vendor == _RECORDED else running.kept("long") / "recording.jsonl"
    assert _longest(kept) >= _LINE - 1
    *whole, begun = (running.kept("unended") / "stream.jsonl").read_bytes().split(b"\n")
    assert whole
    assert begun == b"x" * _BEGUN
    assert (running.kept("errors") / "stderr.log").read_bytes() == b"words\n" * 1000
    assert stage.alive() == []
    assert stage.private() == []
    shutil.rmtree(stage.folder)  # pytest would keep it, hundreds of megabytes


_LIMITS: Final = """\
from pytest_subagents.model import limits

limits.LIVE_OUTPUT_BYTES = {bound}
"""
_MORE: Final = f"""\
for number in range({_FLOOD // 1_000_000 + 1}):
    call.emit.message('x' * 1_000_000)
return ANSWER
"""
_ENOUGH: Final = _MORE.replace(str(_FLOOD // 1_000_000 + 1), str(_FLOOD // 2_000_000))


@claims("floods-200-mb", vendors=VENDORS, apart=("claude", "gemini", "opencode"))
def test_a_flood_is_kept_up_to_its_bound(vendor: str, tmp_path: Path) -> None:
    """An agent of ours prints more than may be kept, another half of it and then answers; pytest has little memory."""
    more = Act(id="more", steps=(_WORD, Flood(_FLOOD), Raw("\n"), Answer(ANSWER)), code=_MORE)
    enough = Act(id="enough", steps=(_WORD, Flood(_FLOOD // 2), Raw("\n"), Answer(ANSWER)), code=_ENOUGH)
    acts = (more, enough, Act(id="healthy"))
    stage = make_stage(tmp_path, vendor, *acts, conftest=_LIMITS.format(bound=_FLOOD)).within(f"--data={_MEMORY}")
    running = stage.run("-n", "0", mode="record" if vendor == _RECORDED else "live")
    assert running.wait() == 1, running.said
    assert _kinds(stage) == {"more": ["output_limit"], "enough": [], "healthy": []}
    assert (running.kept("more") / "stream.jsonl").stat().st_size == _FLOOD
    assert (running.kept("enough") / "stream.jsonl").stat().st_size > _FLOOD // 2
    kept = stage.recording("enough") if vendor == _RECORDED else running.kept("enough") / "recording.jsonl"
    assert kept.stat().st_size > _FLOOD // 2
    assert stage.alive() == []
    assert stage.private() == []
    shutil.rmtree(stage.folder)  # pytest would keep it, hundreds of megabytes


def _kinds(stage: Stage) -> dict[str, list[str]]:
    return {id: [reason["kind"] for reason in row["reasons"]] for id, row in stage.rows().items()}


def _longest(path: Path) -> int:
    return max(map(len, path.read_bytes().split(b"\n")))
