"""What is known of a run so far, and how two such parts become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_subagents.aggregate.lattice import canonical, worse
from pytest_subagents.model.result import Planned, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A part of what is known of a run: of one worker, one shard, one result, or all of it.

    It is in canonical form from the moment it is made: sorted by node id, one entry a node, of several the lower
    one. So `join` is commutative, associative and idempotent, and neither the order in which results come in nor
    how they are split into parts can change a report.
    """

    planned: tuple[Planned, ...] = ()
    results: tuple[Result, ...] = ()
    """A result whose subagent is not in `planned` brings its own `Result.planned`."""
    started: frozenset[str] = frozenset()
    """Node ids of which it is known that they began."""
    crashed: frozenset[str] = frozenset()
    """Node ids of which it is known that their worker died under them."""
    passed: frozenset[tuple[str, str]] = frozenset()
    """Checkpoints of which it is known that they were passed, whatever became of the subagent then: its node id, and
    that of the checkpoint."""
    deselected: frozenset[str] = frozenset()
    """Node ids that were found and not selected."""
    cut_short: bool = False
    """The run ended before its plan did: `-x`, a budget, an interrupt."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "planned", _one_each_planned(self.planned))
        object.__setattr__(self, "results", _one_each_result(self.results))

    @classmethod
    def of(
        cls,
        *,
        planned: Iterable[Planned] = (),
        results: Iterable[Result] = (),
        started: Iterable[str] = (),
        crashed: Iterable[str] = (),
        passed: Iterable[tuple[str, str]] = (),
        deselected: Iterable[str] = (),
        cut_short: bool = False,
    ) -> Tally:
        """A tally of anything that can be walked through."""
        return cls(
            planned=tuple(planned),
            results=tuple(results),
            started=frozenset(started),
            crashed=frozenset(crashed),
            passed=frozenset(passed),
            deselected=frozenset(deselected),
            cut_short=cut_short,
        )


def join(first: Tally, second: Tally) -> Tally:
    """Everything that the two know together."""
    return joined((first, second))


def joined(parts: Iterable[Tally]) -> Tally:
    """Everything that `parts` know together, in time that is linear in what they hold."""
    tallies = tuple(parts)
    return Tally.of(
        planned=(planned for tally in tallies for planned in tally.planned),
        results=(result for tally in tallies for result in tally.results),
        started=(nodeid for tally in tallies for nodeid in tally.started),
        crashed=(nodeid for tally in tallies for nodeid in tally.crashed),
        passed=(point for tally in tallies for point in tally.passed),
        deselected=(nodeid for tally in tallies for nodeid in tally.deselected),
        cut_short=any(tally.cut_short for tally in tallies),
    )


def _one_each_planned(planned: Iterable[Planned]) -> tuple[Planned, ...]:
    by_node: dict[str, Planned] = {}
    for each in planned:
        known = by_node.setdefault(each.nodeid, each)
        if known is not each:
            by_node[each.nodeid] = min(known, each, key=canonical)
    return tuple(by_node[nodeid] for nodeid in sorted(by_node))


def _one_each_result(results: Iterable[Result]) -> tuple[Result, ...]:
    by_node: dict[str, Result] = {}
    for each in results:
        known = by_node.setdefault(each.planned.nodeid, each)
        if known is not each:
            by_node[each.planned.nodeid] = worse(known, each)
    return tuple(by_node[nodeid] for nodeid in sorted(by_node))
