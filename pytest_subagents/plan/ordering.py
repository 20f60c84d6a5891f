"""Which subagent waits for which, and why: what people say, who reads what others write, who writes the same.

1. `depends_on` is taken as it is.
2. A reader runs after the writer of what it reads, unless the workflow has contracts for that (`interface-first`).
   Where such edges alone form a circle they are dropped: these subagents start from the same base. A circle that is
   left is one that `depends_on` closes, which is a mistake.
3. Two writers of one path come one after the other: in file order, or, where that would close a circle, each after
   what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.limits import PLAN_PAIRS
from pytest_subagents.model.plan import Access, Edge
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.plan.access import TooManyPairs, Touching, writers_and_readers, writers_of_one_path
from pytest_subagents.plan.circles import knots_of, shortest_circle
from pytest_subagents.plan.meeting import Meeting

_CLOSED: Final = (
    "an arrow means 'needs'; remove one of them, narrow a scope, or let readers work from the base with "
    "coordination.strategy: interface-first"
)

_ALIKE: Final = "scopes that begin alike, so that"


class Ordering(Value, frozen=True, kw_only=True):
    """All edges, and what they come from. Pairs are positions in the file, the one that runs first in front."""

    edges: tuple[Edge, ...]
    needs: tuple[tuple[int, ...], ...]
    """Of each subagent, those that must have ended well: what it depends on, and what it reads from."""
    points: tuple[tuple[tuple[int, str], ...], ...]
    """Of each, the checkpoints of others that must have been passed."""
    after: tuple[tuple[int, ...], ...]
    """Of each, further ones that must have ended, however that was: they write what it writes."""
    said: frozenset[tuple[int, int]]
    """Pairs of `depends_on`."""
    reads: Mapping[tuple[int, int], Meeting]
    """Writer and reader of every pair of which one reads what the other may write."""
    waits: frozenset[tuple[int, int]]
    """Those of `reads` whose reader waits."""
    knots: tuple[tuple[int, ...], ...]
    """Subagents that read in a circle what others write, each with a shortest circle that goes through the first."""
    circles: tuple[tuple[int, ...], ...]
    writes: tuple[Touching, ...]


def ordering_of(
    workflow: Workflow, access: Sequence[Access], behind: Collection[tuple[int, int]] = frozenset()
) -> Ordering:
    """The edges of a workflow; `BadUsage` for a circle that `depends_on` closes, with the reason of each edge.

    `behind` are further pairs of which the second one has to wait for the end of the first. They are among `after`,
    unless they close a circle with what is needed: then none of them is.
    """
    agents = workflow.agents
    position = {agent.id: index for index, agent in enumerate(agents)}
    said = _said(agents, position)
    reads = _reads(workflow, access)
    knots: tuple[tuple[int, ...], ...] = ()
    circles: tuple[tuple[int, ...], ...] = ()
    waits: frozenset[tuple[int, int]] = frozenset()
    if workflow.coordination == "inferred":
        following = _following(len(agents), reads)
        knots = knots_of(following)
        circles = tuple(shortest_circle(following, knot) for knot in knots)
        knot_of = {index: number for number, knot in enumerate(knots) for index in knot}
        waits = frozenset(
            (writer, reader) for writer, reader in reads if knot_of.get(writer, -1) != knot_of.get(reader, -2)
        )
    _refuse_circle(workflow, said, reads, waits)
    writes = _writes(workflow, access)
    fixed = frozenset(said) | waits
    behind = frozenset(behind) if not knots_of(_following(len(agents), fixed.union(behind))) else frozenset()
    follows = _in_order(len(agents), writes, fixed | behind)
    only_reads = waits - said.keys()
    edges = [
        *(
            _edge(workflow, pair, "depends_on", reads.get(pair), point)
            for pair, points in said.items()
            for point in points or (None,)
        ),
        *(_edge(workflow, pair, "reads", reads[pair]) for pair in only_reads),
        *(
            _edge(workflow, pair, "writes", meeting)
            for pair, meeting in follows.items()
            if said.get(pair, True) and pair not in only_reads
        ),
    ]
    needs: list[list[int]] = [[] for _ in agents]
    points: list[list[tuple[int, str]]] = [[] for _ in agents]
    for (before, after), names in said.items():
        if names:
            points[after] += [(before, name) for name in names]
        else:
            needs[after].append(before)
    for before, after in sorted(only_reads):
        needs[after].append(before)
    after_all: list[list[int]] = [[] for _ in agents]
    for before, after in sorted(behind.union(follows)):
        if before not in needs[after]:
            after_all[after].append(before)
    return Ordering(
        edges=tuple(sorted(edges, key=lambda one: (position[one.after], position[one.before], one.cause))),
        needs=tuple(map(tuple, needs)),
        points=tuple(map(tuple, points)),
        after=tuple(map(tuple, after_all)),
        said=frozenset(said),
        reads=reads,
        waits=waits,
        knots=knots,
        circles=circles,
        writes=writes,
    )


def _said(agents: Sequence[Subagent], position: Mapping[str, int]) -> dict[tuple[int, int], tuple[str, ...]]:
    """Pairs of `depends_on`, with the checkpoints that must have been passed; none where its end is waited for, by
    when it has passed all that it will."""
    said: dict[tuple[int, int], tuple[str, ...]] = {}
    for index, agent in enumerate(agents):
        for dependency in agent.depends_on:
            if dependency.agent not in position:
                continue
            pair = (position[dependency.agent], index)
            known = said.get(pair)
            if dependency.checkpoint is None or known == ():
                said[pair] = ()
            else:
                said[pair] = (*(known or ()), dependency.checkpoint)
    return said


def _edge(
    workflow: Workflow, pair: tuple[int, int], cause: str, meeting: Meeting | None, checkpoint: str | None = None
) -> Edge:
    before, after = (workflow.agents[index].id for index in pair)
    witness = meeting.witness if meeting else None
    return Edge(before=before, after=after, cause=cause, witness=witness, checkpoint=checkpoint)  # type: ignore[arg-type]


def _reads(workflow: Workflow, access: Sequence[Access]) -> dict[tuple[int, int], Meeting]:
    found: dict[tuple[int, int], Meeting] = {}
    try:
        met = writers_and_readers(access)
    except TooManyPairs:
        raise _too_many(workflow, f"{_ALIKE} one may read what the other may write") from None
    for touching in met:
        if len(found) + len(touching.firsts) * len(touching.seconds) > PLAN_PAIRS:
            raise _too_many(workflow, "subagents of which one reads what the other may write")
        for writer in touching.firsts:
            found.update(((writer, reader), touching.meeting) for reader in touching.seconds if reader != writer)
    return found


def _writes(workflow: Workflow, access: Sequence[Access]) -> tuple[Touching, ...]:
    try:
        return writers_of_one_path(access)
    except TooManyPairs:
        raise _too_many(workflow, f"{_ALIKE} both may write the same path") from None


def _too_many(workflow: Workflow, what: str) -> BadUsage:
    return BadUsage(
        workflow.where,
        f"there are more than {PLAN_PAIRS:,} pairs of {what}",
        hint="narrow the scopes, or plan parts of the workflow on their own",
    )


def _following(count: int, pairs: Mapping[tuple[int, int], object] | frozenset[tuple[int, int]]) -> list[list[int]]:
    following: list[list[int]] = [[] for _ in range(count)]
    for before, after in sorted(pairs):
        following[before].append(after)
    return following


def _refuse_circle(
    workflow: Workflow,
    said: Mapping[tuple[int, int], tuple[str, ...]],
    reads: Mapping[tuple[int, int], Meeting],
    waits: frozenset[tuple[int, int]],
) -> None:
    following = _following(len(workflow.agents), frozenset(said) | waits)
    knots = knots_of(following)
    if not knots:
        return
    ids = [agent.id for agent in workflow.agents]
    forwards = shortest_circle(following, knots[0])
    circle = (forwards[0], *reversed(forwards[1:]), forwards[0])
    told = []
    for after, before in pairwise(circle):
        why = "it says so (depends_on)"
        if (before, after) not in said:
            why = f"it reads {_shown(reads[before, after])}, which {ids[before]} writes"
        told.append(f"\n  {ids[after]} needs {ids[before]}: {why}")
    arrows = " -> ".join(ids[index] for index in circle)
    raise BadUsage(
        workflow.agents[circle[0]].where, f"'depends_on' closes a circle: {arrows}{''.join(told)}", hint=_CLOSED
    )


def _shown(meeting: Meeting) -> str:
    return meeting.witness if meeting.witness is not None else f"what {meeting.second} matches"


def _in_order(
    count: int, writes: Sequence[Touching], fixed: frozenset[tuple[int, int]]
) -> dict[tuple[int, int], Meeting]:
    """The pairs of writers that follow each other. By following they order all pairs that meet."""
    in_file_order = dict(_neighbours(writes, lambda index: index))
    if not knots_of(_following(count, fixed | in_file_order.keys())):
        return in_file_order
    place = {index: number for number, index in enumerate(_after_needs(count, fixed))}
    return dict(_neighbours(writes, place.__getitem__))


def _neighbours(writes: Sequence[Touching], key: Callable[[int], int]) -> Iterator[tuple[tuple[int, int], Meeting]]:
    """Of writers with one scope each and the next one; of two scopes, those where one changes to the other."""
    for touching in writes:
        same = touching.firsts == touching.seconds
        kinds = {**dict.fromkeys(touching.seconds, 1), **({} if same else dict.fromkeys(touching.firsts, 0))}
        line = sorted(kinds, key=key)
        for before, after in pairwise(line):
            if same or kinds[before] != kinds[after]:
                yield (before, after), touching.meeting


def _after_needs(count: int, fixed: frozenset[tuple[int, int]]) -> list[int]:
    """All positions in file order, but what one needs right before it."""
    needs: list[list[int]] = [[] for _ in range(count)]
    for before, after in sorted(fixed, reverse=True):
        needs[after].append(before)
    order: list[int] = []
    done: set[int] = set()
    for root in range(count):
        walking = [root]
        while walking:
            node = walking[-1]
            open_needs = [one for one in needs[node] if one not in done]
            if open_needs:
                walking += open_needs
                continue
            walking.pop()
            if node not in done:
                done.add(node)
                order.append(node)
    return order
