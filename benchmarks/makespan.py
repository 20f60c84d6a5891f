"""How long a team takes, first start to last end, against what scheduling without a cost would need. One command:

    .venv/bin/python benchmarks/makespan.py [--quick] [--rounds 5] [--n 2,4,8,16] [--graphs independent,wave,random]

Every agent is one real process, the same for each contestant: a shell that sleeps, tells when it started and ended, and
answers. How long it sleeps is drawn once (log-normal) and stretched so that it is `--seconds` in the mean, more where
the whole would take less than `--span`. The *ideal* is list scheduling with N places and no cost: of those that may
start, the one with the longest chain behind it. It is computed from the nominal times, so whatever the start and the
end of a process take is overhead, for everybody.

- *ours*: `pytest --subagents --subagents-mode=live -n N`. As on every run but the first, the metadata of recordings say
  how long each took the last time; *ours, first* is the same without them (not by default).
- *load*, *worksteal*: `pytest -n N --dist ...`, a test for each agent, which runs it by `subprocess`. They know nothing
  of dependencies, so a graph is run wave by wave, a pytest run for each level, and the times of the levels are added.
- *pool*: a `ThreadPoolExecutor` of N threads; what needs something is submitted when that has ended, else in the order
  of the file. *pool, ranked* takes of what is ready as the ideal does, so it is the ideal with real processes: how far
  it is from 1.0 tells what this machine, and all else that runs on it, takes.

Booting is excluded: all times are the agents' own. Contestants take turns round by round; *load*, *worksteal*, *pool*
leave after `--other-rounds`. Medians, with the lowest and the highest. *Spawning* is what ours takes from the decision
that an agent starts to its first instruction: of all agents, by N, in percent of the ideal, and of one. Where that is
much, a cell tells of the machine and not of the schedule; so does its load before each run.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import accumulate, count
from pathlib import Path
from typing import Any, Final

from pytest_subagents.testing.scripts import transcript_of
from pytest_subagents.testing.steps import Answer

GOAL: Final = 1.05
LAYERS: Final = (1, 1, 12, 24, 1)
"""Of the wave: the types, what all need, the services, their users, the sum. Each needs all of the layer before."""
_ANSWER: Final = Answer({"status": "success", "summary": "It slept.", "findings": []})
_SLEEPER: Final = """\
began=$EPOCHREALTIME
sleep "$2"
echo "$1 $began $EPOCHREALTIME" >>"$3"
printf '%s' '{told}'
"""
_TESTS: Final = """\
import json, pathlib, subprocess
import pytest

@pytest.mark.parametrize("command", json.loads(pathlib.Path("commands.json").read_text()))
def test_agent(command):
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Of each agent, how long it takes, and which ones it needs; these come before it."""

    seconds: tuple[float, ...]
    needs: tuple[tuple[int, ...], ...]

    def stretched(self, factor: float) -> Graph:
        return Graph(seconds=tuple(round(each * factor, 4) for each in self.seconds), needs=self.needs)

    def after(self) -> list[list[int]]:
        """Of each agent, those that need it."""
        found: list[list[int]] = [[] for _ in self.needs]
        for index, needs in enumerate(self.needs):
            for need in needs:
                found[need].append(index)
        return found

    def chains(self) -> list[float]:
        """Of each agent, what it and the longest chain behind it take."""
        found, after = list(self.seconds), self.after()
        for index in reversed(range(len(found))):
            found[index] += max((found[other] for other in after[index]), default=0.0)
        return found

    def levels(self) -> list[list[int]]:
        level: list[int] = []
        for needs in self.needs:
            level.append(1 + max((level[need] for need in needs), default=-1))
        found: dict[int, list[int]] = defaultdict(list)
        for index, number in enumerate(level):
            found[number].append(index)
        return [found[number] for number in sorted(found)]


@dataclass(frozen=True, slots=True)
class Span:
    began: float
    ended: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What one contestant came to in one round, in seconds."""

    makespan: float
    spawning: float = 0.0
    """Of all agents, until their first instruction."""


def independent(drawn: random.Random) -> Graph:
    return Graph(seconds=_times(64, drawn), needs=((),) * 64)


def wave(drawn: random.Random) -> Graph:
    ends = list(accumulate(LAYERS))
    before = [(), *(tuple(range(end - size, end)) for size, end in zip(LAYERS, ends, strict=True))]
    needs = [before[layer] for layer, size in enumerate(LAYERS) for _ in range(size)]
    return Graph(seconds=_times(sum(LAYERS), drawn), needs=tuple(needs))


def random_dag(drawn: random.Random) -> Graph:
    needs = [tuple(sorted(drawn.sample(range(index), min(index, drawn.randint(0, 3))))) for index in range(200)]
    return Graph(seconds=_times(200, drawn), needs=tuple(needs))


def _times(number: int, drawn: random.Random) -> tuple[float, ...]:
    return tuple(drawn.lognormvariate(0, 0.6) for _ in range(number))


GRAPHS: Final[Mapping[str, Callable[[random.Random], Graph]]] = {
    "independent": independent,
    "wave": wave,
    "random": random_dag,
}


def ideal(graph: Graph, places: int) -> float:
    """What list scheduling takes with so many places, if nothing costs anything."""
    chain, after = graph.chains(), graph.after()
    waits = [len(needs) for needs in graph.needs]
    ready = [(-chain[index], index) for index, number in enumerate(waits) if not number]
    heapq.heapify(ready)
    running: list[tuple[float, int]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < places:
            index = heapq.heappop(ready)[1]
            heapq.heappush(running, (now + graph.seconds[index], index))
        now, ended = heapq.heappop(running)
        for other in after[ended]:
            waits[other] -= 1
            if not waits[other]:
                heapq.heappush(ready, (-chain[other], other))
    return now


class Stage:
    """A folder for one contestant in one round, and the agents in it."""

    def __init__(self, folder: Path, graph: Graph) -> None:
        self.folder = folder
        self.graph = graph
        self._log = folder / "log"
        (folder / "pytest.ini").write_text("[pytest]\n")
        told = transcript_of("subagents_events", _ANSWER).decode()
        (folder / "agent.sh").write_text(_SLEEPER.replace("{told}", told))

    def command(self, index: int) -> list[str]:
        seconds = format(self.graph.seconds[index], "f")
        return ["/bin/bash", str(self.folder / "agent.sh"), f"a{index:03}", seconds, str(self._log)]

    def pytest(self, *arguments: str) -> None:
        """Its output is nobody's concern, unless it fails."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")

    def spans(self) -> dict[str, Span]:
        lines = [line.split() for line in self._log.read_text().splitlines()]
        return {id: Span(float(began), float(ended)) for id, began, ended in lines}

    def span(self, agents: Sequence[int]) -> float:
        """First start to last end of these. What they needed had ended when they started."""
        found = self.spans()
        for index in agents:
            for need in self.graph.needs[index]:
                assert found[f"a{need:03}"].ended <= found[f"a{index:03}"].began, f"{index} came before {need}"
        spans = [found[f"a{index:03}"] for index in agents]
        return max(each.ended for each in spans) - min(each.began for each in spans)


def ours(stage: Stage, places: int, *, times: bool = True) -> Took:
    graph = stage.graph
    agents = [
        {
            "id": f"a{index:03}",
            "instructions": "Sleep.",
            "command": stage.command(index),
            "scope": {"read": ["docs/"]},
            "depends_on": [f"a{need:03}" for need in needs],
        }
        for index, needs in enumerate(graph.needs)
    ]
    head = {"name": "bench", "defaults": {"vendor": "command"}, "execution": {"max_concurrent_agents": places}}
    (stage.folder / "subagents.yaml").write_text(json.dumps({"workflow": head, "agents": agents}))
    if times:
        recordings = stage.folder / "recordings" / "bench"
        recordings.mkdir(parents=True)
        for index, seconds in enumerate(graph.seconds):
            meta = {"exit_code": 0, "format": 1, "runtime_ms": round(seconds * 1000), "vendor": "command"}
            (recordings / f"a{index:03}.meta.json").write_text(json.dumps(meta))
    stage.pytest("--subagents", "--subagents-mode=live", "-n", str(places))
    run: dict[str, Any] = json.loads((stage.folder / ".subagents/latest/run.json").read_text())
    told = {nodeid.rpartition("::")[2]: agent for nodeid, agent in run["agents"].items()}
    spawning = sum(span.began - told[id]["started"] for id, span in stage.spans().items())
    return Took(makespan=stage.span(range(len(graph.needs))), spawning=spawning)


def stock(stage: Stage, places: int, dist: str) -> Took:
    (stage.folder / "test_agents.py").write_text(_TESTS)
    makespan = 0.0
    for level in stage.graph.levels():
        (stage.folder / "commands.json").write_text(json.dumps([stage.command(index) for index in level]))
        stage.pytest("-p", "no:subagents", "-n", str(places), "--dist", dist)
        makespan += stage.span(level)
    return Took(makespan=makespan)


def pool(stage: Stage, places: int, *, ranked: bool) -> Took:
    graph = stage.graph
    after, waits, numbers = graph.after(), [len(needs) for needs in graph.needs], count()
    chains = graph.chains() if ranked else [0.0] * len(waits)
    ready: list[tuple[float, int, int]] = []
    lock = threading.Lock()

    def work() -> int:
        """The first of those that are ready."""
        with lock:
            index = heapq.heappop(ready)[2]
        subprocess.run(stage.command(index), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        return index

    def submit(free: Sequence[int]) -> set[Future[int]]:
        with lock:
            for index in free:
                heapq.heappush(ready, (-chains[index], next(numbers), index))
        return {threads.submit(work) for _ in free}

    with ThreadPoolExecutor(places) as threads:
        running = submit([index for index, number in enumerate(waits) if not number])
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            free = []
            for other in sorted(other for each in done for other in after[each.result()]):
                waits[other] -= 1
                if not waits[other]:
                    free.append(other)
            running |= submit(free)
    return Took(makespan=stage.span(range(len(graph.needs))))


CONTESTANTS: Final[Mapping[str, Callable[[Stage, int], Took]]] = {
    "ours": ours,
    "ours, first": lambda stage, places: ours(stage, places, times=False),
    "load": lambda stage, places: stock(stage, places, "load"),
    "worksteal": lambda stage, places: stock(stage, places, "worksteal"),
    "pool": lambda stage, places: pool(stage, places, ranked=False),
    "pool, ranked": lambda stage, places: pool(stage, places, ranked=True),
}
EVERY: Final = ("ours", "ours, first", "pool, ranked")
"""They take part in every round."""


@dataclass(slots=True)
class Cell:
    """One graph with so many places."""

    name: str
    graph: Graph
    places: int
    ideal: float
    took: dict[str, list[Took]] = field(default_factory=lambda: defaultdict(list))
    loads: list[float] = field(default_factory=list)
    """Of the machine, before each run."""

    @classmethod
    def of(cls, name: str, places: int, options: argparse.Namespace) -> Cell:
        unit = GRAPHS[name](random.Random(name))
        shortest = options.span / ideal(unit, places)
        graph = unit.stretched(max(shortest, options.seconds / statistics.mean(unit.seconds)))
        return cls(name, graph, places, ideal(graph, places))

    def shown(self, name: str) -> str:
        found = [each.makespan / self.ideal for each in self.took.get(name, ())]
        if not found:
            return "-"
        spread = f" ({min(found):.3f}-{max(found):.3f})" if len(found) > 1 else " (1 round)"
        return f"{statistics.median(found):.3f}{spread}"

    def row(self, names: Sequence[str]) -> str:
        told = [self.name, str(self.places), f"{self.ideal:.1f}", f"{statistics.mean(self.graph.seconds):.2f}"]
        held, spawning = "-", "-"
        if mine := self.took.get("ours"):
            held = "yes" if statistics.median(each.makespan for each in mine) <= GOAL * self.ideal else "**no**"
            each = statistics.median(each.spawning for each in mine)
            spawning = f"{each / self.places / self.ideal * 100:.1f} %, {each / len(self.graph.needs) * 1000:.0f} ms"
        load = f"{statistics.median(self.loads):.1f}"
        return f"| {' | '.join([*told, *map(self.shown, names), spawning, load, held])} |"


def compete(cells: Sequence[Cell], names: Sequence[str], options: argparse.Namespace, folder: Path) -> None:
    numbers = count()
    for number in range(options.rounds):
        for cell in cells:
            present = [name for name in names if name in EVERY or number < options.other_rounds]
            first = number % max(1, len(present))
            for name in (*present[first:], *present[:first]):
                stage_folder = folder / f"{next(numbers)}"
                stage_folder.mkdir()
                cell.loads.append(os.getloadavg()[0])
                began = time.monotonic()
                took = CONTESTANTS[name](Stage(stage_folder, cell.graph), cell.places)
                cell.took[name].append(took)
                print(
                    f"round {number + 1}: {cell.name}, N = {cell.places}, {name}: {took.makespan / cell.ideal:.3f} "
                    f"(all in all {time.monotonic() - began:.0f} s; load before {cell.loads[-1]:.1f})",
                    file=sys.stderr,
                    flush=True,
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--other-rounds", type=int, default=2, help="of those that are not ours")
    parser.add_argument("--n", default="2,4,8,16", help="numbers of places")
    parser.add_argument("--graphs", default=",".join(GRAPHS))
    parser.add_argument("--seconds", type=float, default=1.5, help="of an agent, in the mean")
    parser.add_argument("--span", type=float, default=15, help="seconds of an ideal at least")
    parser.add_argument(
        "--contestants", default="ours;load;worksteal;pool;pool, ranked", help=f"of {'; '.join(CONTESTANTS)}"
    )
    parser.add_argument("--quick", action="store_true", help="one round of some 6 s, which says little")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.span = 1, 0.0, 6.0
    names = options.contestants.split(";")
    cells = [
        Cell.of(name, int(places), options) for name in options.graphs.split(",") for places in options.n.split(",")
    ]
    with tempfile.TemporaryDirectory() as folder:
        compete(cells, names, options, Path(folder).resolve())
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs; the makespan by the ideal one, medians of "
        f"{options.rounds} interleaved rounds ({options.other_rounds} of those that are not ours)\n\n"
        f"| graph | N | ideal, s | mean agent, s | {' | '.join(names)} | spawning | load | ours at most {GOAL} |\n"
        f"|---|---|---|---|{'---|' * len(names)}---|---|---|"
    )
    for cell in cells:
        print(cell.row(names))


if __name__ == "__main__":
    main()
