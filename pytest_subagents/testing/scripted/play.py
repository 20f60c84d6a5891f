"""The process of a scripted agent: it notes what it was asked, chooses a script and plays it. Standard library only."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pytest_subagents.testing.scripted import acting
from pytest_subagents.testing.scripted.asked import CLIS, Cli, option, prompt_of, wants_version
from pytest_subagents.testing.scripted.speakers.interface import Setting
from pytest_subagents.testing.scripted.speaking import Teller
from pytest_subagents.testing.steps import (
    Answer,
    Change,
    Deny,
    Fail,
    Flood,
    LongLine,
    Raw,
    Retry,
    Run,
    Say,
    Spend,
    Start,
    Step,
    Think,
    Use,
    from_json,
)

_NO_SCRIPT: Final = 70
_RUNS: Final = 100_000
"""Numbers of calls that are tried."""


def main(script: str, name: str, arguments: list[str]) -> int:
    """Plays what the file `script` says, as the program called `name`."""
    given: Mapping[str, Any] = json.loads(Path(script).read_text(encoding="utf-8"))
    cli = _cli(given, name)
    if wants_version(arguments):
        print(cli.version)
        return 0
    prompt = prompt_of(cli, arguments)
    folder = Path(script).parent / "calls"
    number = _number(folder)
    steps, index = _chosen(given["scripts"], prompt, folder)
    told = {"name": name, "arguments": arguments, "environment": dict(os.environ), "cwd": os.getcwd()}
    _note(folder / f"{number}.json", {**told, "prompt": prompt, "script": index, "pid": os.getpid()})
    if steps is None:
        print("scripted agent: no script is left for this prompt", file=sys.stderr)
        return _NO_SCRIPT
    setting = Setting(
        session=option(arguments, "--session-id") or Setting().session,
        model=option(arguments, "--model", "-m") or given["model"],
        cwd=os.getcwd(),
        version=cli.version.split()[0],
        prompt=prompt,
    )
    play = Play(Teller(cli.dialect, setting), folder / f"{number}.left", option(arguments, *cli.answer_options))
    for step in steps:
        play.step(step)
    return 0


class Play:
    """One run."""

    def __init__(self, teller: Teller, left: Path, answer_to: str | None) -> None:
        self._teller = teller
        self._left = left
        self._answer_to = answer_to

    def step(self, step: Step) -> None:
        match step:
            case Run(command=command, really=True):
                self._say(self._teller.command_begins(command))
                output, exit_code = _run(command)
                self._say(self._teller.command_ends(command, output, exit_code))
            case Change(really=True):
                self._change(step)
            case Raw() | Flood() | LongLine(speaks=False):
                acting.act(step, left=self._note)
            case Answer(text=text):
                if self._answer_to:
                    Path(self._answer_to).write_text(text, encoding="utf-8")
                self._say(self._teller.told(step))
            case Fail(kind=kind):
                self._say(self._teller.told(step))
                acting.leave(self._teller.exit_code(kind))
            case Say() | Think() | Run() | Change() | Use() | Deny() | Spend() | Retry() | Start() | LongLine():
                self._say(self._teller.told(step))
            case _:
                acting.act(step, left=self._note)

    def _say(self, lines: Iterable[str]) -> None:
        """Each line by itself, as a program does that flushes."""
        for line in lines:
            acting.write(line.encode("utf-8", "surrogatepass"), "stdout")

    def _change(self, step: Change) -> None:
        path = Path(step.path)
        existed = path.exists()
        if step.text is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8", newline="")
        if step.told:
            kind = "delete" if step.text is None else "update" if existed else "add"
            self._say(self._teller.change(step.path, kind, step.text or ""))  # type: ignore[arg-type]

    def _note(self, pid: int) -> None:
        with suppress(OSError), self._left.open("a", encoding="utf-8") as file:
            file.write(f"{pid}\n")


def _cli(given: Mapping[str, Any], name: str) -> Cli:
    cli = CLIS.get(name, Cli())
    dialect, version = given["dialect"], given["versions"].get(name)
    return replace(cli, dialect=dialect or cli.dialect, version=version or cli.version)


def _chosen(scripts: list[dict[str, Any]], prompt: str, folder: Path) -> tuple[list[Step] | None, int]:
    """The first script that is meant for this prompt and has not been played as often as it may."""
    for index, script in enumerate(scripts):
        if script["prompt_has"] in prompt and _may_play(script["times"], folder / f"script-{index}"):
            return [from_json(step) for step in script["steps"]], index
    return None, -1


def _may_play(times: int | None, place: Path) -> bool:
    """Counts by files that are made at once, since several agents may ask at the same time."""
    return times is None or any(_made(place.with_name(f"{place.name}-play-{play}")) for play in range(times))


def _number(folder: Path) -> int:
    return next((number for number in range(1, _RUNS) if _made(folder / f"{number}.json")), 0)


def _made(path: Path) -> bool:
    """Whether `path` is new. Where nothing can be written, each call is the first."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return False
    except OSError:
        return True
    return True


def _note(path: Path, told: Mapping[str, Any]) -> None:
    """A test reads the file only when it is whole."""
    with suppress(OSError):
        temporary = path.with_suffix(".part")
        temporary.write_text(json.dumps(told), encoding="utf-8")
        os.replace(temporary, path)


def _run(command: str) -> tuple[str, int]:
    import subprocess  # takes as long to import as all the rest, and few scripts need it

    done = subprocess.run(
        ["/bin/sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode("utf-8", "replace"), done.returncode
