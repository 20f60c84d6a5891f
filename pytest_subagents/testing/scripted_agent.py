"""A program that behaves as a script says, in place of a vendor's, for tests of one's own workflow.

    from pytest_subagents.testing.scripted_agent import ScriptedAgent
    from pytest_subagents.testing.steps import Answer, Run, Say

    agent = ScriptedAgent(tmp_path / "agent", Say("I look."), Run("ls", output="a.py"), Answer({"status": ...}))

It is a real executable: as `command` of a subagent (`agent.command`), or first on PATH under the name of a vendor's
program (`agent.install_as("codex", folder)`). It needs the Python that made it, and nothing but the standard library.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest_subagents
from pytest_subagents.testing.scripted.asked import CLIS, Cli
from pytest_subagents.testing.scripted.speakers.registry import ADDRESSES
from pytest_subagents.testing.scripts import Script, check_script
from pytest_subagents.testing.steps import Step, as_json

_PLAYER: Final = """\
import sys

sys.path.insert(0, {root!r})
from pytest_subagents.testing.scripted.play import main

sys.exit(main({script!r}, sys.argv[1], sys.argv[2:]))
"""
_LAUNCHER: Final = """\
#!/bin/sh
exec {python} -I -S {player} {name} "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One start of a scripted agent, as it was seen from inside."""

    name: str
    """What it was called: `codex`, or `agent` where it is a `command`."""
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    cwd: Path
    prompt: str
    script: int
    """The number of the script that was played, counted from 0; -1 where none was left."""
    pid: int
    left: tuple[int, ...] = ()
    """The processes that it left behind, or went on in."""


class ScriptedAgent:
    """A scripted agent in `folder`, which is made and is its own.

    Either `steps` are what it does each time, or `scripts` say what it does for which prompt and how often. `dialect`
    is a key of `pytest_subagents.testing.scripted.speakers.registry.ADDRESSES`; by default the one of the program that
    it is installed as, else `subagents_events`. `versions` are what programs answer to `--version`, where it is not
    the version that their dialect is known of. Raises `ValueError` for what no agent can do.
    """

    def __init__(
        self,
        folder: Path,
        *steps: Step,
        scripts: Sequence[Script] = (),
        dialect: str | None = None,
        model: str = "scripted-model",
        versions: Mapping[str, str] | None = None,
    ) -> None:
        if dialect is not None and dialect not in ADDRESSES:
            raise ValueError(f"no agent speaks {dialect!r}; known are {', '.join(sorted(ADDRESSES))}")
        if steps and scripts:
            raise ValueError("give steps or scripts, not both")
        self.folder = folder.absolute()
        self._scripts = tuple(scripts) or (Script(steps=steps),)
        self._dialect = dialect
        for script in self._scripts:
            check_script(script, self._spoken("agent"))
        (self.folder / "calls").mkdir(parents=True)
        self._write_script(model, versions or {})
        self.executable: Final = self._launcher(self.folder / "agent", "agent")
        """A program that takes its prompt from standard input, or from the file that its last argument names."""

    @property
    def command(self) -> tuple[str, ...]:
        """The `command` of a subagent whose vendor is `command`."""
        return (str(self.executable), "{prompt_file}")

    @property
    def answering_command(self) -> tuple[str, ...]:
        """The same, with the final message in the file that the vendor `command` asks for."""
        return (*self.command, "--answer-to={output_file}")

    def install_as(self, name: str, folder: Path) -> Path:
        """A program called `name` in `folder`, which is to stand first in PATH; what it is, `CLIS` tells by the name.

        It accepts whatever arguments it gets, answers `--version` as the vendor's program does, and speaks its dialect.
        """
        for script in self._scripts:
            check_script(script, self._spoken(name))
        folder.mkdir(parents=True, exist_ok=True)
        return self._launcher(folder.absolute() / name, name)

    def calls(self) -> tuple[Call, ...]:
        """Every start so far, in order; `--version` is none."""
        found = sorted((int(path.stem), path) for path in (self.folder / "calls").glob("*.json") if path.stem.isdigit())
        return tuple(_call(path) for _, path in found if path.stat().st_size)

    def _spoken(self, name: str) -> str:
        return self._dialect or CLIS.get(name, Cli()).dialect

    def _write_script(self, model: str, versions: Mapping[str, str]) -> None:
        scripts = [
            {
                "steps": [as_json(step) for step in script.steps],
                "prompt_has": script.prompt_has,
                "times": script.times,
            }
            for script in self._scripts
        ]
        given = {"dialect": self._dialect, "model": model, "versions": dict(versions), "scripts": scripts}
        script_file = self.folder / "script.json"
        script_file.write_text(json.dumps(given), encoding="utf-8")
        root = str(Path(pytest_subagents.__file__).parent.parent)
        player = _PLAYER.format(root=root, script=str(script_file))
        (self.folder / "player.py").write_text(player, encoding="utf-8")

    def _launcher(self, path: Path, name: str) -> Path:
        python, player = shlex.quote(sys.executable), shlex.quote(str(self.folder / "player.py"))
        path.write_text(_LAUNCHER.format(python=python, player=player, name=shlex.quote(name)), encoding="utf-8")
        path.chmod(0o755)
        return path


def _call(path: Path) -> Call:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    left = path.with_suffix(".left")
    return Call(
        name=told["name"],
        arguments=tuple(told["arguments"]),
        environment=told["environment"],
        cwd=Path(told["cwd"]),
        prompt=told["prompt"],
        script=told["script"],
        pid=told["pid"],
        left=tuple(int(pid) for pid in left.read_text(encoding="utf-8").split()) if left.exists() else (),
    )
