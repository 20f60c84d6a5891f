"""Random teams over the workers of xdist: nothing hangs, nobody starts too early, no row is lost or wrong.

`SUBAGENTS_SOAK_GRAPHS` is their number; 200 take a quarter of an hour on two cores. One of them again:
`SUBAGENTS_SOAK_GRAPHS=200 pytest tests/glue/test_scheduling_soak.py -k graph137`.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pytest
from live_team import PATIENCE, LiveTeam, told
from random_graphs import (
    CRASHES,
    ENDS,
    Agent,
    Graph,
    circle_in,
    mark_of,
    random_graph,
    scripts_of,
    workflow_of,
)

from pytest_subagents.testing.scripted_agent import ScriptedAgent

_GRAPHS: Final = int(os.environ.get("SUBAGENTS_SOAK_GRAPHS", "3"))
_WELL: Final = ("success", "partial")
_ORDINARY: Final = """
import os, signal
import pytest

@pytest.mark.parametrize("number", range({number}))
def test_ordinary(number):
    assert number or not {failing}
    if number == 1 and {killing}:
        os.kill(os.getpid(), signal.SIGKILL)
"""
_LATE: Final = """
import os, signal
import pytest

@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    if report.when == "call" and report.nodeid.rpartition("::")[2] in {late!r} and "PYTEST_XDIST_WORKER" in os.environ:
        os.kill(os.getpid(), signal.SIGKILL)
"""
"""Of a worker: after its report is on its way."""


@pytest.mark.parametrize("graph", [pytest.param(random_graph(seed), id=f"graph{seed}") for seed in range(_GRAPHS)])
def test_a_random_team_runs_as_its_workflow_says(live_team: LiveTeam, graph: Graph) -> None:
    agent = _written(live_team, graph)
    result = _ended(live_team, graph)
    broken = [*Oracle(_Seen.of(live_team, graph, agent, result)).broken()]
    assert not broken, "\n".join([*broken, str(graph)])
    if any(each.behaviour in CRASHES for each in graph.agents) or graph.killing:
        live_team.nothing_alive()
    else:
        live_team.nothing_left()


def _written(live_team: LiveTeam, graph: Graph) -> ScriptedAgent:
    """All that the run needs."""
    agent = live_team.agent(scripts=scripts_of(graph, live_team.outside))
    for file in range(len(graph.at_once)):
        live_team.write(f"{file}.subagents.yaml", workflow_of(graph, file, agent.command))
    if graph.ordinary:
        text = _ORDINARY.format(number=graph.ordinary, failing=graph.failing, killing=graph.killing)
        live_team.write("test_ordinary.py", text)
    if late := [each.id for each in graph.agents if each.behaviour == "late"]:
        live_team.write("conftest.py", _LATE.format(late=late))
    if any(each.write for each in graph.agents):
        live_team.repository()
    return agent


def _ended(live_team: LiveTeam, graph: Graph) -> pytest.RunResult:
    """A run that hangs says who ran and who waited."""
    try:
        return live_team.live("live", *graph.arguments())
    except live_team.pytester.TimeoutExpired:
        path = live_team.path / ".subagents/latest/status.json"
        status = json.loads(path.read_text("utf-8")) if path.exists() else {"agents": []}
        state = {each["id"]: each["state"] for each in status["agents"]}
        lines = [f"  {agent.id}: {state.get(agent.id, 'never heard of')}" for agent in graph.agents]
    raise AssertionError("\n".join([f"no end after {2 * PATIENCE:g} s", *lines, str(graph)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """When an agent ran."""

    started: float
    ended: float
    worker: str | None


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What a run has left behind. All is by id."""

    graph: Graph
    report: Mapping[str, Any]
    spans: Mapping[str, _Span]
    tries: Counter[str]
    """How often each was started, as the agents themselves tell."""
    passed_at: Mapping[tuple[str, str], float]
    """From when on a checkpoint may have been passed."""
    exit_code: int
    outcomes: Mapping[str, int]
    output: str

    @classmethod
    def of(cls, live_team: LiveTeam, graph: Graph, agent: ScriptedAgent, result: pytest.RunResult) -> _Seen:
        spans = {}
        for nodeid, span in live_team.run_file()["agents"].items():
            id = nodeid.rpartition("::")[2]
            ended = span["ended"]
            if graph.of[id].behaviour == "kills":  # that is when xdist heard of it
                (stream,) = (live_team.path / ".subagents/latest").glob(f"*{id}/stream.jsonl")
                ended = max(span["started"], stream.stat().st_mtime)
            spans[id] = _Span(started=span["started"], ended=ended, worker=span["worker"])
        marks = {
            (each.id, point.name): mark_of(live_team.outside, each.id, point.name)
            for each in graph.agents
            for point in each.points
        }
        return cls(
            graph=graph,
            report=live_team.report(),
            spans=spans,
            tries=Counter(told(agent)),
            passed_at={point: path.stat().st_mtime for point, path in marks.items() if path.exists()},
            exit_code=int(result.ret),
            outcomes=result.parseoutcomes(),
            output="\n".join([*result.outlines, *result.errlines]),
        )

    @cached_property
    def rows(self) -> Mapping[str, Mapping[str, Any]]:
        return {row["id"]: row for row in self.report["agents"]}

    @cached_property
    def started(self) -> list[str]:
        """In their order."""
        return sorted(self.spans, key=lambda id: self.spans[id].started)


class Oracle:
    """The laws, each a generator of sentences about what breaks it."""

    def __init__(self, seen: _Seen) -> None:
        self._seen = seen
        self._graph = graph = seen.graph
        self._agents = graph.of
        reads = graph.reads()
        self._needs = {agent.id: (*agent.declared, *self._read_by(agent, reads)) for agent in graph.agents}
        """Of each, those that must have ended well. Who says that a checkpoint is enough does not wait because it
        reads."""
        in_file_order = {(one.id, other.id) for one, other in graph.writers()}
        self._in_order = not circle_in(in_file_order | graph.said() | reads)
        """Whether writers of one path follow each other as in the file; else needs say otherwise."""
        self._before = graph.said() | reads | (in_file_order if self._in_order else set())
        self._stopped = {id for id, row in seen.rows.items() if _kind(row) == "stopped"}
        self._known: dict[str, tuple[str, str | None]] = {}

    def _read_by(self, agent: Agent, reads: set[tuple[str, str]]) -> list[str]:
        said = {need.partition("@")[0] for need in agent.depends_on}
        return [one.id for one in self._graph.agents if (one.id, agent.id) in reads and one.id not in said]

    def broken(self) -> Iterator[str]:
        ids = sorted(row["id"] for row in self._seen.report["agents"])
        if ids != sorted(self._agents):
            yield f"the rows are {ids}"
            return
        for agent in self._graph.agents:
            yield from self._row(agent)
            yield from self._start(agent)
        yield from self._apart()
        yield from self._limits()
        yield from self._order()
        yield from self._end()

    # --- what becomes of each

    def _row(self, agent: Agent) -> Iterator[str]:
        row = self._seen.rows[agent.id]
        status, kind = self._expected(agent.id)
        if (row["status"], _kind(row)) != (status, kind):
            yield f"{agent.id} is {row['status']} ({_kind(row)}), not {status} ({kind}): {_messages(row)}"
        elif kind == "dependency":
            yield from self._reasons(agent.id)
        points = [point.name for point in agent.points if self._passed(agent.id, point.name)]
        if status != "not_run" and sorted(row["checkpoints"]) != sorted(points):
            yield f"{agent.id} has passed {row['checkpoints']}, not {points}"
        tries = 0 if status == "not_run" else agent.tries
        if self._seen.tries[agent.id] != tries:
            yield f"{agent.id} was started {self._seen.tries[agent.id]} times, not {tries}"
        if (agent.id in self._seen.spans) != bool(tries):
            yield f"{agent.id}, which is {status}, has {self._seen.spans.get(agent.id)}"

    def _expected(self, id: str) -> tuple[str, str | None]:
        """Its status and the kind of its first reason. Who was stopped is taken from the report; see `_end`."""
        if id not in self._known:
            what = ("not_run", "stopped") if id in self._stopped else ENDS[self._agents[id].behaviour]
            self._known[id] = ("not_run", "dependency") if self._unmet(id) else what
        return self._known[id]

    def _unmet(self, id: str) -> list[tuple[str, str | None]]:
        """What it needs and has not got: ids, with the checkpoint where only that is needed."""
        return [
            *((need, None) for need in self._needs[id] if self._expected(need)[0] not in _WELL),
            *((need, point) for need, point in self._agents[id].needed_points if not self._passed(need, point)),
        ]

    def _passed(self, id: str, name: str) -> bool:
        agent = self._agents[id]
        if self._expected(id)[0] == "not_run":
            return False
        if agent.behaviour == "kills":  # its worker may die before it has told
            return name in self._seen.rows[id]["checkpoints"]
        return any(point.name == name and point.passed for point in agent.points)

    def _reasons(self, id: str) -> Iterator[str]:
        """One for each need, which says what has become of that, and of the first one that all goes back to."""
        messages = _messages(self._seen.rows[id])
        unmet = self._unmet(id)
        if len(messages) != len(unmet):
            yield f"{id} lacks {unmet}, and says {messages}"
            return
        for message, (need, point) in zip(messages, unmet, strict=True):
            what = f"the checkpoint '{point}' of '{need}'" if point else f"'{need}'"
            ends = {f"needs {what}, which {how}" for how in self._causes(need)}
            if message not in ends:
                yield f"{id} says {message!r}, not one of {sorted(ends)}"

    def _causes(self, need: str) -> Iterator[str]:
        """The words for each root that a need which is not met can go back to."""
        status, kind = self._expected(need)
        if status in _WELL:
            yield "did not pass it"
        elif kind != "dependency":
            yield f"{'failed' if status == 'failed' else 'did not run'} ({kind})"
        else:
            for root in self._roots(need):
                status, kind = self._expected(root)
                how = {"failed": f"failed ({kind})", "not_run": f"did not run ({kind})"}
                yield f"did not run because '{root}' {how.get(status, 'did not pass its checkpoint')}"

    def _roots(self, id: str) -> set[str]:
        if self._expected(id)[1] != "dependency":
            return {id}
        return {root for need, _ in self._unmet(id) for root in self._roots(need)}

    # --- when each starts

    def _start(self, agent: Agent) -> Iterator[str]:
        span = self._seen.spans.get(agent.id)
        if span is None:
            return
        for need in self._needs[agent.id]:
            if need not in self._seen.spans or self._seen.spans[need].ended > span.started:
                yield f"{agent.id} started before {need}, which it needs, had ended: {self._shown(need, agent.id)}"
        for need, point in agent.needed_points:
            if self._seen.passed_at.get((need, point), span.started + 1) > span.started:
                yield f"{agent.id} started before {need} had passed {point}: {self._shown(need, agent.id)}"

    def _apart(self) -> Iterator[str]:
        pairs = {(one.id, other.id): "write one path" for one, other in self._graph.writers()}
        for index, one in enumerate(self._graph.agents):
            for other in self._graph.agents[index + 1 :]:
                if shared := set(one.resources).intersection(other.resources):
                    pairs.setdefault((one.id, other.id), f"share {sorted(shared)}")
        for (first, second), why in pairs.items():
            if first in self._seen.spans and second in self._seen.spans:
                upper, lower = self._seen.spans[first], self._seen.spans[second]
                if upper.started < lower.ended and lower.started < upper.ended:
                    yield f"{first} and {second}, which {why}, ran at once: {self._shown(first, second)}"
                elif why == "write one path" and self._in_order and lower.started < upper.started:
                    yield f"{second} wrote before {first}, which stands above it: {self._shown(first, second)}"

    def _limits(self) -> Iterator[str]:
        graph, spans = self._graph, self._seen.spans
        most = min(graph.most or len(spans), max(graph.workers, 1))
        groups: dict[str, tuple[int, list[str]]] = {"all": (most, list(spans))}
        for file in range(len(graph.at_once)):
            groups[f"file {file}"] = (graph.limit(file), [id for id in spans if self._agents[id].file == file])
        for worker in {span.worker for span in spans.values()}:
            groups[f"worker {worker}"] = (1, [id for id in spans if spans[id].worker == worker])
        for name, (places, ids) in groups.items():
            for id in ids:
                at = spans[id].started
                beside = [other for other in ids if spans[other].started <= at < spans[other].ended]
                if len(beside) > places:
                    yield f"of {name} {len(beside)} ran at once, not {places}: {self._shown(*beside)}"

    def _order(self) -> Iterator[str]:
        """One at a time they go in one order: of those that may start, the one of the highest priority; of those,
        where a scheduler knows all of them, the one with the longest chain behind it; of those, the first."""
        graph, started = self._graph, self._seen.started
        if graph.workers > 1 or not self._in_order or any(graph.staggers):
            return
        expected = [id for id in self._one_by_one(self._agents, {}) if not self._unmet(id)]
        if graph.workers:
            if any(self._unmet(agent.id) for pair in graph.writers() for agent in pair):
                return  # whether others wait for what such a writer waits for is nowhere said
            expected = self._one_by_one(expected, {id: self._chain(id) for id in self._agents})
        if expected[: len(started)] != started:
            yield f"they went in the order {started}, not {expected}"

    def _one_by_one(self, ids: Iterable[str], chains: Mapping[str, int]) -> list[str]:
        left, order = list(ids), []
        while left:
            free = [id for id in left if not any(after == id and before in left for before, after in self._before)]
            order.append(min(free, key=lambda id: (-self._agents[id].priority, -chains.get(id, 0))))
            left.remove(order[-1])
        return order

    def _chain(self, id: str) -> int:
        return 1 + max((self._chain(after) for before, after in self._before if before == id), default=0)

    # --- the whole

    def _end(self) -> Iterator[str]:
        graph, seen = self._graph, self._seen
        rows = [row["status"] for row in seen.rows.values()]
        crashed = [id for id in seen.rows if self._crashes(id)]
        failures = rows.count("failed") - len([id for id in crashed if self._expected(id)[0] == "failed"])
        failures += "FAILED test_ordinary.py::test_ordinary[0]" in seen.output
        if self._stopped and (graph.maxfail is None or failures < graph.maxfail):
            yield f"{sorted(self._stopped)} were stopped after {failures} failures"
        if graph.maxfail is not None and failures >= graph.maxfail + max(graph.workers, 1):
            yield f"there were {failures} failures"
        if seen.report["complete"] != (not self._stopped):
            yield f"complete is {seen.report['complete']}, and {sorted(self._stopped)} were stopped"
        red = graph.failing or graph.killing or any(status not in _WELL for status in rows) or crashed
        if seen.exit_code != (1 if red else 0):
            yield f"the exit code is {seen.exit_code}"
        if found := re.search("Traceback|INTERNALERROR|xdist: maximum", seen.output):
            yield f"the output has {found[0]!r}"
        if graph.maxfail is None or failures < graph.maxfail:
            yield from self._outcomes(Counter(rows), crashed)

    def _crashes(self, id: str) -> bool:
        """Who kills its worker late does so although it has not run."""
        return self._agents[id].behaviour == "late" or _kind(self._seen.rows[id]) == "crashed"

    def _outcomes(self, rows: Counter[str], crashed: list[str]) -> Iterator[str]:
        """Each item is reported, and once; but what xdist makes up for a late crash is one more."""
        graph = self._graph
        late = [id for id in crashed if self._agents[id].behaviour == "late"]
        late_and_well = sum(self._expected(id)[0] == "failed" for id in late)
        expected = {
            "passed": rows["success"] + graph.ordinary - graph.failing - graph.killing + late_and_well,
            "partial": rows["partial"],
            "failed": rows["failed"] + graph.failing + graph.killing + len(late) - late_and_well,
            "skipped": rows["not_run"],
        }
        if self._seen.outcomes != {name: number for name, number in expected.items() if number}:
            yield f"pytest counts {self._seen.outcomes}, not {expected}"

    def _shown(self, *ids: str) -> str:
        first = min(span.started for span in self._seen.spans.values())
        return ", ".join(
            f"{id} {span.started - first:.3f} to {span.ended - first:.3f} on {span.worker}"
            if (span := self._seen.spans.get(id))
            else f"{id} never"
            for id in ids
        )


def _kind(row: Mapping[str, Any]) -> str | None:
    return row["reasons"][0]["kind"] if row["reasons"] else None


def _messages(row: Mapping[str, Any]) -> list[str]:
    return [reason["message"] for reason in row["reasons"]]
