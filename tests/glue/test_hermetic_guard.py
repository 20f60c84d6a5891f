"""In replay no test starts an agent by itself, by whatever way; nothing else is in anybody's way."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator

import pytest
from live_team import LiveTeam

from pytest_subagents.glue import hermetic

WAYS = {
    "run": "subprocess.run(['codex', 'exec', 'hello'])",
    "path": "subprocess.run([BIN / 'claude', '-p'])",
    "shell": "subprocess.run('cd / && codex exec', shell=True)",
    "executable": "subprocess.Popen(['x'], executable=str(BIN / 'gemini'))",
    "system": "os.system('opencode run hello')",
    "spawn": "os.waitpid(os.posix_spawn(BIN / 'codex', ['codex'], os.environ), 0)",
    "asyncio": "asyncio.run(asyncio_way())",
    "asyncio_shell": "asyncio.run(asyncio_shell_way())",
    "execvp": "os.execvp('claude', ['claude', '-p'])",
    "launcher": "subprocess.run(['env', 'A=1', 'timeout', '-k', '5', '10s', 'codex', 'exec'])",
    "npx": "subprocess.run('npx -y @anthropic-ai/claude-code@latest -p', shell=True)",
    "caught": "caught()",
    "fixture": "request.getfixturevalue('from_fixture')",
}

TESTS = """
import asyncio, os, pathlib, subprocess
import pytest

BIN = pathlib.Path({bin!r})

async def asyncio_way():
    await asyncio.create_subprocess_exec("codex", "exec")

async def asyncio_shell_way():
    await asyncio.create_subprocess_shell("A=1 claude -p hello")

def caught():
    try:
        subprocess.run(["codex"])
    except Exception:
        pass

@pytest.fixture
def from_fixture():
    caught()

@pytest.mark.parametrize("way", {ways!r}.items(), ids=lambda way: way[0])
def test_it(way, request):
    eval(way[1], globals() | {{"request": request}})
"""

HARMLESS = """
import subprocess, os, sys

def test_other_programs():
    subprocess.run(["echo", "codex", "claude"], check=True)
    subprocess.run("echo codex; echo 'a && claude'; test -n codex || true", shell=True, check=True)
    subprocess.run(["sh", "-c", "echo codex # claude -p"], check=True)
    subprocess.run(["env", "A=codex", "nice", "-n", "5", "echo", "codex"], check=True)
    subprocess.run([sys.executable, "-c", "pass", "codex"], check=True)
    assert os.system("git --version > codex.txt") == 0
    os.waitpid(os.posix_spawn("/bin/echo", ["echo", "gemini"], os.environ), 0)
"""


@pytest.fixture
def programs(live_team: LiveTeam, monkeypatch: pytest.MonkeyPatch) -> LiveTeam:
    """Programs with the names of the vendors', which leave a mark when they run."""
    folder = live_team.outside / "bin"
    folder.mkdir()
    for name in ("codex", "claude", "gemini", "opencode", "npx"):
        path = folder / name
        path.write_text(f"#!/bin/sh\necho {name} >> {live_team.outside}/ran\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return live_team


def _tests(team: LiveTeam) -> None:
    team.write("test_it.py", TESTS.format(bin=str(team.outside / "bin"), ways=WAYS))


@pytest.mark.parametrize("how", [[], ["-n", "2"]], ids=["alone", "n2"])
def test_an_attempt_fails_the_test_that_makes_it(programs: LiveTeam, how: list[str]) -> None:
    _tests(programs)
    result = programs.run("-q", *how)
    result.assert_outcomes(failed=len(WAYS))
    assert not (programs.outside / "ran").exists()
    result.stdout.fnmatch_lines(["*codex would have been started in replay, which starts no agent; run it by a sub*"])


def test_in_a_live_mode_and_without_subagents_a_test_may(programs: LiveTeam) -> None:
    ways = {name: WAYS[name] for name in ("run", "system", "asyncio")}
    programs.write("test_it.py", TESTS.format(bin=str(programs.outside / "bin"), ways=ways))
    programs.run("--subagents-mode=live").assert_outcomes(passed=3)
    programs.run(on=False).assert_outcomes(passed=3)
    assert len((programs.outside / "ran").read_text(encoding="utf-8").split()) == 6


def test_other_programs_are_not_affected(programs: LiveTeam) -> None:
    programs.write("test_it.py", HARMLESS)
    programs.run().assert_outcomes(passed=1)
    assert not (programs.outside / "ran").exists()


@pytest.fixture
def guarded() -> Iterator[None]:
    hermetic.guard(["codex", "claude"])
    yield
    hermetic.unguard()


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize(
    "line",
    [
        "codex",
        "/opt/bin/codex exec",
        "A=1 B='x y' codex",
        "true; codex",
        "(codex exec)",
        "if codex; then true; fi",
        "echo `codex exec`",
        "x=$(codex exec)",
        "cat prompt | codex exec -",
        "true\ncodex",
        "sudo -u me codex",
        "xargs -n1 codex < files",
        'bash -lc "cd x && codex exec"',
        "npx @openai/codex@0.169.0",
    ],
)
def test_a_shell_is_looked_through(line: str) -> None:
    with pytest.raises(hermetic.AgentStarted, match="codex would have been started"):
        sys.audit("os.system", os.fsencode(line))


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize(
    "line",
    [
        "", "echo codex", "grep -r codex .", "git commit -m 'codex exec'", "./mycodex", "codex.sh", "ls codex/",
        "pip install codex", "echo ${HOME} codex", "make codex", "which codex", "echo 'unended codex",
        "timeout 5 echo codex", "bash codex.sh", "export codex=1",
    ],
)  # fmt: skip
def test_words_that_start_nothing_are_let_be(line: str) -> None:
    sys.audit("os.system", os.fsencode(line))
    sys.audit("subprocess.Popen", "/bin/sh", ["/bin/sh", "-c", line], None, None)


def test_a_guard_within_a_guard_leaves_the_outer_one_in_place() -> None:
    hermetic.guard(["codex"])
    hermetic.guard(["codex"])
    hermetic.unguard()
    try:
        with pytest.raises(hermetic.AgentStarted):
            subprocess.run(["codex"], check=False)
    finally:
        hermetic.unguard()
    with pytest.raises(FileNotFoundError):
        subprocess.run(["codex"], check=False, env={"PATH": "/nowhere"})
