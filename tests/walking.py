"""Does what a page says: writes its files, runs its commands one after the other, and compares what they print."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml
from fenced import Block, Command, commands_of
from walked_pages import NOT_RUN_HERE

_VARYING = (
    (re.compile(r"\b\d+(\.\d+)?(ms|s)\b"), "TIME"),
    (re.compile(r"\b\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}\b"), "RUN"),
    (re.compile(r"(?<![.\w])[0-9a-f]{7,64}\b"), "ID"),
    (re.compile(r"={3,}"), "==="),
    (re.compile(r"#{3,}"), "###"),
    (re.compile(r" {2,}"), "  "),
)
"""What is another one each time, and the blanks and rulers that give way to it."""


@dataclass(kw_only=True, slots=True)
class Walk:
    """One person who follows a page, in a folder of its own."""

    folder: Path
    cwd: Path
    home: Path
    code: int = 0

    def follow(self, blocks: Iterable[Block]) -> None:
        """Writes blocks that are files, runs those that are commands; one that shows an example's file must be it."""
        for block in blocks:
            if block.mark[0] == "file":
                shown = (self.folder / block.mark[1]).read_text(encoding="utf-8")
                assert block.text == shown, f"{block.place}: it is not {block.mark[1]}"
            elif block.title:
                self._write(block)
            else:
                commands = commands_of(block)
                for command, following in zip(commands, (*commands[1:], None), strict=False):
                    self._do(command, asked=following is not None and following.text == "echo $?")

    def _write(self, block: Block) -> None:
        path = self.cwd / block.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")

    def _do(self, command: Command, *, asked: bool) -> None:
        place, text = f"{command.block.place}: {command.text}", command.text
        if text.startswith("cd "):
            self.cwd = self.cwd / text[3:]
        elif text == "echo $?":
            assert command.output.strip() == str(self.code), f"{place}: it was {self.code}"
        elif text == "git push":
            assert command.block.mark in (("ci", "green"), ("ci", "red")), f"{place}: say what CI comes to"
            assert (self.code_in_ci() == 0) == (command.block.mark[1] == "green"), place
        elif not text.startswith(("pip install ", "python3 -m venv ")) and text not in NOT_RUN_HERE:
            done = self.run(text)
            self.code = done.returncode
            assert asked or done.returncode == 0, f"{place}: exited with {done.returncode}\n{done.stdout}"
            assert shown_in(command.output, done.stdout), f"{place}: printed\n{done.stdout}"

    def run(self, text: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """`text` by a shell, without anything of this machine's settings; both streams are one."""
        return subprocess.run(
            ["bash", "-c", text],
            cwd=cwd or self.cwd,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
               for key, value in (("NAME", "You"), ("EMAIL", "you@localhost"))}  # fmt: skip
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return {"PATH": path, "HOME": str(self.home), "LANG": "C.UTF-8", "COLUMNS": "80", **who}

    def code_in_ci(self) -> int:
        """What the job of this repository comes to, run in a clone of it."""
        clone = self.home / "clone"
        shutil.rmtree(clone, ignore_errors=True)
        assert self.run(f"git clone -q . {shlex.quote(str(clone))}").returncode == 0
        (path,) = (clone / ".github/workflows").iterdir()
        (job,) = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        steps = [step["run"] for step in job["steps"] if "run" in step]
        assert steps
        for step in steps:
            if not step.startswith("pip install "):
                done = self.run(step, cwd=clone)
                if done.returncode:
                    return done.returncode
        return 0


def shown_in(page: str, printed: str) -> bool:
    """Whether a page may show this of what was printed: `...` stands for any lines, or for the rest of one.

    What is another one each time (times, runs, commits) is not compared.
    """
    if not page.strip():
        return True
    wanted, given = _plain(page), _plain(printed)
    pieces = [
        "(?:.*\n)*?" if line == "..." else f"{re.escape(line.removesuffix('...'))}{'.*' * line.endswith('...')}\n"
        for line in wanted
    ]
    return re.fullmatch("".join(pieces), "".join(f"{line}\n" for line in given)) is not None


def _plain(text: str) -> list[str]:
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return [line.rstrip() for line in text.strip("\n").splitlines() if line.strip()]
