"""Starting git: one guarded command, bytes in and bytes out."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from pytest_subagents.git.failing import GitError, failed
from pytest_subagents.git.guard import COMMANDS, Settings, environment
from pytest_subagents.git.program import GitProgram
from pytest_subagents.git.quoting import quoted
from pytest_subagents.model import limits
from pytest_subagents.model.value import Value


class Answer(Value, frozen=True, kw_only=True):
    """How a command ended, whatever its exit code."""

    code: int
    stdout: bytes
    stderr: bytes


class Git(Value, frozen=True, kw_only=True):
    """git for one git directory, one work tree and one index, under the guard."""

    program: GitProgram
    cwd: Path
    """Where it is started. Relative paths in arguments count from here."""
    git_dir: Path | None = None
    """None lets git look for one from `cwd` upwards."""
    work_tree: Path | None = None
    index: Path | None = None
    borrows: tuple[Path, ...] = ()
    """Object stores of others, which are read. git sets the time of an object there that it was about to write."""
    settings: Settings = ()
    """Further configuration, which outranks every file and the guard."""
    seconds: float = limits.GIT_SECONDS

    def run(self, *args: str, input: bytes | None = None, check: bool = True, output: Path | None = None) -> bytes:
        """What `git ARGS` wrote to its standard output; `GitError` where it failed.

        `input` is its standard input (nothing, if None). With `output` the bytes go into that file, which is made
        new, and none are given back. `check=False` takes any exit code for an answer.
        """
        answer = self.ask(*args, input=input, output=output)
        if check and answer.code != 0:
            raise failed(args, answer.code, answer.stderr)
        return answer.stdout

    def line(self, *args: str) -> str:
        """The one line that a command answers, without its end; names of files keep bytes that are no UTF-8."""
        return os.fsdecode(self.run(*args).removesuffix(b"\n"))

    def ask(self, *args: str, input: bytes | None = None, output: Path | None = None) -> Answer:
        """How `git ARGS` ended; `GitError` only where it could not be started or did not end in time."""
        if not args or args[0] not in COMMANDS:
            raise ValueError(f"git {' '.join(args[:1])} is not among the commands that are started")
        if output is None:
            return self._ended(args, input, subprocess.PIPE)
        with open(output, "xb", opener=_private) as file:
            return self._ended(args, input, file.fileno())

    def _ended(self, args: tuple[str, ...], input: bytes | None, stdout: int) -> Answer:
        try:
            process = subprocess.Popen(
                [self.program.path, "--no-pager", *args],
                env=self._environment(),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
                stdout=stdout,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise GitError(args, f"it could not be started: {error}") from None
        with process:
            try:
                out, err = process.communicate(input, timeout=self.seconds)
            except subprocess.TimeoutExpired:
                _end(process)
                raise GitError(args, f"it did not end within {self.seconds:g} seconds") from None
            except BaseException:
                _end(process)
                raise
        return Answer(code=process.returncode, stdout=out or b"", stderr=err or b"")

    def _environment(self) -> dict[str, str]:
        places = {"GIT_DIR": self.git_dir, "GIT_WORK_TREE": self.work_tree, "GIT_INDEX_FILE": self.index}
        given = {name: str(path) for name, path in places.items() if path is not None}
        if self.borrows:
            stores = b":".join(quoted(os.fsencode(path)) for path in self.borrows)
            given["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = stores.decode("ascii")
        return {**environment(self.program.search, self.settings), **given}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends git with what it may have started: it is the leader of a session of its own."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    # The pipes may be held open by a process that got away; nobody reads them any more.
    for pipe in (process.stdin, process.stdout, process.stderr):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
    process.wait()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
