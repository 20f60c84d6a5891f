"""What plans of very many subagents cost, and what becomes of workflows in which all may meet. One command, two tables:

    .venv/bin/python benchmarks/planning.py [--sizes 1000,10000,100000] [--overlaps 1000,3000,10000]

The first is of teams as they ought to be: ten subagents to a folder, each writes its own part of it, and 1 in 100 has a
path in common with another one (half of these write it, half read it). *Read* is the workflow file from disk; *arrange*
is what each process of a run does; *plan* is `subagents plan`, which simulates a run with 1 to 32 workers; *dispatch*
is one of those simulations, with 16. The costs of an agent are told as ratios to the first size too: 1.0 all the way
would be linear.

The second is of workflows that ought not to be, each the worst of its kind: in all of them every pair of subagents
meets. What counts is that memory and time stay bounded, and what is reported, in words of the plan or the refusal.

Every cell is a process of its own: CPU seconds, and its largest resident set less what it had when all was imported.
One that needs more than `--memory` or `--seconds` is ended and shown as that.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.plan import Facts, Plan
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Execution, Subagent, Workflow
from pytest_subagents.plan.arranging import access_matrix, arranged, tasks_of
from pytest_subagents.plan.ordering import ordering_of
from pytest_subagents.plan.planning import plan_of
from pytest_subagents.plan.simulating import simulated
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.vendors.registry import VENDORS

T = TypeVar("T")
WORKERS = 16
FOLDER = 10
"""Subagents to a folder."""
SHARING = 100
"""One in so many touches a path of another one."""


def in_folders(number: int) -> Subagent:
    folder, place = f"src/m{number // FOLDER:05}", number % FOLDER
    read, write = [f"docs/m{number // FOLDER:05}/"], [f"{folder}/part{place}/**"]
    other = f"{folder}/part{(place + 1) % FOLDER}"
    if number % SHARING == 0:
        read.append(f"{other}/")
    elif number % SHARING == SHARING // 2:
        write.append(f"{other}/shared.py")
    return an_agent(number, read, write)


def an_agent(number: int, read: Iterable[str], write: Iterable[str], resources: tuple[str, ...] = ()) -> Subagent:
    scope = Scope(read=tuple(read), write=tuple(write))
    return Subagent(id=f"a{number:06}", instructions="Do it.", scope=scope, resources=resources)


OVERLAPS: Mapping[str, Callable[[int], Subagent]] = {
    "all write `**`": lambda number: an_agent(number, [], ["**"]),
    "all write `**`, and a file of their own": lambda number: an_agent(number, [], ["**", f"own/{number}.py"]),
    "all write `**/*N*`, each another N": lambda number: an_agent(number, [], [f"**/*{number}*"]),
    "all read `**`, and write a file of their own": lambda number: an_agent(number, ["**"], [f"own/{number}.py"]),
    "all read `**` and another file, and write one": lambda number: an_agent(
        number, ["**", f"docs/{number}.md"], [f"own/{number}.py"]
    ),
    "all need one resource": lambda number: an_agent(number, [], [], ("db",)),
}


def a_workflow(agent: Callable[[int], Subagent], count: int) -> Workflow:
    execution = Execution(max_concurrent_agents=WORKERS)
    return Workflow(name="bench", agents=tuple(map(agent, range(count))), where="subagents.yaml:1", execution=execution)


def times_of(workflow: Workflow) -> dict[str, Facts]:
    """As recordings would tell them: a minute or two, now and then ten."""
    drawn = random.Random(0)
    return {
        agent.id: Facts(runtime_ms=int(60_000 * drawn.lognormvariate(0, 0.6)), source="recording")
        for agent in workflow.agents
    }


class Meter:
    """CPU seconds of steps of this process, and how much it has grown at most."""

    def __init__(self) -> None:
        self._base = _resident()
        self.told: dict[str, Any] = {}

    def step(self, name: str, work: Callable[[], T]) -> T:
        began = time.process_time()
        try:
            return work()
        finally:
            self.told[name] = time.process_time() - began
            self.told["MB"] = _resident() - self._base


def _resident() -> float:
    """The largest resident set of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


def measure_reading(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name).resolve() / "subagents.yaml"
        with path.open("w", encoding="utf-8") as file:
            file.write("workflow: {name: bench, defaults: {vendor: codex}}\nagents:\n")
            for agent in map(in_folders, range(count)):
                scope = json.dumps({"read": agent.scope.read, "write": agent.scope.write})
                file.write(f"  - {{id: {agent.id}, instructions: {agent.instructions}, scope: {scope}}}\n")
        meter, size = Meter(), path.stat().st_size / 1e6
        read = meter.step(
            "read", lambda: read_workflow(path, rootdir=path.parent, vendors=VENDORS, contracts=built_in_names())
        )
    assert [agent.scope for agent in read.agents] == [in_folders(number).scope for number in range(count)]
    return {**meter.told, "size": size}


def measure_planning(count: int) -> dict[str, Any]:
    meter = Meter()
    workflow = meter.step("build", lambda: a_workflow(in_folders, count))
    before = meter.told["MB"]
    facts = times_of(workflow)
    meter.step("arrange", lambda: arranged(workflow))
    plan = meter.step("plan", lambda: plan_of(workflow, facts))
    ordering = ordering_of(workflow, access_matrix(workflow))
    tasks = tuple(tasks_of(workflow, ordering, [facts[agent.id].runtime_ms or 0 for agent in workflow.agents]))
    spans = meter.step("dispatch", lambda: simulated(tasks, workers=WORKERS))
    # All that share a path have been found, and the plan was made of the same dispatch.
    assert len(plan.edges) == 2 * (count // SHARING), f"{len(plan.edges)} edges"
    assert round(max(span.end for span in spans)) == plan.makespans[WORKERS - 1].milliseconds
    return {**meter.told, "before": before, "hazards": len(plan.hazards)}


def measure_overlap(kind: str, count: int) -> dict[str, Any]:
    meter = Meter()
    workflow = a_workflow(OVERLAPS[kind], count)
    try:
        said = in_words(meter.step("plan", lambda: plan_of(workflow)))
    except SubagentsError as error:
        said = f"refused: {error.what}"
    return {**meter.told, "said": said}


def in_words(plan: Plan) -> str:
    pairs = sum(hazard.pairs for hazard in plan.hazards)
    advice = ", ".join(dict.fromkeys(advice.kind for advice in plan.advice))
    return (
        f"{pairs:,} pairs in {len(plan.hazards):,} hazards, {len(plan.edges):,} edges, {len(plan.waves):,} waves; "
        f"advice: {advice}"
    )


def apart(what: Sequence[str], options: argparse.Namespace) -> dict[str, Any]:
    """What a process of its own tells; `said` alone where it was ended."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (options.memory * 1_000_000, options.memory * 1_000_000))
        resource.setrlimit(resource.RLIMIT_CPU, (options.seconds, options.seconds + 5))

    command = [sys.executable, __file__, "--measure", *what]
    done = subprocess.run(command, preexec_fn=bounded, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        told: dict[str, Any] = json.loads(done.stdout)
        return told
    if done.returncode == -signal.SIGXCPU:
        return {"said": f"ended: it had not done after {options.seconds} s"}
    if "MemoryError" in done.stderr:
        return {"said": f"ended: it needs more than {options.memory:,} MB"}
    sys.exit(f"{' '.join(what)} failed with {done.returncode}:\n{done.stderr[-2000:]}")


def cell(told: Mapping[str, Any], key: str, form: str = ".2f") -> str:
    return format(told[key], form) if key in told else "-"


def teams(sizes: Sequence[int], options: argparse.Namespace) -> None:
    print(
        "\nTeams in folders, CPU seconds\n\n"
        "| subagents | pairs that meet | read (file) | arrange | plan | dispatch | plan, ms an agent (x the first) "
        "| MB reading | MB workflow | MB with its plan |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    first = 0.0
    for count in sizes:
        reading = apart(["reading", str(count)], options)
        planning = apart(["planning", str(count)], options)
        each = planning["plan"] / count * 1000 if "plan" in planning else math.nan
        first = first or each
        print(
            f"| {count:,} | {cell(planning, 'hazards', ',')} "
            f"| {cell(reading, 'read')} ({cell(reading, 'size', '.1f')} MB) "
            f"| {cell(planning, 'arrange')} | {cell(planning, 'plan')} | {cell(planning, 'dispatch', '.3f')} "
            f"| {each:.3f} ({each / first:.2f}) | {cell(reading, 'MB', '.0f')} | {cell(planning, 'before', '.0f')} "
            f"| {cell(planning, 'MB', '.0f')} |",
            flush=True,
        )
        for told in (reading, planning):
            if "said" in told:
                print(f"\n{count:,}: {told['said']}")


def overlaps(sizes: Sequence[int], options: argparse.Namespace) -> None:
    print(
        "\nAll meet all\n\n| what | subagents | plan, CPU s | microseconds a pair | MB | what is said |\n"
        "|---|---|---|---|---|---|"
    )
    for kind in OVERLAPS:
        for count in sizes:
            told = apart(["overlap", str(count), kind], options)
            pair = f"{told['plan'] / (count * (count - 1) / 2) * 1e6:.1f}" if "plan" in told else "-"
            print(
                f"| {kind} | {count:,} | {cell(told, 'plan')} | {pair} | {cell(told, 'MB', '.0f')} | {told['said']} |",
                flush=True,
            )


def measure(what: str, count: int, kind: str = "") -> dict[str, Any]:
    match what:
        case "reading":
            return measure_reading(count)
        case "planning":
            return measure_planning(count)
        case _:
            return measure_overlap(kind, count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000", help="of teams in folders")
    parser.add_argument("--overlaps", default="1000,3000,10000", help="how many meet all others")
    parser.add_argument("--memory", type=int, default=4000, help="MB of address space for each cell")
    parser.add_argument("--seconds", type=int, default=120, help="CPU seconds for each cell")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        what, count, *kind = options.measure
        print(json.dumps(measure(what, int(count), *kind)))
        return
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, one process for each cell")
    teams([int(size) for size in options.sizes.split(",")], options)
    overlaps([int(size) for size in options.overlaps.split(",")], options)


if __name__ == "__main__":
    main()
