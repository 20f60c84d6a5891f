"""Why two subagents may not run beside each other as they like, what settles it, and what a person may change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from graphlib import TopologicalSorter
from itertools import combinations, pairwise, product
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.glob import matches, with_folders
from pytest_subagents.model.plan import Access, Hazard, Settled
from pytest_subagents.model.spec import Workflow
from pytest_subagents.plan.access import Touching
from pytest_subagents.plan.meeting import Meeting
from pytest_subagents.plan.ordering import Ordering

_LISTED: Final = 64
"""Pairs of subagents with the same two scopes, or with a common glob, that are listed; of more, one stands for all."""
_SAID_IN_ERROR: Final = 10


def hazards_of(workflow: Workflow, access: Sequence[Access], ordering: Ordering) -> tuple[Hazard, ...]:
    """All of them: by kind, then in file order."""
    said = _Said(len(access), ordering)
    return (
        *(hazard for touching in ordering.writes for hazard in _of_writers(touching, access, said)),
        *_of_resources(access, said),
        *_of_readers(workflow, access, ordering, said),
        *_of_unknown(access),
    )


def refuse_overlaps(workflow: Workflow, hazards: Sequence[Hazard]) -> None:
    """`BadUsage` for two that may write one path and that `depends_on` does not order, where that is forbidden."""
    if workflow.execution.on_overlap != "error":
        return
    found = [hazard for hazard in hazards if hazard.kind == "write-write" and hazard.settled != "depends_on"]
    if not found:
        return
    told = [f"\n  {_overlap(hazard)}: {hazard.change}" for hazard in found[:_SAID_IN_ERROR]]
    told += [f"\n  and {len(found) - _SAID_IN_ERROR:,} more"] if len(found) > _SAID_IN_ERROR else []
    where = next(agent.where for agent in workflow.agents if agent.id == found[0].agents[1])
    raise BadUsage(
        where,
        f"subagents may write the same path, which 'on_overlap: error' forbids{''.join(told)}",
        hint="`on_overlap: serialize` runs them one after the other",
    )


def _overlap(hazard: Hazard) -> str:
    first, second = hazard.agents
    what = hazard.witness if hazard.witness is not None else f"what {hazard.globs[0]} and {hazard.globs[1]} match"
    more = f" (and {hazard.pairs - 1:,} more pairs)" if hazard.pairs > 1 else ""
    return f"{first} and {second} write {what}{more}"


class _Said:
    """Which pairs `depends_on` orders, by way of others too."""

    def __init__(self, count: int, ordering: Ordering) -> None:
        self._following: list[list[int]] = [[] for _ in range(count)]
        for before, after in ordering.said:
            self._following[before].append(after)
        self._from = -1
        self._reached: set[int] = set()

    def orders(self, before: int, after: int) -> bool:
        if not self._following[before]:
            return False
        if self._from != before:  # asked for many pairs with the same first one
            self._from, self._reached = before, set()
            waiting = [before]
            while waiting:
                new = [one for one in self._following[waiting.pop()] if one not in self._reached]
                self._reached.update(new)
                waiting += new
        return after in self._reached

    def order(self, first: int, second: int) -> tuple[int, int] | None:
        if self.orders(first, second):
            return first, second
        return (second, first) if self.orders(second, first) else None

    def line(self, group: Sequence[int]) -> list[int] | None:
        """All of them in their order; None where two of them have none."""
        if not any(self._following[index] for index in group):
            return None
        line = sorted(group, key=self._places.__getitem__)
        return line if all(self._leads(before, after) for before, after in pairwise(line)) else None

    @cached_property
    def _places(self) -> dict[int, int]:
        """Each behind all those that it depends on; there is no circle."""
        order = TopologicalSorter(dict(enumerate(self._following))).static_order()
        return {index: -number for number, index in enumerate(order)}

    def _leads(self, before: int, after: int) -> bool:
        """The same as `orders`; it looks no further than `after`."""
        seen, waiting = {before}, [before]
        while waiting:
            following = self._following[waiting.pop()]
            if after in following:
                return True
            new = {one for one in following if self._places[one] < self._places[after]} - seen
            seen |= new
            waiting += new
        return False


def _of_writers(touching: Touching, access: Sequence[Access], said: _Said) -> Iterator[Hazard]:
    firsts, seconds, meeting = touching.firsts, touching.seconds, touching.meeting
    same = firsts == seconds
    count = len(firsts) * (len(firsts) - 1) // 2 if same else len(firsts) * len(seconds)
    pairs = combinations(firsts, 2) if same else product(firsts, seconds)
    many = count > _LISTED
    line = said.line(firsts) if many and same else None
    if line is not None:
        yield Hazard(
            kind="write-write",
            agents=(access[line[0]].id, access[line[1]].id),
            witness=meeting.witness,
            globs=(meeting.first, meeting.second),
            pairs=count,
            settled="depends_on",
            change="",
        )
        return
    for first, second in pairs:
        globs = (meeting.first, meeting.second)
        if first > second:
            first, second, globs = second, first, (globs[1], globs[0])
        order = None if many else said.order(first, second)
        if order == (second, first):
            first, second, globs = second, first, (globs[1], globs[0])
        yield Hazard(
            kind="write-write",
            agents=(access[first].id, access[second].id),
            witness=meeting.witness,
            globs=globs,
            pairs=count if many else 1,
            settled="order" if order is None else "depends_on",
            change="" if order else _change(access[first], access[second], globs, meeting.witness),
        )
        if many:
            return


def _change(first: Access, second: Access, globs: tuple[str, str], witness: str | None) -> str:
    """Who should have the path alone: who names it rather than a folder of it, who reads it too, who comes first."""
    claims = [_claim(row, glob, witness) for row, glob in ((first, globs[0]), (second, globs[1]))]
    keeps, loses, glob = (first, second, globs[1]) if claims[0] >= claims[1] else (second, first, globs[0])
    if witness is not None and (witness in globs or f"./{witness}" in globs):
        taken = f"give {witness} to {keeps.id} alone"
        taken += (
            f" and take it from the write scope of {loses.id}"
            if glob.removeprefix("./") == witness
            else f" and narrow {glob} of {loses.id}"
        )
    else:
        taken = f"narrow {glob} of {loses.id} to what {keeps.id} does not write"
    return f"{taken}; or let depends_on say who comes first"


def _claim(row: Access, glob: str, witness: str | None) -> tuple[bool, bool]:
    named = witness is not None and glob.removeprefix("./") == witness
    return named, witness is not None and matches(witness, with_folders(row.read or ()))


def _of_resources(access: Sequence[Access], said: _Said) -> Iterator[Hazard]:
    sharing: Mapping[str, list[int]] = defaultdict(list)
    for index, row in enumerate(access):
        for name in dict.fromkeys(row.resources):
            sharing[name].append(index)
    for name in sorted(sharing):
        users = sharing[name]
        count = len(users) * (len(users) - 1) // 2
        many = count > _LISTED
        for first, second in combinations(users, 2):
            order = None if many else said.order(first, second)
            before, after = order or (first, second)
            yield Hazard(
                kind="resource",
                agents=(access[before].id, access[after].id),
                witness=name,
                pairs=count if many else 1,
                settled="apart" if order is None else "depends_on",
                change="" if order else f"give each a {name} of its own, if they are to run at once",
            )
            if many:
                break


def _of_readers(workflow: Workflow, access: Sequence[Access], ordering: Ordering, said: _Said) -> Iterator[Hazard]:
    for (writer, reader), meeting in sorted(ordering.reads.items(), key=lambda item: item[0]):
        settled, reader_first = _settled(workflow, ordering, said, writer, reader)
        yield Hazard(
            kind="write-after-read" if reader_first else "read-after-write",
            agents=(access[reader].id, access[writer].id) if reader_first else (access[writer].id, access[reader].id),
            witness=meeting.witness,
            globs=_globs(meeting, reader_first),
            settled=settled,
            change=_reading_change(settled, workflow),
        )


def _settled(workflow: Workflow, ordering: Ordering, said: _Said, writer: int, reader: int) -> tuple[Settled, bool]:
    order = said.order(writer, reader)
    if order is not None:
        return "depends_on", order == (reader, writer)
    if (writer, reader) in ordering.waits:
        return "order", False
    return "same base", reader < writer


def _globs(meeting: Meeting, reader_first: bool) -> tuple[str, str]:
    return (meeting.second, meeting.first) if reader_first else (meeting.first, meeting.second)


def _reading_change(settled: Settled, workflow: Workflow) -> str:
    if settled != "same base" or workflow.coordination != "inferred":
        return ""
    return "narrow a read scope, or let depends_on say who comes first, if one needs what the other writes"


def _of_unknown(access: Sequence[Access]) -> Iterator[Hazard]:
    writers = sum(bool(row.write) for row in access)
    for row in access:
        if row.read is None and writers - bool(row.write) > 0:
            yield Hazard(
                kind="unknown",
                agents=(row.id,),
                settled="open",
                change="declare scope.read, so that it waits for what it needs",
            )
