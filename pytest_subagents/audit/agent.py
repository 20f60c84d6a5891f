"""All lines of one agent: what its transcript tells, what it really changed, and what is not known of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from pytest_subagents.audit.actions import Actions
from pytest_subagents.audit.counts import Counts
from pytest_subagents.audit.entry import Entry, entry, plain
from pytest_subagents.audit.told import Told, differences
from pytest_subagents.model import limits
from pytest_subagents.model.event import AnyEvent
from pytest_subagents.runners.interface import Run
from pytest_subagents.runners.replay import ReplayRunner
from pytest_subagents.transcript.store import Recording
from pytest_subagents.vendors.reading import iter_events


def agent_lines(recording: Recording | None) -> Iterator[Entry]:
    """Of the agent whose recording this is, None where there is none. The last line says what is not known."""
    run = ReplayRunner().run(recording) if recording is not None else Run(outcome=None)
    counts, told = Counts(), Told()
    if recording is None or run.outcome is None:
        yield _unknown(counts, ["no recording of it was read"])
        return
    if not recording.refused:
        yield from _within(_done(recording, counts, told), counts)
    if run.changes is not None:
        yield from _within(differences(told, run.changes, _unkept(run)), counts)
    yield _unknown(counts, [*_faults(run, told), *counts.words(diffed=run.changes is not None)])


def session_lines(
    events: Iterable[AnyEvent], counts: Counts, told: Told, *, session: str | None = None
) -> Iterator[Entry]:
    """What the events of one session tell, in their order, and then the calls that have not ended."""
    actions = Actions(counts, told, session=session)
    for event in events:
        yield from actions.take(event)
    yield from actions.rest()


def contradictions(recording: Recording) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The paths that were changed and not told, and those that were told and are not changed; none where there is no
    real diff to say so."""
    run, told = ReplayRunner().run(recording), Told()
    if run.changes is None or recording.refused:
        return (), ()
    for _ in _done(recording, Counts(), told):
        pass
    found = () if told.more else tuple(differences(told, run.changes, _unkept(run)))
    untold = (each for each in found if each["action"] == "changed" and not each["told"])
    untrue = (each for each in found if each["action"] == "not_changed")
    return tuple(str(each["path"]) for each in untold), tuple(str(each["path"]) for each in untrue)


def _unkept(run: Run) -> Sequence[tuple[str, str]]:
    return run.meta.patch.unkept if run.meta.patch is not None else ()


def _done(recording: Recording, counts: Counts, told: Told) -> Iterator[Entry]:
    yield from session_lines(iter_events(recording.transcript), counts, told)
    root = os.path.realpath(os.path.dirname(recording.transcript))
    for child in recording.children():
        if os.path.realpath(child).startswith(f"{root}/"):
            yield from session_lines(iter_events(child), counts, told, session=plain(child.name))
        else:
            counts.links += 1
    counts.links += recording.links()


def _within(lines: Iterator[Entry], counts: Counts) -> Iterator[Entry]:
    """The first `limits.AUDIT_LINES` of them; the others are made too, as they are counted."""
    for number, line in enumerate(lines):
        if number < limits.AUDIT_LINES:
            yield line
        else:
            counts.left_out += 1


def _faults(run: Run, told: Told) -> Iterator[str]:
    outcome = run.outcome
    if outcome is not None and outcome.problem:
        yield plain(f"its transcript: {outcome.problem}")
    if outcome is not None and outcome.unreadable:
        yield f"no protocol, or damaged: {outcome.unreadable:,} of the lines of its transcript"
    yield from (plain(fault.message) for fault in run.faults)
    if run.changes is None:
        yield "nobody looked at what it really changed: what it wrote is what it told"
    if told.more:
        yield "it told of more changes than are held against what it really changed"


def _unknown(counts: Counts, why: list[str]) -> Entry:
    return {
        **entry("unknown", why=why, left_out=counts.left_out or None),
        "commands": counts.commands,
        "tools": counts.tools,
    }
