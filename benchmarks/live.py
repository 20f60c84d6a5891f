"""What supervision of a live agent costs. One command, two tables:

    .venv/bin/python benchmarks/live.py [--rounds 7] [--spawns 60] [--megabytes 100]

The first is one start and end of `/bin/true`, as CPU time of this process, against `posix_spawn` and `waitpid` of the
same program; the contestants take turns call by call, so that each finds the caches as the others leave them. The
second is the capture of much output into a file with each line split, against a loop that reads, writes and splits.
What other processes of the contestant use (the warden; the agent itself) is told beside it. All are medians of rounds.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from pytest_subagents.runners.supervision.order import Order, Watch
from pytest_subagents.runners.supervision.supervise import supervise

TRUE = "/bin/true"
ENV = {"PATH": os.defpath}
LINE = b'{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"' + b"x" * 900 + b'"}}\n'
TALKER = f"""
import os, sys
block = {LINE!r} * 64
left = int(sys.argv[1])
while left > 0:
    view = memoryview(block)[:left]
    left -= len(view)
    while view:
        view = view[os.write(1, view):]
"""
NUMBER = count()


@dataclass(slots=True, kw_only=True)
class Contestant:
    name: str
    run: Callable[[Order], object]
    here: list[float] = field(default_factory=list)
    """CPU seconds of this process in each round."""
    beside: list[float] = field(default_factory=list)
    """CPU seconds of the processes that it started, and of theirs."""


def order(folder: Path, *argv: str) -> Order:
    """Files of its own each time, as supervision writes over none."""
    number = next(NUMBER)
    stdout, stderr, end = (folder / f"{number}-{name}" for name in ("stdout", "stderr", "end"))
    return Order(argv=argv, env=ENV, cwd=folder, stdout=stdout, stderr=stderr, end=end)


def spawn_contestants() -> list[Contestant]:
    def spawned(_: Order) -> None:
        os.waitpid(os.posix_spawn(TRUE, [TRUE], ENV), 0)

    def opened(_: Order) -> None:
        subprocess.run([TRUE], env=ENV, stdin=subprocess.DEVNULL, capture_output=True, check=True)

    def supervised(asked: Order) -> None:
        assert supervise(asked).exit_code == 0

    def watched(asked: Order) -> None:
        assert supervise(asked, watch=lambda size: None).exit_code == 0

    return [
        Contestant(name="posix_spawn + waitpid", run=spawned),
        Contestant(name="subprocess.run with two pipes", run=opened),
        Contestant(name="supervise", run=supervised),
        Contestant(name="supervise with a watcher", run=watched),
    ]


class Follower:
    """Splits what has come since it was last called, as progress and limits do."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0
        self._rest = b""
        self.lines = 0

    def __call__(self, size: int) -> None:
        with open(self._path, "rb", buffering=0) as file:
            file.seek(self._place)
            while self._place < size and (data := file.read(min(262_144, size - self._place))):
                self._place += len(data)
                *lines, self._rest = (self._rest + data).split(b"\n")
                self.lines += len(lines)


def capture_contestants(size: int) -> list[Contestant]:
    def looped(asked: Order) -> None:
        path, lines, rest = asked.stdout, 0, b""
        with (
            open(path, "wb", buffering=0) as file,
            subprocess.Popen(asked.argv, stdout=subprocess.PIPE, bufsize=0) as process,
        ):
            assert process.stdout is not None
            while data := process.stdout.read(262_144):
                file.write(data)
                *found, rest = (rest + data).split(b"\n")
                lines += len(found)
        assert path.stat().st_size == size
        path.unlink()

    def captured(asked: Order, watch: Watch | None) -> None:
        assert supervise(asked, watch=watch).exit_code == 0
        assert asked.stdout.stat().st_size == size
        asked.stdout.unlink()

    return [
        Contestant(name="read + write + split", run=looped),
        Contestant(name="supervise, nobody reads", run=lambda asked: captured(asked, None)),
        Contestant(
            name="supervise, the watcher splits each line", run=lambda asked: captured(asked, Follower(asked.stdout))
        ),
    ]


def beside() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def compete(found: Sequence[Contestant], rounds: int, calls: int, new_order: Callable[[], Order]) -> None:
    """Once before it counts; then each in turn, call by call."""
    for each in found:
        each.run(new_order())
    for _ in range(rounds):
        for each in found:
            each.here.append(0.0)
            each.beside.append(0.0)
        for _ in range(calls):
            for each in found:
                asked = new_order()
                here, others = time.process_time(), beside()
                each.run(asked)
                each.here[-1] += (time.process_time() - here) / calls
                each.beside[-1] += (beside() - others) / calls


def table(title: str, found: Sequence[Contestant]) -> None:
    reference = statistics.median(found[0].here)
    print(f"\n{title}\n\n| what | CPU ms of this process | x the first | CPU ms of all others |\n|---|---|---|---|")
    for each in found:
        here, others = statistics.median(each.here), statistics.median(each.beside)
        spread = f"{min(each.here) * 1000:.2f} to {max(each.here) * 1000:.2f}"
        print(f"| {each.name} | {here * 1000:.2f} ({spread}) | {here / reference:.2f} | {others * 1000:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--spawns", type=int, default=60, help="calls a round in the first table")
    parser.add_argument("--megabytes", type=int, default=100)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, medians of {options.rounds} interleaved rounds")
    with tempfile.TemporaryDirectory() as name:
        spawns = spawn_contestants()
        compete(spawns, options.rounds, options.spawns, lambda: order(Path(name), TRUE))
        table("One start and end", spawns)
        size = options.megabytes * 1_000_000
        captures = capture_contestants(size)
        talker = (sys.executable, "-I", "-S", "-c", TALKER, str(size))
        compete(captures, options.rounds, 1, lambda: order(Path(name), *talker))
        table(f"Capture of {options.megabytes} MB in lines of 1 kB", captures)


if __name__ == "__main__":
    main()
