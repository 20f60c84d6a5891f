"""What an agent starts ends with it, wherever it moved to."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from runners.supervision.scene import SOON, Running, Scene, is_gone, until

from pytest_subagents.model import limits
from pytest_subagents.runners.supervision import warden_process
from pytest_subagents.runners.supervision.supervise import supervise

DEAF = "for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(s, signal.SIG_IGN)\n"
DAEMON = (
    "def daemon(work):\n"
    "    if os.fork(): os.wait(); return\n"
    "    os.setsid()\n"
    "    if os.fork(): os._exit(0)\n"
    "    work()\n"
    "    os._exit(0)\n"
)
QUIET = "null = os.open(os.devnull, os.O_RDWR); [os.dup2(null, fd) for fd in (0, 1, 2)]\n"


def test_an_agent_that_ignores_term_is_killed(scene: Scene) -> None:
    running = Running(scene.agent(DEAF + "say('x'); tell('ready'); for_ever()", grace=SOON), stop=scene.stop)
    scene.told("ready")
    scene.stop.ask("enough")
    ending = running.ending()
    assert (ending.cause, ending.exit_code, ending.left_behind) == ("stopped", -9, 0)


def test_a_stopped_agent_ends_too(scene: Scene) -> None:
    ending = scene.run("say('x'); os.kill(os.getpid(), signal.SIGSTOP)", idle_timeout=SOON)
    assert (ending.cause, ending.exit_code) == ("idle_timeout", -15)


@pytest.mark.parametrize("quiet", ["", QUIET], ids=["with the pipe", "without the pipe"])
@pytest.mark.parametrize("deaf", ["", DEAF], ids=["polite", "deaf"])
def test_a_daemon_is_found_and_counted(scene: Scene, quiet: str, deaf: str) -> None:
    """It has two dead parents and a session of its own."""
    work = "def work():\n" + "".join(f"    {line}\n" for line in (deaf + quiet).splitlines())
    code = DAEMON + work + "    tell('daemon', str(os.getpid())); for_ever()\ndaemon(work)\n"
    code += "while not os.path.exists('daemon'): time.sleep(0.01)\nsay('done')"
    ending = scene.run(code, grace=SOON)
    assert (ending.cause, ending.exit_code, ending.left_behind) == ("exited", 0, 1)
    assert is_gone(scene.told_pid("daemon"))
    assert scene.said() == b"done\n"


def test_where_orphans_are_not_adopted_they_are_found_by_their_mark(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS; here the warden is told that this Linux cannot do it either."""
    arguments = list(warden_process._ARGUMENTS)
    arguments[3] = arguments[3].replace(
        "from pytest_subagents.runners.supervision.warden.watching",
        "from pytest_subagents.runners.supervision.warden import kernel\n"
        "kernel.adopt_orphans = lambda: False\n"
        "from pytest_subagents.runners.supervision.warden.watching",
    )
    monkeypatch.setattr(warden_process, "_ARGUMENTS", tuple(arguments))
    code = DAEMON + "def work():\n    tell('daemon', str(os.getpid())); for_ever()\ndaemon(work)\n"
    ending = scene.run(code + "while not os.path.exists('daemon'): time.sleep(0.01)")
    assert (ending.cause, ending.exit_code, ending.left_behind) == ("exited", 0, 1)
    assert is_gone(scene.told_pid("daemon"))


def test_what_hides_its_environment_and_its_session_is_found(scene: Scene) -> None:
    code = (
        DAEMON + "def work():\n"
        f"    os.execve({sys.executable!r}, ['python', '-I', '-S', '-c', {'import os,signal;'!r}\n"
        '        \'open("pid", "w").write(str(os.getpid())); os.rename("pid", "daemon"); signal.pause()\'], {})\n'
        "daemon(work)\n"
        "while not os.path.exists('daemon'): time.sleep(0.01)\n"
    )
    ending = scene.run(code)
    assert ending.left_behind == 1
    assert is_gone(scene.told_pid("daemon"))


def test_a_tree_in_sessions_of_its_own_ends_with_a_bound(scene: Scene) -> None:
    code = (
        "for depth in range(5):\n"
        "    tell(f'pid{depth}', str(os.getpid()))\n"
        "    if os.fork(): break\n"
        "    os.setsid()\n"
        "say('x'); for_ever()"
    )
    running = Running(scene.agent(code), stop=scene.stop)
    pids = [scene.told_pid(f"pid{depth}") for depth in range(5)]
    until(lambda: len(scene.alive()) == 6, "the whole tree")
    scene.stop.ask("enough")
    assert running.ending().cause == "stopped"
    assert all(map(is_gone, pids))


def test_a_launcher_that_is_killed_does_not_leave_its_program_behind(scene: Scene) -> None:
    """As the launcher of codex and the first process of gemini do."""
    code = (
        "child = os.fork()\n"
        "if child == 0:\n"
        "    say('working'); tell('binary', str(os.getpid())); for_ever()\n"
        "tell('launcher', str(os.getpid())); os.waitpid(child, 0)"
    )
    running = Running(scene.agent(code))
    binary = scene.told_pid("binary")
    os.kill(scene.told_pid("launcher"), signal.SIGKILL)
    ending = running.ending()
    assert (ending.cause, ending.exit_code, ending.left_behind) == ("exited", -9, 1)
    assert is_gone(binary)
    assert scene.said() == b"working\n"


def test_an_orphan_that_holds_the_pipe_and_talks_on_does_not_hang_us(scene: Scene) -> None:
    code = "if os.fork(): say('root'); tell('x'); os._exit(4)\n" + DEAF + "while True: sys.stdout.write('y' * 1000)"
    ending = scene.run(code, grace=SOON)
    assert (ending.cause, ending.exit_code, ending.left_behind) == ("exited", 4, 1)
    assert b"root\n" in scene.said()


def test_what_goes_by_itself_in_a_moment_is_not_left_behind(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LEFTOVER_SECONDS", 30.0)
    code = (
        "reader, writer = os.pipe()\n"
        "if os.fork(): say('root'); os._exit(0)\n"
        "os.close(writer); os.read(reader, 1); say('child')"
    )
    ending = scene.run(code)
    assert (ending.exit_code, ending.left_behind) == (0, 0)
    assert scene.said() == b"root\nchild\n"


def test_a_process_whose_first_thread_has_ended_is_no_zombie(scene: Scene) -> None:
    code = (
        "import ctypes, platform, threading\n"
        "if os.fork(): os._exit(0)\n"
        + DEAF
        + "threading.Thread(target=lambda: (tell('pid', str(os.getpid())), for_ever_here())).start()\n"
        "ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[platform.machine()], 0)"
    ).replace("for_ever_here()", "[time.sleep(1) for _ in iter(int, 1)]")
    ending = scene.run(code, grace=SOON)
    assert ending.left_behind == 1
    assert is_gone(scene.told_pid("pid"))


def test_what_never_stays_the_same_process_is_outrun(scene: Scene) -> None:
    """Each lives for less than a millisecond and leaves a successor in a new session; TERM means nothing to them."""
    code = (
        DEAF + "for _ in range(2):\n"
        "    if os.fork() == 0:\n"
        "        while True:\n"
        "            if os.fork(): os._exit(0)\n"
        "            os.setsid()\n"
        "say('x'); tell('ready'); for_ever()"
    )
    running = Running(scene.agent(code, grace=0.0), stop=scene.stop)
    scene.told("ready")
    scene.stop.ask("enough")
    ending = running.ending()
    assert (ending.cause, ending.message) == ("stopped", "enough")
    assert scene.alive() == []


def test_a_tree_that_grows_while_it_is_killed(scene: Scene) -> None:
    """Whoever sees a child die starts another one."""
    code = (
        DEAF + "def keep(depth):\n"
        "    while True:\n"
        "        pid = os.fork()\n"
        "        if pid == 0:\n"
        "            os.setsid()\n"
        "            keep(depth + 1) if depth < 4 else (tell('deep'), for_ever())\n"
        "        os.waitpid(pid, 0)\n"
        "keep(0)"
    )
    running = Running(scene.agent(code, grace=0.0), stop=scene.stop)
    scene.told("deep")
    scene.stop.ask("enough")
    assert running.ending().message == "enough"
    assert scene.alive() == []


def test_a_shell_with_a_pipeline_in_the_background(scene: Scene) -> None:
    script = "sleep 1000 | cat & (setsid sleep 1000 &) ; echo started"
    ending = supervise(scene.argv("/bin/sh", "-c", script))
    assert (ending.cause, ending.exit_code, ending.left_behind) == ("exited", 0, 3)
    assert scene.said() == b"started\n"


def test_the_dead_are_reaped_while_the_agent_runs(scene: Scene) -> None:
    code = (
        DAEMON + "for _ in range(20): daemon(lambda: None)\n"
        "def zombies():\n"
        "    found = []\n"
        "    for name in os.listdir('/proc'):\n"
        "        try: fields = open(f'/proc/{name}/stat').read().rpartition(') ')[2].split()\n"
        "        except OSError: continue\n"
        "        if fields[:2] == ['Z', str(os.getppid())]: found.append(name)\n"
        "    return found\n"
        "while zombies(): time.sleep(0.01)\n"
        "say('none')"
    )
    assert scene.run(code, timeout=30).cause == "exited"
    assert scene.said() == b"none\n"
