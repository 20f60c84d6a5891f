"""What a person could do better in a workflow, as far as its plan shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Final

from pytest_subagents.model.glob import literal_start
from pytest_subagents.model.limits import READ_TOKENS
from pytest_subagents.model.plan import Access, Advice, Estimate, Facts, Hazard, Makespan
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.plan.meeting import meeting_of
from pytest_subagents.plan.ordering import Ordering
from pytest_subagents.plan.scope_gaps import scope_gaps

SMALL_MS: Final = 15_000
"""A subagent that is done sooner hardly pays for its start, its prompt and the look at its answer."""
WORTH: Final = 1.05
"""What is within 5 % of the best is as good."""
_LONG_SHARE: Final = 0.5
_LONG_FACTOR: Final = 2
_BYTES_PER_TOKEN: Final = 4
_SHOWN: Final = "`subagents show %s` has the scope to paste"
_OURS: Final = (".git/", "subagents.snapshot.json", "subagents.baseline.json", "recordings/")
"""What is protected in every workflow and has a name that is known here."""


class Known(Value, frozen=True, kw_only=True):
    """What there is to advise on."""

    workflow: Workflow
    facts: Mapping[str, Facts]
    access: Sequence[Access]
    ordering: Ordering
    hazards: Sequence[Hazard]
    estimates: Sequence[Estimate]
    makespan: Makespan
    """With the number of workers worth using."""
    unlimited: Makespan
    """The same without `execution.max_concurrent_agents`."""


def advice_on(known: Known) -> tuple[Advice, ...]:
    """All of it, what may make a run wrong before what makes it slow."""
    return tuple(advice for form in _FORMS for advice in form(known))


def _same_base(known: Known) -> Iterator[Advice]:
    for knot, circle in zip(known.ordering.knots, known.ordering.circles, strict=True):
        ids = [known.access[index].id for index in circle]
        told = []
        for writer, reader in zip(circle, (*circle[1:], circle[0]), strict=True):
            what = known.ordering.reads[writer, reader].witness or "something"
            told.append(f"{known.access[reader].id} reads {what}, which {known.access[writer].id} writes")
        yield Advice(
            kind="same-base",
            agents=tuple(known.access[index].id for index in knot),
            text=f"{'; '.join(told)}: a circle, so none of {_listed(sorted(ids))} waits, and all start from the same "
            "base. Narrow a read scope, or use coordination.strategy: interface-first and a written interface",
        )


def _protected(known: Known) -> Iterator[Advice]:
    for row in known.access:
        named = [glob for glob in row.write if literal_start(glob)]  # of what may be anything, more is to be said
        found = meeting_of(named, (*known.workflow.protected, *_OURS))
        if found is not None:
            what = found.witness or f"what {found.second} matches"
            text = f"its write scope {found.first} holds {what}, which is protected: nobody may write it"
            yield Advice(kind="protected", agents=(row.id,), text=text)


def _powerless(known: Known) -> Iterator[Advice]:
    for agent, row in zip(known.workflow.agents, known.access, strict=True):
        if agent.scope.write and not row.write:
            text = f"it may write {agent.scope.write[0]}, but has neither the tool edit nor shell, so it writes nothing"
            yield Advice(kind="powerless", agents=(agent.id,), text=text)


def _undecided(known: Known) -> Iterator[Advice]:
    for hazard in known.hazards:
        if hazard.witness is None and hazard.globs:
            text = (
                f"{hazard.globs[0]} and {hazard.globs[1]} are too complicated to compare, so they count as overlapping"
            )
            yield Advice(kind="undecided", agents=hazard.agents, text=text)


def _unbounded(known: Known) -> Iterator[Advice]:
    writers = [row.id for row in known.access if any(not literal_start(glob) for glob in row.write)]
    if writers:
        text = "a write scope without a folder in front may be anything: name the folders that it needs"
        yield Advice(kind="unbounded-write", agents=tuple(writers), text=text)
    readers = tuple(row.id for row in known.access if row.read is None)
    if readers:
        text = "no read scope is declared, so nobody is waited for who writes what is read: declare scope.read"
        yield Advice(kind="unknown-read", agents=readers, text=text)


def _differing(known: Known) -> Iterator[Advice]:
    """A declared scope that is not the one that was used."""
    for agent in known.workflow.agents:
        facts = known.facts.get(agent.id)
        if facts is None or facts.used is None:
            continue
        gaps = scope_gaps(agent.scope, facts.used, ended_well=facts.ended_well)
        if gaps.under_declared:
            read = (*gaps.undeclared_read, *gaps.undeclared_searched)
            told = [f"read {_first(read)}"] if read else []
            told += [f"wrote {_first(gaps.undeclared_written)}"] if gaps.undeclared_written else []
            text = f"in its last live run it {' and '.join(told)}, beyond its scope: declare that; {_SHOWN % agent.id}"
            yield Advice(kind="under-declared", agents=(agent.id,), text=text)
        if gaps.over_declared:
            unused = dict.fromkeys((*gaps.unused_read, *gaps.unused_write))
            text = f"in its last live run it made no use of {_first(tuple(unused))}: leave that out, and fewer wait"
            yield Advice(kind="over-declared", agents=(agent.id,), text=f"{text}; {_SHOWN % agent.id}")


def _first(names: Sequence[str]) -> str:
    return f"{names[0]} and {len(names) - 1:,} more" if len(names) > 1 else names[0]


def _unchecked(known: Known) -> Iterator[Advice]:
    found = tuple(
        agent.id
        for agent, row in zip(known.workflow.agents, known.access, strict=True)
        if row.write and not agent.verify and not any(criterion.run for criterion in agent.success_criteria)
    )
    if found:
        text = "nothing checks what is written: add a success criterion with `run:`, or `verify`"
        yield Advice(kind="unchecked", agents=found, text=text)


def _context(known: Known) -> Iterator[Advice]:
    for row in known.access:
        size = known.facts.get(row.id, Facts()).read_bytes
        if size is not None and size > READ_TOKENS * _BYTES_PER_TOKEN:
            text = f"its read scope holds about {size // _BYTES_PER_TOKEN:,} tokens, more than a context has room for"
            yield Advice(kind="large-read", agents=(row.id,), text=f"{text}: narrow it, or split the task")


def _unneeded(known: Known) -> Iterator[Advice]:
    rows = {row.id: row for row in known.access}
    for agent in known.workflow.agents:
        for dependency in agent.depends_on:
            other = rows.get(dependency.agent)
            if other is not None and dependency.checkpoint is None and not _needed(agent, rows[agent.id], other):
                text = (
                    f"it depends on {other.id}, but reads nothing that {other.id} writes and does not mention its "
                    "results: without it, both may run at once"
                )
                yield Advice(kind="unneeded-dependency", agents=(agent.id, other.id), text=text)


def _needed(agent: Subagent, row: Access, other: Access) -> bool:
    if "results" in agent.instructions or other.id in agent.instructions or set(row.resources) & set(other.resources):
        return True
    if other.write and row.read is None:
        return True
    return meeting_of(other.write, (*(row.read or ()), *row.write)) is not None


def _tail(known: Known) -> Iterator[Advice]:
    times = [one.milliseconds for one in known.estimates]
    if len(times) < 3:
        return
    for one in known.estimates:
        long = one.milliseconds > _LONG_SHARE * known.makespan.milliseconds
        if one.source != "default" and long and one.milliseconds >= _LONG_FACTOR * median(times):
            share = round(100 * one.milliseconds / known.makespan.milliseconds)
            text = f"it takes {share} % of the time of the whole: split it, and the whole is done sooner"
            yield Advice(kind="long-tail", agents=(one.id,), text=text)


def _small(known: Known) -> Iterator[Advice]:
    found = tuple(one.id for one in known.estimates if one.source != "default" and one.milliseconds < SMALL_MS)
    if found:
        text = f"under {SMALL_MS // 1000} s of work hardly pays for a process: give several such tasks to one"
        yield Advice(kind="small", agents=found, text=text)


def _limited(known: Known) -> Iterator[Advice]:
    if known.makespan.milliseconds > known.unlimited.milliseconds * WORTH:
        at_once = known.workflow.execution.max_concurrent_agents
        share = round(100 - 100 * known.unlimited.milliseconds / known.makespan.milliseconds)
        text = (
            f"execution.max_concurrent_agents: {at_once} holds; with {known.unlimited.workers} at once the whole takes "
            f"{share} % less, if the vendor's rate limit allows it"
        )
        yield Advice(kind="concurrency", agents=(), text=text)


def _checkpoints(known: Known) -> Iterator[Advice]:
    found = Counter(edge.after for edge in known.ordering.edges if edge.checkpoint is not None)
    if found:
        text = "when its checkpoint is passed is not known, so the times here let it wait for the end"
        yield Advice(kind="checkpoint", agents=tuple(found), text=text)


def _listed(ids: Sequence[str]) -> str:
    return f"{', '.join(ids[:-1])} and {ids[-1]}" if len(ids) > 1 else "".join(ids)


_FORMS: Final[tuple[Callable[[Known], Iterator[Advice]], ...]] = (
    _same_base,
    _protected,
    _powerless,
    _undecided,
    _unbounded,
    _differing,
    _unchecked,
    _context,
    _unneeded,
    _tail,
    _small,
    _limited,
    _checkpoints,
)
