"""What is known of subagents before a run, beside what is declared: how long each took, what it read and wrote, and how
much it may read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pytest_subagents.model.plan import Facts
from pytest_subagents.model.spec import Subagent
from pytest_subagents.model.value import Value
from pytest_subagents.plan.several_runs import runs_of
from pytest_subagents.transcript.runtimes import Runtimes
from pytest_subagents.transcript.scope_history import ScopeHistory
from pytest_subagents.transcript.store import Recording, recording_of_run
from pytest_subagents.workspace.scope_sizes import scope_sizes

_ASKED: Final = 20
"""Runs of one subagent whose times are looked up."""


class Known(Value, frozen=True, kw_only=True):
    """One run of a subagent, of which there may be several, and where what is known of it is kept."""

    subagent: Subagent
    nodeid: str
    recording: Recording

    @classmethod
    def of(cls, subagent: Subagent, nodeid: str, recording: Recording) -> tuple[Known, ...]:
        """All runs of a subagent of a workflow file: `nodeid` and `recording` are those that a single one has."""
        count = runs_of(subagent)
        if count == 1:
            return (cls(subagent=subagent, nodeid=nodeid, recording=recording),)
        return tuple(
            cls(
                subagent=subagent,
                nodeid=f"{nodeid}[{number}]",
                recording=Recording(transcript=recording_of_run(recording.transcript, number)),
            )
            for number in range(1, count + 1)
        )


def facts_of(agents: Iterable[Known], *, rootdir: Path, run_dir: Path) -> dict[str, Facts]:
    """By the id of each. Nothing is started, written or opened but metadata of recordings and results of runs."""
    known = defaultdict(list)
    for one in agents:
        known[one.subagent.id].append(one)
    firsts = [runs[0].subagent for runs in known.values()]
    sizes = scope_sizes(rootdir, [agent.scope.read for agent in firsts if agent.scope.read])
    runtimes, history = Runtimes(run_dir), ScopeHistory(run_dir)
    facts = {}
    for id, runs in known.items():
        asked = runs[:_ASKED]
        times = [found for each in asked if (found := runtimes.of(each.nodeid, each.recording)) is not None]
        runtime = sorted(times, key=lambda found: found.milliseconds)[len(times) // 2] if times else None
        uses = (history.of(each.nodeid) for each in asked)
        last = next((use for use in uses if use is not None), None)
        facts[id] = Facts(
            runtime_ms=runtime.milliseconds if runtime is not None else None,
            source=runtime.source if runtime is not None else None,
            read_bytes=sizes.get(runs[0].subagent.scope.read or ()),
            used=last.use if last is not None else None,
            ended_well=last is not None and last.ended_well,
        )
    return facts
