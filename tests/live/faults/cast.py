"""What each subagent of a team does in a test, and how it is made to do it: the real programs by a scripted model,
`command` by a scripted agent, `function` by Python."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from live.faults.stage import MARK, PATIENCE, Running, Stage, environment, make_project, until
from model_servers import script as model
from model_servers.expectations import Expect
from model_servers.faults import Fault, Silence
from model_servers.pointing import KEY, home_and_env
from model_servers.server import ModelServer
from network_namespace import NetworkNamespace

from pytest_subagents.testing import steps
from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script

ANSWER: Final[dict[str, Any]] = {"status": "success", "summary": "Nothing to say.", "findings": []}
SAID: Final = "I read the notes first."
"""What an agent says before it hangs; it is in the transcript of everyone who came that far."""
_NOTES: Final = "notes.txt"
_NOTED: Final = "the word is beta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """At once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangs:
    """Says a word, reads a file where it is a real program, and then does nothing, so many times; then it answers."""

    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """A shell command, as the agent's tool; its output contains `prints`. Then it answers, or hangs."""

    command: str
    prints: str = ""
    then: Answers | Hangs = field(default_factory=Answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meets:
    """Says a word, reads a file, and then its provider fails, attempt by attempt. Real programs only."""

    faults: tuple[Fault, ...]
    key: bool = True
    """Whether its requests bring one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chats:
    """Says a text of so many bytes."""

    size: int


Does: TypeAlias = Answers | Hangs | Runs | Meets | Chats


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One subagent."""

    id: str
    does: Does = field(default_factory=Answers)
    keys: Mapping[str, Any] = field(default_factory=dict)
    """Further keys of the agent in the workflow file."""

    @property
    def told(self) -> str:
        """What it is told, by which it is known."""
        return f"Play the part of {self.id}."


class Serve(Protocol):
    def __call__(self, vendor: str, *scripts: model.Script) -> ModelServer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Theatre:
    """What the parts are played with; the fixture `theatre`."""

    serve: Callable[[], Serve]
    """Asked for by real programs alone."""
    clis: Callable[[], Path]
    inside: Callable[[], NetworkNamespace]
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A team that can be run."""

    stage: Stage
    parts: tuple[Part, ...]
    server: ModelServer | None

    def wait_until_hangs(self, running: Running, id: str, *, times: int = 1) -> None:
        """Until the agent `id`, in this run for the first time and altogether for the n-th, hangs."""
        until(lambda: running.goes_on() and self._hangs(running, id, times), f"words of {id}")

    def _hangs(self, running: Running, id: str, times: int) -> bool:
        if self.server is not None:
            number = next(number for number, part in enumerate(self.parts) if part.id == id)
            answered = [(one.script, one.answered) for one in self.server.exchanges]
            if answered.count((number, "Silence")) < times:
                return False
        return SAID in running.words(id)

    def behind(self, folder: Path) -> Play:
        """The same with the programs of `folder` first in PATH."""
        path = os.pathsep.join([str(folder), self.stage.env["PATH"]])
        return replace(self, stage=replace(self.stage, env={**self.stage.env, "PATH": path}))

    def check_transcript(self, running: Running, id: str) -> None:
        """All is there that an agent said before it hung, in whole lines; and how it ended."""
        stream = running.stream(id)
        assert stream.endswith("\n")
        assert all(json.loads(line) for line in stream.splitlines())
        assert SAID in running.words(id)
        assert set(running.ending(id)) == {"cause", "exit_code", "message", "runtime_ms", "left_behind"}

    def check_nothing_left(self) -> None:
        """No process, no private home, and in no file of the project a key."""
        assert self.stage.alive() == []
        assert self.stage.private() == []
        for path in (path for path in self.stage.folder.rglob("*") if path.is_file()):
            assert KEY.encode() not in path.read_bytes(), path


def make_play(theatre: Theatre, vendor: str, *parts: Part, **more: Any) -> Play:
    """The team, with `vendor` for every agent; `more` are keys of its workflow."""
    match vendor:
        case "command":
            return _of_commands(theatre, parts, more)
        case "function":
            return _of_functions(theatre, parts, more)
    return _of_programs(theatre, vendor, parts, more)


# The real programs.


def _of_programs(theatre: Theatre, vendor: str, parts: tuple[Part, ...], more: Mapping[str, Any]) -> Play:
    server = theatre.serve()(vendor, *map(_script, parts))
    pointing = home_and_env(vendor, server.url, retries=0)
    entry = {"model": pointing.model, "env": [*pointing.env, MARK]}
    files = {_NOTES: f"{_NOTED}\n"}
    if pointing.files:
        entry["home"] = ".ci/home"
        files |= {f".ci/home/{name}": text for name, text in pointing.files.items()}
    folder = theatre.folder / "project"
    make_project(folder, _workflow(vendor, parts, entry, more), files)
    command = (sys.executable, "-m", "pytest", "--subagents", "-p", "no:cacheprovider")
    env = {**environment(folder, theatre.clis()), **pointing.env}
    stage = Stage(folder=folder, start=theatre.inside().command(command), env=env)
    return Play(stage=stage, parts=parts, server=server)


def _script(part: Part) -> model.Script:
    answer = model.Answer(text=json.dumps(ANSWER))
    looks = model.Turn(actions=(model.Say(text=SAID), model.Use(tool=model.ReadFile(path=_NOTES), returns=_NOTED)))
    expect = Expect()
    match part.does:
        case Answers():
            turns: tuple[model.Turn, ...] = (model.Turn(actions=(answer,)),)
        case Chats(size=size):
            turns = (model.Turn(actions=(model.Say(text=_long_text(size)),)),)
        case Meets(faults=faults, key=True):
            turns = (looks, model.Turn(actions=(answer,), faults=faults))
        case Meets(faults=faults, key=False):
            turns, expect = (model.Turn(actions=(answer,), faults=faults),), Expect(authorised=False)
        case Hangs(times=times):
            turns = (looks, model.Turn(actions=(answer,), faults=(Silence(times=times),)))
        case Runs(command=command, prints=prints, then=then):
            use = model.Use(tool=model.Shell(command=command), returns=prints, fails=None)
            faults = (Silence(times=then.times),) if isinstance(then, Hangs) else ()
            turns = (model.Turn(actions=(model.Say(text=SAID), use)), model.Turn(actions=(answer,), faults=faults))
    return model.Script(turns=turns, match=part.told, expect=expect, complete=False)


def _long_text(size: int) -> str:
    """Nothing that repeats itself: Gemini would ask another model what to do about that."""
    return "".join(f"{number} " for number in range(size))[:size]


# Any other program.


def _of_commands(theatre: Theatre, parts: tuple[Part, ...], more: Mapping[str, Any]) -> Play:
    scripts = [script for part in parts for script in _steps(part)]
    agent = ScriptedAgent(theatre.folder / "agent", scripts=scripts)
    commands = [_with(part, command=list(agent.command)) for part in parts]
    return _local(theatre, "command", commands, {}, more)


def _steps(part: Part) -> list[Script]:
    answers = Script(prompt_has=part.told, steps=(steps.Answer(ANSWER),))
    match part.does:
        case Answers():
            return [answers]
        case Hangs(times=times):
            speaks = Script(prompt_has=part.told, steps=(steps.Say(SAID), *answers.steps))
            return [Script(prompt_has=part.told, times=times, steps=(steps.Say(SAID), steps.Hang())), speaks]
        case Runs(command=command, then=then):
            begins = (steps.Say(SAID), steps.Run(command, really=True))
            last = steps.Hang() if isinstance(then, Hangs) else steps.Answer(ANSWER)
            return [Script(prompt_has=part.told, steps=(*begins, last))]
        case Chats(size=size):
            return [Script(prompt_has=part.told, steps=(steps.Say("x" * size), *answers.steps))]
        case Meets():
            raise ValueError("a program of its own has no provider that a test could script")


# Functions.

_FUNCTIONS: Final = """\
import os
import subprocess
import time
from pathlib import Path

ANSWER = {answer!r}
STARTS = Path({starts!r})


def answers(call):
    return ANSWER


def hangs(call, times):
    starts = STARTS / call.agent
    started = int(starts.read_text()) if starts.exists() else 0
    starts.write_text(str(started + 1))
    call.emit.message({said!r})
    if started < times:
        time.sleep(600)
    return ANSWER


def chats(call, size):
    call.emit.message("x" * size)
    return ANSWER


def runs(call, command, then):
    call.emit.message({said!r})
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    call.emit.tool("shell", arguments={{"command": command}}, output=done.stdout + done.stderr)
    return then(call)

"""


def _of_functions(theatre: Theatre, parts: tuple[Part, ...], more: Mapping[str, Any]) -> Play:
    starts = theatre.folder / "starts"
    starts.mkdir()
    code = _FUNCTIONS.format(answer=ANSWER, said=SAID, starts=str(starts))
    names = {part.id: f"play_{part.id.replace('/', '_')}" for part in parts}
    code += "".join(f"\ndef {names[part.id]}(call):\n    return {_expression(part.does)}\n" for part in parts)
    commands = [_with(part, runner="function", function=f"players:{names[part.id]}") for part in parts]
    return _local(theatre, "command", commands, {"players.py": code}, more)


def _expression(does: Does) -> str:
    match does:
        case Answers():
            return "answers(call)"
        case Hangs(times=times):
            return f"hangs(call, {times})"
        case Runs(command=command, then=then):
            return f"runs(call, {command!r}, lambda call: {_expression(then)})"
        case Chats(size=size):
            return f"chats(call, {size})"
        case Meets():
            raise ValueError("a function has no provider that a test could script")


# What they have in common.


def _with(part: Part, **keys: Any) -> Part:
    return Part(id=part.id, does=part.does, keys={**keys, **part.keys})


def _local(
    theatre: Theatre, vendor: str, parts: Sequence[Part], files: Mapping[str, str], more: Mapping[str, Any]
) -> Play:
    folder = theatre.folder / "project"
    make_project(folder, _workflow(vendor, parts, {"env": [MARK]}, more), files)
    command = (sys.executable, "-m", "pytest", "--subagents", "-p", "no:cacheprovider")
    return Play(stage=Stage(folder=folder, start=command, env=environment(folder)), parts=tuple(parts), server=None)


def _workflow(vendor: str, parts: Sequence[Part], entry: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "workflow": {
            "name": "faults",
            "defaults": {
                "vendor": vendor,
                "limits": {"timeout": f"{PATIENCE:g}s"},
                "retries": {"rate_limit": 0, "provider_error": 0},
            },
            "vendors": {vendor: dict(entry)},
            **more,
        },
        "agents": [{"id": part.id, "instructions": part.told, **part.keys} for part in parts],
    }
