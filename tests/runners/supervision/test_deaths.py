"""Whoever dies, of worker, warden and agent: nothing lives on, and what was said is on disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest
from runners.supervision.scene import PATIENCE, SOON, Running, Scene, is_gone, until, wardens

from pytest_subagents.model import limits
from pytest_subagents.runners.supervision import warden_process
from pytest_subagents.runners.supervision.ending_record import read_ending
from pytest_subagents.runners.supervision.supervise import supervise

WORKER = """
import json, os, signal, sys
from pathlib import Path
from pytest_subagents.runners.supervision.order import Bounds, Order
from pytest_subagents.runners.supervision.supervise import supervise

folder, argv, env, bounds, forks = json.loads(sys.argv[1])
folder = Path(folder)

def watch(size):
    if forks and not (folder / "forked").exists():
        if pid := os.fork():
            (folder / "forked.tmp").write_text(str(pid)); (folder / "forked.tmp").rename(folder / "forked")
        else:
            while True: signal.pause()

order = Order(argv=tuple(argv), env=env, cwd=folder, stdout=folder / "stdout.jsonl", stderr=folder / "stderr.txt",
              end=folder / "end.json", bounds=Bounds(**bounds))
try:
    print(supervise(order, watch=watch if forks else None).cause)
except BaseException as error:
    pid = (folder / "ready").read_text()
    print(type(error).__name__, "alive" if os.path.exists("/proc/" + pid) else "gone", (folder / "end.json").exists())
"""

COUNTING = """
def last(*_):
    tell('last', str(number)); os._exit(0)
number = 0
signal.signal(signal.SIGTERM, last)
tell('ready', str(os.getpid()))
while True:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    number += 1; say(str(number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
"""


class Worker:
    """A process that supervises an agent, to be killed."""

    def __init__(self, scene: Scene, code: str, *, forks: bool = False, **bounds: float) -> None:
        order = [str(scene.folder), scene.command(code), scene.env(), {"grace": 20.0} | bounds, forks]
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, json.dumps(order)], stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def warden(self) -> int:
        (warden,) = until(lambda: wardens(self.process.pid), "the warden")
        return warden.pid

    def printed(self) -> str:
        printed, _ = self.process.communicate(timeout=PATIENCE)
        return str(printed).strip()


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    found: list[Worker] = []
    yield found
    for worker in found:
        worker.process.kill()
        worker.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_dies_takes_its_agent_along_and_loses_nothing(
    scene: Scene, workers: list[Worker], number: signal.Signals
) -> None:
    worker = Worker(scene, COUNTING)
    workers.append(worker)
    pid, warden = scene.told_pid("ready"), worker.warden()
    until(lambda: scene.stdout.stat().st_size > 10_000, "some output")
    worker.process.send_signal(number)
    ending = until(lambda: read_ending(scene.end), "the ending")
    assert (ending.cause, ending.exit_code) == ("stopped", 0)
    assert ending.message == "the process that ran it is gone"
    assert is_gone(pid)
    until(lambda: is_gone(warden), "the end of the warden")
    lines = scene.said().split(b"\n")
    assert lines == [str(number).encode() for number in range(1, int(scene.told("last")) + 1)] + [b""]


def test_a_worker_whose_fork_holds_its_pipes_dies_all_the_same(scene: Scene, workers: list[Worker]) -> None:
    worker = Worker(scene, "say('x'); tell('ready', str(os.getpid())); for_ever()", forks=True)
    workers.append(worker)
    fork = scene.told_pid("forked")
    try:
        worker.process.kill()
        assert until(lambda: read_ending(scene.end), "the ending").cause == "stopped"
        assert is_gone(scene.told_pid("ready"))
    finally:
        os.kill(fork, signal.SIGKILL)


def test_a_worker_killed_with_a_deaf_agent_and_a_daemon(scene: Scene, workers: list[Worker]) -> None:
    code = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork(): os._exit(0)\n"
        "    tell('daemon', str(os.getpid())); for_ever()\n"
        "os.wait(); tell('ready', str(os.getpid())); for_ever()"
    )
    workers.append(Worker(scene, code, grace=SOON))
    pids = [scene.told_pid("ready"), scene.told_pid("daemon")]
    workers[0].process.kill()
    ending = until(lambda: read_ending(scene.end), "the ending")
    assert (ending.exit_code, ending.left_behind) == (-9, 1)
    assert all(map(is_gone, pids))


def test_ctrl_c_in_the_worker_ends_the_agent_before_it_is_raised_again(scene: Scene, workers: list[Worker]) -> None:
    worker = Worker(scene, "say('x'); tell('ready', str(os.getpid())); for_ever()")
    workers.append(worker)
    scene.told("ready")
    worker.process.send_signal(signal.SIGINT)
    assert worker.printed() == "KeyboardInterrupt gone True"
    ending = read_ending(scene.end)
    assert ending is not None
    assert (ending.cause, ending.message) == ("stopped", "it was interrupted: KeyboardInterrupt")


def test_a_second_ctrl_c_does_not_wait_for_the_grace(scene: Scene, workers: list[Worker]) -> None:
    code = "signal.signal(signal.SIGTERM, lambda *_: tell('asked'))\ntell('ready', str(os.getpid())); for_ever()"
    worker = Worker(scene, code, grace=600.0)
    workers.append(worker)
    scene.told("ready")
    worker.process.send_signal(signal.SIGINT)
    scene.told("asked")
    worker.process.send_signal(signal.SIGINT)
    assert worker.printed() == "KeyboardInterrupt gone True"


def test_what_the_watcher_raises_is_raised_once_the_agent_is_gone(scene: Scene) -> None:
    def watch(size: int) -> None:
        raise LookupError("a fault of the watcher")

    with pytest.raises(LookupError, match="a fault of the watcher"):
        scene.run("say('x'); tell('ready', str(os.getpid())); for_ever()", watch=watch)
    assert scene.alive() == []
    ending = read_ending(scene.end)
    assert ending is not None
    assert ending.cause == "stopped"


def test_a_warden_that_is_asked_to_end_ends_its_agent(scene: Scene) -> None:
    running = Running(scene.agent("say('x'); tell('ready'); for_ever()"))
    scene.told("ready")
    wardens()[0].terminate()
    ending = running.ending()
    assert (ending.cause, ending.exit_code, ending.message) == ("stopped", -15, "its warden got SIGTERM")


LOST = {
    "one process": "",
    "a deaf child": "if os.fork() == 0: [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]; for_ever()\n",
    "a daemon": (
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork(): os._exit(0)\n"
        "    tell('other', str(os.getpid())); for_ever()\n"
        "os.wait()\n"
    ),
    "a child without the mark": (
        "if os.fork() == 0:\n"
        "    tell('other', str(os.getpid()))\n"
        f"    os.execve({sys.executable!r}, ['python', '-I', '-S', '-c', 'import signal; signal.pause()'], {{}})\n"
    ),
}


@pytest.mark.parametrize("code", LOST.values(), ids=LOST)
def test_where_the_warden_is_killed_the_worker_ends_the_tree(scene: Scene, code: str) -> None:
    told = "while not os.path.exists('other'): time.sleep(0.01)\n" if "'other'" in code else ""
    running = Running(scene.agent(code + told + "say('x'); tell('ready', str(os.getpid())); for_ever()"))
    pids = [scene.told_pid("ready"), *([scene.told_pid("other")] if told else [])]
    until(lambda: scene.stdout.stat().st_size, "its words on disk")
    wardens()[0].kill()
    ending = running.ending()
    assert (ending.cause, ending.exit_code, ending.message) == ("lost", None, "its warden was ended by signal 9")
    assert all(map(is_gone, pids))
    assert scene.alive() == []
    assert read_ending(scene.end) == ending
    assert scene.said() == b"x\n"


def test_a_warden_that_does_not_answer_is_taken_for_dead(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WARDEN_SECONDS", 0.0)
    monkeypatch.setattr(limits, "KILL_SECONDS", SOON)
    running = Running(scene.agent("say('x'); tell('ready'); for_ever()", grace=0.0), stop=scene.stop)
    scene.told("ready")
    wardens()[0].suspend()
    scene.stop.ask("enough")
    ending = running.ending()
    assert (ending.cause, ending.message) == ("lost", "its warden did not answer")
    assert scene.alive() == []


def test_a_warden_that_cannot_even_begin_says_why(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden_process, "_ARGUMENTS", ("-I", "-S", "-c", "import no_such_thing"))
    ending = scene.run("tell('ran')")
    assert ending.cause == "lost"
    assert "No module named 'no_such_thing'" in ending.message
    assert not (scene.folder / "ran").exists()


def test_no_process_for_a_warden_is_a_fault_of_the_launch(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    ending = scene.run("tell('ran')")
    assert (ending.cause, ending.message) == ("launch", "no process can be started: No such file or directory")
    assert read_ending(scene.end) == ending


def test_fifty_runs_leave_no_descriptor_and_no_zombie(scene: Scene) -> None:
    def run(name: str) -> None:
        scene.stdout, scene.stderr, scene.end = (scene.folder / f"{name}-{kind}" for kind in ("out", "err", "end"))
        assert supervise(scene.argv("/bin/true"), watch=lambda size: None, stop=scene.stop).exit_code == 0
        scene.stdout, scene.stderr, scene.end = (scene.folder / f"{name}-{kind}" for kind in ("o", "e", "n"))
        assert supervise(scene.argv("/no/such"), stop=scene.stop).cause == "launch"

    run("first")
    before = psutil.Process().num_fds()
    for number in range(25):
        run(str(number))
    assert psutil.Process().num_fds() == before
    assert wardens() == []
    with suppress(ChildProcessError):
        assert os.waitpid(-1, os.WNOHANG) == (0, 0)


def test_an_interrupt_at_any_moment_leaves_nothing(scene: Scene, workers: list[Worker]) -> None:
    """From before the start of the warden to after its end, in steps of half a millisecond."""
    code = """
import json, os, psutil, signal, sys
from pathlib import Path
from pytest_subagents.runners.supervision.order import Order
from pytest_subagents.runners.supervision.supervise import supervise

def interrupt(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupt)
argv, env = json.loads(sys.argv[1])
interrupted = 0
for step in range(100):
    out, err, end = (Path(f"{step}-{name}") for name in ("out", "err", "end"))
    order = Order(argv=tuple(argv), env=env, cwd=Path.cwd(), stdout=out, stderr=err, end=end)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0002 + step / 2000)
        supervise(order, watch=lambda size: None)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        interrupted += 1
    for process in psutil.process_iter():
        try:
            assert process.environ().get("SCENE") != env["SCENE"], step
        except psutil.Error:
            continue
print("interrupted", interrupted > 0)
"""
    argv = json.dumps([scene.command("say('x'); time.sleep(0.02)"), scene.env()])
    done = subprocess.run(
        [sys.executable, "-c", code, argv], cwd=scene.folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.stdout, done.stderr) == ("interrupted True\n", "")
