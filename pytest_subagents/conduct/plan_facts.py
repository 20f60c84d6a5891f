"""What is known of subagents before a run, beside what is declared: how long each took, what it read and wrote, and how
much it may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pytest_subagents.model.plan import Facts
from pytest_subagents.model.spec import Subagent
from pytest_subagents.transcript.runtimes import Runtimes
from pytest_subagents.transcript.scope_history import ScopeHistory
from pytest_subagents.transcript.store import Recording
from pytest_subagents.workspace.scope_sizes import scope_sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One subagent, and where what is known of it is kept."""

    subagent: Subagent
    nodeid: str
    recording: Recording


def facts_of(agents: Iterable[Known], *, rootdir: Path, run_dir: Path) -> dict[str, Facts]:
    """By the id of each. Nothing is started, written or opened but metadata of recordings and results of runs."""
    known = tuple(agents)
    sizes = scope_sizes(rootdir, [each.subagent.scope.read for each in known if each.subagent.scope.read])
    runtimes, history = Runtimes(run_dir), ScopeHistory(run_dir)
    facts = {}
    for each in known:
        runtime, last = runtimes.of(each.nodeid, each.recording), history.of(each.nodeid)
        facts[each.subagent.id] = Facts(
            runtime_ms=runtime.milliseconds if runtime is not None else None,
            source=runtime.source if runtime is not None else None,
            read_bytes=sizes.get(each.subagent.scope.read or ()),
            used=last.use if last is not None else None,
            ended_well=last is not None and last.ended_well,
        )
    return facts
