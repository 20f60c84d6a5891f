"""Random teams of subagents, and who waits for whom in them, worked out from the documentation alone.

The package is not asked: scopes are taken from a few whose paths are listed; two meet where they have one in common.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Change, Die, Exit, Fail, Hang, Run, Say, Start, Step, Wait

Behaviour: TypeAlias = Literal[
    "good", "declares", "limps", "limited", "prose", "exits", "silent", "dies", "exhausted", "kills", "late"
]
ENDS: Final[Mapping[Behaviour, tuple[str, str | None]]] = {
    "good": ("success", None),
    "limited": ("success", None),
    "declares": ("partial", "declared"),
    "limps": ("partial", "exit_code"),
    "prose": ("failed", "not_json"),
    "exits": ("failed", "incomplete"),
    "silent": ("failed", "launch"),
    "dies": ("failed", "killed"),
    "exhausted": ("failed", "rate_limit"),
    "kills": ("failed", "crashed"),
    "late": ("failed", "crashed"),
}
"""The status of its row, and the kind of the reason that decides. `kills` ends the worker while it works; under `late`
the worker dies when the test has been reported."""
CRASHES: Final = ("kills", "late")
TRIES: Final[Mapping[Behaviour, int]] = {"limited": 2, "exhausted": 2}
"""Where they are not 1."""

_UNIVERSE: Final = [f"d{folder}/f{file}.txt" for folder in range(4) for file in range(3)]
_SCOPES: Final = {
    "d0/": r"d0/.*",
    "d1": r"d1/.*",
    "d2/*.txt": r"d2/.*",
    "*/f1.txt": r".*/f1\.txt",
    "d0/f0.txt": r"d0/f0\.txt",
    "d1/f[02].txt": r"d1/f[02]\.txt",
    "{d2,d3}/f2.txt": r"d[23]/f2\.txt",
    "./d3/": r"d3/.*",
}
"""Globs, and what they match in the universe."""
_WAYS: Final = ((2, False), (3, False), (0, False), (3, True), (1, False), (4, False), (2, True), (2, False))
"""Workers, and whether xdist is told `--dist worksteal`; 0 is one process without xdist's workers."""
_GOOD: Final = {"status": "success", "summary": "Done.", "findings": []}
_KILL_WORKER: Final = "kill -KILL $(ps -o ppid= -p $(ps -o ppid= -p $(ps -o ppid= -p $$)))"
"""The parent of the shell is the agent, its parent the warden, and that one's the worker."""
_USUAL_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A checkpoint."""

    name: str
    writes: str | None
    """The file that it is about; else the agent says so."""
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    id: str
    file: int
    """The number of its workflow file."""
    behaviour: Behaviour = "good"
    depends_on: tuple[str, ...] = ()
    """Ids, or `id@checkpoint`."""
    points: tuple[Point, ...] = ()
    read: tuple[str, ...] | None = None
    write: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    priority: int = 0
    waits: tuple[float, ...] = ()
    """Seconds of work before each checkpoint, and before the end."""

    @property
    def declared(self) -> tuple[str, ...]:
        """The ids of those whose end it waits for because it says so."""
        return tuple(need for need in self.depends_on if "@" not in need)

    @property
    def needed_points(self) -> tuple[tuple[str, str], ...]:
        """Who waits for another one's end waits for no checkpoint of it."""
        pairs = [need.split("@") for need in self.depends_on if "@" in need]
        return tuple((other, point) for other, point in pairs if other not in self.declared)

    @property
    def tries(self) -> int:
        return TRIES.get(self.behaviour, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A team, and how pytest is to run it."""

    seed: int
    agents: tuple[Agent, ...]
    """File by file, as they stand there."""
    workers: int
    worksteal: bool
    without_xdist: bool
    at_once: tuple[int | None, ...]
    """`max_concurrent_agents` of each file."""
    staggers: tuple[bool, ...]
    interface_first: bool
    most: int | None
    """`--subagents-max-concurrency`."""
    maxfail: int | None
    ordinary: int
    """Tests beside them."""
    failing: bool
    """The first of those fails."""
    killing: bool
    """The second of those kills its worker."""

    @property
    def of(self) -> dict[str, Agent]:
        return {agent.id: agent for agent in self.agents}

    def pairs_of_one_file(self) -> Iterable[tuple[Agent, Agent]]:
        """Each once, in the order of the file."""
        for index, first in enumerate(self.agents):
            for second in self.agents[index + 1 :]:
                if first.file == second.file:
                    yield first, second

    def writers(self) -> list[tuple[Agent, Agent]]:
        """Pairs that write a path in common."""
        return [(one, other) for one, other in self.pairs_of_one_file() if _meet(one.write, other.write)]

    def reads(self) -> set[tuple[str, str]]:
        """Writer and reader of a path in common, where that makes the reader wait: not where reading alone goes in a
        circle, and not where readers have an interface."""
        if self.interface_first:
            return set()
        both = [pair for one, other in self.pairs_of_one_file() for pair in ((one, other), (other, one))]
        found = {(writer.id, reader.id) for writer, reader in both if _meet(writer.write, reader.read or ())}
        return {pair for pair in found if pair[0] not in reached(pair[1], found)}

    def said(self) -> set[tuple[str, str]]:
        return {(need.partition("@")[0], agent.id) for agent in self.agents for need in agent.depends_on}

    def arguments(self) -> list[str]:
        spread = ["-n", str(self.workers)] if self.workers else []
        return [
            *(["-p", "no:xdist"] if self.without_xdist else spread),
            *(["--dist", "worksteal"] if self.worksteal else []),
            *([f"--subagents-max-concurrency={self.most}"] if self.most else []),
            *([f"--maxfail={self.maxfail}"] if self.maxfail else []),
        ]

    def limit(self, file: int) -> int:
        return self.at_once[file] or _USUAL_AT_ONCE

    def __str__(self) -> str:
        """Everything about it, for who has to find out what went wrong."""
        more = [name for name in ("interface_first", "failing", "killing") if getattr(self, name)]
        head = f"graph {self.seed}: pytest {' '.join(self.arguments())}, {self.ordinary} tests beside, {more}, "
        return "\n".join([f"{head}at once {self.at_once}, staggers {self.staggers}", *map(_told, self.agents)])


def _told(agent: Agent) -> str:
    names = ("depends_on", "read", "write", "resources", "priority")
    keys = [f"{name}={value}" for name in names if (value := getattr(agent, name))]
    points = [f"[{point.name}{'' if point.passed else ' not passed'}]" for point in agent.points]
    return " ".join([f"  {agent.id} (file {agent.file}) {agent.behaviour}", *keys, *points])


def reached(start: str, pairs: Iterable[tuple[str, str]]) -> set[str]:
    """All that one comes to from `start`, itself where that is a circle."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        here = waiting.pop()
        new = {after for before, after in pairs if before == here} - found
        found |= new
        waiting += new
    return found


def circle_in(pairs: set[tuple[str, str]]) -> set[str]:
    """Those that stand in a circle."""
    return {one for one in {before for before, _ in pairs} if one in reached(one, pairs)}


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    first, second = (
        {path for path in _UNIVERSE for glob in globs if re.fullmatch(_SCOPES[glob], path)} for globs in (one, other)
    )
    return not first.isdisjoint(second)


# --- how they come about


def random_graph(seed: int) -> Graph:
    """The same one for the same seed."""
    rng = random.Random(f"random team {seed}")
    workers, worksteal = _WAYS[seed % len(_WAYS)]
    files = rng.choice([1, 1, 1, 2, 2, 3])
    count = rng.randint(max(3, files), 14)
    numbers = sorted([*range(files), *(rng.randrange(files) for _ in range(count - files))])
    priorities = [rng.choice([0, 0, 0, 1, -1, 2]) for _ in numbers]
    agents = [Agent(id=f"a{n}", file=numbers[n], priority=priorities[n]) for n in range(count)]
    agents = _with_scopes(rng, agents) if rng.random() < 0.6 else agents
    agents = _with_behaviour(rng, agents, workers)
    agents = _with_dependencies(rng, agents)
    shared = rng.random() < 0.4
    for index, agent in enumerate(agents):
        resources = rng.sample(["db", "port", "branch"], rng.choice([0, 1, 1, 2]) if shared else 0)
        waits = [rng.uniform(0, 0.3) for _ in (*agent.points, "end")]
        agents[index] = replace(agent, resources=tuple(resources), waits=tuple(waits))
    ordinary = rng.choice([0, 0, 1, 8, 25])
    graph = Graph(
        seed=seed,
        agents=tuple(agents),
        workers=workers,
        worksteal=worksteal,
        without_xdist=not workers and rng.random() < 0.5,
        at_once=tuple(rng.choice([None, None, 1, 2, 3, 6]) for _ in range(files)),
        staggers=tuple(rng.random() < 0.1 for _ in range(files)),
        interface_first=rng.random() < 0.1,
        most=rng.choice([None, None, None, 1, 2, 3]),
        maxfail=rng.choice([None, None, None, 1, 2]),
        ordinary=ordinary,
        failing=ordinary > 1 and rng.random() < 0.2,
        killing=ordinary > 1 and workers > 0 and rng.random() < 0.2,
    )
    return _without_circles(rng, graph)


def _with_scopes(rng: random.Random, agents: Sequence[Agent]) -> list[Agent]:
    def some(most: int) -> tuple[str, ...]:
        return tuple(rng.sample(list(_SCOPES), rng.randint(1, most)))

    return [
        replace(
            agent,
            write=some(2) if rng.random() < 0.5 else (),
            read=rng.choice([None, (), some(1), some(2)]),
        )
        for agent in agents
    ]


def _with_behaviour(rng: random.Random, agents: Sequence[Agent], workers: int) -> list[Agent]:
    """Never so many crashes that xdist gives up, which is after four for each worker."""
    share = rng.choice([0, 0.1, 0.1, 0.25])
    found: list[Agent] = []
    for agent in agents:
        behaviour: Behaviour = rng.choice(["good", "good", "good", "good", "good", "declares", "limps", "limited"])
        if rng.random() < share:
            behaviour = rng.choice(["prose", "prose", "exits", "silent", "dies", "exhausted"])
        found.append(replace(agent, behaviour=behaviour))
    if workers and rng.random() < 0.35:
        for index in rng.sample(range(len(found)), rng.choice([1, 1, 2])):
            found[index] = replace(found[index], behaviour=rng.choice(["kills", "kills", "late"]))
    return found


def _with_dependencies(rng: random.Random, agents: Sequence[Agent]) -> list[Agent]:
    """On others of their file that come before them in some order, which is not the file's."""
    found = {agent.id: agent for agent in agents}
    order = rng.sample(list(found), len(found))
    for place, id in enumerate(order):
        earlier = [other for other in order[:place] if found[other].file == found[id].file]
        needs = rng.sample(earlier, min(len(earlier), rng.choices([0, 1, 2, 3], [40, 35, 18, 7])[0]))
        told = []
        for need in needs:
            at = ""
            if rng.random() < 0.35 and found[need].behaviour != "silent":
                at = f"@p{rng.randrange(2)}"
                found[need] = _with_point(rng, found[need], at[1:])
            told.append(need + at)
        found[id] = replace(found[id], depends_on=tuple(told))
    return [found[agent.id] for agent in agents]


def _with_point(rng: random.Random, agent: Agent, name: str) -> Agent:
    if any(point.name == name for point in agent.points):
        return agent
    paths = [path for path in _UNIVERSE for glob in agent.write if re.fullmatch(_SCOPES[glob], path)]
    writes = rng.choice(paths) if paths and rng.random() < 0.7 else None
    if any(point.writes is not None and point.writes == writes for point in agent.points):
        writes = None
    point = Point(name=name, writes=writes, passed=rng.random() < 0.85)
    return replace(agent, points=(*agent.points, point))


def _without_circles(rng: random.Random, graph: Graph) -> Graph:
    """A circle that `depends_on` closes is a mistake: somebody in it reads nothing any more."""
    while circle := circle_in(graph.said() | graph.reads()):
        readers = sorted(id for id in circle if graph.of[id].read)
        blind = rng.choice(readers)
        agents = (replace(agent, read=None) if agent.id == blind else agent for agent in graph.agents)
        graph = replace(graph, agents=tuple(agents))
    return graph


# --- what is written for them


def workflow_of(graph: Graph, file: int, command: Sequence[str]) -> str:
    """The text of a workflow file."""
    execution: dict[str, Any] = {"stagger": "0.1s"} if graph.staggers[file] else {}
    if graph.at_once[file] is not None:
        execution["max_concurrent_agents"] = graph.at_once[file]
    head: dict[str, Any] = {
        "name": f"team{file}",
        "defaults": {"vendor": "command", "command": list(command), "retries": {"rate_limit": 1}},
        "execution": execution,
    }
    if graph.interface_first:
        head["coordination"] = {"strategy": "interface-first"}
    agents = [_plain(agent) for agent in graph.agents if agent.file == file]
    return json.dumps({"workflow": head, "agents": agents}, indent=1)


def _plain(agent: Agent) -> dict[str, Any]:
    scope: dict[str, Any] = {"write": list(agent.write)} if agent.write else {}
    if agent.read is not None:
        scope["read"] = list(agent.read)
    pairs = [need.partition("@") for need in agent.depends_on]
    return {
        "id": agent.id,
        "instructions": f"Do {agent.id}.",
        "priority": agent.priority,
        "resources": list(agent.resources),
        "scope": scope,
        "depends_on": [{"agent": other, "checkpoint": point} if point else other for other, _, point in pairs],
        "checkpoints": [
            {"id": each.name, "condition": {"writes": each.writes} if each.writes else {"says": _words(agent, each)}}
            for each in agent.points
        ],
    }


def _words(agent: Agent, point: Point) -> str:
    return f"{agent.id} has passed {point.name}"


def mark_of(folder: Path, id: str, point: str) -> Path:
    """A file that there is from right before the agent passes that checkpoint."""
    return folder / f"{id}-{point}"


def scripts_of(graph: Graph, folder: Path) -> list[Script]:
    """What each does."""
    scripts = []
    for agent in graph.agents:
        prompt = f"Do {agent.id}."
        if agent.behaviour == "limited":
            scripts.append(Script(prompt_has=prompt, times=1, steps=_LIMITED))
        scripts.append(Script(prompt_has=prompt, steps=(*_work(agent, folder), *_end(agent))))
    return scripts


_LIMITED: Final[tuple[Step, ...]] = (Start(), Fail("rate_limit", message="retry after 0 s"))


def _work(agent: Agent, folder: Path) -> Iterable[Step]:
    yield Wait(agent.waits[0])
    for point, seconds in zip(agent.points, agent.waits[1:], strict=True):
        if point.passed:
            yield Change(str(mark_of(folder, agent.id, point.name)), "", told=False)
            yield Change(point.writes, agent.id) if point.writes else Say(f"So {_words(agent, point)}, I think.")
        yield Wait(seconds)


def _end(agent: Agent) -> tuple[Step, ...]:
    match agent.behaviour:
        case "declares":
            return (Answer({**_GOOD, "status": "partial"}),)
        case "limps":
            return (Answer(_GOOD), Exit(3))
        case "prose":
            return (Answer("It is all done."),)
        case "exits":
            return (Say("I give up."), Exit(3))
        case "silent":
            return (Exit(5),)
        case "dies":
            return (Say("I feel ill."), Die("KILL"))
        case "exhausted":
            return _LIMITED
        case "kills":
            return (Run(_KILL_WORKER, really=True), Hang())
        case _:
            return (Answer(_GOOD),)
